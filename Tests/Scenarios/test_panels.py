"""Stories of a person who wants to know where the Python time of a busy service goes."""

import glob
import os
import re
import subprocess

import pytest
import reference
from dashboard import ENTER, ESCAPE, START, shows
from pseudoterminal import PseudoTerminal

BUSY = """
import ctypes, threading
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
def grind_the_beans():
    n = 1
    for _ in range(20000): n = (n * 31 + 7) & 0xFFFFFF
def brew_the_coffee():
    for _ in range(3): grind_the_beans()
def serve_forever():
    while True: brew_the_coffee()
threading.Thread(target=serve_forever, name="barista", daemon=True).start()
print("ready", flush=True)
serve_forever()
"""

TASKS = """
import asyncio, ctypes, gc
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
async def wait_for_the_milk(): await asyncio.sleep(3600)
async def make_a_latte(): await asyncio.gather(*(asyncio.create_task(wait_for_the_milk(), name=f"milk-{n}") for n in range(5)))
async def main():
    latte = asyncio.create_task(make_a_latte(), name="latte")
    print("ready", flush=True)
    await latte
class Cup: pass
cups = [Cup() for _ in range(4321)]
asyncio.run(main())
"""

WAITING = """
import ctypes, sys, threading
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
def wait_for_a_guest(table, name="\\x1b[2J\\x1b]0;owned\\x07"):
    guests = [{"seats": n} for n in range(table)]
    bill = 12.5  # \x1b[31mred\x07
    print("ready", flush=True)
    door.wait()
door = threading.Event()
def host():
    wait_for_a_guest(3)
threading.Thread(target=host, name="waiter\x1b[2J", daemon=True).start()
exec("import threading; threading.Event().wait()")
"""

GREENLETS = """
import ctypes, gevent
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
def wait_for_the_beans(): gevent.sleep(3600)
def roast(): wait_for_the_beans()
def begin():
    print("ready", flush=True)
    gevent.sleep(3600)
gevent.joinall([gevent.spawn(roast) for _ in range(7)] + [gevent.spawn(begin)])
"""


@pytest.fixture
def busy(spawn, tmp_path):
    script = tmp_path / "coffee.py"
    script.write_text(BUSY)
    return spawn([reference.python(), str(script)], ready="ready")


@pytest.fixture
def waiting(spawn, tmp_path):
    script = tmp_path / "milk.py"
    script.write_text(TASKS)
    return spawn([reference.python(), str(script)], ready="ready")


def test_the_flame_shows_who_is_busy_and_the_keys_narrow_it(watch, busy):
    screen = watch(busy.pid)
    screen.send("fz")
    shows(screen, "serve_forever", "brew_the_coffee", "grind_the_beans", "Hz", "samples", timeout=START)
    screen.send("/grind" + ENTER)
    shows(screen, "▸ own", "coffee.py:", timeout=START)
    assert screen.pump_until(lambda t: re.search(r"found (9\d\.\d|100)%", t.text()), START), screen.text()
    screen.send(ENTER)
    shows(screen, "zoomed")
    screen.send(ESCAPE)
    assert screen.pump_until(lambda t: "zoomed" not in t.text(), START), screen.text()
    screen.send("H")
    shows(screen, "by thread", "barista", "MainThread", timeout=START)
    screen.send("CCC")
    shows(screen, "gil last", timeout=START)
    # With machine code the evaluator of the interpreter stands among its callers, and the panel says what that costs.
    screen.send("HCX")
    shows(screen, "wall last", "mixed", "threads stopped", "serve_forever", "PyEval", timeout=START)


def test_a_flame_that_is_pinned_shows_what_changed(watch, busy):
    screen = watch(busy.pid)
    screen.send("fz")
    # The stacks beside the first picture name the function, too.
    shows(screen, "5 Flame", "grind_the_beans", "samples", timeout=START)
    screen.send("D")
    shows(screen, "Δ pinned", "Δ +0.0%", timeout=START)


def test_the_functions_are_counted_now_and_over_all(watch, busy):
    screen = watch(busy.pid)
    screen.send("6z")
    shows(screen, "OWN%", "TOTALΣ%", "grind_the_beans", timeout=START)
    rows = [line for line in screen.lines() if "grind_the_beans" in line and "coffee.py" in line]
    assert rows and re.match(r"\s*▸?\s*\d", rows[0]), screen.text()
    screen.send("\\brew" + ENTER)
    assert screen.pump_until(lambda t: "brew_the_coffee" in t.text() and "grind_the_beans" not in t.text(), START), \
        screen.text()


def test_a_flame_stands_still_while_it_is_frozen_and_goes_on_after(watch, busy):
    screen = watch(busy.pid)
    screen.send("fz")
    # The stacks beside the first picture name the function, too.
    shows(screen, "5 Flame", "grind_the_beans", "samples", timeout=START)
    screen.send("Z")
    # A picture may come in parts.
    screen.pump(1)
    shows(screen, "FROZEN", "samples")
    head = next(line for line in screen.lines() if "samples" in line)
    screen.pump(1.5)
    assert head in screen.lines(), screen.text()
    screen.send("Z")
    assert screen.pump_until(lambda t: head not in t.lines(), START), screen.text()


def test_tasks_stand_under_those_that_wait_for_them(watch, waiting):
    screen = watch(waiting.pid)
    screen.send("7z")
    shows(screen, "latte", "milk-0 … milk-4 (5)", "wait for sleep", "wait_for_the_milk", timeout=START)


def test_objects_are_counted_when_somebody_asks(watch, waiting):
    screen = watch(waiting.pid)
    screen.send("8z")
    shows(screen, "Garbage collector", "threshold", timeout=START)
    assert "__main__.Cup" not in screen.text()
    screen.send("O")
    shows(screen, "4.32k", "Cup", timeout=START)


@pytest.mark.parametrize("key", ["f", "6", "7", "8"])
def test_a_process_that_is_no_python_is_said_to_be_none(watch, spawn, key):
    child = spawn(["sleep", "600"])
    screen = watch(child.pid)
    screen.send(key)
    shows(screen, "ython", timeout=START)
    assert screen.pump_until(lambda t: "looking for" not in t.text(), START), screen.text()


@pytest.fixture
def guests(spawn, tmp_path):
    folder = tmp_path / "caf\u00e9 \x1b[2J"
    folder.mkdir()
    script = folder / "guests.py"
    script.write_text(WAITING)
    return spawn([reference.python(), str(script)], ready="ready"), script


def test_a_frame_is_chosen_and_its_source_and_variables_stand_beside_it(watch, guests):
    process, script = guests
    screen = watch(process.pid)
    screen.send("4z")
    # The first thread is the main one, whose innermost frames are those of the library.
    shows(screen, "innermost", "waiter^[[2J", "wait_for_a_guest", timeout=START)
    screen.send("/wait_for_a" + ENTER)
    shows(screen, "table  = 3", "guests = [{'seats': 0}, {'seats': 1}, {'seats': 2}]", "bill   = 12.5", timeout=START)
    shows(screen, "door.wait()", "bill = 12.5  # ^[[31mred^G")
    assert "owned" in screen.text() and not any(ord(c) < 32 for line in screen.lines() for c in line), screen.text()
    assert "changed since" not in screen.text()
    # Its file is replaced, and then gone; the screen says so.
    later = os.stat(script).st_mtime + 86400
    os.utime(script, (later, later))
    shows(screen, "changed since the process began", timeout=START)
    script.unlink()
    shows(screen, "no source: no such file in the file system of the process", timeout=START)
    screen.send("v")
    assert screen.pump_until(lambda t: "table  = 3" not in t.text(), START), screen.text()


def test_code_that_no_file_has_is_said_to_have_none(watch, guests):
    process, _ = guests
    screen = watch(process.pid)
    screen.send("4z")
    shows(screen, "innermost", timeout=START)
    for _ in range(12):
        screen.send("j")
        screen.pump(0.3)
        if "made from a text" in screen.text():
            break
    shows(screen, "no source: made from a text at run time")


@pytest.mark.parametrize("key", "4f678")
def test_a_process_that_ends_while_it_is_looked_at_is_said_to_have_ended(watch, busy, key):
    screen = watch(busy.pid)
    screen.send(key + "z")
    assert screen.pump_until(lambda t: "looking for" not in t.text(), START), screen.text()
    screen.pump(1)
    busy.kill()
    shows(screen, "the process ended", timeout=START)
    screen.send("1")
    shows(screen, "PID", timeout=START)


@pytest.mark.parametrize("key", "4f678")
def test_what_may_not_be_read_names_the_remedy(unprivileged, spawn, key, tmp_path):
    nobody, _ = unprivileged
    target = spawn([reference.python(), "-c", "import time; print('ready', flush=True); time.sleep(600)"], ready="ready")
    as_nobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", nobody.path, str(target.pid)]
    with PseudoTerminal(as_nobody, columns=160, rows=45, prepare=lambda home: os.chmod(home, 0o777)) as screen:
        assert screen.pump_until(lambda t: "PID" in t.text(), START), screen.text()
        screen.send(key + "z")
        shows(screen, "its memory may not be read: use sudo (CAP_SYS_PTRACE)", timeout=START)


def test_greenlets_stand_under_the_hub(watch, spawn, tmp_path):
    cache = os.environ.get("VIV_PYTHON_PACKAGES") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "viv-python-packages")
    script = tmp_path / "roast.py"
    script.write_text(GREENLETS)
    for python in sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")), reverse=True):
        version = python.split("/")[-3].rsplit(".", 1)[0]
        environment = {**os.environ, "PYTHONPATH": os.path.join(cache, version)}
        if subprocess.run([python, "-c", "import gevent"], env=environment, capture_output=True).returncode == 0:
            break
    else:
        pytest.skip("no gevent on this machine: scripts/fetch-python-packages brings it")
    process = spawn([python, str(script)], ready="ready", env=environment)
    screen = watch(process.pid)
    screen.send("7z")
    shows(screen, "greenlets of thread", "hub, running", "Greenlet (7)  suspended  roast \u203a wait_for_the_beans", "begin",
          timeout=START)


def test_the_table_says_what_python_is_at(watch, busy, waiting, viv):
    screen = watch(busy.pid)
    screen.send("\\python" + ENTER + "y")
    shows(screen, "GIL%", "PYTHON LINE", "coffee.py:", timeout=START)

    def share(terminal, pid):
        rows = [line.split() for line in terminal.lines() if f" {pid} " in line]
        return [row for row in rows if any(".py:" in cell for cell in row)]

    assert screen.pump_until(lambda t: share(t, busy.pid) and share(t, waiting.pid), START), screen.text()
    # Two threads fight for it: it is held nearly all of the time.
    assert screen.pump_until(lambda t: re.search(r"3\.\d+ +(9\d\.\d|100) +coffee\.py:", t.text()), START), screen.text()
    screen.send("y")
    assert screen.pump_until(lambda t: "PYTHON LINE" not in t.text(), START), screen.text()
    lines = viv.run("ps", "--filter", f"pid={busy.pid}", "--columns", "pid,gil,pyline").stdout.decode().splitlines()
    assert re.match(rf" *{busy.pid} +(\d\d\.\d|100) +coffee\.py:\d+$", lines[-1].rstrip()), lines
