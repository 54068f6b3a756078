"""Stories of a person at the dashboard."""

import os
import signal
import subprocess
import sys
import time

import pytest
import reference
from dashboard import ENTER, ESCAPE, SOON, START, keep_only, shows


def test_somebody_opens_a_python_service_and_sees_where_its_threads_are(watch, service):
    screen = watch(service.pid)
    screen.send("4z")
    shows(screen, "Service.block", "Service.descend", "more times", "service.py", timeout=START)
    screen.send("z3")
    shows(screen, "spinner", "worker-0")


def test_stacks_move_while_the_target_does(watch, spawn):
    script = ("import ctypes,time\nctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)\n"
              "def morning(): time.sleep(1.5)\ndef evening(): time.sleep(1.5)\n"
              "print('ready', flush=True)\nwhile True:\n    morning()\n    evening()")
    child = spawn([reference.python(), "-c", script], ready="ready")
    screen = watch(child.pid)
    screen.send("4")

    def in_function(name):
        # The command line holds both names; a frame stands alone with its line.
        return lambda t: any(name in line and "morning()" not in line for line in t.lines())

    assert screen.pump_until(in_function("morning"), START), screen.text()
    assert screen.pump_until(in_function("evening"), START), screen.text()
    assert screen.pump_until(in_function("morning"), START), screen.text()


def test_a_target_that_is_no_python_is_said_to_be_none(watch, spawn):
    child = spawn(["sleep", "600"])
    screen = watch(child.pid)
    screen.send("4")
    shows(screen, "Python")


def test_the_filter_leaves_what_matches(watch, sleepers):
    marker, processes = sleepers
    screen = watch()
    keep_only(screen, marker)
    shows(screen, *(str(process.pid) for process in processes))
    assert screen.pump_until(lambda t: not any(line.split()[:2] == ["1", "root"] for line in t.lines()), SOON), screen.text()
    shows(screen, "\\" + marker)
    screen.send(ESCAPE)
    assert screen.pump_until(lambda t: "\\" + marker not in t.text(), SOON), screen.text()


def test_a_wrong_filter_is_explained(watch):
    screen = watch()
    screen.send("\\cpu>>")
    screen.pump(0.7)
    assert screen.is_running()
    screen.send(ESCAPE)
    shows(screen, "PID")


def test_a_tree_folds_into_a_row(watch, spawn):
    root = spawn(["bash", "-c", "sleep 7771 & sleep 7772 & echo ready; wait"], ready="ready", start_new_session=True)
    try:
        screen = watch(root.pid)
        screen.send("t")
        shows(screen, "sleep 7771", "sleep 7772")
        screen.send("-")
        def is_folded(terminal):
            # The shell's own command line names the sleeps too.
            children = [line for line in terminal.lines() if "sleep 777" in line and "bash" not in line]
            return not children and "(+2)" in terminal.text()

        assert screen.pump_until(is_folded, SOON), screen.text()
        screen.send("+")
        shows(screen, "sleep 7772")
    finally:
        os.killpg(root.pid, signal.SIGKILL)


def test_threads_become_rows(watch, service):
    screen = watch(service.pid)
    keep_only(screen, "service.py")
    screen.send("H")
    threads = os.listdir(f"/proc/{service.pid}/task")
    shows(screen, *threads)


def test_the_past_says_that_it_is_not_now(watch):
    screen = watch()
    shows(screen, "LIVE")
    screen.pump(3.5)
    screen.send("{{")
    shows(screen, "HISTORY")
    assert "LIVE" not in screen.text()
    screen.send("L")
    shows(screen, "LIVE")
    screen.send("Z")
    shows(screen, "FROZEN")


def test_a_process_that_ends_stays_for_a_moment_with_a_cross(watch, spawn):
    marker = f"viv-short-{os.getpid()}"
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", marker])
    screen = watch()
    keep_only(screen, marker)
    shows(screen, str(child.pid))
    child.kill()
    child.wait()
    shows(screen, "✝")


@pytest.mark.parametrize("columns, rows", [(80, 24), (120, 40), (200, 60)])
def test_every_line_fits_at_the_sizes_people_have(watch, service, spawn, columns, rows):
    for _ in range(rows):  # enough processes to fill the table
        spawn(["sleep", "600"])
    screen = watch(service.pid, columns=columns, rows=rows)
    time.sleep(0.5)
    screen.pump(2)
    lines = screen.lines()
    assert len(lines) == rows
    assert "Quit" in lines[-1] or "Help" in lines[-1], screen.text()
    assert any(str(service.pid) in line for line in lines)
    assert sum(1 for line in lines if line) >= rows - 6, screen.text()


def test_a_text_that_means_several_opens_on_all_of_them(watch, sleepers):
    marker, processes = sleepers
    screen = watch(marker)
    shows(screen, "Σ 2 matching", "2 processes match", *(str(process.pid) for process in processes))
    screen.send("\x1b")
    shows(screen, " shown")


def test_a_filter_in_the_making_keeps_what_it_found(watch, sleepers):
    marker, (process, _other) = sleepers
    screen = watch()
    screen.send("\\" + marker)
    shows(screen, str(process.pid), "Σ 2 matching")  # and not as one of all
    for letter in " and cpu<":
        screen.send(letter)
        screen.pump(0.1)
        assert str(process.pid) in screen.text(), screen.text()
    shows(screen, "needs a value")
    screen.send("101" + ENTER)
    shows(screen, "\\" + marker + " and cpu<101", str(process.pid))


def test_threads_as_rows_are_sampled_no_faster_than_asked_while_processes_come_and_go(watch, spawn):
    spawn(["bash", "-c", "while :; do sleep 0.02; done"])
    screen = watch()
    screen.send("H")
    shows(screen, "  threads ")
    screen.pump(1)
    before = len(screen.chunks)
    screen.pump(3)
    # One sample a second: a handful of frames, where it once was one for every sample that could be had.
    assert len(screen.chunks) - before < 40, screen.text()
