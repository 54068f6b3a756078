"""viv trace: what it says of system calls, beside what strace says of the same ones."""

import ctypes
import difflib
import json
import os
import re
import signal
import struct
import subprocess
import time

import pytest
import tracing
from conftest import find_binary, running

VIV = find_binary()


def trace(*arguments, **options):
    """viv trace to its end."""
    return subprocess.run([VIV, "trace", *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


pytestmark = pytest.mark.skipif(trace("--", "true").returncode == 3, reason="BPF programs may not be loaded here")


def traced(directory, *arguments):
    """What viv writes about the list of calls of targets/system-calls.c."""
    output = f"{directory}.viv"
    with tracing.waiting(directory) as process:
        viv = subprocess.Popen([VIV, "trace", "--plain", "-o", output, *arguments, str(process.pid)], stderr=subprocess.PIPE)
        try:
            followed(process.pid, output)
            tracing.go(process)
            assert viv.wait(timeout=30) == 0, viv.stderr.read()
        finally:
            viv.kill()
            viv.wait()
            viv.stderr.close()
    # While there is one thread, the lines do not say whose they are.
    with open(output) as file:
        return "".join(line if line.startswith("[pid") else f"[pid {process.pid}] {line}" for line in file)


def followed(pid, output):
    """Waits until viv follows a process that sits in a read: it says so of a call that goes on."""
    for _ in range(600):
        if os.path.exists(output) and "read(0" in open(output).read():
            return
        time.sleep(0.05)
    raise AssertionError(f"viv does not follow {pid}")


FLAGS = re.compile(r"\b[A-Z_0-9]+(?:\|[A-Z_0-9]+)+\b")


def comparable(lines):
    """Lines without what the two write in other words: the order of flags, other names of the same, how a cut string ends."""
    found = []
    for line in lines:
        line = re.sub(r" <\d+\.\d{6}>$", "", line).replace('"…', '"...').replace("FASYNC", "O_ASYNC").replace("WSTOPPED", "WUNTRACED")
        # A command that strace 6.1 does not know yet.
        line = line.replace("MEMBARRIER_CMD_GET_REGISTRATIONS|", "").replace("|0x200", "")
        line = line.replace("|MEMBARRIER_CMD_GET_REGISTRATIONS", "")
        found.append(FLAGS.sub(lambda names: "|".join(sorted(names[0].split("|"))), line))
    return found


def short(directory):
    """What strace writes about the list, as it writes it without -v."""
    return tracing.strace(directory, attached=True, options=["-s", "32"])


@pytest.mark.parametrize("provider", [[], ["--ptrace"]], ids=["BPF", "ptrace"])
def test_each_event_reads_as_strace_writes_it(tmp_path, provider):
    expected = [comparable(lines) for lines in tracing.calls(short(tmp_path / "place"))]
    found = [comparable(lines) for lines in tracing.calls(traced(tmp_path / "place", *provider))]
    assert [len(lines) for lines in found] == [len(lines) for lines in expected]
    different = [line for pair in zip(expected, found) for line in difflib.unified_diff(*pair, lineterm="", n=0)]
    assert not different, "\n".join(different)


@pytest.mark.parametrize("provider", [[], ["--ptrace"]], ids=["BPF", "ptrace"])
def test_the_sums_count_what_strace_counts(provider):
    program = ["/usr/bin/python3", "-S", "-c", "import os\nfor _ in range(1000): os.stat('/'); os.getppid()\nfor _ in range(10):\n try: os.stat('/no')\n except OSError: pass"]
    table = subprocess.run(["strace", "-f", "-c", "-U", "calls,errors,name", *program], capture_output=True, text=True).stderr
    expected = {}
    for line in table.splitlines():
        words = line.split()
        if len(words) in (2, 3) and words[0].isdigit() and words[-1] != "total":
            expected[words[-1]] = (int(words[0]), int(words[1]) if len(words) == 3 else 0)
    done = trace("--summary", "--json", *provider, "--", *program)
    assert done.returncode == 0, done.stderr
    sums = json.loads(done.stdout)
    found = {call["name"]: (call["count"], call["errors"]) for call in sums["calls"]}
    # Those that never come back have no duration.
    for name in ("exit_group", "exit"):
        expected.pop(name, None), found.pop(name, None)
    assert found == expected and sums["lostEvents"] == 0
    assert found.get("newfstatat", found.get("stat"))[0] >= 1010
    for call in sums["calls"]:
        assert 0 < call["p50Nanoseconds"] <= call["p99Nanoseconds"] <= call["maximumNanoseconds"] <= call["totalNanoseconds"]


def test_a_million_calls_arrive(tmp_path):
    output = tmp_path / "calls.txt"
    done = trace("-o", output, "-e", "write", "--plain", "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=200000", "status=none")
    assert done.returncode == 0 and done.stderr == ""
    assert sum(line.startswith('write(1, "\\0", 1) = 1 <') for line in open(output)) == 200_000


def test_json_is_what_the_contract_says():
    lines = [json.loads(line) for line in trace("--json", "--", "cat", "/nonexistent").stdout.splitlines()]
    calls = [line for line in lines if "name" in line]
    assert all(list(call) == ["time", "pid", "tid", "name", "number", "arguments", "result", "error", "durationNanoseconds"] for call in calls)
    (missed,) = [call for call in calls if call["error"] == "ENOENT" and {"name": "filename", "text": '"/nonexistent"'} in call["arguments"]]
    assert missed["name"] == "openat" and missed["number"] == 257 and missed["result"] == -2 and missed["durationNanoseconds"] > 0
    assert abs(missed["time"] - time.time()) < 60
    assert calls[0]["name"] == "execve" and calls[-1]["name"] == "exit_group" and calls[-1]["result"] is None
    assert lines[-1]["event"] == "end" and lines[-1]["text"] == "+++ exited with 1 +++"


def test_the_status_is_that_of_the_program():
    assert trace("--", "sh", "-c", "exit 7").returncode == 7
    assert trace("-c", "--", "sh", "-c", "kill -TERM $$").returncode == 128 + signal.SIGTERM
    done = trace("--", "no-such-program")
    assert done.returncode == 1 and "no-such-program" in done.stderr


def test_filters(tmp_path):
    program = ["sh", "-c", "cat /etc/hostname /nonexistent >/dev/null 2>&1; sleep 0.2"]
    done = trace("--filter", "openat error=ENOENT path~nonexist", "--", *program)
    assert len(done.stdout.splitlines()) == 1 and '"/nonexistent"' in done.stdout
    done = trace("-e", "%file,!openat", "--plain", "--", *program)
    assert "access(" in done.stdout and "openat" not in done.stdout and "read(" not in done.stdout
    done = trace("--slower", "150ms", "--", *program)
    names = {re.sub(r"^\[pid \d+\] ", "", line).partition("(")[0] for line in done.stdout.splitlines()}
    assert names <= {"clock_nanosleep", "wait4", "<... clock_nanosleep resumed>)", "<... wait4 resumed>[{WIFEXITED"}
    assert "clock_nanosleep" in done.stdout
    done = trace("--filter", "openatt", "--", *program)
    assert done.returncode == 0 and done.stdout == ""
    for wrong, said in [("-e openatt", "openat"), ("--filter fd=x", "number"), ("--filter speed>3", "slower>"), ("--slower x", "duration")]:
        done = trace(*wrong.split(), "--", *program)
        assert done.returncode == 2 and said in done.stderr, wrong


def test_descriptors_have_what_they_are():
    program = "import os, socket\na = socket.create_server(('127.0.0.1', 0))\nb = socket.create_connection(a.getsockname())\nc, _ = a.accept()\nb.send(b'x'); c.recv(1)\nopen('/etc/hostname').read(1)\nimport time; time.sleep(0.3)"
    text = trace("--", "/usr/bin/python3", "-S", "-c", program).stdout
    assert re.search(r"sendto\(\d+<tcp 127\.0\.0\.1:(\d+)→127\.0\.0\.1:(\d+)>, \"x\", 1, 0, NULL, 0\) = 1", text)
    assert re.search(r'openat\(AT_FDCWD[^)]*"/etc/hostname", [^)]*\) = (\d+)</etc/hostname>', text)
    assert re.search(r"read\(\d+</etc/hostname>", text) and re.search(r"close\(\d+</etc/hostname>\) = 0", text)


def test_a_call_that_goes_on_is_shown_and_resumed(tmp_path):
    output = tmp_path / "calls.txt"
    done = trace("--plain", "--", "sleep", "0.6")
    assert re.search(r"clock_nanosleep\(CLOCK_REALTIME, 0, \{tv_sec=0, tv_nsec=600000000\}, ?<unfinished \.\.\.>|"
                     r"clock_nanosleep\(CLOCK_REALTIME, 0, \{tv_sec=0, tv_nsec=600000000\}, <unfinished \.\.\.>", done.stdout), done.stdout
    assert re.search(r"<\.\.\. clock_nanosleep resumed>.*\) = 0 <0\.6\d+>", done.stdout), done.stdout


def test_threads_that_come_and_children_are_followed():
    program = "import threading, os\nts = [threading.Thread(target=os.getppid) for _ in range(50)]\n[t.start() for t in ts]\n[t.join() for t in ts]\nfor _ in range(20):\n p = os.fork()\n if p == 0: os.getppid(); os._exit(3)\n os.waitpid(p, 0)"
    text = trace("--", "/usr/bin/python3", "-S", "-c", program).stdout
    assert len(re.findall(r"\] getppid\(\)", text)) == 70 and text.count("+++ exited with 3 +++") == 20
    text = trace("--no-children", "--", "/usr/bin/python3", "-S", "-c", program).stdout
    assert len(re.findall(r"\] getppid\(\)", text)) == 50 and text.count("+++ exited with 3 +++") == 0


def test_nothing_stays_when_viv_is_killed(tmp_path):
    program = "import os\nprint('ready', flush=True)\nwhile True: os.getppid()"
    with running(["python3", "-c", program], ready="ready") as target:
        for arguments in ([], ["--summary"], ["--json"], ["--ptrace"]):
            # Those of the test before go a moment after their descriptors.
            wait_for(settled)
            before = links()
            with open(os.devnull, "w") as nowhere:
                viv = subprocess.Popen([VIV, "trace", *arguments, str(target.pid)], stdout=nowhere)
                wait_for(lambda: links() > before or tracer(target.pid))
                viv.send_signal(signal.SIGKILL)
                viv.wait()
            wait_for(lambda: links() <= before)
            status = open(f"/proc/{target.pid}/status").read()
            assert "TracerPid:\t0" in status and re.search(r"State:\t[RS]", status)
            used = times(target.pid)
            wait_for(lambda: times(target.pid) > used)


def tracer(pid):
    return int(re.search(r"TracerPid:\t(\d+)", open(f"/proc/{pid}/status").read())[1])


def times(pid):
    return int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[11])


def links():
    """How many BPF programs are loaded in the kernel. Source: bpf(2), BPF_PROG_GET_NEXT_ID."""
    libc = ctypes.CDLL(None, use_errno=True)
    count, number = 0, 0
    while True:
        attribute = ctypes.create_string_buffer(struct.pack("=II120x", number, 0))
        if libc.syscall(321, 11, attribute, 128) != 0:
            return count
        number = struct.unpack_from("=II", attribute)[1]
        count += 1


def settled():
    before = links()
    time.sleep(0.3)
    return links() == before


def wait_for(condition):
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def test_who_is_traced_already_is_left_alone():
    with running(["python3", "-c", "print('ready', flush=True); input()"], ready="ready", stdin=subprocess.PIPE) as target:
        other = subprocess.Popen(["strace", "-o", os.devnull, "-p", str(target.pid)], stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: tracer(target.pid) == other.pid)
            done = trace("--ptrace", "-d", "0.2", target.pid)
            assert done.returncode == 1 and f"by strace {other.pid}" in done.stderr
            assert tracer(target.pid) == other.pid
            # Programs in the kernel do not mind.
            assert trace("-d", "0.5", target.pid).returncode == 0
        finally:
            other.terminate()
            other.wait()


def test_who_cannot_be_traced_is_said():
    assert trace("4194303").returncode == 4
    assert trace().returncode == 2
    assert trace("1", "--", "true").returncode == 2
