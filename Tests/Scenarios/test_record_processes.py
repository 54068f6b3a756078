"""`viv record` of processes that begin others, become others, end, are stopped or traced; and viv killed while it records."""

import contextlib
import glob
import os
import signal
import subprocess
import time

import pytest
import reference
from conftest import FIXTURES, wait_for
from test_record import VERSIONS, impossible, program, record, with_function

PYTHONS = reference.pythons()
OLDEST, NEWEST = list(PYTHONS.values())[0], list(PYTHONS.values())[-1]
SHARES = (FIXTURES / "shares.py").read_text()
BURN = "import time\ndef {0}(seconds):\n  end = time.time() + seconds\n  while time.time() < end: pass\n"


@contextlib.contextmanager
def recording(viv, pid, *arguments):
    """A recording that goes on."""
    process = subprocess.Popen([viv.path, "record", str(pid), *map(str, arguments)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until_end(viv, pid, path, *arguments):
    """Records without -d until everything has ended: {stack: samples} of the file."""
    result = viv.run("record", pid, "-r", 100, "-o", path, *arguments)
    assert result.returncode == 0, result.stderr
    stacks = {}
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            stack, count = line.rsplit(" ", 1)
            stacks[tuple(frame.split(" (")[0] for frame in stack.split(";"))] = int(count)
    return stacks


@pytest.mark.parametrize("version", ["3.6", "3.11", "3.13"])
def test_processes_that_it_begins_are_recorded_too(viv, spawn, tmp_path, version):
    """A fork, a multiprocessing child of its own interpreter, another interpreter that it starts, and what that forks."""
    if version not in PYTHONS:
        pytest.skip(f"no CPython {version} here")
    script = tmp_path / "tree.py"
    script.write_text(
        "import multiprocessing, os, subprocess, sys\n" + BURN.format("in_parent") + BURN.format("in_fork")
        + BURN.format("in_spawned") + "if __name__ == '__main__':\n"
        "  print('ready', flush=True)\n  in_parent(0.5)\n  fork = os.fork()\n"
        "  if fork == 0:\n    in_fork(0.8)\n    os._exit(0)\n"
        "  process = multiprocessing.get_context('spawn').Process(target=in_spawned, args=(0.8,))\n  process.start()\n"
        "  subprocess.Popen(sys.argv[1:]).wait()\n  process.join()\n  os.waitpid(fork, 0)\n")
    other = BURN.format("in_other") + BURN.format("in_grandchild") + (
        "import os\nfork = os.fork()\nif fork == 0: in_grandchild(0.8)\nelse:\n  in_other(0.8)\n  os.waitpid(fork, 0)\n")
    child = spawn([PYTHONS[version], str(script), OLDEST if PYTHONS[version] == NEWEST else NEWEST, "-c", other], ready="ready")
    stacks = until_end(viv, child.pid, tmp_path / "tree.txt", "--subprocesses")
    for name in ("in_parent", "in_fork", "in_spawned", "in_other", "in_grandchild"):
        assert with_function(stacks, name) >= 5, (name, stacks)


def test_without_being_asked_only_the_process_itself_is_recorded(viv, spawn, tmp_path):
    source = "import os\n" + BURN.format("in_parent") + BURN.format("in_fork") + (
        "print('ready', flush=True)\nif os.fork(): in_parent(0.6)\nelse: in_fork(0.6)\n")
    child = spawn([NEWEST, "-c", source], ready="ready")
    stacks = until_end(viv, child.pid, tmp_path / "one.txt")
    assert with_function(stacks, "in_parent") and not with_function(stacks, "in_fork")


@pytest.mark.parametrize("first, second", [(OLDEST, NEWEST), (NEWEST, OLDEST), (NEWEST, "sh")])
def test_a_process_that_becomes_another_interpreter_is_recorded_on(viv, spawn, tmp_path, first, second):
    last = [second, "-c", BURN.format("after") + "after(1)"]
    if second == "sh":
        last = ["sh", "-c", f"sleep 0.3; exec {OLDEST} -c '{last[2]}'"]
    source = "import os\n" + BURN.format("before") + f"print('ready', flush=True)\nbefore(0.7)\nos.execvp({last[0]!r}, {last!r})"
    child = spawn([first, "-c", source], ready="ready")
    stacks = until_end(viv, child.pid, tmp_path / "exec.txt")
    assert with_function(stacks, "before") >= 10 and with_function(stacks, "after") >= 10, stacks
    assert not [stack for stack in stacks if {"before", "after"} <= set(stack)]


# The target is not harmed.


def tasks(pid):
    """State and tracer of each thread."""
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/status"):
        with contextlib.suppress(OSError):
            fields = reference.status(path)
            found.append((fields["State"][0], int(fields["TracerPid"])))
    return found


def run_nanoseconds(pid):
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0])


@pytest.mark.parametrize("version", [VERSIONS[0], "3.11", "3.15"])
def test_a_target_runs_on_when_viv_is_killed_while_it_records(viv, spawn, tmp_path, version):
    child = spawn(program(version, SHARES), ready="ready", stdin=subprocess.PIPE)
    for number in range(10):
        with recording(viv, child.pid, "-r", 2000, "-o", tmp_path / "never.txt"):
            time.sleep(0.12 + 0.013 * number)
        assert wait_for(lambda: all(state in "RS" and tracer == 0 for state, tracer in tasks(child.pid))), tasks(child.pid)
        before = run_nanoseconds(child.pid)
        assert wait_for(lambda: run_nanoseconds(child.pid) > before + 1_000_000), "it stands still"
    assert not (tmp_path / "never.txt").exists()
    output, _ = child.communicate(timeout=20)
    assert child.returncode == 0 and output


def test_a_stopped_process_stays_stopped(viv, spawn):
    child = spawn([NEWEST, "-c", "import time\ndef doze(): time.sleep(600)\nprint('ready', flush=True)\ndoze()"], ready="ready")
    assert wait_for(lambda: tasks(child.pid) == [("S", 0)])
    child.send_signal(signal.SIGSTOP)
    assert wait_for(lambda: tasks(child.pid) == [("T", 0)])
    stacks, _ = record(viv, child.pid, "--idle", "-r", 200, seconds=0.4)
    assert with_function(stacks, "doze") and tasks(child.pid) == [("T", 0)]
    child.send_signal(signal.SIGCONT)
    assert wait_for(lambda: tasks(child.pid) == [("S", 0)])


def test_a_busy_process_that_is_stopped_meanwhile_stays_so(viv, spawn, tmp_path):
    child = spawn([NEWEST, "-c", SHARES], ready="ready", stdin=subprocess.PIPE)
    with recording(viv, child.pid, "-r", 1000, "-d", 1.2, "-o", tmp_path / "stopped.txt") as process:
        time.sleep(0.5)
        child.send_signal(signal.SIGSTOP)
        assert wait_for(lambda: all(state in "Tt" for state, _ in tasks(child.pid)))
        time.sleep(0.2)
        assert process.wait(timeout=20) == 0
    assert all(task == ("T", 0) for task in tasks(child.pid))
    child.send_signal(signal.SIGCONT)
    assert child.communicate(timeout=20)[0]


def test_a_process_that_somebody_else_traces_is_recorded_without_stops(viv, spawn):
    child = spawn([NEWEST, "-c", SHARES], ready="ready", stdin=subprocess.PIPE)
    with subprocess.Popen(["strace", "-f", "-e", "trace=none", "-p", str(child.pid)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tracer:
        try:
            if not wait_for(lambda: all(number == tracer.pid for _, number in tasks(child.pid))):
                pytest.skip("strace cannot trace here")
            stacks, heading = record(viv, child.pid, "-r", 250, seconds=0.6)
            assert all(number == tracer.pid for _, number in tasks(child.pid))
        finally:
            tracer.terminate()
    assert with_function(stacks, "flutter", "tight") > 20 and impossible(stacks) == {}, stacks
    assert heading["stops"].startswith("0 stops"), heading


def test_the_end_of_the_process_ends_the_recording(viv, spawn, tmp_path):
    child = spawn([NEWEST, "-c", BURN.format("work") + "print('ready', flush=True)\nwork(0.7)"], ready="ready")
    begin = time.monotonic()
    stacks = until_end(viv, child.pid, tmp_path / "ended.txt", "-d", 100)
    assert time.monotonic() - begin < 50
    assert with_function(stacks, "work") >= 10
    assert os.listdir(tmp_path) == ["ended.txt"]
