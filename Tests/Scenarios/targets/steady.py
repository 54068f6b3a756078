"""A load that is the same in every second: two threads that each burn CPU, touch fresh pages and sleep, plus
short threads that come and go, whose work must not be lost when they end."""

import mmap
import threading
import time

PAGES = 64


def work():
    for _ in range(20):
        end = time.thread_time() + 0.001
        while time.thread_time() < end:
            pass
        with mmap.mmap(-1, PAGES * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as fresh:
            for page in range(PAGES):
                fresh[page * mmap.PAGESIZE] = 1
        time.sleep(0.004)


def forever():
    while True:
        work()


def main():
    threading.Thread(target=forever, daemon=True).start()
    print("ready", flush=True)
    while True:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()


main()
