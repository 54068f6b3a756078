"""A program on a pseudo-terminal, with the screen it has painted.

Shared by the scenario tests, scripts/bench and scripts/screenshot.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import tempfile
import termios
import time

import pyte

MODE_CHANGE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
CURSOR_VISIBLE = 25
ALTERNATE_SCREENS = {47, 1047, 1049}
MOUSE_MODES = {9, 1000, 1001, 1002, 1003, 1005, 1006, 1015, 1016}


class Screen(pyte.Screen):
    """pyte's screen with the sequences that ncurses uses and pyte lacks: repeat, scroll up, scroll down."""

    last_drawn = " "

    def draw(self, data):
        if data:
            self.last_drawn = data[-1]
        super().draw(data)

    def repeat_last(self, count=1, **_):
        super().draw(self.last_drawn * (count or 1))

    def scroll_up(self, count=1, **_):
        self._scroll(self.delete_lines, count)

    def scroll_down(self, count=1, **_):
        self._scroll(self.insert_lines, count)

    def _scroll(self, shift, count):
        column, row = self.cursor.x, self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        shift(count or 1)
        self.cursor.x, self.cursor.y = column, row

    def report_device_status(self, *_, **__):
        pass

    def report_device_attributes(self, *_, **__):
        pass


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, b="repeat_last", S="scroll_up", T="scroll_down")
    events = pyte.ByteStream.events | {"repeat_last", "scroll_up", "scroll_down"}


class PseudoTerminal:
    """Starts a program as the leader of a session of its own, with an empty home directory."""

    def __init__(self, argv, columns=120, rows=40, term="xterm-256color", env=None, ignore_hangup=False,
                 prepare=None):
        self.columns, self.rows = columns, rows
        self.chunks = []  # (monotonic time, bytes)
        self.exit_code = None
        self.home = tempfile.mkdtemp(prefix="viv-home-")
        if prepare:
            prepare(self.home)
        self._painted = 0
        self.screen = Screen(columns, rows)
        self._stream = Stream(self.screen)

        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR", "LC_CTYPE")}
        environment.update(HOME=self.home, XDG_CONFIG_HOME=self.home + "/.config", TERM=term,
                           LANG="C.UTF-8", LC_ALL="C.UTF-8", COLORTERM="truecolor")
        environment.update(env or {})
        environment = {k: v for k, v in environment.items() if v is not None}

        # The slave stays open here: its settings can then be read after the program has gone.
        self.master, self.slave = pty.openpty()
        self._set_size(columns, rows)
        self.settings_before = termios.tcgetattr(self.slave)
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(argv, environment, ignore_hangup)
        os.set_blocking(self.master, False)

    def _become(self, argv, environment, ignore_hangup):
        try:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(self.slave, descriptor)
            os.closerange(3, 256)
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_DFL)
            if ignore_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.execvpe(argv[0], argv, environment)
        except BaseException as error:
            os.write(2, repr(error).encode())
        os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # The terminal's side.

    def _set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        """Changes the size, as a window manager would; the program gets SIGWINCH."""
        self.paint()
        self.columns, self.rows = columns, rows
        self._set_size(columns, rows)
        self.screen.resize(rows, columns)

    def send(self, keys):
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode())

    def hang_up(self):
        """Closes the terminal under the program."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = None

    # The program's side.

    def read(self, timeout):
        """One chunk of output, or None after the timeout or at the end."""
        if self.master is None or not select.select([self.master], [], [], max(0, timeout))[0]:
            return None
        try:
            chunk = os.read(self.master, 1 << 16)
        except OSError:
            return None
        self.chunks.append((time.monotonic(), chunk))
        return chunk

    def pump(self, seconds):
        """Collects output for that long, or until the program has ended."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.read(min(left, 0.1)) is None and not self.is_running():
                while self.read(0) is not None:
                    pass
                return

    def pump_until(self, condition, timeout):
        """Collects output until the condition holds for this terminal; whether it did."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            running = self.is_running()
            self.read(0.05)
            if condition(self):
                return True
            if not running and self.read(0) is None:
                return condition(self)
        return False

    def is_running(self):
        if self.exit_code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code is None

    def wait(self, timeout):
        """The exit code (negative: the signal that ended it), or None if it is still running after the timeout."""
        end = time.monotonic() + timeout
        while self.is_running() and time.monotonic() < end:
            if self.read(0.02) is None and self.master is None:
                time.sleep(0.02)
        while self.read(0) is not None:
            pass
        return self.exit_code

    def close(self):
        if self.is_running():
            os.kill(self.pid, signal.SIGKILL)
            self.wait(5)
        if self.master is not None:
            os.close(self.master)
            os.close(self.slave)
            self.master = self.slave = None
        shutil.rmtree(self.home, ignore_errors=True)

    # What there is to see.

    def output(self, since=0):
        """All bytes written so far, from that chunk on."""
        return b"".join(chunk for _, chunk in self.chunks[since:])

    def paint(self):
        """Brings the emulated screen up to date. Costs CPU: keep it out of measured windows."""
        for _, chunk in self.chunks[self._painted:]:
            self._stream.feed(chunk)
        self._painted = len(self.chunks)

    def lines(self):
        self.paint()
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines())

    def modes(self):
        """Private modes the program has set (True) or reset (False), by number."""
        modes = {}
        for numbers, action in MODE_CHANGE.findall(self.output()):
            for number in filter(None, numbers.split(b";")):
                modes[int(number)] = action == b"h"
        return modes

    def left_behind(self):
        """What the program has not put back: an empty list when the terminal is as it was found."""
        modes = self.modes()
        found = [f"alternate screen ({n})" for n in sorted(ALTERNATE_SCREENS) if modes.get(n)]
        found += [f"mouse reporting ({n})" for n in sorted(MOUSE_MODES) if modes.get(n)]
        found += [f"mode {n}" for n in (1, 1004, 2004, 2026) if modes.get(n)]
        if modes.get(CURSOR_VISIBLE) is False:
            found.append("hidden cursor")
        now = termios.tcgetattr(self.slave)
        for index, name in enumerate(("input", "output", "control", "local")):
            if now[index] != self.settings_before[index]:
                found.append(f"{name} flags {self.settings_before[index]:#o} became {now[index]:#o}")
        return found
