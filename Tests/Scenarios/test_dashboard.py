"""Stories of a person at the dashboard."""

import os
import signal
import subprocess
import sys
import time

import pytest
import reference
from conftest import FIXTURES, wait_for
from pseudoterminal import PseudoTerminal

START = 15
SOON = 6
ESCAPE, ENTER, CONTROL_K, F9, DOWN = "\x1b", "\r", "\x0b", "\x1b[20~", "j"


@pytest.fixture
def watch(viv):
    opened = []

    def open_dashboard(*arguments, columns=160, rows=45, **options):
        terminal = PseudoTerminal([viv.path, *map(str, arguments)], columns=columns, rows=rows, **options)
        opened.append(terminal)
        assert terminal.pump_until(lambda t: "PID" in t.text(), START), terminal.text()
        return terminal

    yield open_dashboard
    for terminal in opened:
        terminal.close()


def shows(terminal, *texts, timeout=SOON):
    """Waits for all of the texts to stand on the screen; fails with the screen."""
    found = terminal.pump_until(lambda t: all(text in t.text() for text in texts), timeout)
    assert found, f"no {[text for text in texts if text not in terminal.text()]} in\n{terminal.text()}"


def keep_only(terminal, text):
    terminal.send("\\" + text + ENTER)


@pytest.fixture
def service(spawn, tmp_path):
    python = next(iter(reference.pythons().values()))
    return spawn([python, str(FIXTURES / "service.py"), str(tmp_path / "unused"), "--busy"], ready="ready")


def test_somebody_opens_a_python_service_and_sees_where_its_threads_are(watch, service):
    screen = watch(service.pid)
    screen.send("4")
    shows(screen, "descend", "block", "service.py", timeout=START)
    screen.send("3")
    shows(screen, "spinner", "worker-0")


def test_stacks_move_while_the_target_does(watch, spawn):
    script = ("import ctypes,time\nctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)\n"
              "def morning(): time.sleep(1.5)\ndef evening(): time.sleep(1.5)\n"
              "print('ready', flush=True)\nwhile True:\n    morning()\n    evening()")
    child = spawn([next(iter(reference.pythons().values())), "-c", script], ready="ready")
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


def test_help_lists_the_live_keys(watch):
    screen = watch(rows=60)
    screen.send("?")
    shows(screen, "F9", "send a signal")
    screen.send(ESCAPE)
    assert screen.pump_until(lambda t: "send a signal" not in t.text(), SOON)


def test_the_htop_preset_gives_k_back_to_signals(watch, sleepers):
    _, (process, _other) = sleepers
    screen = watch("--keys", "htop", process.pid)
    screen.send("k")
    shows(screen, "Cancel", "TERM")


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


def write_settings(text):
    def prepare(home):
        os.makedirs(f"{home}/.config/viv")
        with open(f"{home}/.config/viv/config.toml", "w") as file:
            file.write(text)
    return prepare


def test_settings_choose_the_columns(watch):
    screen = watch(prepare=write_settings('[table]\ncolumns = ["pid", "ppid", "command"]\n'))
    header = next(line for line in screen.lines() if "PID" in line.split())
    assert "PPID" in header and "USER" not in header


def test_broken_settings_are_named_by_line_and_the_defaults_are_used(watch):
    screen = watch(prepare=write_settings('refresh = 1000\n[table\ncolumns = ["pid"]\n'))
    shows(screen, "USER", "config.toml")
    assert any("config.toml" in line and "2" in line for line in screen.lines()), screen.text()


def test_saved_settings_are_there_the_next_time(viv):
    with PseudoTerminal([viv.path], columns=160, rows=45) as screen:
        assert screen.pump_until(lambda t: "PID" in t.text(), START)
        screen.send("\x1bOQ")  # F2
        shows(screen, "Theme")
        screen.send(" s")  # the next theme, save
        path = f"{screen.home}/.config/viv/config.toml"
        assert wait_for(lambda: os.path.exists(path), SOON), screen.text()
        with open(path) as file:
            assert "theme" in file.read()
        assert os.listdir(os.path.dirname(path)) == ["config.toml"], "a temporary file stayed behind"
        screen.send("q")
        assert screen.wait(SOON) == 0


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


def place_of(terminal, text, among=""):
    """Line and column, from 1 on, of a text in a line that also holds the other text, once it is there."""
    terminal.pump_until(lambda t: any(text in line and among in line for line in t.lines()), SOON)
    for row, line in enumerate(terminal.lines(), 1):
        if text in line and among in line:
            return row, line.index(text) + 1
    raise AssertionError(f"no {text!r} in\n{terminal.text()}")


def click(terminal, row, column, button=0):
    terminal.send(f"\x1b[<{button};{column};{row}M" + (f"\x1b[<{button};{column};{row}m" if button < 64 else ""))


WHEEL_DOWN = 65


def test_the_mouse_selects_sorts_and_acts(watch, sleepers):
    marker, (first, second) = sleepers
    screen = watch()
    keep_only(screen, marker)
    shows(screen, str(first.pid), str(second.pid))
    # Rows may change places between the look and the click while their first rates come in.
    shows(screen, " 2 matching")
    screen.pump(2)
    for process in (second, first):
        click(screen, *place_of(screen, str(process.pid), "python"))
        assert screen.pump_until(
            lambda t: any(line.startswith("▸") and f" {process.pid} " in line for line in t.lines()), SOON), screen.text()
    click(screen, *place_of(screen, "RES", "PID"))
    shows(screen, "RES↓")
    click(screen, *place_of(screen, "F9 Signal"))
    shows(screen, "Cancel", str(first.pid))
    screen.send(ESCAPE)
    click(screen, *place_of(screen, "2 Details", "LIVE"))
    shows(screen, "━ 2 Details")
    assert first.poll() is None and second.poll() is None


def test_the_wheel_scrolls_the_panel_under_it(watch, sleepers):
    _, (process, _other) = sleepers
    screen = watch(process.pid, columns=80, rows=24)
    shows(screen, " 1-7 of ")
    click(screen, *place_of(screen, "run queue"), button=WHEEL_DOWN)
    shows(screen, " 4-10 of ")


def test_a_thread_is_drilled_into_and_escape_goes_back_step_by_step(watch, service):
    screen = watch(service.pid)
    screen.send("3")
    shows(screen, "spinner", "worker-0")
    row, column = place_of(screen, "spinner")
    click(screen, row, column)
    assert screen.pump_until(lambda t: any("▸" in line and "spinner" in line for line in t.lines()), SOON), screen.text()
    screen.send(ENTER)
    shows(screen, "host › ", "› thread ")
    assert "worker-0" not in screen.text()
    screen.send("4")
    shows(screen, "4 Stacks", "spinner")
    assert "worker-0" not in screen.text()
    screen.send(ESCAPE)
    assert screen.pump_until(lambda t: "› thread" not in t.text() and "host ›" in t.text(), SOON), screen.text()
    screen.pump(0.2)
    screen.send(ESCAPE)
    assert screen.pump_until(lambda t: "host ›" not in t.text(), SOON), screen.text()


def test_a_filter_in_the_making_keeps_what_it_found(watch, sleepers):
    marker, (process, _other) = sleepers
    screen = watch()
    screen.send("\\" + marker)
    shows(screen, str(process.pid))
    for letter in " and cpu<":
        screen.send(letter)
        screen.pump(0.1)
        assert str(process.pid) in screen.text(), screen.text()
    shows(screen, "needs a value")
    screen.send("101" + ENTER)
    shows(screen, "\\" + marker + " and cpu<101", str(process.pid))


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


def test_the_help_is_searched(watch):
    screen = watch(columns=80, rows=24)
    screen.send("?/freeze")
    shows(screen, "freeze or thaw the view")
    assert "one row up" not in screen.text()


def test_without_colour_keys_and_labels_stand_apart(watch):
    screen = watch("--theme", "mono", columns=80, rows=24, env={"NO_COLOR": "1"})
    assert screen.lines()[-1] == "? Help  / Find  \\ Filter  t Tree  F6 Sort  F9 Signal  Z Freeze  F2 Setup  q Quit"


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
