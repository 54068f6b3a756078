"""Where the binary is, how it is called, and the processes it is pointed at."""

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import reference  # noqa: E402
from dashboard import START  # noqa: E402
from pseudoterminal import PseudoTerminal  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = pathlib.Path(__file__).parent / "targets"


def find_binary():
    """VIV, else the newest of the two default builds."""
    if "VIV" in os.environ:
        return os.path.abspath(os.environ["VIV"])
    built = [p for p in (ROOT / ".build/release/viv", ROOT / ".build/debug/viv") if p.exists()]
    if not built:
        pytest.exit("no viv binary: build it, or name it in VIV", returncode=2)
    return str(max(built, key=lambda path: path.stat().st_mtime))


class Viv:
    """The viv command."""

    def __init__(self, path):
        self.path = path

    def run(self, *arguments, timeout=60, **options):
        """Runs to the end; stdout and stderr are bytes."""
        environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        environment.update(LANG="C.UTF-8", LC_ALL="C.UTF-8")
        environment.update(options.pop("env", {}))
        return subprocess.run([self.path, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=timeout, env=environment, **options)

    def json(self, *arguments, **options):
        """The one JSON document a successful run prints."""
        result = self.run(*arguments, "--json", **options)
        assert result.returncode == 0, f"exit {result.returncode}: {result.stderr.decode(errors='replace')}"
        return json.loads(result.stdout.decode("utf-8"))

    def json_lines(self, *arguments, **options):
        """The JSON documents, one a line, that a successful run prints."""
        result = self.run(*arguments, "--json", **options)
        assert result.returncode == 0, f"exit {result.returncode}: {result.stderr.decode(errors='replace')}"
        return [json.loads(line) for line in result.stdout.decode("utf-8").splitlines() if line]


@pytest.fixture(scope="session")
def viv():
    return Viv(find_binary())


@pytest.fixture(scope="session")
def unprivileged(viv, tmp_path_factory):
    """viv as nobody: a copy where nobody can reach it, and the options for subprocess."""
    if os.getuid() != 0:
        pytest.skip("needs root, to become somebody else")
    nobody = pwd.getpwnam("nobody")
    folder = tempfile.mkdtemp(prefix="viv-nobody-")
    os.chmod(folder, 0o755)
    copy = os.path.join(folder, "viv")
    shutil.copy2(viv.path, copy)
    os.chmod(copy, 0o755)
    identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}
    try:
        if subprocess.run([copy, "--version"], capture_output=True, **identity).returncode != 0:
            pytest.skip("nobody cannot start the binary here (its shared libraries are out of reach)")
        yield Viv(copy), identity
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(argv, ready=None, **options):
    """A process for the time of a test; with ready=LINE it has printed that line before the test goes on."""
    options.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen(argv, stdout=subprocess.PIPE if ready else subprocess.DEVNULL, **options)
    try:
        if ready:
            line = process.stdout.readline().decode().strip()
            assert line == ready, f"{argv} said {line!r} instead of {ready!r}"
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def spawn():
    """Starts processes that end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda argv, **options: stack.enter_context(running(argv, **options))


@pytest.fixture
def sleepers(spawn):
    """Two processes that differ from everything else by a marker in their command lines."""
    marker = f"viv-scenario-{os.getpid()}-{time.monotonic_ns()}"
    script = "import time; time.sleep(600)"
    return marker, [spawn([sys.executable, "-c", script, marker]) for _ in range(2)]


def wait_for(condition, timeout=10.0):
    """Waits until the condition holds; whether it does."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


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


@pytest.fixture
def service(spawn, tmp_path):
    python = reference.python()
    return spawn([python, str(FIXTURES / "service.py"), str(tmp_path / "unused"), "--busy"], ready="ready")
