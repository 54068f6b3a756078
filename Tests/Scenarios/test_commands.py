"""Exit codes, targets, signals and pipes: what a script relies on."""

import glob
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys

import pytest
import reference
from conftest import FIXTURES, ROOT, wait_for
from pseudoterminal import PseudoTerminal

DONE, FAILED, USAGE, REFUSED, GONE = range(5)
LISTINGS = [["ps"], ["tree"], ["stat"], ["dump"], ["doctor"]]


def no_such_pid():
    """A pid that nothing has: above the highest the kernel gives out."""
    with open("/proc/sys/kernel/pid_max") as file:
        return int(file.read()) + 1


def said(result):
    return f"exit {result.returncode}, stderr: {result.stderr.decode(errors='replace')}"


# Exit codes.


def test_success_is_0_and_quiet_on_stderr(viv):
    for arguments in (["ps"], ["tree"], ["doctor"], ["--version"], ["--help"], ["ps", "--help"]):
        result = viv.run(*arguments)
        assert result.returncode == DONE, f"{arguments}: {said(result)}"
        assert result.stdout and not result.stderr, f"{arguments}: {said(result)}"


@pytest.mark.parametrize("arguments", [
    ["ps", "--no-such-option"], ["ps", "--sort", "no-such-column"], ["ps", "--columns", "pid,no-such-column"],
    ["ps", "--filter", "cpu>>"], ["dump"], ["stat", "1", "soon"], ["stat", "1", "0"], ["stat", "1", "-1"],
    ["signal"], ["signal", "NOSUCH", "1"], ["signal", "TERM"],
], ids=" ".join)
def test_wrong_usage_is_2_and_says_why(viv, arguments):
    result = viv.run(*arguments)
    assert result.returncode == USAGE, said(result)
    assert result.stderr.strip() and not result.stdout


@pytest.mark.parametrize("arguments", [["dump"], ["stat"], ["tree"], ["signal", "TERM"]], ids=" ".join)
def test_a_pid_that_nothing_has_is_4(viv, arguments):
    result = viv.run(*arguments, no_such_pid())
    assert result.returncode == GONE, said(result)
    assert result.stderr.strip()


@pytest.mark.parametrize("target", [":1", "no-process-is-called-like-this-\u00b6"], ids=["port", "text"])
def test_a_target_that_nothing_matches_is_4(viv, target):
    result = viv.run("dump", target)
    assert result.returncode == GONE, said(result)


@pytest.mark.parametrize("command", [["dump"], ["stat"], ["signal", "TERM"]], ids=" ".join)
def test_an_ambiguous_text_is_2_and_lists_the_candidates(viv, sleepers, command):
    marker, processes = sleepers
    result = viv.run(*command, marker)
    assert result.returncode == USAGE, said(result)
    for process in processes:
        assert str(process.pid) in result.stderr.decode()
        assert process.poll() is None
    assert not result.stdout


@pytest.mark.parametrize("word, meant", [("dmup", "dump"), ("trre", "tree"), ("sginal", "signal"), ("docto", "doctor"), ("DMUP", "dump")])
def test_a_word_that_resembles_a_command_names_it(viv, word, meant):
    result = viv.run(word)
    assert result.returncode == GONE, said(result)
    assert f"no process matches '{word}'" in result.stderr.decode()
    assert f"Did you mean `viv {meant}`?" in result.stderr.decode() and "viv --help" in result.stderr.decode()
    # With more words it is no dashboard either.
    result = viv.run(word, "1", "--json")
    assert result.returncode == USAGE, said(result)
    assert f"Did you mean `viv {meant}`?" in result.stderr.decode()


def test_a_word_like_no_command_gets_no_guess(viv):
    result = viv.run("no-process-is-called-like-this")
    assert result.returncode == GONE, said(result)
    assert "Did you mean" not in result.stderr.decode() and "`viv --help` the commands" in result.stderr.decode()
    for arguments in (["dump", "no-process-is-called-like-this"], ["ps", "--no-such-option"], ["--no-such-option"]):
        assert "Did you mean `viv" not in viv.run(*arguments).stderr.decode(), arguments


def test_dump_of_something_that_is_no_python_is_1(viv, spawn):
    result = viv.run("dump", spawn(["sleep", "600"]).pid)
    assert result.returncode == FAILED, said(result)
    assert b"Python" in result.stderr


def test_a_python_that_cannot_be_read_yet_is_named(viv, spawn):
    # What PATH has may be a shim that starts something else.
    places = [*glob.glob(os.path.expanduser("~/.pyenv/versions/2.7*/bin/python2.7")), "/usr/bin/python2.7"]
    old = next(filter(os.path.exists, places), None)
    if not old:
        pytest.skip("no CPython 2.7 on this machine")
    script = "import sys, time; sys.stdout.write('ready\\n'); sys.stdout.flush(); time.sleep(600)"
    result = viv.run("dump", spawn([old, "-c", script], ready="ready").pid)
    assert result.returncode == FAILED, said(result)
    assert "CPython 2.7" in result.stderr.decode()


def test_a_zombie_target_says_so(viv, spawn):
    parent = spawn([sys.executable, "-c", "import os,time\nif os.fork() == 0: os._exit(0)\nprint('ready', flush=True); time.sleep(600)"],
                   ready="ready")
    (child,) = reference.children()[parent.pid]
    assert wait_for(lambda: reference.stat(f"/proc/{child}/stat")[0] == "Z")
    result = viv.run("dump", child)
    assert result.returncode in (FAILED, GONE), said(result)
    assert result.stderr.strip()


# Permissions.


def test_a_refused_dump_is_3_and_names_the_remedy(unprivileged, spawn, tmp_path):
    viv, identity = unprivileged
    python = reference.python()
    service = spawn([python, str(FIXTURES / "service.py"), str(tmp_path / "unused")], ready="ready")
    result = viv.run("dump", service.pid, **identity)
    assert result.returncode == REFUSED, said(result)
    assert re.search(rb"CAP_SYS_PTRACE|ptrace_scope", result.stderr), result.stderr
    if b"ptrace_scope" in result.stderr:
        assert b"--cap-add=SYS_PTRACE" in result.stderr, result.stderr


def test_a_refused_signal_is_3_and_names_the_remedy(unprivileged, spawn):
    viv, identity = unprivileged
    child = spawn(["sleep", "600"])
    result = viv.run("signal", "TERM", child.pid, **identity)
    assert result.returncode == REFUSED, said(result)
    assert b"CAP_KILL" in result.stderr
    assert child.poll() is None


def test_what_may_not_be_read_is_null_and_never_0(unprivileged, spawn):
    viv, identity = unprivileged
    child = spawn(["sleep", "600"])
    row = next(row for row in viv.json("ps", **identity)["processes"] if row["pid"] == child.pid)
    assert row["readBytesPerSecond"] is None
    assert row["writeBytesPerSecond"] is None
    assert row["residentBytes"] > 0, "this anybody may read"


def test_doctor_as_nobody_names_remedies(unprivileged):
    viv, identity = unprivileged
    result = viv.run("doctor", **identity)
    assert result.returncode in (DONE, FAILED), said(result)
    assert b"CAP_" in result.stdout or b"sysctl" in result.stdout


# Signals.


@pytest.mark.parametrize("name", ["TERM", "SIGTERM", "15", "term"])
def test_signal_reaches_the_process_under_every_spelling(viv, spawn, name):
    child = spawn(["sleep", "600"])
    result = viv.run("signal", name, child.pid)
    assert result.returncode == DONE, said(result)
    assert child.wait(timeout=10) == -signal.SIGTERM


def test_signal_reaches_several_pids(viv, sleepers):
    _, processes = sleepers
    result = viv.run("signal", "KILL", *[process.pid for process in processes])
    assert result.returncode == DONE, said(result)
    assert [process.wait(timeout=10) for process in processes] == [-signal.SIGKILL] * 2


def test_signal_by_a_text_that_one_process_has_does_not_meet_viv_itself(viv, spawn):
    marker = f"viv-only-one-{os.getpid()}"
    child = spawn([sys.executable, "-c", "import time; time.sleep(600)", marker])
    result = viv.run("signal", "TERM", marker)
    assert result.returncode == DONE, said(result)
    assert child.wait(timeout=10) == -signal.SIGTERM


def test_one_bad_target_among_several_keeps_the_others_alive(viv, spawn):
    child = spawn(["sleep", "600"])
    result = viv.run("signal", "TERM", child.pid, no_such_pid())
    assert result.returncode == GONE, said(result)
    assert child.poll() is None, "targets are looked up before the first signal is sent"


def test_signal_reaches_the_listener_of_a_port(viv, spawn):
    script = "import socket,time; s=socket.create_server(('127.0.0.1',0)); print(s.getsockname()[1], flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    try:
        port = int(process.stdout.readline())
        result = viv.run("signal", "TERM", f":{port}")
        assert result.returncode == DONE, said(result)
        assert process.wait(timeout=10) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


# Pipes and colours.


@pytest.mark.parametrize("arguments", [["ps"], ["ps", "--json"], ["tree"], ["doctor"]], ids=" ".join)
def test_a_reader_that_left_ends_it_quietly(viv, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        # Python ignores SIGPIPE and children inherit that: both ways of learning of it must be quiet.
        for restore in (True, False):
            process = subprocess.run([viv.path, *arguments], stdout=writing, stderr=subprocess.PIPE, timeout=60, restore_signals=restore)
            assert process.stderr == b"", f"SIGPIPE {'default' if restore else 'ignored'}"
            assert process.returncode in (0, 1, -signal.SIGPIPE, 128 + signal.SIGPIPE)
    finally:
        os.close(writing)


@pytest.mark.parametrize("arguments", [["ps"], ["ps", "--json"], ["tree"], ["stat", "0.1s", "1"], ["doctor"]], ids=" ".join)
def test_a_full_disk_is_a_failure_that_is_named(viv, arguments):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([viv.path, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert result.returncode == FAILED
    assert b"standard output" in result.stderr and result.stderr.count(b"\n") == 1


def test_ps_into_head_is_quiet(viv):
    result = subprocess.run(["bash", "-c", '"$0" ps | head -n 1', viv.path], capture_output=True, timeout=60)
    assert result.stderr == b""
    assert b"PID" in result.stdout and result.stdout.count(b"\n") == 1


@pytest.mark.parametrize("arguments", [["ps"], ["tree"], ["doctor"], ["--help"]], ids=" ".join)
def test_nothing_is_coloured_outside_a_terminal(viv, arguments):
    assert b"\x1b" not in viv.run(*arguments, env={"TERM": "xterm-256color", "COLORTERM": "truecolor"}).stdout


@pytest.mark.parametrize("redirection", ["", "2>/dev/null", ">/dev/null"], ids=["both on it", "output on it", "errors on it"])
def test_a_terminal_without_utf8_gets_ascii_on_each_stream(viv, redirection):
    script = f'"$0" ps --columns state,command --filter caf\u00e9 {redirection}; "$0" ps --sort caf\u00e9 {redirection}'
    with PseudoTerminal(["sh", "-c", script, viv.path], env={"LANG": "C", "LC_ALL": "C"}) as terminal:
        assert terminal.wait(20) is not None
        output = terminal.output()
    assert b"caf?" in output and not any(byte > 0x7F for byte in output), output


def test_json_is_one_document_and_errors_go_to_stderr(viv):
    for arguments in (["ps"], ["tree"], ["doctor"]):
        json.loads(viv.run(*arguments, "--json").stdout)
    result = viv.run("dump", no_such_pid(), "--json")
    assert result.stdout == b"" and result.stderr


def run_example(viv, line):
    """Runs an example from the documentation on processes that are there; ^C after two seconds: some run for ever."""
    known = {"gunicorn": "no-such-process-\u00b6", "4121": "1"}
    words = [known.get(word, word) for word in shlex.split(line, comments=True)]
    if "|" in words:
        words = words[:words.index("|")]
    return subprocess.run(["timeout", "--preserve-status", "-s", "INT", "2", viv.path, *words[1:]], capture_output=True)


def test_examples_of_the_help_are_understood(viv):
    seen = 0
    for command in ("ps", "tree", "stat", "dump", "doctor"):
        text = viv.run(command, "--help").stdout.decode()
        for line in re.findall(rf"^  (viv {command}(?: .*)?)$", text, re.MULTILINE):
            result = run_example(viv, re.split(r" {3,}", line)[0])
            assert result.returncode != USAGE, f"{line}: {said(result)}"
            seen += 1
    assert seen >= 10


def test_examples_of_the_readme_are_understood(viv):
    lines = re.findall(r"^(viv (?:ps|tree|stat|dump|doctor)\b.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(lines) >= 10
    for line in lines:
        result = run_example(viv, line)
        # The core file of an example is nobody's.
        is_missing = "--core" in line and b"there is no such file" in result.stderr
        assert result.returncode in (DONE, REFUSED, GONE) or is_missing, f"{line}: {said(result)}"


def test_the_readme_names_keys_as_they_are_bound(viv):
    """Its table of keys against the help, which is made from the live key map."""
    rows = {"F": "follow the selected", "c": "tag it and its children", "m": "read PSS", "Z": "freeze or thaw", "@": "jump to a time",
            "L": "back to now", "r": "set the nice value", "H": "show threads as rows", "I": "turn the order round",
            "u": "show one user's", "e": "its environment", "F9": "send a signal", "F2": "settings"}
    with PseudoTerminal([viv.path], columns=200, rows=100) as terminal:
        assert terminal.pump_until(lambda t: "PID" in t.text(), 15)
        terminal.send("?")
        assert terminal.pump_until(lambda t: all(meaning in t.text() for meaning in rows.values()), 10), terminal.text()
        text = terminal.text()
    readme = (ROOT / "README.md").read_text()
    for key, meaning in rows.items():
        assert f"`{key}`" in readme, key
        line = next((line for line in text.splitlines() if meaning in line), "")
        assert re.search(rf"(?<!\S){re.escape(key)}(?!\S)", line), f"{key}: {line!r} in\n{text}"


def test_stat_takes_a_unit_for_the_host_and_a_lone_number_for_a_pid(viv):
    lines = viv.json_lines("stat", "200ms", 2)
    assert [line["average"] for line in lines] == [False, False, True] and "pid" not in lines[0]
    lines = viv.json_lines("stat", os.getpid(), 0.2, 1)
    assert lines[0]["pid"] == os.getpid()


def test_doctor_names_each_source_and_a_remedy_for_what_is_missing(viv, unprivileged):
    nobody, identity = unprivileged
    for findings in (viv.json("doctor")["findings"], nobody.json("doctor", **identity)["findings"]):
        names = " ".join(finding["name"] for finding in findings)
        for source in ("process table", "PSI", "taskstats", "task_delayacct", "process connector", "perf_event_open", "memory",
                       "signals", "BPF", "settings"):
            assert source in names
        for finding in findings:
            assert finding["works"] or finding["remedy"] or "does not need it" in finding["detail"], finding
    refused = {finding["name"]: finding for finding in findings}
    assert "CAP_NET_ADMIN" in refused["task accounting (taskstats)"]["remedy"]
    assert "CAP_SYS_PTRACE" in refused["other processes' memory (Python stacks)"]["remedy"]


@pytest.mark.parametrize("arguments", [["ps"], ["ps", "--threads"], ["tree"], ["tree", "--threads"], ["stat", "0.2s", "1"],
                                       ["stat", "1", "0.2", "1"], ["doctor"], ["ps", "--columns", "pid,pss,fd,wchan,read/s"]], ids=" ".join)
def test_anybody_may_look(unprivileged, arguments):
    nobody, identity = unprivileged
    result = nobody.run(*arguments, **identity)
    assert result.returncode == DONE, said(result)
    assert result.stdout and not result.stderr


def test_help_shows_examples(viv):
    for command in ("ps", "tree", "stat", "dump", "signal", "doctor"):
        text = viv.run(command, "--help").stdout.decode()
        assert f"viv {command}" in text and "example" in text.lower(), text


def test_a_port_of_ours_is_a_target(viv):
    with socket.create_server(("127.0.0.1", 0)) as server:
        document = viv.json("tree", f":{server.getsockname()[1]}")
    assert str(os.getpid()) in json.dumps(document)
