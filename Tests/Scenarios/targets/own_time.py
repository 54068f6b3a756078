"""Spends its time at the bottom of three calls, and tells which part of it: own_time.py; also for CPython 3.6.

Says "ready", works until its input ends, and prints the most that the share of `leaf` can be: by the time of as many calls of it alone.
"""

import sys
import threading
import time


def leaf(n):
    total = 0
    for number in range(n):
        total += number
    return total


def middle():
    return leaf(30)


def outer():
    return middle()


def work(count):
    for _ in range(count):
        outer()


def seconds(function, *arguments):
    # What other programs take of the time is in no function.
    begin = time.process_time()
    function(*arguments)
    return time.process_time() - begin


def calls(count):
    for _ in range(count):
        leaf(30)


is_over = threading.Event()


def wait():
    sys.stdin.read()
    is_over.set()


threading.Thread(target=wait, daemon=True).start()
print("ready", flush=True)
shares = []
while not is_over.is_set():
    whole = seconds(work, 20000)
    shares.append(seconds(calls, 2000) * 10 / whole)
print(sorted(shares)[len(shares) // 2])
