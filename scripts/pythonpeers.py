"""The tools that scripts/bench-python measures, the interpreters and loads it measures them on, and how each tells what it did."""

import collections
import dataclasses
import glob
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

LOADS = pathlib.Path(__file__).resolve().parent / "bench-loads"
CACHE = pathlib.Path(os.environ.get("VIV_PYTHONS")
                     or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "viv-pythons")
# A root of another release has no /proc. It gets one in a mount namespace of its own, which ends with the program.
IN_ROOT = ["unshare", "--mount", "sh", "-c",
           'mkdir -p "$0/proc" && mount --rbind /proc "$0/proc" && exec chroot "$0" "$@"']
READ_AT_MOST = 16 << 20  # bytes of a profile; decoding more in Python would take longer than the measurement


def busy_seconds():
    """Processor time that anybody used, all processors together."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """Processor time of a running process with all its threads: its CPU clock (clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


@dataclasses.dataclass(frozen=True)
class Interpreter:
    version: str  # 3.12
    path: str  # within its root
    root: str = ""  # that of another release of Debian, or nothing

    @property
    def minor(self):
        return int(self.version.split(".")[1])


def interpreters():
    """The interpreters of this machine by version: those of pyenv, those on PATH, and as root those of scripts/fetch-pythons."""
    found = {}
    for path in glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")):
        version = re.search(r"/versions/(3\.\d+)", path)
        if version and os.access(path, os.X_OK):
            found.setdefault(version[1], Interpreter(version[1], path))
    for minor in range(6, 16):
        path = shutil.which(f"python3.{minor}")
        if path and "shims" not in path:
            found.setdefault(f"3.{minor}", Interpreter(f"3.{minor}", path))
        for path in sorted(CACHE.glob(f"*/usr/bin/python3.{minor}")) if os.geteuid() == 0 else []:
            root = path.parents[2]
            found.setdefault(f"3.{minor}", Interpreter(f"3.{minor}", "/" + str(path.relative_to(root)), str(root)))
    return found


class Target:
    """A load under an interpreter, begun and at work."""

    def __init__(self, interpreter, load, *arguments, counted=False):
        self.interpreter, self.load, self.arguments, self.counted = interpreter, load, list(map(str, arguments)), counted

    def __enter__(self):
        root = self.interpreter.root
        # Where a tool that runs in the same root can write, too.
        self.folder = tempfile.mkdtemp(prefix="viv-bench-", dir=root + "/tmp" if root else None)
        shutil.copy(LOADS / self.load, self.folder)
        arguments = [self.inside(self.load)] + self.arguments
        if self.counted:
            self.counter = os.path.join(self.folder, "counter")
            pathlib.Path(self.counter).write_bytes(bytes(16))
            arguments.append(self.inside("counter"))
        command = [self.interpreter.path] + arguments
        if root:
            command = IN_ROOT + [root] + command
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd="/", env=environment())
        self.pid = self.process.pid
        if self.process.stdout.readline() != b"ready\n":
            self.__exit__()
            raise RuntimeError(f"{self.load} does not run under Python {self.interpreter.version}")
        return self

    def inside(self, name):
        """Path of a file of its folder, as programs in its root see it."""
        return os.path.join(self.folder, name)[len(self.interpreter.root):]

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def environment():
    # C.UTF-8 may be missing in an unpacked root, and profiling.sampling does not start under a locale that is.
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C", "AUSTIN_NO_LOGGING": "1"}


@dataclasses.dataclass
class Recording:
    """What a sampler says it did. A snapshot is all threads once."""

    snapshots: float = 0
    rate: float | None = None  # its own word, where it has one
    errors: float = 0  # share of the stacks it could not read, by its own word
    retries: float = 0
    stops: float = 0


class Tool:
    """One program. `everything` asks for threads that sleep, too."""

    name = ""
    version = ""
    highest_rate = 1_000_000

    def __init__(self, missing=None):
        self.missing = missing  # why it cannot be run at all
        self.unread = {}  # why it does not read a version, once it has said so

    def refusal(self, interpreter):
        """Why it cannot be run on such a target, as far as is known before trying."""
        return self.missing or self.unread.get(interpreter.version)

    def record(self, target, rate, seconds, everything):
        raise NotImplementedError

    def recording(self, target, output, threads):
        raise NotImplementedError

    def stacks(self, target):
        """(names of the functions, outermost first; how often) of what was recorded."""
        raise NotImplementedError

    def dump(self, target):
        return None

    def tasks(self, target):
        return None

    def tells_all(self, text, tasks):
        """Whether what it printed has all tasks of the load."""
        return text.count("worker-") >= tasks

    def output(self, target):
        return os.path.join(target.folder, "profile")


def collapsed(path, separator=";"):
    with open(path, errors="replace") as file:
        for line in file.read(READ_AT_MOST).splitlines():
            stack, _, count = line.rpartition(" ")
            if not line.startswith("#") and count.isdigit():
                yield stack.split(separator), int(count)


class Viv(Tool):
    name, highest_rate = "viv", 50_000

    def __init__(self, path, *options, name="viv"):
        super().__init__()
        self.path, self.options, self.name = path, options, name
        self.version = first_line([path, "--version"])

    def record(self, target, rate, seconds, everything):
        return [self.path, "record", str(target.pid), "-d", f"{seconds:g}", "-r", str(rate), "-f", "collapsed",
                "-o", self.output(target)] + ["--idle"] * everything + list(self.options)

    def recording(self, target, output, threads):
        with open(self.output(target)) as file:
            head = dict(line[2:].split(": ", 1) for line in file if line.startswith("# ") and ": " in line)
        number = lambda key: float(re.search(r"[\d.]+", head[key])[0])  # noqa: E731
        stacks, lost = number("samples"), number("given up") + number("errors")
        return Recording(float(re.search(r"in (\d+) rounds", head["samples"])[1]), number("achieved rate"),
                         lost / max(1, stacks + lost), number("retries"), number("stops"))

    def stacks(self, target):
        for frames, count in collapsed(self.output(target)):
            yield [frame.partition(" (")[0] for frame in frames], count

    def dump(self, target):
        return [self.path, "dump", str(target.pid)]

    def tasks(self, target):
        return [self.path, "dump", str(target.pid), "--tasks"]

    def tells_all(self, text, tasks):
        # Tasks that stand at the same place are printed once, with their number.
        return f"({tasks} tasks)" in text


class PySpy(Tool):
    def __init__(self, path, *options, name="py-spy"):
        super().__init__(None if os.path.exists(path) else "not installed: PyPI has no package for this machine")
        self.path, self.options, self.name = path, options, name
        self.version = first_line([path, "--version"])

    def record(self, target, rate, seconds, everything):
        # Always with --idle: it takes working threads for idle ones now and then, and those would look like lost samples.
        return [self.path, "record", "--pid", str(target.pid), "--duration", str(max(1, round(seconds))), "--rate", str(rate),
                "--format", "raw", "--idle", "--output", self.output(target)] + list(self.options)

    def recording(self, target, output, threads):
        stacks, errors = map(int, re.search(r"Samples: (\d+) Errors: (\d+)", output).groups())
        # It counts stacks that it read, and snapshots that failed.
        read = stacks / threads
        return Recording(read + errors, None, errors / max(1, read + errors))

    def stacks(self, target):
        for frames, count in collapsed(self.output(target)):
            yield [frame.rpartition(" (")[0] for frame in frames], count

    def dump(self, target):
        return [self.path, "dump", "--pid", str(target.pid)]


class PyStack(Tool):
    name = "pystack"

    def __init__(self, path):
        super().__init__(None if os.path.exists(path) else "not installed: PyPI has no package for this machine")
        self.path, self.version = path, first_line([path, "--version"])

    def dump(self, target):
        return [self.path, "remote", str(target.pid)]


class Austin(Tool):
    name = "austin"

    def __init__(self, path):
        self.command, why = runnable(path)
        super().__init__(why)
        self.version = first_line(self.command + ["--version"]) if not why else ""

    def record(self, target, rate, seconds, everything):
        return self.command + ["--interval", str(max(1, 1_000_000 // rate)), "--exposure", str(max(1, round(seconds))),
                               "--pid", str(target.pid), "--output", self.output(target)]

    def recording(self, target, output, threads):
        errors, stacks = map(int, re.search(r"Error rate[ .]*(\d+)/(\d+)", output).groups())
        seconds = float(re.search(r"Total duration[ .]*([\d.]+)", output)[1])
        # It counts stacks, one for each thread.
        return Recording(stacks / threads, stacks / threads / seconds, errors / max(1, stacks))

    def stacks(self, target):
        counts = collections.Counter()
        with open(self.output(target), "rb") as file:
            for stack in mojo_stacks(file.read(READ_AT_MOST)):
                counts[tuple(stack)] += 1
        return counts.items()

    def dump(self, target):
        return self.command + ["--where", str(target.pid)]


class Tachyon(Tool):
    """profiling.sampling of CPython 3.15. It reads its own version alone, and paths only as the target sees them."""

    name = "Tachyon"

    def __init__(self, interpreter, *options, name="Tachyon"):
        super().__init__(None if interpreter else "there is no Python 3.15 here that can be run")
        self.interpreter, self.options, self.name = interpreter, options, name
        self.version = f"of Python {interpreter.version}" if interpreter else ""

    def refusal(self, interpreter):
        return self.missing or (None if interpreter == self.interpreter else "reads its own version of CPython only")

    def command(self, target, *arguments):
        return beside(target) + [self.interpreter.path, "-m", "profiling.sampling", *arguments]

    def record(self, target, rate, seconds, everything):
        return self.command(target, "attach", "-r", str(rate), "-d", f"{seconds:g}", "--collapsed", "-o", target.inside("profile"),
                            *["-a"] * everything, *self.options, str(target.pid))

    def recording(self, target, output, threads):
        snapshots = int(re.search(r"Captured ([\d,]+) samples", output)[1].replace(",", ""))
        rate = float(re.search(r"Sample rate: ([\d.,]+)", output)[1].replace(",", ""))
        return Recording(snapshots, rate, float(re.search(r"Error rate: ([\d.]+)", output)[1]) / 100)

    def stacks(self, target):
        for frames, count in collapsed(self.output(target)):
            yield [frame.split(":")[-2] for frame in frames if not frame.startswith("tid:")], count

    def dump(self, target):
        return self.command(target, "dump", "-a", str(target.pid))


class AsyncioPs(Tool):
    """python -m asyncio ps, since 3.14."""

    name = "asyncio ps"

    def refusal(self, interpreter):
        return None if interpreter.minor >= 14 else "begins with CPython 3.14"

    def tasks(self, target):
        return beside(target) + [target.interpreter.path, "-m", "asyncio", "ps", str(target.pid)]


def beside(target):
    """What runs a program in the root of a target, in its mount namespace."""
    if not target.interpreter.root:
        return []
    return ["nsenter", "--target", str(target.pid), "--mount", "--root", "--wd", "--"]


def first_line(command):
    """What a program prints first, or nothing where it does not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment())
        return done.stdout.strip().splitlines()[0] if done.returncode == 0 else ""
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return ""


def runnable(path):
    """How austin is run. Its wheel needs a newer C library than it says: that of an unpacked release of Debian serves, too."""
    if not os.path.exists(path):
        return [path], "not installed: PyPI has no package for this machine"
    done = subprocess.run([path, "--version"], capture_output=True, text=True, env=environment())
    if done.returncode == 0:
        return [path], None
    for loader in sorted(CACHE.glob("*/lib64/ld-linux-x86-64.so.2")):
        libraries = loader.parents[1] / "lib/x86_64-linux-gnu"
        command = [str(loader), "--library-path", str(libraries), path]
        if first_line(command + ["--version"]):
            return command, None
    why = re.search(r"version `(GLIBC_[\d.]+)' not found", done.stderr)
    return [path], f"does not start: it needs {why[1]} (scripts/fetch-pythons gets a newer C library)" if why else done.stderr.strip()


def mojo_stacks(data):
    """Names of the functions of each stack, outermost first, in the binary output of austin (MOJO, version 3)."""
    position, end = 3, len(data)

    def number():
        nonlocal position
        byte = data[position]
        position += 1
        value, shift = byte & 0x3F, 6
        while byte & 0x80:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
        return value

    def text():
        nonlocal position
        begin, position = position, data.index(0, position) + 1
        return data[begin:position - 1].decode(errors="replace")

    frames, strings, stack, begun = {}, {}, [], False
    try:
        number()
        while position < end:
            event = data[position]
            position += 1
            if event == 1:  # metadata
                text(), text()
            elif event == 2:  # a stack begins: process, interpreter, thread
                if begun:
                    yield stack
                number(), number(), text()
                stack, begun = [], True
            elif event == 3:  # a frame is defined
                key, _file, name, *_ = [number() for _ in range(7)]
                frames[key] = name
            elif event == 4:
                stack.append("(invalid)")
            elif event == 5:
                key = number()
                stack.append(strings.get(frames.get(key), "(unknown)"))
            elif event == 6:
                text()
            elif event in (9, 10):  # metrics
                number()
            elif event == 11:
                key = number()
                strings[key] = text()
            elif event == 12:
                number()
            elif event not in (7, 8):  # the garbage collector runs; the thread is idle
                return
    except (IndexError, ValueError):
        return  # cut by READ_AT_MOST
    if begun:
        yield stack
