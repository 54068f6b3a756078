"""Where `viv record` writes, what it writes when it is told to stop, and what it says when something cannot be done."""

import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time

import browser as chromium
import pprof_schema
import pytest
import reference
import test_profile_formats as formats
from conftest import wait_for
from pseudoterminal import PseudoTerminal
from test_record_processes import recording

SOURCE = ("import time\nclass Service:\n  def busy(self):\n    end = time.time() + 0.05\n    while time.time() < end: pass\n"
          "  def idle(self): time.sleep(0.01)\nprint('ready', flush=True)\nwhile True: Service().busy(); Service().idle()\n")
SUFFIXES = ("svg", "html", "pb.gz", "speedscope.json", "trace.json", "collapsed.txt")


@pytest.fixture
def busy(spawn):
    return spawn([reference.python(), "-c", SOURCE], ready="ready")


def holds_samples(path):
    """Whether a file of collapsed stacks has the functions of the target."""
    return any("busy" in "".join(stack) for stack in formats.collapsed(pathlib.Path(path)))


# Six formats


def test_every_format_of_a_real_recording_opens_in_what_reads_it(viv, spawn, tmp_path):
    child = spawn([reference.python(), "-c", SOURCE], ready="ready")
    names = ("flamegraph", "html", "pprof", "speedscope", "chrome", "collapsed")
    for name, suffix in zip(names, SUFFIXES):
        # By the name of the file, and by -f against it.
        arguments = ("-o", tmp_path / f"a.{suffix}") if name != "html" else ("-o", tmp_path / "a.html", "-f", name)
        result = viv.run("record", child.pid, "-d", 0.4, "-r", 200, "--idle", "--threads", *arguments)
        assert result.returncode == 0 and str(tmp_path).encode() in result.stderr, result.stderr
    assert holds_samples(tmp_path / "a.collapsed.txt")
    formats.check_pprof(tmp_path / "a.pb.gz")
    assert any("Service.busy" in stack for stack in pprof_schema.stacks(pprof_schema.read(tmp_path / "a.pb.gz")))
    formats.check_speedscope(tmp_path / "a.speedscope.json")
    formats.check_trace(tmp_path / "a.trace.json")
    formats.check_flame_graph(tmp_path / "a.svg")
    if shutil.which("go"):
        environment = dict(os.environ, HOME=str(tmp_path), PPROF_TMPDIR=str(tmp_path))
        shown = subprocess.run(["go", "tool", "pprof", "-top", tmp_path / "a.pb.gz"], capture_output=True, text=True, timeout=120,
                               env=environment)
        assert shown.returncode == 0 and "busy" in shown.stdout, shown.stderr
    if path := chromium.find():
        opened = chromium.Browser(path, tmp_path / "browser")
        try:
            for name in ("a.svg", "a.html"):
                opened.open(tmp_path / name)
                assert opened.complaints() == [] and len(opened.requests()) == 1, name
                assert "busy" in opened.value("document.documentElement.textContent")
        finally:
            opened.close()


# What was sampled is kept


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_recording_and_keeps_it(viv, busy, tmp_path, number):
    with recording(viv, busy.pid, "-o", tmp_path / "kept.txt") as process:
        time.sleep(0.5)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0, errors
    assert holds_samples(tmp_path / "kept.txt") and os.listdir(tmp_path) == ["kept.txt"]
    assert b"samples" in errors


def test_who_is_to_survive_a_hangup_does(viv, busy, tmp_path):
    process = subprocess.Popen(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", viv.path, "record", str(busy.pid), "-d", "1",
                                "-o", str(tmp_path / "kept.txt")], stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=20) == 0
    heading = (tmp_path / "kept.txt").read_text()
    assert float(heading.split("# duration: ")[1].split()[0]) >= 0.9, heading


def test_a_terminal_shows_how_it_goes_and_no_other_does(viv, busy, tmp_path):
    result = viv.run("record", busy.pid, "-d", 0.4, "-o", tmp_path / "quiet.svg")
    assert len(result.stderr.decode().splitlines()) == 1 and b"\x1b" not in result.stderr and result.stdout == b""
    terminal = PseudoTerminal([viv.path, "record", str(busy.pid), "-r", "50", "-o", str(tmp_path / "shown.svg")], columns=100, rows=5)
    try:
        assert terminal.pump_until(lambda t: "samples" in t.text() and "of 50 Hz" in t.text() and "^C ends" in t.text(), 10), terminal.text()
        terminal.send("\x03")
        assert terminal.pump_until(lambda t: "shown.svg: " in t.text(), 10), terminal.text()
        assert "^C ends" not in terminal.text()
    finally:
        terminal.close()
    assert (tmp_path / "shown.svg").exists()


# Where it is written


def test_a_full_disk_leaves_what_was_there(viv, busy):
    result = viv.run("record", busy.pid, "-d", 0.2, "-f", "flamegraph", "-o", "/dev/full")
    assert result.returncode == 1 and b"/dev/full cannot be written: ENOSPC (no space left" in result.stderr, result.stderr
    result = viv.run("record", busy.pid, "-d", 0.2, "-f", "collapsed", "-o", "/dev/stdout", timeout=20)
    assert result.returncode == 0 and b"busy" in result.stdout
    script = ('mount -t tmpfs -o size=16k none "$1" && echo old > "$1/a.svg" || exit 99\n'
              '"$0" record "$2" -d 0.2 -o "$1/a.svg"; code=$?; ls -A "$1"; cat "$1/a.svg"; exit $code')
    result = subprocess.run(["unshare", "-m", "sh", "-c", script, viv.path, "/mnt", str(busy.pid)], capture_output=True, timeout=60)
    if result.returncode == 99 or b"unshare" in result.stderr:
        pytest.skip("this machine does not allow a disk of its own")
    assert result.returncode == 1 and b"no space left" in result.stderr, result.stderr
    assert result.stdout == b"a.svg\nold\n"


def test_a_folder_that_may_not_be_written_is_known_at_once(unprivileged, busy):
    viv, identity = unprivileged
    begin = time.monotonic()
    result = viv.run("record", busy.pid, "-d", 50, "-o", "/usr/a.svg", **identity)
    assert result.returncode == 1 and b"/usr/a.svg cannot be written: " in result.stderr and b"ermission denied" in result.stderr
    assert time.monotonic() - begin < 40


@pytest.mark.parametrize("place, reason", [("missing/a.svg", b"no such file"), (".", b"is a directory"), ("file/a.svg", b"not a directory")])
def test_a_place_for_no_file_is_refused(viv, busy, tmp_path, place, reason):
    (tmp_path / "file").write_text("old")
    result = viv.run("record", busy.pid, "-f", "flamegraph", "-o", tmp_path / place, timeout=20)
    assert result.returncode == 1 and reason in result.stderr, result.stderr
    assert os.listdir(tmp_path) == ["file"]


def test_standard_output_may_end_early(viv, busy):
    process = subprocess.Popen([viv.path, "record", str(busy.pid), "-d", "0.4", "-f", "html", "-o", "-"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.wait(timeout=20) in (1, -signal.SIGPIPE)
    assert b"Fatal" not in process.stderr.read() and busy.poll() is None
    process.stderr.close()


def test_a_fifo_is_written_as_it_is(viv, busy, tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe.txt").read_bytes()), daemon=True)
    reader.start()
    result = viv.run("record", busy.pid, "-d", 0.3, "-o", tmp_path / "pipe.txt")
    reader.join(20)
    assert result.returncode == 0 and b"busy" in read[0]
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe.txt").st_mode)


def test_a_link_stays_one(viv, busy, tmp_path):
    (tmp_path / "there").mkdir()
    for name, content in (("old.txt", "old"), ("new.txt", None)):
        if content:
            (tmp_path / "there" / name).write_text(content)
        (tmp_path / name).symlink_to("there/" + name)
        assert viv.run("record", busy.pid, "-d", 0.3, "-o", tmp_path / name).returncode == 0
        assert (tmp_path / name).is_symlink() and holds_samples(tmp_path / "there" / name)
    assert sorted(os.listdir(tmp_path / "there")) == ["new.txt", "old.txt"]


def test_a_file_that_is_replaced_keeps_its_rights(viv, busy, tmp_path):
    path = tmp_path / "private.txt"
    path.write_text("old")
    path.chmod(0o600)
    assert viv.run("record", busy.pid, "-d", 0.2, "-o", path).returncode == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and holds_samples(path)


def test_without_a_name_it_has_one_of_its_own(viv, busy, tmp_path):
    result = viv.run("record", busy.pid, "-d", 0.2, cwd=tmp_path)
    assert result.returncode == 0 and os.listdir(tmp_path) == [f"profile-{busy.pid}.svg"]


# What cannot be done


@pytest.mark.parametrize("arguments", [
    ["-r", 0], ["-r", 50001], ["-r", "nan"], ["-r", "fast"], ["-d", 0], ["-d", -1], ["-d", "nan"], ["-d", "inf"], ["--cpu", "--gil"],
    ["--idle", "--gil"], ["--idle", "--cpu"], ["-f", "jpeg"], ["-o", "a.jpeg"], ["-o", ""], ["--never"], ["more"]], ids=str)
def test_usage_errors_exit_2(viv, busy, tmp_path, arguments):
    result = viv.run("record", busy.pid, *arguments, cwd=tmp_path, timeout=20)
    assert result.returncode == 2 and result.stderr.strip(), (result.returncode, result.stderr)
    assert os.listdir(tmp_path) == []


def test_a_target_is_needed(viv):
    assert viv.run("record").returncode == 2


def test_what_is_not_there_exits_4(viv, spawn):
    gone = subprocess.Popen(["true"])
    gone.wait()
    for target in (gone.pid, ":1", "no-such-program-runs-here"):
        result = viv.run("record", target, "-d", 1, "-o", "/dev/null", "-f", "collapsed")
        assert result.returncode == 4, (target, result.stderr)
    zombie = spawn([sys.executable, "-c", "import os,time\npid = os.fork()\nif not pid: os._exit(0)\ntime.sleep(0.2)\nprint('ready', flush=True)\ntime.sleep(600)"],
                   ready="ready")
    pid = next(pid for pid in reference.children()[zombie.pid])
    result = viv.run("record", pid, "-d", 1, "-o", "/dev/null", "-f", "collapsed")
    assert result.returncode == 4, result.stderr


def test_what_is_refused_exits_3_and_names_the_remedy(unprivileged, busy, tmp_path):
    viv, identity = unprivileged
    result = viv.run("record", busy.pid, "-d", 1, "-o", "/dev/null", "-f", "collapsed", **identity)
    assert result.returncode == 3, result.stderr
    assert b"CAP_SYS_PTRACE" in result.stderr or b"sudo" in result.stderr, result.stderr


def test_what_is_no_python_exits_1_and_leaves_no_file(viv, spawn, tmp_path):
    child = spawn(["sleep", "600"])
    assert wait_for(lambda: reference.stat(f"/proc/{child.pid}/stat")[0] == "S")
    result = viv.run("record", child.pid, "-d", 1, cwd=tmp_path)
    assert result.returncode == 1 and b"Python" in result.stderr, result.stderr
    assert os.listdir(tmp_path) == []
    places = [path for path in (os.path.expanduser("~/.pyenv/versions/2.7.18/bin/python2.7"), "/usr/bin/python2.7") if os.path.exists(path)]
    for path in places[:1]:
        child = spawn([path, "-c", "import sys, time; sys.stdout.write('ready\\n'); sys.stdout.flush(); time.sleep(600)"], ready="ready")
        result = viv.run("record", child.pid, "-d", 1, cwd=tmp_path)
        assert result.returncode == 1 and b"CPython 2.7" in result.stderr, result.stderr
    assert os.listdir(tmp_path) == []
