"""The terminal is left as it was found, and every terminal gets a screen it can show or a sentence."""

import os
import re
import signal
import subprocess
import time

import pytest
from conftest import wait_for
from pseudoterminal import PseudoTerminal

START = 15  # seconds a debug build on a busy machine may take to its first frame
END = 10
SIZES = [(1, 1), (2, 2), (10, 3), (20, 5), (40, 10), (80, 24), (120, 40), (200, 60), (300, 100)]
COLOUR = re.compile(rb"\x1b\[([0-9;:]*)m")


def has_table(terminal):
    return "PID" in terminal.text()


@pytest.fixture
def start(viv):
    opened = []

    def open_terminal(*arguments, wait=True, **options):
        terminal = PseudoTerminal([viv.path, *arguments], **options)
        opened.append(terminal)
        if wait:
            assert terminal.pump_until(has_table, START), f"no process table:\n{terminal.text()}"
        return terminal

    yield open_terminal
    for terminal in opened:
        terminal.close()


def test_the_dashboard_uses_the_alternate_screen_and_q_leaves_it(start):
    terminal = start()
    assert terminal.modes().get(1049), "the shell's scrollback must survive"
    terminal.send("q")
    assert terminal.wait(END) == 0
    assert terminal.left_behind() == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"])
def test_a_request_to_end_restores_the_terminal(start, name):
    terminal = start()
    os.kill(terminal.pid, getattr(signal, name))
    assert terminal.wait(END) is not None, f"still running after {name}"
    assert terminal.left_behind() == []


# SIGILL is what a Swift trap raises on x86-64, SIGTRAP on arm64.
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGILL", "SIGTRAP", "SIGBUS", "SIGFPE"])
def test_a_crash_restores_the_terminal_and_is_still_seen_as_a_crash(start, name):
    terminal = start()
    os.kill(terminal.pid, getattr(signal, name))
    code = terminal.wait(END)
    assert code is not None, f"still running after {name}"
    assert code != 0, "a crash must not look like success"
    assert terminal.left_behind() == []


@pytest.mark.parametrize("name", ["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPIPE", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF",
                                  "SIGIO", "SIGSTKFLT", "SIGPWR", "SIGSYS", "SIGRTMIN", "SIGRTMAX"])
def test_every_other_signal_that_ends_it_restores_the_terminal_too(start, name):
    terminal = start()
    number = getattr(signal, name)
    os.kill(terminal.pid, number)
    assert terminal.wait(END) == -number
    assert terminal.left_behind() == []


def test_ended_while_it_starts_it_leaves_the_terminal_as_it_was(start):
    for step in range(40):
        terminal = start(wait=False)
        terminal.pump(0.004 * step)
        os.kill(terminal.pid, signal.SIGUSR1)
        assert terminal.wait(END) == -signal.SIGUSR1
        assert terminal.left_behind() == [], f"ended after {4 * step} ms"
        terminal.close()


def test_control_c_leaves(start):
    terminal = start()
    terminal.send(b"\x03")
    assert terminal.wait(END) is not None
    assert terminal.left_behind() == []


def test_suspended_it_gives_the_terminal_back_and_fg_paints_the_whole_screen(viv):
    environment = {"PS1": "ready> ", "HISTFILE": None, "PROMPT_COMMAND": None}
    with PseudoTerminal(["bash", "--norc", "--noprofile", "-i"], columns=120, rows=40, env=environment) as shell:
        assert shell.pump_until(lambda t: "ready>" in t.text(), START)
        shell.send(f"{viv.path}\n")
        assert shell.pump_until(has_table, START), shell.text()

        shell.send(b"\x1a")
        assert shell.pump_until(lambda t: t.modes().get(1049) is False, END), "the alternate screen stayed on"
        # What is typed before the shell reads again is nobody's for a moment.
        assert shell.pump_until(lambda t: b"Stopped" in t.output(), END), "it did not stop"
        shell.send("stty -a; echo asked-$((40 + 2))\n")
        assert shell.pump_until(lambda t: b"asked-42" in t.output(), END), "the shell did not get the terminal back"
        answer = shell.output()[-2000:].decode(errors="replace")
        assert "-icanon" not in answer and "-echo " not in answer and "-isig" not in answer, answer
        modes = shell.modes()
        assert modes.get(25) is not False and not any(modes.get(n) for n in (1000, 1002, 1003, 1006))

        mark = len(shell.chunks)
        shell.screen.reset()
        shell.send("fg\n")
        assert shell.pump_until(lambda t: t.modes().get(1049) and has_table(t), START), shell.text()
        # ncurses must not believe that the old screen is still there.
        assert len(shell.output(mark)) > 1000
        assert shell.pump_until(lambda t: len([line for line in t.lines() if line]) > 20, END), shell.text()

        shell.send("q")
        assert shell.pump_until(lambda t: t.modes().get(1049) is False, END)
        shell.send("exit\n")
        shell.wait(END)


def test_every_size_is_survived_and_the_screen_comes_back(start):
    terminal = start(columns=120, rows=40)
    for columns, rows in [*SIZES, *reversed(SIZES), (300, 2), (2, 100)]:
        terminal.resize(columns, rows)
        terminal.pump(0.25)
        assert terminal.is_running(), f"ended with {terminal.exit_code} at {columns}×{rows}"
    mark = len(terminal.chunks)
    terminal.resize(100, 30)
    assert terminal.pump_until(lambda t: len(t.chunks) > mark and has_table(t), END), terminal.text()
    # What is drawn must reach the last row and column and no further.
    assert terminal.pump_until(lambda t: sum(1 for line in t.lines() if line) > 20, END), terminal.text()
    terminal.send("q")
    assert terminal.wait(END) == 0
    assert terminal.left_behind() == []


@pytest.mark.parametrize("columns, rows", SIZES)
def test_it_starts_at_any_size(start, columns, rows):
    terminal = start(wait=False, columns=columns, rows=rows)
    assert terminal.pump_until(lambda t: t.chunks, START), "nothing was written"
    terminal.pump(0.5)
    assert terminal.is_running(), f"ended with {terminal.exit_code}: {terminal.output()[-300:]!r}"
    terminal.send("q")
    assert terminal.wait(END) == 0
    assert terminal.left_behind() == []


@pytest.mark.parametrize("term", ["xterm", "xterm-256color", "vt100", "linux", "screen", "screen-256color", "tmux-256color"])
def test_a_known_terminal_gets_the_table(start, term):
    terminal = start(term=term)
    terminal.send("q")
    assert terminal.wait(END) == 0
    assert terminal.left_behind() == []


@pytest.mark.parametrize("term", ["dumb", "no-such-terminal", "", None])
def test_an_unusable_terminal_gets_a_sentence_or_a_screen_but_no_garbage(start, term):
    terminal = start(wait=False, term=term or "", env={"TERM": term})
    terminal.pump_until(lambda t: has_table(t) or not t.is_running(), START)
    if terminal.is_running():
        assert has_table(terminal), terminal.text()
        terminal.send("q")
        assert terminal.wait(END) == 0
    else:
        assert terminal.exit_code in (1, 2), f"ended with {terminal.exit_code}: {terminal.output()!r}"
        assert "TERM" in terminal.text(), f"the message does not name TERM:\n{terminal.text()}"
        assert b"\x1b" not in terminal.output(), "escape sequences on a terminal nothing is known of"
    assert terminal.left_behind() == []


@pytest.mark.parametrize("locale", [{"LANG": "C", "LC_ALL": "C"}, {"LANG": "C", "LC_ALL": None}, {"LANG": None, "LC_ALL": None}])
def test_outside_utf8_only_ascii_is_drawn(start, locale):
    terminal = start(env=locale)
    terminal.pump(1.5)
    foreign = [byte for byte in terminal.output() if byte > 0x7F]
    assert foreign == [], f"{len(foreign)} bytes over 0x7f:\n{terminal.text()}"
    terminal.send("?")
    terminal.pump(0.5)
    assert not any(byte > 0x7F for byte in terminal.output()), "the help is not ASCII"


def colours(output):
    """SGR parameters that choose a colour; going back to the default (39, 49) is none."""
    chosen = []
    for parameters in COLOUR.findall(output):
        for text in re.split(rb"[;:]", parameters):
            number = int(text or 0)
            if 30 <= number <= 38 or 40 <= number <= 48 or 90 <= number <= 97 or 100 <= number <= 107:
                chosen.append(number)
                break
    return chosen


def test_colour_is_used_where_nothing_forbids_it(start):
    terminal = start()
    terminal.pump(1.2)
    assert colours(terminal.output()), "the next test could not fail"


def test_no_color_means_no_colour(start):
    terminal = start(env={"NO_COLOR": "1"})
    terminal.pump(1.5)
    assert colours(terminal.output()) == []


@pytest.mark.parametrize("ignore_hangup", [False, True], ids=["hangup signal", "end of file alone"])
def test_a_terminal_that_hangs_up_ends_it_at_once(start, ignore_hangup):
    terminal = start(ignore_hangup=ignore_hangup)
    terminal.hang_up()
    assert terminal.wait(5) is not None, "still running without a terminal"


def test_any_motion_tracking_is_never_asked_for(start):
    terminal = start()
    assert 1003 not in terminal.modes(), "it floods slow lines and takes the terminal's own selection away"


@pytest.mark.parametrize("redirected", ["stdout", "stdin", "both"])
def test_without_a_terminal_it_points_to_viv_ps(viv, redirected):
    # A terminal at the other end, so that only the redirected side is at fault.
    with PseudoTerminal(["sleep", "60"]) as terminal:
        ends = {"stdin": terminal.slave, "stdout": terminal.slave}
        if redirected in ("stdin", "both"):
            ends["stdin"] = subprocess.DEVNULL
        if redirected in ("stdout", "both"):
            ends["stdout"] = subprocess.PIPE
        process = subprocess.Popen([viv.path], stderr=subprocess.PIPE, start_new_session=True, **ends)
        try:
            out, err = process.communicate(timeout=END)
        finally:
            process.kill()
        assert process.returncode not in (0, None) and process.returncode > 0
        assert b"viv ps" in err, err
        assert not out, out


def test_anybody_may_open_the_dashboard_and_a_refusal_is_named(unprivileged):
    viv, _ = unprivileged
    ours = subprocess.Popen(["sleep", "600"])
    try:
        become = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        with PseudoTerminal([*become, viv.path, str(ours.pid)], columns=160, rows=50, env={"HOME": "/nonexistent"}) as terminal:
            assert terminal.pump_until(lambda t: has_table(t) and str(ours.pid) in t.text(), START), terminal.text()
            terminal.send("\x1b[19~")  # F8: nice + 1
            assert terminal.pump_until(lambda t: f"process {ours.pid} may not be reniced" in t.text(), END), terminal.text()
            terminal.send("q")
            assert terminal.wait(END) == 0
            assert terminal.left_behind() == []
        assert ours.poll() is None and os.getpriority(os.PRIO_PROCESS, ours.pid) == os.getpriority(os.PRIO_PROCESS, 0)
    finally:
        ours.kill()
        ours.wait()


def test_a_terminal_that_nobody_reads_for_a_while_does_not_end_it(start):
    terminal = start()
    for step in range(40):  # each asks for a whole frame: far more than the line holds
        terminal.resize(200 + step % 2, 60)
        time.sleep(0.05)
    assert terminal.is_running()
    terminal.pump(2)
    terminal.send("q")
    assert terminal.wait(END) == 0
    assert terminal.left_behind() == []


def test_a_killed_program_leaves_no_process_behind(start):
    terminal = start()
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.wait(END) == -signal.SIGKILL
    session = terminal.pid

    def members():
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    fields = file.read().rsplit(b")", 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != b"Z":
                found.append(name)
        return found

    assert wait_for(lambda: members() == [], END), members()
