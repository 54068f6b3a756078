"""Spends known shares of its time in functions, and keeps a log of it; also for CPython 3.6.

Says "ready", works until its input ends, and then prints a line for each turn: function, begin, end (seconds since 1970).
"""

import sys
import threading
import time


def leaf_a():
    return 1


def leaf_b():
    return 2


def hot_a():
    return leaf_a()


def hot_b():
    return leaf_b()


def flutter(end):
    """Calls leaf_a under hot_a alone, and leaf_b under hot_b alone, as fast as it can."""
    while time.time() < end:
        for _ in range(200):
            hot_a()
            hot_b()


def tight(end):
    """No calls."""
    while time.time() < end:
        total = 0
        for number in range(2000):
            total += number * number


def deep(end, level=60):
    """Goes down and up again all the time."""
    while level == 60 and time.time() < end:
        for _ in range(10):
            deep(end, level - 1)
    if 0 < level < 60:
        deep(end, level - 1)


def key(number):
    return -number


def callback(end):
    """Python called by C called by Python."""
    while time.time() < end:
        for _ in range(10):
            sorted(range(60), key=key)


TURNS = ((flutter, 0.08), (tight, 0.06), (deep, 0.035), (callback, 0.025))
log = []
# No event: to ask one is a call, which is in none of the shares.
ended = []


def wait():
    sys.stdin.read()
    ended.append(True)


threading.Thread(target=wait, daemon=True).start()
print("ready", flush=True)
begin = time.time()
while not ended:
    for function, seconds in TURNS:
        function(begin + seconds)
        end = time.time()
        log.append((function.__name__, begin, end))
        begin = end
for name, begin, end in log:
    print(name, repr(begin), repr(end))
