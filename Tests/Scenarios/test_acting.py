"""Stories of somebody who acts on processes: nothing else is ever met."""

import os
import signal
import subprocess
import sys

from conftest import wait_for
from dashboard import CONTROL_K, DOWN, ENTER, ESCAPE, F9, SOON, keep_only, shows


def test_the_signal_menu_cancels_by_default(watch, sleepers):
    _, (process, _other) = sleepers
    screen = watch(process.pid)
    screen.send(F9)
    shows(screen, "signal", str(process.pid), "TERM", "Cancel")
    screen.send(ENTER)
    screen.pump(1)
    assert process.poll() is None
    screen.send(CONTROL_K)
    shows(screen, "Cancel")
    screen.send(ESCAPE)
    screen.pump(0.5)
    assert process.poll() is None


def test_the_signal_menu_sends_to_the_process_it_names(watch, sleepers):
    _, (process, other) = sleepers
    screen = watch(process.pid)
    screen.send(F9)
    shows(screen, "Cancel", str(process.pid))
    screen.send(DOWN + ENTER)
    assert wait_for(lambda: process.poll() is not None, SOON), screen.text()
    assert process.returncode == -signal.SIGTERM
    assert other.poll() is None
    shows(screen, "PID")


def test_a_signal_never_meets_the_process_that_took_the_place(watch, spawn):
    """The target ends while the dialog is open: nothing else may be signalled, whatever row is there now."""
    marker = f"viv-place-{os.getpid()}"
    script = "import time; time.sleep(600)"
    first, second = (spawn([sys.executable, "-c", script, marker]) for _ in range(2))
    screen = watch(first.pid)
    keep_only(screen, marker)
    screen.pump(1)
    screen.send(F9)
    shows(screen, "Cancel", str(first.pid))
    first.kill()
    first.wait()
    screen.pump(2.5)
    screen.send(DOWN + ENTER)
    screen.pump(1.5)
    assert second.poll() is None
    assert screen.is_running()


def test_readonly_refuses_to_act(watch, sleepers):
    _, (process, _other) = sleepers
    screen = watch("--readonly", process.pid)
    screen.send(F9)
    shows(screen, "readonly")
    assert "Cancel" not in screen.text()
    screen.send(DOWN + ENTER)
    screen.pump(0.5)
    assert process.poll() is None


def test_a_signal_is_chosen_by_its_name(watch, sleepers):
    _, (process, other) = sleepers
    screen = watch(process.pid)
    screen.send(F9)
    shows(screen, "Cancel", str(process.pid), "since")
    screen.send("kil")
    shows(screen, "▸  9 KILL")
    screen.send(ENTER)
    assert wait_for(lambda: process.poll() is not None, SOON), screen.text()
    assert process.returncode == -signal.SIGKILL and other.poll() is None


def test_several_processes_are_signalled_only_after_a_question(watch, sleepers):
    marker, processes = sleepers
    screen = watch()
    keep_only(screen, marker)
    # Command lines are read a moment after the names: before that the filter finds only some.
    shows(screen, "Σ 2 matching")
    screen.send("g  ")
    shows(screen, "2 tagged")
    screen.send(F9 + "15" + ENTER)
    shows(screen, "Send 15 TERM: 2 processes")
    screen.send(ENTER)
    screen.pump(0.7)
    assert all(process.poll() is None for process in processes)
    screen.send(F9 + "15" + ENTER)
    shows(screen, "Send 15 TERM: 2 processes")
    screen.send("y")
    assert wait_for(lambda: all(process.poll() is not None for process in processes), SOON), screen.text()


def test_following_ends_with_a_movement(watch, sleepers):
    _, (process, _other) = sleepers
    screen = watch(process.pid)
    shows(screen, f"following {process.pid}")
    screen.send(DOWN)
    assert screen.pump_until(lambda t: "following" not in t.text(), SOON), screen.text()
    screen.send("F")
    shows(screen, "following")


def test_the_past_does_not_act_on_what_ended_since(watch, spawn):
    child = subprocess.Popen(["sleep", "600"])
    screen = watch(child.pid)
    screen.pump(2.5)
    child.kill()
    child.wait()
    screen.send("{{")
    shows(screen, "HISTORY")
    screen.send(F9)
    shows(screen, "if it still runs")
    screen.send("15" + ENTER)
    shows(screen, "ended")
    assert screen.is_running()
