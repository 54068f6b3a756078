"""What the stories of the dashboard have in common: how long they wait, and for what."""

START = 15
SOON = 6
ESCAPE, ENTER, CONTROL_K, F9, DOWN = "\x1b", "\r", "\x0b", "\x1b[20~", "j"


def shows(terminal, *texts, timeout=SOON):
    """Waits for all of the texts to stand on the screen; fails with the screen."""
    found = terminal.pump_until(lambda t: all(text in t.text() for text in texts), timeout)
    assert found, f"no {[text for text in texts if text not in terminal.text()]} in\n{terminal.text()}"


def keep_only(terminal, text):
    terminal.send("\\" + text + ENTER)
