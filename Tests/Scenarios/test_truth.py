"""The same moment seen by viv and by the reference tool: they must agree."""

import datetime
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import reference
from conftest import FIXTURES, wait_for

PYTHONS = reference.pythons()
VERSIONS = [f"3.{minor}" for minor in range(6, 16)]


# The process table against ps.


def started_seconds(row):
    """`startTime` of a row in seconds since 1970: ISO 8601 text, or a number."""
    value = row["startTime"]
    if isinstance(value, str):
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    return value


def test_ps_lists_the_processes_that_ps_lists(viv):
    for _ in range(3):
        before = reference.ps()
        mine = {row["pid"]: row for row in viv.json("ps")["processes"]}
        after = reference.ps()
        lasting = {pid for pid in before if pid in after and before[pid]["started"] == after[pid]["started"]}
        if lasting <= set(mine):
            break
    assert lasting <= set(mine), f"missing: {sorted(lasting - set(mine))}"
    alive = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    unknown = [pid for pid in mine if pid not in before and pid not in after and pid in alive]
    assert unknown == [], "processes ps does not know although they live"


# Each of ps's names with the column that says the same, by its title.
PS_NAMES = {
    "lwp": "PID", "tid": "PID", "spid": "PID", "pgid": "PGRP", "sid": "SID", "sess": "SID", "tt": "TTY", "tname": "TTY",
    "euser": "USER", "uname": "USER", "euid": "UID", "lstart": "START", "start_time": "START", "bsdstart": "START",
    "start": "START", "etime": "ELAPSED", "etimes": "ELAPSED", "s": "S", "stat": "S", "state": "S", "pri": "PRI", "ni": "NI",
    "nice": "NI", "cls": "POLICY", "class": "POLICY", "sched": "POLICY", "psr": "CPU", "nlwp": "THR", "thcount": "THR",
    "%cpu": "CPU%", "pcpu": "CPU%", "time": "TIME+", "cputime": "TIME+", "cputimes": "TIME+", "bsdtime": "TIME+",
    "vsz": "VIRT", "vsize": "VIRT", "rss": "RES", "rssize": "RES", "rsz": "RES", "%mem": "MEM%", "pmem": "MEM%",
    "trs": "CODE", "drs": "DATA", "min_flt": "MINF", "maj_flt": "MAJF", "ucmd": "COMM", "ucomm": "COMM",
    "args": "COMMAND", "cmd": "COMMAND",
}


def test_columns_are_known_by_the_names_that_ps_has_for_them(viv):
    known = subprocess.run(["ps", "L"], stdout=subprocess.PIPE, check=True).stdout.decode()
    assert set(PS_NAMES) <= {line.split()[0] for line in known.splitlines()}
    result = viv.run("ps", "--wait", 0, "--columns", ",".join(PS_NAMES))
    assert result.stdout.decode().splitlines()[0].split() == list(PS_NAMES.values()), result.stderr
    listed = viv.run("ps", "--columns", "help").stdout.decode()
    others = {name for names in re.findall(r"; also (.*)\)$", listed, re.MULTILINE) for name in names.split(", ")}
    assert set(PS_NAMES) <= others | {line.split()[0] for line in listed.splitlines()} | {"nlwp"}


def test_ps_sorts_by_the_names_of_ps(viv):
    sizes = [row["residentBytes"] for row in viv.json("ps", "--wait", 0, "--sort", "rss")["processes"]]
    assert len(set(sizes)) > 1 and sizes == sorted(sizes, reverse=True)


def is_real_time(pid):
    try:
        return os.sched_getscheduler(pid) in (os.SCHED_FIFO, os.SCHED_RR, 6)  # 6: SCHED_DEADLINE
    except OSError:
        return False


@pytest.mark.parametrize("field", ["ppid", "user", "state", "residentBytes", "threads", "nice"])
def test_ps_agrees_with_ps_on(viv, field):
    wrong = compared = None
    for _ in range(3):  # what moved between two looks says nothing; what never agrees does
        before = reference.ps()
        mine = {row["pid"]: row for row in viv.json("ps")["processes"]}
        after = reference.ps()
        still = [pid for pid in before if pid in mine and after.get(pid) == before[pid]]
        seen = {pid: (mine[pid][field], before[pid][field]) for pid in still
                # ps has no nice value of BATCH and IDLE tasks either, which the kernel keeps.
                if not (field == "nice" and before[pid]["nice"] is None and mine[pid]["nice"] is not None and not is_real_time(pid))}
        differing = {pid: pair for pid, pair in seen.items() if pair[0] != pair[1]}
        wrong = differing if wrong is None else {pid: pair for pid, pair in differing.items() if pid in wrong}
        compared = len(seen)
        if not wrong:
            break
    assert compared >= 5
    assert wrong == {}, f"pid: (viv, ps) of {compared} that stood still: {wrong}"


def test_ps_agrees_with_ps_on_the_start(viv):
    before = reference.ps()
    rows = [row for row in viv.json("ps")["processes"] if row["pid"] in before]
    # ps rounds to the second and knows the moment of boot to the second.
    wrong = {row["pid"]: (started_seconds(row), before[row["pid"]]["started"]) for row in rows
             if abs(started_seconds(row) - before[row["pid"]]["started"]) > 1.5}
    assert rows and wrong == {}


def test_ps_keeps_every_promised_key(viv):
    rows = viv.json("ps")["processes"]
    promised = {"pid", "ppid", "startTime", "user", "state", "command", "arguments", "cpuPercent", "residentBytes", "threads",
                "voluntarySwitchesPerSecond", "involuntarySwitchesPerSecond", "minorFaultsPerSecond",
                "majorFaultsPerSecond", "readBytesPerSecond", "writeBytesPerSecond", "python"}
    for row in rows:
        assert promised <= set(row), f"missing: {promised - set(row)}"


def test_ps_prints_the_command_line_the_process_was_given(viv, spawn):
    child = spawn([sys.executable, "-c", "import time; time.sleep(600)", "two words", "ümläut", ""])
    row = next(row for row in viv.json("ps")["processes"] if row["pid"] == child.pid)
    with open(f"/proc/{child.pid}/cmdline", "rb") as file:
        given = [part.decode() for part in file.read().split(b"\0")[:-1]]
    arguments = row["arguments"]
    assert arguments == given or arguments == " ".join(given), arguments


def test_ps_sorts_filters_and_chooses_columns(viv, sleepers):
    marker, processes = sleepers
    pids = sorted(process.pid for process in processes)
    rows = viv.json("ps", "--filter", marker)["processes"]
    assert set(pids) <= {row["pid"] for row in rows}
    assert len(rows) <= len(pids) + 1, "viv's own command line holds the marker, nobody else's does"
    resident = [row["residentBytes"] for row in viv.json("ps", "--sort", "res")["processes"]]
    assert resident == sorted(resident, reverse=True)
    text = viv.run("ps", "--columns", "pid,ppid,command", "--filter", marker).stdout.decode()
    assert text.splitlines()[0].split()[:2] == ["PID", "PPID"]
    assert any(line.split()[0] == str(pids[0]) for line in text.splitlines()[1:])


def test_ps_shows_every_thread_once_when_asked(viv, spawn):
    script = "import threading,time\nfor _ in range(4): threading.Thread(target=time.sleep, args=(600,)).start()\nprint('ready', flush=True)"
    child = spawn([sys.executable, "-c", script], ready="ready")
    tasks = {int(name) for name in os.listdir(f"/proc/{child.pid}/task")}
    rows = viv.json("ps", "--threads")["processes"]
    pids = [row["pid"] for row in rows]
    assert len(pids) == len(set(pids)), "a thread twice"
    assert tasks <= set(pids)


# The tree against pstree.


def tree_pairs(node, parent=None):
    """(parent, child) of every process in the JSON of `viv tree`, nested or flat."""
    if isinstance(node, list):
        return set().union(*(tree_pairs(item, parent) for item in node)) if node else set()
    pairs = set()
    if not isinstance(node, dict):
        return pairs
    pid = node.get("pid")
    if pid is not None:
        above = node.get("ppid", parent)
        pairs.add((parent if parent is not None else above, pid))
    for value in node.values():
        if isinstance(value, (list, dict)):
            pairs |= tree_pairs(value, pid if pid is not None else parent)
    return pairs


@pytest.fixture
def family(spawn):
    """A process with two children, one of which has two of its own."""
    script = "sleep 600 & (sleep 600 & sleep 600 & wait) & echo ready; wait"
    root = spawn(["bash", "-c", script], ready="ready", start_new_session=True)
    assert wait_for(lambda: len(descendants(root.pid)) == 4)
    yield root
    os.killpg(root.pid, signal.SIGKILL)


def descendants(pid):
    table, found, todo = reference.children(), set(), [pid]
    while todo:
        for child in table.get(todo.pop(), ()):
            found.add(child)
            todo.append(child)
    return found


def test_tree_has_the_children_pstree_has(viv, family):
    text = subprocess.run(["pstree", "-pT", str(family.pid)], capture_output=True, text=True).stdout
    theirs = {int(pid) for pid in re.findall(r"\((\d+)\)", text)}
    pairs = tree_pairs(viv.json("tree", family.pid))
    assert {child for _, child in pairs} == theirs
    table = reference.children()
    for parent, child in pairs:
        if child != family.pid:
            assert child in table[parent], f"{child} is no child of {parent}"


def test_tree_has_the_threads_pstree_has(viv, spawn):
    script = "import threading,time\nfor _ in range(3): threading.Thread(target=time.sleep, args=(600,)).start()\nprint('ready', flush=True)"
    child = spawn([sys.executable, "-c", script], ready="ready")
    text = subprocess.run(["pstree", "-pt", str(child.pid)], capture_output=True, text=True).stdout
    theirs = {int(pid) for pid in re.findall(r"\((\d+)\)", text)}
    assert len(theirs) == 4
    lines = viv.run("tree", child.pid, "--threads").stdout.decode().splitlines()
    assert {int(re.search(r"^\W*(\d+) |,(\d+)$", line)[number]) for number, line in
            ((1 if place == 0 else 2, line) for place, line in enumerate(lines))} == theirs
    assert {child for _, child in tree_pairs(viv.json("tree", child.pid, "--threads"))} == theirs


def test_tree_indents_a_child_deeper_than_its_parent(viv, family):
    lines = viv.run("tree", family.pid).stdout.decode().splitlines()
    depth = {}
    for line in lines:
        for pid in re.findall(r"\d+", line):
            depth.setdefault(int(pid), len(line) - len(line.lstrip(" │├└─|`-+")))
    for parent, kids in reference.children().items():
        for child in kids & descendants(family.pid):
            assert depth[child] > depth[parent], "\n".join(lines)


def test_tree_of_everything_has_every_lasting_process(viv):
    before = set(reference.ps())
    shown = {child for _, child in tree_pairs(viv.json("tree"))}
    lasting = before & set(reference.ps())
    assert lasting <= shown, f"missing: {sorted(lasting - shown)}"


# Python stacks against faulthandler.


@pytest.mark.parametrize("version", VERSIONS)
def test_dump_agrees_with_faulthandler(viv, spawn, tmp_path, version):
    if version not in PYTHONS:
        pytest.skip(f"no CPython {version} on this machine")
    own = tmp_path / "faulthandler.txt"
    service = spawn([PYTHONS[version], str(FIXTURES / "service.py"), str(own)], ready="ready")
    time.sleep(0.3)
    dump = viv.json("dump", service.pid)
    service.send_signal(signal.SIGUSR1)
    assert wait_for(lambda: own.exists() and "in main\n" in own.read_text() and "in <module>" in own.read_text())
    theirs = reference.faulthandler_stacks(own.read_text())

    assert dump["pid"] == service.pid
    assert dump["python"]["version"].startswith(version)
    assert dump["python"]["implementation"].lower() == "cpython"
    mine = {thread["pythonThreadId"]: [(frame["function"], frame["file"], frame["line"]) for frame in thread["frames"]
                                       if frame["kind"] == "python"] for thread in dump["threads"]}
    assert mine == theirs

    tasks = {int(name) for name in os.listdir(f"/proc/{service.pid}/task")}
    assert {thread["tid"] for thread in dump["threads"]} <= tasks
    assert [thread["tid"] for thread in dump["threads"] if thread["main"]] == [service.pid]
    assert {f"worker-{number}" for number in range(5)} <= {thread["name"] for thread in dump["threads"]}
    names = {frame["qualifiedName"] for thread in dump["threads"] for frame in thread["frames"]}
    if int(version.split(".")[1]) < 11:
        assert names == {None}, "code has no qualified name before 3.11"
    else:
        assert {"Service.block", "Service.take.<locals>.inner", "Service.numbers"} <= names
    assert all(thread["state"] == "idle" for thread in dump["threads"])
    assert sum(thread["holdsGIL"] is True for thread in dump["threads"]) == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_dump_has_the_variables_of_each_frame(viv, spawn, tmp_path, version):
    if version not in PYTHONS:
        pytest.skip(f"no CPython {version} on this machine")
    service = spawn([PYTHONS[version], str(FIXTURES / "service.py"), str(tmp_path / "unused")], ready="ready")
    frames = [frame for thread in viv.json("dump", service.pid, "--locals")["threads"] for frame in thread["frames"]]
    depths = [local["value"] for frame in frames if frame["function"] == "descend"
              for local in frame["locals"] if local["name"] == "depth"]
    assert depths == [str(depth) for depth in range(len(depths))] and len(depths) > 10
    for frame in frames:
        if frame["function"] == "block":
            (own,) = frame["locals"]
            assert (own["name"], own["kind"], own["type"], own["torn"]) == ("self", "argument", "__main__.Service", False)
            assert own["value"].startswith("<Service lock=<locked _thread.lock object at 0x")
    assert all(frame["locals"] == [] for frame in frames if frame["function"] == "<module>")

    lines = viv.run("dump", service.pid, "--locals").stdout.decode().splitlines()
    assert f"        depth = {len(depths) - 1}" in lines
    assert all(frame["locals"] is None for thread in viv.json("dump", service.pid)["threads"]
               for frame in thread["frames"])


def test_dump_has_the_same_keys_for_all_threads_and_frames(viv, spawn):
    source = ("import ctypes, time\n"
              "libc, thread = ctypes.CDLL(None), ctypes.c_ulong()\n"
              "libc.pthread_create(ctypes.byref(thread), None, ctypes.cast(libc.pause, ctypes.c_void_p), None)\n"
              "print('ready', flush=True); time.sleep(600)")
    service = spawn([reference.python(), "-c", source], ready="ready")
    dump = viv.json("dump", service.pid, "--native", "--tasks")
    python, native = dump["threads"]
    assert set(python) - {"kernelName"} == set(native) - {"kernelName"}
    assert python["main"] is True and native["main"] is False and native["interpreter"] is None
    kinds = {frame["kind"]: set(frame) for thread in dump["threads"] for frame in thread["frames"]}
    assert kinds["python"] <= kinds["native"]
    assert dump["tasksComplete"] is True and dump["greenletsComplete"] is True
    assert dump["tornThreads"] == 0 and dump["retries"] >= 0


@pytest.mark.parametrize("version", ["3.13t", "3.14t"])
def test_dump_has_the_stacks_where_the_heap_cannot_be_read(viv, spawn, version):
    interpreters = reference.interpreters()
    if version not in interpreters:
        pytest.skip(f"no CPython {version} here")
    source = "import time\ndef wait(): print('ready', flush=True); time.sleep(600)\nwait()"
    service = spawn([*interpreters[version], "-c", source], ready="ready")
    dump = viv.json("dump", service.pid, "--heap")
    assert [frame["function"] for frame in dump["threads"][0]["frames"]] == ["wait", "<module>"]
    assert dump["gc"] is None and dump["heap"] is None and "on no lists" in dump["heapTrouble"]
    result = viv.run("dump", service.pid, "--heap")
    assert result.returncode == 0 and "on no lists" in result.stdout.decode() and "wait (" in result.stdout.decode()


@pytest.mark.parametrize("version", VERSIONS)
def test_dump_sees_who_holds_the_gil(viv, spawn, tmp_path, version):
    if version not in PYTHONS:
        pytest.skip(f"no CPython {version} on this machine")
    service = spawn([PYTHONS[version], str(FIXTURES / "service.py"), str(tmp_path / "unused"), "--busy"], ready="ready")
    holders, states = set(), set()
    for _ in range(8):
        threads = viv.json("dump", service.pid)["threads"]
        holding = [thread["name"] for thread in threads if thread["holdsGIL"]]
        assert len(holding) <= 1
        holders.update(holding)
        states |= {thread["state"] for thread in threads if thread["name"] == "spinner"}
    assert holders == {"spinner"}
    assert "running" in states


def test_the_interpreters_for_these_tests_are_there():
    assert PYTHONS, "no CPython 3.6 to 3.15: the tests above ran on nothing"


def test_dump_leaves_the_target_running_and_untraced(viv, spawn, tmp_path):
    python = next(iter(PYTHONS.values()))
    service = spawn([python, str(FIXTURES / "service.py"), str(tmp_path / "unused"), "--busy"], ready="ready")
    viv.json("dump", service.pid)
    assert service.poll() is None
    status = reference.status(f"/proc/{service.pid}/status")
    assert status["TracerPid"] == "0"
    assert status["State"][0] in "RS"


@pytest.fixture
def undisturbed():
    """Gives a process one processor and the commands run here the others, ahead of all that is not real-time: a program that waits for its turn is still enough to be read."""
    ours, processors = os.sched_getaffinity(0), sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        pytest.skip("one processor: nothing moves while it is read")

    def settle(pid):
        for task in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(task), processors[:1])
            os.sched_setscheduler(int(task), os.SCHED_RR, os.sched_param(1))
        os.sched_setaffinity(0, processors[1:])
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    yield settle
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.sched_setaffinity(0, ours)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to real-time priorities")
@pytest.mark.parametrize("version", VERSIONS)
def test_dump_stops_a_thread_that_moves_too_fast_and_only_that(viv, spawn, undisturbed, version):
    """One that goes down and up many calls all the time is hardly ever in one place for as long as it takes to copy them twice."""
    if version not in PYTHONS:
        pytest.skip(f"no CPython {version} on this machine")
    # Up to 3.10 each frame is copied by itself, and 200 of them are kept, so that no call rests while memory is had from the kernel.
    has_frame_objects = int(version.split(".")[1]) <= 10
    source = ("import threading\n"
              "def deep(level):\n    if level: deep(level - 1)\n"
              "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
              f"print('ready', flush=True)\nwhile True: deep({190 if has_frame_objects else 900})")
    busy = spawn([PYTHONS[version], "-c", source], ready="ready")
    undisturbed(busy.pid)
    for turn in range(100):
        dump = viv.json("dump", busy.pid)
        assert dump["tornThreads"] == 0 and len(dump["threads"]) == 2
        names = [frame["function"] for frame in dump["threads"][0]["frames"]]
        assert names[-1] == "<module>" and set(names[:-1]) <= {"deep"}, names
        # Never more than a few of one thread, each shorter than the whole dump.
        assert dump["stops"] <= 4 and (dump["stoppedMicroseconds"] > 0) == (dump["stops"] > 0)
        if turn >= 3 and dump["stops"] > 0:
            break
    else:
        # A processor that copies fast finds it resting where a new piece of its stack begins.
        assert not has_frame_objects, "a hundred dumps, and none needed a stop"
    assert reference.status(f"/proc/{busy.pid}/status")["TracerPid"] == "0"
    hasty = [viv.json("dump", busy.pid, "--never-stop") for _ in range(3)]
    assert all(dump["stops"] == 0 and dump["stoppedMicroseconds"] == 0 for dump in hasty)
