"""Threads of one depth, two of which work and the others wait: threads.py THREADS FRAMES."""

import sys
import threading
import time

threads, frames = map(int, sys.argv[1:])


def leaf(n):
    s = 0
    for i in range(n):
        s += i
    return s


def hot():
    return leaf(50)


def busy(n):
    if n > 1:
        return busy(n - 1)
    while True:
        hot()


def idle(n):
    if n > 1:
        return idle(n - 1)
    threading.Event().wait()


# Three frames begin a thread; two of threading wait below idle, hot and leaf work below busy.
for _ in range(threads - 2):
    threading.Thread(target=idle, args=(frames - 5,), daemon=True).start()
threading.Thread(target=busy, args=(frames - 5,), daemon=True).start()
time.sleep(0.3)
print("ready", flush=True)
busy(frames - 3)
