"""What the tests of traced system calls have in common: the program that makes a fixed list of them (targets/system-calls.c), and
the form in which what two tracers say about it is compared."""

import atexit
import functools
import os
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile

import pytest
from conftest import FIXTURES, running

LIMIT = 64  # bytes of a string that a tracer shows
LAST_WORD = 3  # what the program exits with when every call gave what it should


# The program


@functools.lru_cache(maxsize=None)
def program():
    """The path of the compiled program, where everybody can start it."""
    if platform.machine() != "x86_64" or not shutil.which("gcc"):
        pytest.skip("the list of calls needs x86-64 and gcc")
    folder = tempfile.mkdtemp(prefix="viv-system-calls-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "system-calls")
    subprocess.run(["gcc", "-std=gnu11", "-O1", "-o", path, str(FIXTURES / "system-calls.c")], check=True)
    return path


def emptied(directory):
    """The directory without contents: the calls of a second run give the same as those of the first only in the same place."""
    os.makedirs(directory, exist_ok=True)
    for entry in os.scandir(directory):
        shutil.rmtree(entry.path) if entry.is_dir() else os.unlink(entry.path)
    return str(directory)


def waiting(directory, *prefix, **options):
    """The program, started by the words before it, for a `with` statement: it waits for `go`."""
    return running([*map(str, prefix), program(), emptied(directory)], ready="ready", stdin=subprocess.PIPE, **options)


def go(process):
    """Lets the program (or the tracer that started it) run to its end."""
    process.stdin.write(b"go\n")
    process.stdin.close()
    assert process.wait(timeout=60) == LAST_WORD


def strace(directory, attached=False, options=("-v", "-s", str(LIMIT))):
    """What strace writes about the program: started by strace, or found by it while it waits."""
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    output = pathlib.Path(f"{directory}.strace")
    command = ["strace", "-f", *options, "-o", output]
    if not attached:
        with waiting(directory, *command) as process:
            go(process)
        return output.read_text()
    with waiting(directory) as process:
        tracer = subprocess.Popen([*map(str, command), "-p", str(process.pid)], stderr=subprocess.PIPE)
        try:
            said = tracer.stderr.readline()
            assert b"attached" in said, said
            go(process)
            tracer.wait(timeout=20)
        finally:
            tracer.kill()
            tracer.wait()
            tracer.stderr.close()
    return output.read_text()


# Lines of a trace

PREFIX = re.compile(r"^(?:\[pid +(\d+)\] +|(\d+) +)?"
                    r"(?:\d\d:\d\d:\d\d(?:\.\d+)? +|\d+\.\d{3,9} +)?(?:\(\+ +\d+\.\d+\) +)?")
UNFINISHED = re.compile(r" ?<unfinished \.\.\.>$")
RESUMED = re.compile(r"^<\.\.\. \w+ resumed>")


def whole_lines(text):
    """(process, line) of a trace of many, in order; a call that was interrupted by another process is one line, where it began."""
    lines, open_ones = [], {}
    for line in text.splitlines():
        prefix = PREFIX.match(line)
        process, rest = prefix[1] or prefix[2], line[prefix.end():]
        if process in open_ones and RESUMED.match(rest):
            place = open_ones.pop(process)
            lines[place] = (process, lines[place][1] + RESUMED.sub("", rest))
        else:
            if UNFINISHED.search(rest):
                open_ones[process] = len(lines)
            lines.append((process, UNFINISHED.sub("", rest)))
    return lines


def calls(text):
    """The normalised lines of each process of the list, the first one's first, then in the order in which they were born."""
    processes = {}
    begun = False
    for process, line in whole_lines(text):
        begun = begun or 'write(-1, "begin", 5)' in line
        if begun:
            processes.setdefault(process, []).append(normalised(line))
    return list(processes.values())


# What differs between two runs, and what stands for it

STRING = re.compile(r'("(?:[^"\\]|\\.)*")')
PID = r"[1-9]\d{0,6}\b"  # 0 and -1 are no processes
EVERYWHERE = [(re.compile(pattern), stand_in) for pattern, stand_in in [
    (r" /\* \d{4}-\d\d-\d\dT[^*]*\*/", ""),
    (r"\b0x[0-9a-f]{9,12}\b", "ADDR"),
    (r"\b(st_ino|stx_ino|d_ino|d_off|st_blocks|stx_blocks|stx_mnt_id|stx_dev_m\w+|f_bfree|f_bavail|f_files|f_ffree)=\w+", r"\1=N"),
    (r"\bst_dev=makedev\([^)]*\)", "st_dev=DEV"),
    (r"\b(st_[acm]time|st_[acm]time_nsec|si_[us]time)=\d+( /\* [\d.]+ s \*/)?", r"\1=T"),
    (r"\b(stx_[abcm]time|ru_[us]time)=\{[^}]*\}", r"\1=T"),
    (r"\b((?:ru|tms)_\w+)=\d+( /\* [\d.]+ s \*/)?", r"\1=N"),
    (r"\b(si_pid|nl_pid|l_pid|pid)=" + PID, r"\1=PID"),
    (r"\bparent_tid=\[\d+\]", "parent_tid=[PID]"),
    (r"\bhtons\(\d{4,5}\)", "htons(PORT)"),
    (r"\bleft \{[^}]*\}", "left T"),
]]
RESULT = re.compile(r"(?<=\) = )\d+$")
FIRST_ARGUMENT = re.compile(rf"(?<=\(){PID}")
TIMES = (re.compile(r"\b(tv_[nu]?sec)=\d+"), r"\1=T")
# By the name of the call.
SOME = {name: rules for names, rules in [
    ("fork vfork clone clone3 getpid gettid getppid getpgrp setsid set_tid_address", [(RESULT, "PID")]),
    ("wait4 getpgid getsid", [(RESULT, "PID"), (FIRST_ARGUMENT, "PID")]),
    ("kill tkill pidfd_open setpgid sched_getaffinity prlimit64", [(FIRST_ARGUMENT, "PID")]),
    ("tgkill kcmp", [(re.compile(rf"(?<=\(){PID}, {PID}"), "PID, PID")]),
    ("waitid", [(re.compile(rf"(?<=\(P_PID, ){PID}"), "PID")]),
    ("clock_gettime gettimeofday getitimer timer_gettime timerfd_gettime", [TIMES]),
    ("nanosleep clock_nanosleep", [(re.compile(r"(?<=\}, )\{tv_sec=[^}]*\}"), "T")]),  # what was left
    ("times", [(RESULT, "N")]),
    ("sysinfo", [(re.compile(r"=(\d+|\[[^\]]*\])"), "=N")]),
    ("getrandom", [(re.compile(r'^getrandom\("[^"]*"(\.\.\.)?'), 'getrandom("BYTES"')]),
] for name in names.split()}


def normalised(line):
    """A line of a trace without what differs between two runs of the same program: who, when, and where in memory."""
    line = re.sub(r" <\d+\.\d+>$", "", line[PREFIX.match(line).end():])
    line = re.sub(r"\) += (?=\S)", ") = ", line)
    for pattern, stand_in in SOME.get(line.partition("(")[0], []):
        line = pattern.sub(stand_in, line)
    pieces = STRING.split(line)
    for pattern, stand_in in EVERYWHERE:
        pieces[::2] = [pattern.sub(stand_in, piece) for piece in pieces[::2]]
    return "".join(pieces)
