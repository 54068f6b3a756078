"""Rates over an interval, from viv and from the kernel's own counters or pidstat: they must agree."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import reference
from conftest import FIXTURES


@pytest.fixture
def steady(spawn):
    process = spawn([sys.executable, str(FIXTURES / "steady.py")], ready="ready")
    time.sleep(0.5)
    return process


COUNTED = {
    "cpuPercent": ("cpu_seconds", 100),
    "voluntarySwitchesPerSecond": ("voluntary", 1),
    "minorFaultsPerSecond": ("minor_faults", 1),
}


def test_stat_agrees_with_the_counters_of_the_same_interval(viv, steady):
    before = reference.Counters(steady.pid)
    lines = viv.json_lines("stat", steady.pid, 1, 3)
    after = reference.Counters(steady.pid)
    intervals = [line for line in lines if not line.get("average")]
    assert len(intervals) == 3
    assert lines[-1].get("average") is True and len(lines) == 4
    for key, (name, scale) in COUNTED.items():
        grown = (getattr(after, name) - getattr(before, name)) * scale
        shown = sum(line[key] * line["elapsedSeconds"] for line in intervals)
        # viv's three intervals lie within the two readings. Threads that ended take their switches out of the kernel's
        # list of tasks, so that the reference is too small there, never too large: viv may know more.
        slack = 3 * scale / reference.TICKS if name == "cpu_seconds" else 0
        if name != "voluntary":
            assert shown <= grown + slack, f"{key}: {shown} in the intervals, {grown} around them"
        assert shown >= 0.6 * grown, f"{key}: {shown} in the intervals, {grown} around them"
    for line in intervals:
        assert line["residentBytes"] > 0
        assert line["majorFaultsPerSecond"] >= 0


def test_stat_counts_the_switches_of_every_thread(viv, spawn):
    """pidstat -w and /proc/PID/status give the main thread's alone."""
    script = ("import threading,time\n"
              "def tick():\n"
              "    while True: time.sleep(0.005)\n"
              "for _ in range(3): threading.Thread(target=tick, daemon=True).start()\n"
              "print('ready', flush=True); threading.Event().wait()")
    child = spawn([sys.executable, "-c", script], ready="ready")
    before = reference.Counters(child.pid)
    lines = viv.json_lines("stat", child.pid, 1, 3)
    after = reference.Counters(child.pid)
    rate = (after.voluntary - before.voluntary) / (after.at - before.at)
    assert rate > 30, "the load does not tick"
    assert lines[-1]["voluntarySwitchesPerSecond"] == pytest.approx(rate, rel=0.25)


def within(shown, low, high, share=0.6):
    """Whether what viv showed between two readings of a counter is most of its growth, and no more than that."""
    return share * (high - low) <= shown <= high - low


def test_stat_counts_the_wait_for_a_processor(viv, spawn):
    """Four processes' worth of work in threads that share one processor: three quarters of their time is waiting."""
    processor = str(min(os.sched_getaffinity(0)))
    burner = ["bash", "-c", "while :; do :; done"]
    busy = [spawn(["taskset", "-c", processor, *burner]) for _ in range(4)]

    def waited():
        with open(f"/proc/{busy[0].pid}/schedstat") as file:
            return int(file.read().split()[1]) / 1e9

    time.sleep(0.3)
    before = waited()
    lines = viv.json_lines("stat", busy[0].pid, 1, 3)[:-1]
    after = waited()
    assert after - before > 1, "nobody waited"
    shown = sum(line["runQueuePercent"] / 100 * line["elapsedSeconds"] for line in lines)
    assert within(shown, before, after), f"{shown} s of {after - before} s"


def test_stat_counts_the_bytes_that_reach_the_storage(viv, spawn):
    script = ("import os,tempfile,time\n"
              "file = tempfile.TemporaryFile(dir='/var/tmp')\n"
              "print('ready', flush=True)\n"
              "while True:\n"
              "    os.pwrite(file.fileno(), b'x' * 65536, 0); os.fdatasync(file.fileno()); time.sleep(0.02)")
    writer = spawn([sys.executable, "-c", script], ready="ready")

    def written():
        with open(f"/proc/{writer.pid}/io") as file:
            return int(re.search(r"^write_bytes: (\d+)", file.read(), re.MULTILINE)[1])

    before = written()
    lines = viv.json_lines("stat", writer.pid, 1, 3)[:-1]
    after = written()
    assert after > before, "nothing reached the storage"
    shown = sum(line["writeBytesPerSecond"] * line["elapsedSeconds"] for line in lines)
    assert within(shown, before, after), f"{shown} bytes of {after - before}"


def host_counters():
    with open("/proc/stat") as file:
        numbers = {name: int(first) for name, first in re.findall(r"^(ctxt|processes) (\d+)", file.read(), re.MULTILINE)}
    with open("/proc/vmstat") as file:
        faults = {name: int(value) for name, value in re.findall(r"^(pgfault|pgmajfault) (\d+)", file.read(), re.MULTILINE)}
    return {"switchesPerSecond": numbers["ctxt"], "forksPerSecond": numbers["processes"],
            "minorFaultsPerSecond": faults["pgfault"] - faults["pgmajfault"]}


def test_stat_of_the_host_agrees_with_the_kernels_counters(viv, spawn):
    spawn(["bash", "-c", "while :; do /bin/true; done"])
    time.sleep(0.3)
    before = host_counters()
    lines = viv.json_lines("stat", "1s", 3)
    after = host_counters()
    assert [line["average"] for line in lines] == [False, False, False, True]
    for key in before:
        assert after[key] > before[key], f"{key} stood still: nothing is compared"
        shown = sum(line[key] * line["elapsedSeconds"] for line in lines[:-1])
        assert within(shown, before[key], after[key]), f"{key}: {shown} of {after[key] - before[key]}"


def test_stat_average_is_the_average_of_its_intervals(viv, steady):
    *intervals, average = viv.json_lines("stat", steady.pid, 1, 3)
    total = sum(line["elapsedSeconds"] for line in intervals)
    for key in COUNTED:
        expected = sum(line[key] * line["elapsedSeconds"] for line in intervals) / total
        assert average[key] == pytest.approx(expected, rel=0.02, abs=0.5), key


def test_stat_agrees_with_pidstat(viv, steady):
    command = ["pidstat", "-u", "-r", "-p", str(steady.pid), "1", "4"]
    theirs = subprocess.Popen(command, stdout=subprocess.PIPE, env=reference.ENGLISH)
    average = viv.json_lines("stat", steady.pid, 1, 4)[-1]
    text = theirs.communicate()[0].decode()
    seen, header = {}, []
    for line in text.splitlines():
        fields = line.split()
        if line.startswith("Average:") and "PID" in fields:
            header = fields
        elif line.startswith("Average:") and str(steady.pid) in fields:
            seen.update(zip(header, fields))
    assert average["cpuPercent"] == pytest.approx(float(seen["%CPU"]), rel=0.25, abs=2)
    assert average["minorFaultsPerSecond"] == pytest.approx(float(seen["minflt/s"]), rel=0.25, abs=5)
    assert average["residentBytes"] == pytest.approx(int(seen["RSS"]) * 1024, rel=0.1)


def test_stat_stops_on_control_c_with_what_it_has(viv, steady):
    process = subprocess.Popen([viv.path, "stat", str(steady.pid), "1", "--json"], stdout=subprocess.PIPE)
    first = process.stdout.readline()
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=10)[0]
    assert process.returncode in (0, 130, -signal.SIGINT)
    lines = [json.loads(line) for line in (first + rest).splitlines()]
    assert lines[-1].get("average") is True and len(lines) >= 2
