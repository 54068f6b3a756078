"""What the reference tools and the kernel's own files say, read as plainly as possible."""

import calendar
import functools
import glob
import os
import re
import shutil
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
ENGLISH = {**os.environ, "LC_ALL": "C", "LANG": "C", "TZ": "UTC"}


def ps():
    """The process table as ps prints it: {pid: fields}, ps itself left out."""
    columns = "pid=,ppid=,user:32=,state=,rss=,nlwp=,ni=,lstart="
    process = subprocess.Popen(["ps", "-eo", columns], stdout=subprocess.PIPE, env=ENGLISH)
    text = process.communicate()[0].decode()
    table = {}
    for line in text.splitlines():
        pid, ppid, user, state, rss, threads, nice, *started = line.split()
        table[int(pid)] = {
            "ppid": int(ppid), "user": user, "state": state, "residentBytes": int(rss) * 1024, "threads": int(threads),
            "nice": None if nice == "-" else int(nice),
            "started": calendar.timegm(time.strptime(" ".join(started), "%a %b %d %H:%M:%S %Y")),
        }
    table.pop(process.pid, None)
    return table


def stat(path):
    """The fields of a /proc stat file from the third (state) on, as text."""
    with open(path, "rb") as file:
        return file.read().rsplit(b")", 1)[1].decode().split()


def status(path):
    with open(path, "rb") as file:
        return dict(line.split(":\t", 1) for line in file.read().decode(errors="replace").splitlines() if ":\t" in line)


class Counters:
    """The cumulative counters of a process at one moment, all threads."""

    def __init__(self, pid):
        self.at = time.monotonic()
        fields = stat(f"/proc/{pid}/stat")
        self.minor_faults, self.major_faults = int(fields[7]), int(fields[9])
        self.cpu_seconds = (int(fields[11]) + int(fields[12])) / TICKS
        self.resident_bytes = int(status(f"/proc/{pid}/status")["VmRSS"].split()[0]) * 1024
        self.voluntary = self.involuntary = 0
        for path in glob.glob(f"/proc/{pid}/task/*/status"):
            try:
                task = status(path)
            except OSError:
                continue
            self.voluntary += int(task["voluntary_ctxt_switches"])
            self.involuntary += int(task["nonvoluntary_ctxt_switches"])


def children():
    """{parent: set of children} of everything alive."""
    table = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(stat(f"/proc/{name}/stat")[1])
        except OSError:
            continue
        table.setdefault(parent, set()).add(int(name))
    return table


@functools.lru_cache(maxsize=None)
def pythons(versions=tuple((3, minor) for minor in range(6, 16))):
    """One interpreter of each minor version on this machine: {"3.11": path}."""
    found = {}
    for major, minor in versions:
        name = f"python{major}.{minor}"
        places = [f"/usr/bin/{name}", shutil.which(name), "/usr/bin/python3", f"/usr/local/bin/{name}",
                  *sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{major}.{minor}*/bin/{name}")), reverse=True),
                  *glob.glob(os.path.expanduser(f"~/.local/share/uv/python/cpython-{major}.{minor}.*/bin/{name}"))]
        for place in filter(None, places):
            # A shim starts something else: ask the interpreter itself where it is.
            question = "import sys; print(sys.implementation.name, *sys.version_info[:2], sys.executable)"
            try:
                answer = subprocess.run([place, "-c", question], capture_output=True, text=True, timeout=20).stdout.split()
            except OSError:
                continue
            if answer[:3] == ["cpython", str(major), str(minor)]:
                found[f"{major}.{minor}"] = os.path.realpath(answer[3])
                break
    return found


def interpreters():
    """Commands that start one interpreter of each version: {"3.11": [path]}.

    As root also those that scripts/fetch-pythons has unpacked: they run in roots of their own, so give them programs with -c.
    """
    found = {version: [path] for version, path in pythons().items()}
    cache = os.environ.get("VIV_PYTHONS") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "viv-pythons")
    for path in sorted(glob.glob(f"{cache}/built/python3.*t/bin/python3.*t")):
        found[os.path.basename(path)[len("python"):]] = [path]
    if os.getuid() == 0:
        for path in sorted(glob.glob(f"{cache}/*/usr/bin/python3.*")):
            if match := re.fullmatch(r"(.*)(/usr/bin/python(3\.\d+))", path):
                found.setdefault(match[3], ["chroot", match[1], match[2]])
    return found


def python():
    """The newest interpreter of this machine: what a test takes whose program may use all of today's language."""
    return list(pythons().values())[-1]


THREAD_LINE = re.compile(r"^(Current thread|Thread) 0x([0-9a-f]+)")
FRAME_LINE = re.compile(r'^  File "(.*)", line (\d+) in (.*)$')


def faulthandler_stacks(text):
    """{thread identifier: [(function, file, line), innermost first]} of a dump by the module faulthandler."""
    stacks = {}
    frames = None
    for line in text.splitlines():
        if match := THREAD_LINE.match(line):
            frames = stacks.setdefault(int(match[2], 16), [])
        elif (match := FRAME_LINE.match(line)) and frames is not None:
            frames.append((match[3], match[1], int(match[2])))
    return stacks
