"""Stories with the mouse, and of drilling in."""

from dashboard import ENTER, ESCAPE, SOON, keep_only, shows


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
