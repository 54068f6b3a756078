"""The fixed list of system calls: it is the same in every run, so that what two tracers say about it can be compared."""

import difflib
import itertools
import os
import pwd
import shutil
import tempfile

import pytest
import tracing


def check_same(one, other):
    """Fails with the lines that differ."""
    pairs = itertools.zip_longest(one, other, fillvalue=[])
    different = [line for pair in pairs for line in difflib.unified_diff(*pair, lineterm="", n=0)]
    assert not different, "\n".join(different)


def test_strace_says_the_same_of_every_run(tmp_path):
    runs = [tracing.calls(tracing.strace(tmp_path / "place")) for _ in range(2)]
    check_same(*runs)
    assert len(runs[0]) == 6, "the program, four children and a thread"
    assert runs[0][0][-1] == "+++ exited with 3 +++" and len(runs[0][0]) > 300


def test_who_attaches_while_the_program_waits_sees_the_whole_list(tmp_path):
    check_same(tracing.calls(tracing.strace(tmp_path / "place")), tracing.calls(tracing.strace(tmp_path / "place", attached=True)))


def test_the_list_needs_no_privileges():
    if os.getuid() != 0:
        pytest.skip("needs root, to become somebody else")
    nobody = pwd.getpwnam("nobody")
    folder = tempfile.mkdtemp(prefix="viv-nobody-")
    try:
        shutil.chown(folder, nobody.pw_uid, nobody.pw_gid)
        with tracing.waiting(folder, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[]) as process:
            tracing.go(process)
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("line, expected", [
    ("12 mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3, 0x1000) = 0x7ff42b5af000",
     "mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3, 0x1000) = ADDR"),
    ("[pid  1234] 12:00:01.123456 close(4)                          = 0 <0.000123>", "close(4) = 0"),
    ("1700000000.123456 write(3, \"0x7ff42b5af000 pid=12\", 21) = 21", "write(3, \"0x7ff42b5af000 pid=12\", 21) = 21"),
    ("tgkill(12, 13, SIGUSR1) = 0", "tgkill(PID, PID, SIGUSR1) = 0"),
    ("wait4(-1, NULL, WNOHANG, NULL) = 12", "wait4(-1, NULL, WNOHANG, NULL) = PID"),
    ("kill(2147483647, SIGTERM) = -1 ESRCH (No such process)", "kill(2147483647, SIGTERM) = -1 ESRCH (No such process)"),
    ("nanosleep({tv_sec=1, tv_nsec=0}, {tv_sec=0, tv_nsec=12}) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)",
     "nanosleep({tv_sec=1, tv_nsec=0}, T) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)"),
    ("--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=22346, si_uid=0} ---",
     "--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=PID, si_uid=0} ---"),
])
def test_a_line_loses_only_what_differs_between_runs(line, expected):
    assert tracing.normalised(line) == expected
