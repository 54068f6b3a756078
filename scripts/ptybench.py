"""What full-screen process viewers cost, measured from outside on a pseudo-terminal. Started by scripts/bench.

Every tool runs in turn in every round, so that the machine's mood falls on all of them alike. Reported are medians of
the rounds, and ratios to htop.

  first frame   from exec to the last byte of the output that put at least eight process rows on the screen
  CPU/refresh   processor time of the process per second of the steady window, divided by its refreshes per second: groups
                of output with silence between them, but never more than one a second, which is what every tool is set to
  key           from writing a Down key to the last byte of the answer
  bytes/s       written to the terminal in the steady window
"""

import argparse
import atexit
import getpass
import os
import pathlib
import platform
import pwd
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/Scenarios"))
from pseudoterminal import PseudoTerminal  # noqa: E402

ROW = re.compile(r"bench-|\broot\b")
ROWS_NEEDED = 8
SILENCE = 0.12  # seconds without output that separate two refreshes
SETTLED = 0.025  # seconds without output that end the answer to a key
FIRST_FRAME_LIMIT = 30
SLEEPER = 23  # rows from the first to one that sleeps, all of which are on the screen
WORKING = 20  # processes of the load that use a little CPU
BTOP_SETTINGS = "update_ms = 1000\nproc_tree = False\ncheck_temp = False\n"


def cpu_seconds(pid):
    """Processor time of a process with all its threads, ended ones included: its CPU clock (clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


def resident_megabytes(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1024


def busy_seconds():
    """Processor time that anybody used, all processors together."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def first_frame(terminal):
    """Milliseconds to the first frame with process rows. Looks at the screen only when the output pauses."""
    end, looked = terminal.started + FIRST_FRAME_LIMIT, 0
    while time.monotonic() < end and terminal.is_running():
        if terminal.read(0.03) is None and len(terminal.chunks) != looked:
            looked = len(terminal.chunks)
            if sum(1 for line in terminal.lines() if ROW.search(line)) >= ROWS_NEEDED:
                return (terminal.chunks[-1][0] - terminal.started) * 1000
    raise RuntimeError(f"no process rows within {FIRST_FRAME_LIMIT} s:\n{terminal.text()}")


def steady_window(terminal, seconds):
    pid, start, mark = terminal.pid, time.monotonic(), len(terminal.chunks)
    cpu, busy = cpu_seconds(pid), busy_seconds()
    terminal.pump(seconds)
    elapsed = time.monotonic() - start
    cpu, busy = cpu_seconds(pid) - cpu, busy_seconds() - busy
    chunks = terminal.chunks[mark:]
    times = [moment for moment, _ in chunks]
    starts = times[:1] + [later for earlier, later in zip(times, times[1:]) if later - earlier > SILENCE]
    rate = (len(starts) - 1) / (starts[-1] - starts[0]) if len(starts) > 1 else 1 / elapsed
    rate = min(rate, 1.0)  # more output than refreshes must not make a refresh look cheap
    return {
        "CPU/refresh ms": cpu * 1000 / elapsed / rate,
        "CPU ms/s": cpu * 1000 / elapsed,
        "refreshes/s": rate,
        "bytes/s": sum(len(chunk) for _, chunk in chunks) / elapsed,
        "RSS MB": resident_megabytes(pid),
        OTHERS: max(0.0, busy - cpu) * 100 / elapsed,
    }


def down_key(terminal):
    """What the terminal sends for Down in the mode that the tool has put it in."""
    return b"\x1bOB" if terminal.modes().get(1) else b"\x1b[B"


def key_answers(terminal, count, dice):
    """Milliseconds from each Down key to the end of its answer. Keys come at uneven moments, in quiet ones."""
    down, answers = down_key(terminal), []
    for _ in range(count):
        terminal.pump(dice.uniform(0.17, 0.43))
        while terminal.read(0.004) is not None:
            pass
        sent, last = time.monotonic(), None
        terminal.send(down)
        while terminal.read(SETTLED if last else 5) is not None:
            last = terminal.chunks[-1][0]
        answers.append((last - sent) * 1000 if last else 5000.0)
    return answers


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def measure(name, argv, options, dice):
    with PseudoTerminal(as_user(options.user) + argv, columns=options.columns, rows=options.rows,
                        prepare=prepare(name, options.user)) as terminal:
        result = {"first frame ms": first_frame(terminal)}
        select_sleeper(terminal)
        terminal.pump(options.warm_up)
        result.update(steady_window(terminal, options.seconds))
        answers = key_answers(terminal, options.keys, dice)
        result["key p50 ms"], result["key p95 ms"] = percentile(answers, 0.5), percentile(answers, 0.95)
        terminal.send("q")
        terminal.wait(5)
    return result


def select_sleeper(terminal):
    """Selects one of the sleeping processes. At the start viv selects the busiest, which is this program: the stacks of a
    Python that moves, ten times a second, are no part of what the peers do."""
    down = down_key(terminal)
    for _ in range(SLEEPER):
        terminal.send(down)
        terminal.pump(0.02)


def as_user(user):
    """What starts a tool as somebody without privileges; the process stays the same, so that it can be measured."""
    if not user:
        return []
    entry = pwd.getpwnam(user)
    return ["setpriv", "--reuid", str(entry.pw_uid), "--regid", str(entry.pw_gid), "--clear-groups", "--"]


def prepare(name, user):
    """Writes a peer's settings into the empty home directory it is started with, and gives that to who starts it."""
    def write(home):
        if name == "btop":
            folder = pathlib.Path(home, ".config/btop")
            folder.mkdir(parents=True)
            (folder / "btop.conf").write_text(BTOP_SETTINGS)
        if user:
            entry = pwd.getpwnam(user)
            for folder, _, files in os.walk(home):
                for path in [folder, *(os.path.join(folder, file) for file in files)]:
                    os.chown(path, entry.pw_uid, entry.pw_gid)
    return write


def reachable(path, user):
    """The binary, or for a user who cannot get at it a copy in a folder that is removed at the end."""
    if not user or subprocess.run([*as_user(user), path, "--version"], capture_output=True).returncode == 0:
        return path
    folder = tempfile.mkdtemp(prefix="viv-bench-")
    atexit.register(shutil.rmtree, folder)
    os.chmod(folder, 0o755)
    copy = shutil.copy(path, folder)
    os.chmod(copy, 0o755)
    if subprocess.run([*as_user(user), copy, "--version"], capture_output=True).returncode != 0:
        sys.exit(f"{user} cannot start {path}: its shared libraries are out of reach; measure a build of scripts/build --static")
    return copy


def version(argv):
    text = subprocess.run([argv[0], "--version"], capture_output=True, text=True).stdout
    found = re.search(r"\d+(\.\d+)+\S*", re.sub(r"\x1b\[[0-9;]*m", "", text))
    return found[0] if found else "?"


OTHERS = "others' CPU %"
COLUMNS = ["first frame ms", "CPU/refresh ms", "CPU ms/s", "key p50 ms", "key p95 ms", "bytes/s", "RSS MB"]
LIMITS = [  # (column, processes, limit in words, whether a measurement meets it)
    ("CPU/refresh ms", None, "≤ 1/5 of htop's", lambda viv, htop: viv <= htop / 5),
    ("first frame ms", 1000, "≤ 60", lambda viv, _: viv <= 60),
    ("first frame ms", 5000, "≤ 150", lambda viv, _: viv <= 150),
    ("key p95 ms", 5000, "≤ 10", lambda viv, _: viv <= 10),
    ("bytes/s", None, "≤ 1536", lambda viv, _: viv <= 1536),
    ("RSS MB", None, "≤ 40", lambda viv, _: viv <= 40),
]


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def table(medians, processes):
    lines = [f"### {processes:,} sleeping and {WORKING} working processes", "",
             "| tool | " + " | ".join(COLUMNS) + " |", "| --- |" + " ---: |" * len(COLUMNS)]
    for name, values in medians.items():
        lines.append(f"| {name} | " + " | ".join(number(values[column]) for column in COLUMNS) + " |")
    if "viv" in medians:
        for peer in medians:
            if peer != "viv":
                ratios = [f"{medians['viv'][column] / medians[peer][column]:.2f}" if medians[peer][column] else "·"
                          for column in COLUMNS]
                lines.append(f"| viv ÷ {peer} | " + " | ".join(ratios) + " |")
    disturbance = ", ".join(f"{name} {number(values[OTHERS])} %" for name, values in medians.items())
    return lines + ["", f"CPU that everything else used meanwhile, of one processor: {disturbance}.", ""]


def goals(all_medians):
    lines = ["### Goals", "", "| goal | processes | limit | viv | htop | met |", "| --- | ---: | --- | ---: | ---: | --- |"]
    for column, at, limit, meets in LIMITS:
        for processes, medians in all_medians.items():
            if at in (None, processes) and "viv" in medians and "htop" in medians:
                mine, theirs = medians["viv"][column], medians["htop"][column]
                lines.append(f"| {column} | {processes:,} | {limit} | {number(mine)} | {number(theirs)} | "
                             f"{'yes' if meets(mine, theirs) else '**no**'} |")
    return lines + [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viv", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--processes", default="1000,5000", help="how many sleeping processes, by comma")
    parser.add_argument("--tools", default="viv,htop,btop")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="length of the steady window")
    parser.add_argument("--warm-up", type=float, default=3)
    parser.add_argument("--keys", type=int, default=30, help="key presses a round")
    parser.add_argument("--columns", type=int, default=200)
    parser.add_argument("--rows", type=int, default=50)
    parser.add_argument("--user", help="run the tools as this user, without privileges; the load stays root's")
    parser.add_argument("--out", help="write the tables to this file as well")
    options = parser.parse_args()

    if options.user and os.getuid() != 0:
        sys.exit("--user needs root, to become somebody else")
    commands = {"viv": [reachable(options.viv, options.user)], "htop": ["htop", "-d", "10"], "btop": ["btop"]}
    tools = {name: commands[name] for name in options.tools.split(",")}
    dice, all_medians = random.Random(20), {}
    for processes in map(int, options.processes.split(",")):
        load = subprocess.Popen([options.load, str(processes), str(WORKING)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if load.stdout.readline() != b"ready\n":
            sys.exit(f"the load of {processes} processes did not start (a limit on processes?)")
        results = {name: [] for name in tools}
        try:
            for turn in range(options.rounds):
                order = list(tools)[turn % len(tools):] + list(tools)[:turn % len(tools)]
                for name in order:
                    print(f"{processes} processes, round {turn + 1} of {options.rounds}: {name}", file=sys.stderr)
                    results[name].append(measure(name, tools[name], options, dice))
        finally:
            load.stdin.close()
            load.wait()
        all_medians[processes] = {
            name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in results.items()}

    versions = ", ".join(f"{name} {version(argv)}" for name, argv in tools.items())
    lines = [f"{versions}; Linux {platform.release()}, {os.cpu_count()} processors, {platform.machine()}; terminal "
             f"{options.columns}×{options.rows}; every tool refreshes once a second; medians of {options.rounds} "
             f"rounds of {options.seconds:g} s and {options.keys} keys; as {options.user or getpass.getuser()}.", ""]
    for processes, medians in all_medians.items():
        lines += table(medians, processes)
    text = "\n".join(lines + goals(all_medians))
    print(text)
    if options.out:
        pathlib.Path(options.out).write_text(text + "\n")


if __name__ == "__main__":
    main()
