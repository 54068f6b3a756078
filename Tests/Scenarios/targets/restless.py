"""Calls as fast as it can, two ways by turns: restless.py calls|phases|callbacks|generators; also for CPython 3.6."""

import sys


def a6(): return None
def a5(): return a6()
def a4(): return a5()
def a3(): return a4()
def a2(): return a3()
def a1(): return a2()
def b6(): return None
def b5(): return b6()
def b4(): return b5()
def b3(): return b4()
def b2(): return b3()
def b1(): return b2()


def calls():
    while True:
        a1()
        b1()


def many_a():
    for _ in range(2000):
        a1()


def many_b():
    for _ in range(2000):
        b1()


def phases():
    while True:
        many_a()
        many_b()


def key_a2(number): return number
def key_a(number): return key_a2(number)
def sort_a(): return sorted((2, 1), key=key_a)
def key_b2(number): return number
def key_b(number): return key_b2(number)
def sort_b(): return sorted((2, 1), key=key_b)


def callbacks():
    while True:
        sort_a()
        sort_b()


def inner_a():
    yield 1
    yield 2


def outer_a():
    yield from inner_a()


def loop_a():
    for _ in outer_a():
        pass


def inner_b():
    yield 1
    yield 2


def outer_b():
    yield from inner_b()


def loop_b():
    for _ in outer_b():
        pass


def generators():
    while True:
        loop_a()
        loop_b()


print("ready", flush=True)
{"calls": calls, "phases": phases, "callbacks": callbacks, "generators": generators}[sys.argv[1]]()
