"""Stories of settings, keys and help."""

import os

from conftest import wait_for
from dashboard import ESCAPE, SOON, START, shows
from pseudoterminal import PseudoTerminal


def write_settings(text):
    def prepare(home):
        os.makedirs(f"{home}/.config/viv")
        with open(f"{home}/.config/viv/config.toml", "w") as file:
            file.write(text)
    return prepare


def test_help_lists_the_live_keys(watch):
    screen = watch(rows=75)
    screen.send("?")
    shows(screen, "F9", "send a signal")
    screen.send(ESCAPE)
    assert screen.pump_until(lambda t: "send a signal" not in t.text(), SOON)


def test_the_htop_preset_gives_k_back_to_signals(watch, sleepers):
    _, (process, _other) = sleepers
    screen = watch("--keys", "htop", process.pid)
    screen.send("k")
    shows(screen, "Cancel", "TERM")


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


def test_the_help_is_searched(watch):
    screen = watch(columns=80, rows=24)
    screen.send("?/freeze")
    shows(screen, "freeze or thaw the view")
    assert "one row up" not in screen.text()


def test_without_colour_keys_and_labels_stand_apart(watch):
    screen = watch("--theme", "mono", columns=80, rows=24, env={"NO_COLOR": "1"})
    hints = "? Help  / Find  \\ Filter  t Tree  F6 Sort  F9 Signal  Z Freeze  F2 Setup  q Quit"
    assert screen.pump_until(lambda t: t.lines()[-1] == hints, START), screen.text()
