"""Processes that are named, die and multiply as badly as the kernel allows."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unicodedata

import pytest
import reference
from conftest import wait_for
from pseudoterminal import PseudoTerminal

TITLE = b"\x1b]0;owned\x07"
# comm is the first 15 bytes of the executable's name: brackets as in /proc/PID/stat, line ends, escapes, broken UTF-8.
NAMES = [b"a) R 1 (b", b"new\nline", b"esc\x1b[2J\x1b[31m", b"\xff\xfe\xc3(", b"c1\xc2\x9b31m", b"tab\tdel\x7f", b"\xe6\x97\xa5\xe6\x9c\xac",
         b") ) ) S 0 0 0 0"]
ARGUMENTS = [TITLE + b"evil", b"line\none\rtwo", b"\x80\x81\xff", b"\x1b[?1049l\x1b[31m", b"\xc2\x9b2J", b"", b"\x7f\x08\x08", b"x" * 5000]


def raw_controls(data):
    """Bytes and characters that must never be printed: control characters but line feed, and broken UTF-8."""
    text = data.decode("utf-8")  # raises where it is broken
    return [f"U+{ord(c):04X}" for c in text if c != "\n" and unicodedata.category(c) == "Cc"]


def comm_of(pid):
    with open(f"/proc/{pid}/comm", "rb") as file:
        return file.read()[:-1]


@pytest.fixture(scope="module")
def hostile():
    """Shells that wait for a line, under hostile names with hostile arguments, in a hostile folder: {pid: name}."""
    folder = os.path.join(tempfile.mkdtemp(prefix="viv-hostile-").encode(), b"in\x1b[31m\n\xff(deleted)")
    os.mkdir(folder)
    processes = []
    try:
        for name in NAMES:
            path = os.path.join(folder, name)
            shutil.copy2("/bin/dash", path)
            argv = [TITLE + name, b"-c", b"read line", *ARGUMENTS]
            processes.append(subprocess.Popen(argv, executable=path, stdin=subprocess.PIPE, cwd=folder,
                                              env={b"EVIL": TITLE + b"\n\xff"}))
        table = {process.pid: name for process, name in zip(processes, NAMES)}
        assert wait_for(lambda: all(comm_of(pid) == name[:15] for pid, name in table.items()))
        yield table
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdin.close()
        shutil.rmtree(os.path.dirname(folder), ignore_errors=True)


@pytest.mark.parametrize("arguments", [["ps"], ["tree"], ["tree", "--threads"], ["ps", "--threads"],
                                       ["ps", "--columns", "pid,comm,exe,cwd,command"]], ids=" ".join)
def test_nothing_raw_is_printed(viv, hostile, arguments):
    result = viv.run(*arguments)
    assert result.returncode == 0, result.stderr
    assert raw_controls(result.stdout) == []


def test_a_name_with_a_line_feed_stays_on_one_line(viv, hostile):
    lines = viv.run("ps", "--columns", "pid,command").stdout.decode().splitlines()
    assert all(line.split()[0].isdigit() for line in lines[1:] if line.strip()), "a row fell apart"


def test_json_holds_every_hostile_process(viv, hostile):
    result = viv.run("ps", "--json")
    assert raw_controls(result.stdout) == []
    rows = {row["pid"]: row for row in json.loads(result.stdout)["processes"]}
    for pid in hostile:
        assert rows[pid]["ppid"] == os.getpid(), "a bracket in the name moved the fields"
        assert rows[pid]["state"] in ("S", "R", "D")
        assert rows[pid]["threads"] == 1
        assert "evil" in str(rows[pid]["arguments"])


def test_a_readable_name_stays_readable(viv, hostile):
    (pid,) = [pid for pid, name in hostile.items() if name == "日本".encode()]
    row = next(row for row in viv.json("ps")["processes"] if row["pid"] == pid)
    assert "日本" in row["command"]


def test_messages_about_a_hostile_process_are_clean(viv, hostile):
    for pid in hostile:
        result = viv.run("dump", pid)
        assert result.returncode == 1
        assert raw_controls(result.stdout + result.stderr) == []
    ambiguous = viv.run("dump", "evil")
    assert ambiguous.returncode == 2
    assert raw_controls(ambiguous.stderr) == []


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_nothing_raw_reaches_the_dashboard(viv, hostile, locale):
    for pid in list(hostile)[:4]:
        with PseudoTerminal([viv.path, str(pid)], columns=200, rows=60, env={"LANG": locale, "LC_ALL": locale}) as terminal:
            assert terminal.pump_until(lambda t: str(pid) in t.text(), 15), terminal.text()
            terminal.send("\t")
            terminal.pump(0.7)
            terminal.send("e")  # the environment is hostile too
            terminal.pump(0.7)
            output = terminal.output()
            assert b"\x1b]0;owned" not in output, "the target set the terminal's title"
            assert b"\xc2\x9b" not in output and b"\x7f" not in output
            assert b"\x1b[?1049l" not in output, "the target's own bytes left the alternate screen"
            assert terminal.is_running()


def test_hostile_python_names_are_made_visible(viv, spawn):
    source = ("import ctypes,time\n"
              "ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)\n"
              "code = compile('def innocent():\\n time.sleep(600)', 'evil\\x1b]0;owned\\x07\\n.py', 'exec')\n"
              "names = {'time': time}; exec(code, names)\n"
              "function = names['innocent']\n"
              "function.__code__ = function.__code__.replace(co_name='esc\\x1b[31m\\nname', co_qualname='q\\udcff\\x9b.name')\n"
              "print('ready', flush=True); function()")
    python = reference.python()
    child = spawn([python, "-c", source], ready="ready")
    wait_for(lambda: reference.stat(f"/proc/{child.pid}/stat")[0] == "S")
    for arguments in (["dump"], ["dump", "--json"]):
        result = viv.run(*arguments, child.pid)
        assert result.returncode == 0, result.stderr
        assert raw_controls(result.stdout) == []
        assert b"name" in result.stdout


def test_zombies_are_rows_like_any_other(viv, spawn):
    script = ("import os,time\n"
              "for _ in range(20):\n"
              "    if os.fork() == 0: os._exit(3)\n"
              "time.sleep(0.3); print('ready', flush=True); time.sleep(600)")
    parent = spawn([sys.executable, "-c", script], ready="ready")
    rows = [row for row in viv.json("ps")["processes"] if row["ppid"] == parent.pid]
    assert len(rows) == 20
    assert {row["state"] for row in rows} == {"Z"}
    assert {row["residentBytes"] for row in rows} <= {0, None}
    result = viv.run("ps")
    assert result.returncode == 0 and raw_controls(result.stdout) == []


def test_a_storm_of_short_lives_breaks_nothing(viv, spawn):
    for _ in range(2):
        storm = spawn(["bash", "-c", "while :; do for i in 1 2 3 4 5; do /bin/true & done; wait; done"], start_new_session=True)
    for _ in range(20):
        result = viv.run("ps", "--json")
        assert result.returncode == 0, result.stderr
        assert result.stderr == b""
        rows = json.loads(result.stdout)["processes"]
        pids = [row["pid"] for row in rows]
        assert len(pids) == len(set(pids))
        assert storm.pid in pids
    for _ in range(5):
        result = viv.run("tree")
        assert result.returncode == 0 and result.stderr == b""


def test_a_target_that_ends_meanwhile_is_4_with_what_there_was(viv, spawn):
    child = spawn(["sleep", "1.5"])
    result = viv.run("stat", child.pid, 1, 5, "--json", timeout=20)
    assert result.returncode == 4, f"exit {result.returncode}: {result.stderr}"
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) <= 3, "intervals after the end"


def test_hundreds_of_threads_are_counted(viv, spawn):
    script = ("import threading,time\nthreading.stack_size(65536)\n"
              "for _ in range(500): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
              "print('ready', flush=True); time.sleep(600)")
    child = spawn([sys.executable, "-c", script], ready="ready")
    row = next(row for row in viv.json("ps")["processes"] if row["pid"] == child.pid)
    assert row["threads"] == 501


def test_a_stopped_process_and_a_kernel_thread_are_rows(viv, spawn):
    child = spawn(["sleep", "600"])
    child.send_signal(signal.SIGSTOP)
    assert wait_for(lambda: reference.stat(f"/proc/{child.pid}/stat")[0] == "T")
    rows = {row["pid"]: row for row in viv.json("ps")["processes"]}
    assert rows[child.pid]["state"] == "T"
    for pid, row in rows.items():
        if row["ppid"] == 2:  # kthreadd's children have no memory and no command line
            assert row["residentBytes"] in (0, None)
            assert not row["arguments"] or row["arguments"] == row["command"]


def test_hidden_processes_are_not_an_error(unprivileged):
    viv, identity = unprivileged
    script = 'mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid "$1" --regid "$2" --clear-groups "$0" ps --json'
    result = subprocess.run(["unshare", "-m", "sh", "-c", script, viv.path, str(identity["user"]), str(identity["group"])],
                            capture_output=True, cwd="/", timeout=60)
    if b"mount" in result.stderr or b"unshare" in result.stderr:
        pytest.skip("this machine does not allow a private /proc")
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)["processes"]
    assert 1 not in {row["pid"] for row in rows}
    assert rows, "viv can always see itself"
