"""What `viv record` says of programs whose truth is known."""

import collections
import json
import re
import shutil
import subprocess
import time

import pprof_schema
import pytest
import reference
from conftest import FIXTURES

INTERPRETERS = reference.interpreters()
VERSIONS = [f"3.{minor}" for minor in range(6, 16)] + ["3.13t", "3.14t"]
# Threads take their own stacks where the kernel lets viv ask for it; else they are read from outside.
WAYS = pytest.mark.parametrize("way", [(), ("--poll",)], ids=["clocks", "polling"])


def program(version, source, *arguments):
    """The command that runs a program by an interpreter; skips the test where there is none."""
    if version not in INTERPRETERS:
        pytest.skip(f"no CPython {version} here")
    return [*INTERPRETERS[version], "-c", source, *arguments]


def record(viv, pid, *arguments, seconds=1, **options):
    """What a recording in collapsed stacks has found: {stack of function names: samples} and the heading."""
    result = viv.run("record", pid, "-d", seconds, "-f", "collapsed", "-o", "-", *arguments, **options)
    assert result.returncode == 0, result.stderr
    stacks, heading = collections.Counter(), {}
    for line in result.stdout.decode().splitlines():
        if match := re.match(r"# ([^:]*): (.*?)(?: #)?$", line):
            heading[match[1]] = match[2]
        else:
            stack, count = line.rsplit(" ", 1)
            stacks[tuple(frame.split(" (")[0] for frame in stack.split(";"))] += int(count)
    return stacks, heading


def number(heading, name):
    return float(heading[name].split()[0])


def rounds_of(heading):
    """How often each thread was asked for."""
    return int(heading["samples"].split()[-2])


def with_function(stacks, *names):
    """Samples of stacks with any of these functions in them."""
    return sum(count for stack, count in stacks.items() if set(names) & set(stack))


# Who calls whom in targets/shares.py.
CALLERS = {"<module>": {None}, "flutter": {"<module>"}, "tight": {"<module>"}, "callback": {"<module>"}, "key": {"callback"},
           "deep": {"<module>", "deep"}, "hot_a": {"flutter"}, "hot_b": {"flutter"}, "leaf_a": {"hot_a"}, "leaf_b": {"hot_b"}}


def impossible(stacks):
    """Stacks of targets/shares.py, the thread that waits for its end left out, that cannot be."""
    return {stack: count for stack, count in stacks.items()
            if "wait" not in stack and (stack.count("deep") > 61 or any(
                caller not in CALLERS.get(function, ()) for caller, function in zip((None, *stack), stack)))}


def main_thread(profile):
    """{stack: samples} of a profile of targets/shares.py, without the thread that waits for the end."""
    return {stack: count for stack, count in pprof_schema.stacks(profile).items() if "wait" not in stack and len(stack) > 1}


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_shares_are_true_and_no_stack_is_impossible(viv, spawn, tmp_path, version, way):
    """Shares are within 2 % of those that the program has measured itself.

    Its thread never sleeps, and one that waits for a processor counts as well: a function's share is that of the time between
    its beginning and its end by the clock, however busy the machine is. Samples are one in each stretch of a steady grid, so
    an error comes only from stretches in which one function takes over from another, about 0.3 of a stretch each: ten turns
    of two ends in 2 s at 250 Hz make a standard deviation of 0.3 * 4 ms * sqrt(20) / 2 s = 0.3 %. Where the machine is so
    busy that rounds are missed, these are not missed at random: a thread that waits for a processor is stopped later than one
    that runs. They may all have been of one function, which is what the share that the profile itself says it missed adds to the
    error; up to four recordings are made until one has missed little.
    """
    child = spawn(program(version, (FIXTURES / "shares.py").read_text()), ready="ready", stdin=subprocess.PIPE)
    best, missed = None, 1.0
    for _ in range(4):
        result = viv.run("record", child.pid, "-d", 2, "-r", 250, *way, "-o", tmp_path / "shares.pb.gz")
        assert result.returncode == 0, result.stderr
        profile = pprof_schema.read(tmp_path / "shares.pb.gz")
        lost = 1 - sum(main_thread(profile).values()) / (2 * 250)
        if best is None or lost < missed:
            best, missed = profile, max(lost, 0.0)
        if missed < 0.03:
            break
    hasty, heading = record(viv, child.pid, "--never-stop", "-r", 250, *way, seconds=0.6)
    log = [line.split() for line in child.communicate(timeout=20)[0].decode().splitlines()]

    stacks, truth = main_thread(best), collections.Counter()
    assert impossible(stacks) == {}
    found = collections.Counter()
    for stack, count in stacks.items():
        found[stack[1]] += count
    begin, end = best.time_nanos / 1e9, (best.time_nanos + best.duration_nanos) / 1e9
    for name, first, last in log:
        truth[name] += max(0, min(float(last), end) - max(float(first), begin)) / (end - begin) * sum(stacks.values())
    assert sum(truth.values()) > 0.98 * sum(found.values())
    shares = {name: (found[name] / sum(found.values()), truth[name] / sum(truth.values())) for name in truth | found}
    assert missed < 0.5, result.stderr
    assert len(shares) == 4 and all(abs(mine - true) < 0.02 + missed for mine, true in shares.values()), (shares, missed)
    assert impossible(hasty) == {} and hasty
    assert heading["stops"].startswith("0 stops"), heading


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_time_is_that_of_the_function_it_is_spent_in(viv, spawn, version, way):
    """A thread that calls all the time is where it spends its time, not where it is caught most easily: between two calls."""
    child = spawn(program(version, (FIXTURES / "own_time.py").read_text()), ready="ready", stdin=subprocess.PIPE)
    stacks, heading = record(viv, child.pid, "-r", 100, *way, seconds=2)
    most = float(child.communicate(timeout=20)[0].decode().split()[-1])
    own = collections.Counter()
    for stack, count in stacks.items():
        if "work" in stack:
            own[stack[-1]] += count
    share = own["leaf"] / sum(own.values())
    # A call costs its caller a part of what the program measures, and a thread that is not stopped is a little harder to catch there.
    assert most - 0.3 < share < most + 0.05, (own, most, heading)


MODES = ("calls", "phases", "callbacks", "generators")
RESTLESS = {("<module>", mode) for mode in MODES} | {
    pair for s in "ab" for pair in (
        ("calls", s + "1"), ("phases", "many_" + s), ("many_" + s, s + "1"), *((f"{s}{level}", f"{s}{level + 1}") for level in range(1, 6)),
        ("callbacks", "sort_" + s), ("sort_" + s, "key_" + s), ("key_" + s, f"key_{s}2"),
        ("generators", "loop_" + s), ("loop_" + s, "outer_" + s), ("outer_" + s, "inner_" + s))}


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_a_thread_that_never_rests_has_no_stack_that_cannot_be(viv, spawn, version, way):
    for mode in MODES:
        child = spawn(program(version, (FIXTURES / "restless.py").read_text(), mode), ready="ready")
        stacks, heading = record(viv, child.pid, "-r", 400 if way else 10_000, *way, seconds=1)
        wrong = {stack: count for stack, count in stacks.items()
                 if stack[0] != "<module>" or not RESTLESS.issuperset(zip(stack, stack[1:]))}
        # Where C calls Python, and where the memory of one generator is soon another's, chance alone may make copies agree.
        allowed = sum(stacks.values()) // 100 if way and mode != "calls" else 0
        assert stacks and sum(wrong.values()) <= allowed, (mode, wrong, heading)
        if "BPF" in heading["sampled"]:
            # The thread is on a processor, and takes its stack, for most of the time even on a busy machine.
            assert sum(stacks.values()) > 5000, heading
            # Up to the end of a generator's resumption nothing says who called it.
            assert number(heading, "given up") <= (0.03 if mode == "generators" else 0.001) * sum(stacks.values()), (mode, heading)


# Functions that live for 10 ms each: the memory of the code of one is the next one's.
MORTAL = """
import sys, time
log = []
def live(number):
    names = {"time": time.time}
    exec("def f%d(end):\\n while time() < end: pass" % number, names)
    begin = time.time()
    names["f%d" % number](begin + 0.01)
    log.append((number, begin, time.time()))
print("ready", flush=True)
begin = time.time()
while time.time() < begin + 1.7: live(len(log) + 1)
for number, first, last in log: print(number, repr(first), repr(last))
"""


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_a_function_that_is_gone_is_not_seen_any_more(viv, spawn, version, way):
    child = spawn(program(version, MORTAL), ready="ready", stdin=subprocess.PIPE)
    stacks, heading = record(viv, child.pid, "-r", 500, *way, seconds=1)
    lives = {f"f{number}": float(last) - float(first)
             for number, first, last in (line.split() for line in child.communicate(timeout=20)[0].decode().splitlines())}
    found = collections.Counter()
    for stack, count in stacks.items():
        found[stack[-1]] += count
    found = {name: count for name, count in found.items() if name in lives}
    # Moments are on a grid, each shifted by up to half of its distance: two more than fit at most, and one that was read at the very end.
    too_many = {name: (count, lives[name]) for name, count in found.items() if count > lives[name] * 500 + 3}
    assert len(found) > 30 and too_many == {}, (too_many, heading)


# Threads that sleep, fight for the GIL, and come and go.
THREADS = """
import sys, threading, time

def doze():
    time.sleep(1000)

def burn_a():
    while True: pass

def burn_b():
    while True: pass

def brief():
    end = time.time() + 0.05
    while time.time() < end: pass

for function in (doze, burn_a, burn_b):
    threading.Thread(target=function, name=function.__name__ + "-thread", daemon=True).start()
print("ready", flush=True)
while True:
    thread = threading.Thread(target=brief)
    thread.start()
    thread.join()
"""


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_the_mode_says_which_threads_are_in_it(viv, spawn, version, way):
    child = spawn(program(version, THREADS), ready="ready")
    usual, heading = record(viv, child.pid, "-r", 200, *way, seconds=0.6)
    assert with_function(usual, "burn_a") and with_function(usual, "burn_b") and with_function(usual, "brief"), usual
    assert not with_function(usual, "doze"), usual
    assert heading["mode"].startswith("wall") and number(heading, "errors") == 0
    assert number(heading, "samples") == sum(usual.values())

    everything, heading = record(viv, child.pid, "--idle", "-r", 200, *way, seconds=0.4)
    rounds = rounds_of(heading)
    assert with_function(everything, "doze") >= 0.7 * rounds, (everything, heading)
    assert with_function(everything, "burn_a") >= 0.95 * rounds, (everything, heading)

    running, heading = record(viv, child.pid, "--cpu", "-r", 200, *way, seconds=0.6)
    assert with_function(running, "burn_a", "burn_b", "brief"), running
    assert not with_function(running, "doze"), running
    assert heading["mode"].startswith("cpu")

    holders, heading = record(viv, child.pid, "--gil", "-r", 200, *way, seconds=1)
    rounds = rounds_of(heading)
    assert heading["mode"].startswith("gil")
    assert not with_function(holders, "doze"), holders
    if version.endswith("t"):
        assert not holders, "nobody holds what there is not"
    else:
        assert with_function(holders, "burn_a") and with_function(holders, "burn_b"), holders
        # Each thread has a clock of its own, which goes on where it stood: at each change of the holder a part of a round is won or lost.
        assert sum(holders.values()) <= rounds * 1.1, "one holder at a time"


# One thread after the other sleeps and ends.
BRIEF = """
import threading, time
def nap(): time.sleep(0.03)
print("ready", flush=True)
while True:
    thread = threading.Thread(target=nap)
    thread.start()
    thread.join()
"""


@WAYS
@pytest.mark.parametrize("version", [VERSIONS[0], "3.11", "3.14t"])
def test_a_thread_that_ended_waits_no_longer(viv, spawn, version, way):
    child = spawn(program(version, BRIEF), ready="ready")
    stacks, heading = record(viv, child.pid, "--idle", "-r", 200, *way, seconds=1)
    rounds = rounds_of(heading)
    assert 0.7 * rounds <= with_function(stacks, "nap") <= 1.1 * rounds, (stacks, heading)


# Wakes often, and gets a processor late: it is kinder than a program that takes all of it.
LATE = """
import os, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
parent = os.getpid()
if not os.fork():
    while os.getppid() == parent: pass
    os._exit(0)
os.nice(15)
def work():
    for _ in range(3000): pass
print("ready", flush=True)
while True:
    time.sleep(0.001)
    work()
"""


@WAYS
def test_who_is_woken_and_waits_for_a_processor_is_no_sleeper(viv, spawn, way):
    child = spawn(program(list(INTERPRETERS)[0], LATE), ready="ready")
    def busy_seconds():
        with open(f"/proc/{child.pid}/schedstat") as file:
            ran, delayed, _ = map(int, file.read().split())
        return (ran + delayed) / 1e9
    before = busy_seconds()
    stacks, heading = record(viv, child.pid, "-r", 200, *way, seconds=3)
    busy = busy_seconds() - before
    assert busy > 0.5, "it does not wait long here"
    # Who reads from outside on the target's processor is in its way as well, and comes late himself.
    assert (0.6 if way else 0.9) <= sum(stacks.values()) / 200 / busy <= 1.1, (stacks, heading, busy)


def test_threads_are_told_apart_by_name(viv, spawn):
    child = spawn(program(list(INTERPRETERS)[0], THREADS), ready="ready")
    stacks, _ = record(viv, child.pid, "--threads", "--idle", "-r", 100, seconds=0.5)
    for name in ("burn_a", "burn_b", "doze"):
        assert all(name in stack for stack in stacks if any(f"{name}-thread" in frame for frame in stack)), stacks
        assert any(f"{name}-thread" in frame for stack in stacks for frame in stack), stacks


@WAYS
def test_fifty_threads_are_all_there_in_every_round(viv, spawn, way):
    source = ("import threading\nthreading.stack_size(1 << 18)\ndef wait(): threading.Event().wait()\n"
              "for _ in range(49): threading.Thread(target=wait, daemon=True).start()\nprint('ready', flush=True)\nwait()")
    child = spawn([reference.python(), "-c", source], ready="ready")
    stacks, heading = record(viv, child.pid, "--idle", "-r", 100, *way, seconds=0.5)
    assert sum(stacks.values()) == 50 * rounds_of(heading), heading


BUSY = "print('ready', flush=True)\nwhile True: pass"


def test_who_takes_the_stacks_is_said(viv, spawn):
    child = spawn([reference.python(), "-c", BUSY], ready="ready")
    stacks, heading = record(viv, child.pid, "--poll")
    assert stacks and heading["sampled"] == "by polling"
    works = {finding["name"]: finding["works"] for finding in json.loads(viv.run("doctor", "--json").stdout)["findings"]}
    stacks, heading = record(viv, child.pid)
    assert stacks and heading["sampled"].startswith("by the clocks" if works["stacks by thread clocks (BPF)"] else "by polling: "), heading


def test_who_may_not_load_programs_reads_from_outside(spawn, unprivileged):
    viv, identity = unprivileged
    child = spawn(["/usr/bin/python3", "-c", BUSY], ready="ready", **identity)
    stacks, heading = record(viv, child.pid, **identity)
    assert sum(stacks.values()) > 50 and heading["sampled"].startswith("by polling: BPF programs may not be loaded"), heading


def test_a_line_is_a_frame_of_its_own_unless_functions_are_asked_for(viv, spawn):
    source = "def work():\n  while True:\n    for _ in range(10000): pass\n    for _ in range(10000): pass\nprint('ready', flush=True)\nwork()"
    child = spawn([reference.python(), "-c", source], ready="ready")
    result = viv.run("record", child.pid, "-d", 0.5, "-f", "collapsed", "-o", "-")
    lines = {line.split("work (")[1].split(")")[0] for line in result.stdout.decode().splitlines() if "work (" in line}
    assert {"<string>:3", "<string>:4"} <= lines
    result = viv.run("record", child.pid, "-d", 0.5, "-f", "collapsed", "-o", "-", "--functions")
    assert len([line for line in result.stdout.decode().splitlines() if "work (" in line]) == 1, result.stdout


# Tasks that wait, one that works, and short ones without a name.
TASKS = """
import asyncio

async def leaf():
    await asyncio.sleep(1000)

async def fetch():
    await leaf()

def spin():
    for _ in range(20000): pass

async def work():
    while True:
        spin()
        await asyncio.sleep(0)

async def brief():
    await asyncio.sleep(0.001)

async def serve():
    while True:
        await asyncio.gather(*[brief() for _ in range(5)])

async def main():
    tasks = []
    for function, name in ((fetch, "fetch-a"), (fetch, "fetch-b"), (work, "worker"), (serve, "server")):
        tasks.append(asyncio.ensure_future(function()))
        if hasattr(tasks[-1], "set_name"): tasks[-1].set_name(name)
    await asyncio.sleep(0.1)
    print("ready", flush=True)
    await asyncio.wait(tasks)

asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_stacks_by_task_have_those_that_wait_too(viv, spawn, version):
    child = spawn(program(version, TASKS), ready="ready")
    stacks, heading = record(viv, child.pid, "--async", "-r", 50, seconds=1)
    rounds = rounds_of(heading)
    has_names = version not in ("3.6", "3.7")
    names = ("fetch-a", "fetch-b") if has_names else ("Task",)
    # The sleep has a frame of its own.
    assert [stacks[name, "fetch", "leaf", "sleep"] for name in names] == [rounds if has_names else 2 * rounds] * len(names), stacks
    worker = "worker" if has_names else "Task"
    own = sum(count for stack, count in stacks.items() if stack[:2] == (worker, "work"))
    assert own >= 0.9 * rounds and stacks[worker, "work", "spin"] >= 0.3 * rounds, (stacks, heading)
    # Seen as a thread only where the loop came to the task in between.
    assert sum(count for stack, count in stacks.items() if "work" in stack and stack[1] != "work") <= 0.5 * rounds, stacks
    assert any(stack[:2] == ("Task", "brief") for stack in stacks), stacks
    assert not any(re.match(r"Task-\d", stack[0]) for stack in stacks), stacks


def test_threads_of_tasks_are_taken_over_by_the_next(viv, spawn, tmp_path):
    child = spawn(program(list(reference.pythons())[-1], TASKS), ready="ready")
    result = viv.run("record", child.pid, "--async", "--threads", "-r", 50, "-d", 1, "-o", tmp_path / "tasks.speedscope.json")
    assert result.returncode == 0, result.stderr
    names = [profile["name"] for profile in json.loads((tmp_path / "tasks.speedscope.json").read_text())["profiles"]]
    assert 5 <= len(names) <= 5 + 15, names
    assert sum("fetch-a" in name for name in names) == 1


@pytest.mark.parametrize("mode", ["--cpu", "--gil"])
def test_tasks_are_of_all_threads(viv, mode):
    assert viv.run("record", 1, "--async", mode).returncode == 2


# What a library does is half of it.
NATIVE = """
import zlib

data = bytes(range(256)) * 4000

def pack():
    zlib.compress(data)

def order():
    sorted(range(20000), key=lambda number: -number)

print("ready", flush=True)
while True:
    pack()
    order()
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_machine_code_stands_between_the_functions_that_call_it(viv, spawn, version):
    child = spawn(program(version, NATIVE), ready="ready")
    for _ in range(5):
        stacks, heading = record(viv, child.pid, "--native", "-r", 100, "--functions", seconds=1)
        # On a busy machine a second may hold few samples.
        if with_function(stacks, "pack") and with_function(stacks, "<lambda>", "order.<locals>.<lambda>"):
            break
    total = sum(stacks.values())
    whole = {stack: count for stack, count in stacks.items() if stack[0] == "_start"}
    # A thread that just began a call has no whole stack of Python frames yet.
    assert total > 20 and sum(whole.values()) >= 0.9 * total, stacks
    for stack in whole:
        assert stack.index("__libc_start_main") < stack.index("<module>") if "<module>" in stack else True, stack
    packing = with_function(stacks, "pack")
    assert packing and sum(count for stack, count in whole.items() if "pack" in stack[:-1] and "pack" != stack[-1]) >= 0.8 * packing, stacks
    sorting = [stack for stack in whole if any("<lambda>" in name for name in stack)]
    # The lambda is called by the library's sort, which order() calls.
    assert all(len(stack) - stack.index("order") > 2 for stack in sorting) and sorting, stacks
    assert number(heading, "stops") > 0.8 * total
    assert reference.status(f"/proc/{child.pid}/status")["TracerPid"] == "0"


def test_machine_code_goes_with_a_stop(viv):
    assert viv.run("record", 1, "--native", "--never-stop").returncode == 2
    assert viv.run("record", 1, "--native", "--async").returncode == 2


# Writes, and says how often it did.
WRITER = """
import os, sys

count = 0
print("ready", flush=True)
while True:
    with open(sys.argv[1] + "/file", "w") as file:
        file.write(str(count))
        file.flush()
        os.fsync(file.fileno())
    count += 1
    with open(sys.argv[2], "w") as file:
        file.write(str(count))
"""


def test_a_thread_that_could_not_be_stopped_in_time_is_let_go(viv, spawn, tmp_path):
    """Where it sleeps too deep for a stop, the stop comes when it wakes: nobody may forget it then."""
    image, folder, counter = tmp_path / "disk", tmp_path / "folder", tmp_path / "count"
    folder.mkdir()
    image.write_bytes(bytes(16 << 20))
    for command in (["mkfs.ext4", "-q", image], ["mount", "-o", "loop", image, folder]):
        if shutil.which(command[0]) is None or subprocess.run(command, capture_output=True).returncode != 0:
            pytest.skip("no file system of its own here")
    try:
        child = spawn([reference.python(), "-c", WRITER, folder, counter], ready="ready")
        with subprocess.Popen([viv.path, "record", str(child.pid), "--native", "-d", "30", "-f", "collapsed", "-o", tmp_path / "out.txt"]) as recording:
            time.sleep(1)
            for _ in range(3):
                subprocess.run(["fsfreeze", "-f", folder], check=True)
                time.sleep(0.3)
                subprocess.run(["fsfreeze", "-u", folder], check=True)
                before, end = counter.read_text(), time.monotonic() + 10
                while counter.read_text() in (before, "") and time.monotonic() < end:
                    time.sleep(0.01)
                assert counter.read_text() != before and recording.poll() is None
            recording.send_signal(2)
            assert recording.wait(20) == 0
    finally:
        for _ in range(100):
            child.kill()
            if subprocess.run(["umount", folder], capture_output=True).returncode == 0:
                break
            time.sleep(0.05)
