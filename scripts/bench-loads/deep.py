"""One thread that works at the bottom of a stack: deep.py FRAMES [COUNTER].

COUNTER is a file of two numbers of 8 bytes: the work that is done, and the nanoseconds for which the thread stood still, for longer
than any of its work takes and shorter than another program has the processor.
"""

import mmap
import sys
import time

frames = int(sys.argv[1])
STILL = range(10_000, 1_000_000)


def leaf(n):
    s = 0
    for i in range(n):
        s += i
    return s


def leaf_a():
    return leaf(30)


def leaf_b():
    return leaf(30)


def hot_a():
    return leaf_a()


def hot_b():
    return leaf_b()


def work():
    print("ready", flush=True)
    while True:
        hot_a()
        hot_b()


def watched_work():
    with open(sys.argv[2], "r+b") as file:
        counter = memoryview(mmap.mmap(file.fileno(), 16)).cast("Q")
    print("ready", flush=True)
    last = time.perf_counter_ns()
    while True:
        hot_a()
        hot_b()
        counter[0] += 1
        now = time.perf_counter_ns()
        if now - last in STILL:
            counter[1] += now - last
        last = now


def deep(n):
    if n > 1:
        return deep(n - 1)
    work() if len(sys.argv) < 3 else watched_work()


sys.setrecursionlimit(frames + 1000)
deep(frames - 5)  # beside the module, work and the three of a branch
