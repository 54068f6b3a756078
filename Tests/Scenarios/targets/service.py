"""A Python service with threads that each wait in a known place. SIGUSR1 makes it dump its own stacks to argv[1].

Nothing here moves once "ready" is printed (but for `--busy`), so that two looks at it must agree.
"""

import ctypes
import faulthandler
import queue
import signal
import sys
import threading
import time

PR_SET_PTRACER = 0x59616D61
PR_SET_PTRACER_ANY = ctypes.c_ulong(-1)


class Service:
    """Methods, closures, generators and comprehensions: the kinds of frame a stack has."""

    def __init__(self):
        self.lock = threading.Lock()
        self.lock.acquire()
        self.jobs = queue.Queue()
        self.arrived = threading.Semaphore(0)

    def block(self):
        self.arrived.release()
        self.lock.acquire()

    def descend(self, depth):
        if depth == 0:
            return self.block()
        return self.descend(depth - 1)

    def take(self):
        def inner():
            self.arrived.release()
            return self.jobs.get()

        return inner()

    def generate(self):
        yield from self.numbers()

    def numbers(self):
        self.arrived.release()
        time.sleep(3600)
        yield 1

    def consume(self):
        return [number for number in self.generate()]

    def wait_in_lambda(self):
        wait = lambda: (self.arrived.release(), threading.Event().wait())  # noqa: E731
        wait()


def spin():
    value = 1
    while True:
        value = (value * 31 + 7) & 0xFFFFFF


def main():
    # Lets a sibling read this process where only ancestors may (kernel.yama.ptrace_scope = 1).
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)
    dump = open(sys.argv[1], "w")
    faulthandler.register(signal.SIGUSR1, file=dump, all_threads=True)
    service = Service()
    works = [service.block, lambda: service.descend(40), service.take, service.consume, service.wait_in_lambda]
    for number, work in enumerate(works):
        threading.Thread(target=work, name=f"worker-{number}", daemon=True).start()
    for _ in works:
        service.arrived.acquire()
    if "--busy" in sys.argv:
        threading.Thread(target=spin, name="spinner", daemon=True).start()
    time.sleep(0.3)  # from the last arrival to the call that blocks
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
