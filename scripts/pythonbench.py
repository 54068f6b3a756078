"""What sampling and dumping Python stacks costs, measured from outside. Started by scripts/bench-python.

Every tool runs in turn in every round, so that the machine's mood falls on all of them alike; reported are medians of the rounds,
and ratios. Each run has a fresh target. A snapshot is all threads once.

  achieved Hz   snapshots a second; by the tool's own word, of py-spy, which has none, snapshots per second from exec to end
  lost %        of the snapshots that were asked for, those that never came or could not be read
  errors %      of the stacks it tried to read, those it says it could not
  wrong %       of the stacks in its file, those that cannot occur in the load: torn, or cut
  CPU %         processor time from exec to end, of one processor, as wait4 tells it: start-up and output included
  CPU µs        processor time per snapshot, without that of a recording of 1 s at 1 Hz of the same load: without start-up
  target CPU %  processor time that the target got meanwhile, of one processor: what is missing, it stood still or waited
  RSS MB        peak resident memory, as wait4 tells it
  times slower  work of the target a second without the tool, by that with it: on a busy machine as much the machine's mood
  stands still  part of the time that the target spends in halts of 10 µs to 1 ms, beyond those that it has without the tool
"""

import argparse
import fractions
import itertools
import math
import os
import pathlib
import platform
import random
import re
import signal
import statistics
import struct
import subprocess
import sys
import time
import traceback

from pythonpeers import (AsyncioPs, Austin, PySpy, PyStack, Tachyon, Target, Viv, busy_seconds, cpu_seconds,
                         environment, interpreters)

ONE, DEEP, DEEPEST = 33, 1_000, 10_000
THREADS, THREAD_FRAMES = 20, 60
TASKS = 200
PREFERRED = ["3.12", "3.13", "3.11", "3.14", "3.10", "3.9", "3.8", "3.7", "3.6"]  # austin 4.0 reads 3.9 to 3.14
RECORDINGS = {
    # name: (what, load, arguments, threads, rate, all threads)
    "one": (f"One thread, {ONE} frames deep, 1,000 Hz", "deep.py", [ONE], 1, 1_000),
    "threads": (f"{THREADS} threads, {THREAD_FRAMES} frames deep, two of them at work, 1,000 Hz", "threads.py",
                [THREADS, THREAD_FRAMES], THREADS, 1_000),
    "deep": (f"One thread, {DEEP:,} frames deep, 1,000 Hz", "deep.py", [DEEP], 1, 1_000),
    "deepest": (f"One thread, {DEEPEST:,} frames deep, 100 Hz", "deep.py", [DEEPEST], 1, 100),
    "flutter": ("Calls that flutter between two branches, 1,000 Hz", "flutter.py", [], 1, 1_000),
    "fast": (f"One thread, {ONE} frames deep, 10,000 Hz", "deep.py", [ONE], 1, 10_000),
    "highest": (f"One thread, {ONE} frames deep, as fast as it can", "deep.py", [ONE], 1, None),
}
SCENARIOS = [*RECORDINGS, "slowdown", "dump", "tasks"]


def branch(calls):
    """Matches what may stand below a frame that calls one after the other."""
    return "(" + "|".join(f";{a}×1(;{b}×1{c})?" for a, b, c in calls) + ")?"


def legal(load, arguments):
    """Matches the stacks that occur in a load, written as name×repetitions, outermost first."""
    if load == "deep.py":
        below = branch([("hot_a", "leaf_a", "(;leaf×1)?"), ("hot_b", "leaf_b", "(;leaf×1)?")])
        return re.compile(f"<module>×1;deep×{arguments[0] - 5};work×1{below}")
    if load == "flutter.py":
        return re.compile("<module>×1;run×1" + branch([("hot_a", "leaf_a", ""), ("hot_b", "leaf_b", "")]))
    frames = arguments[1]
    return re.compile(f"(<module>×1;busy×{frames - 3}|_bootstrap×1;_bootstrap_inner×1;run×1;busy×{frames - 5})(;hot×1(;leaf×1)?)?"
                      f"|_bootstrap×1;_bootstrap_inner×1;run×1;idle×{frames - 5};wait×2")


def written(names):
    """name×repetitions;… of a stack, without what a tool adds: the garbage collector, threads, the class of a method."""
    names = (name.rpartition(".")[2] for name in names if name != "<GC>")
    return ";".join(f"{name}×{sum(1 for _ in same)}" for name, same in itertools.groupby(names))


class Failure(Exception):
    """A tool could not do what it was asked; says why in its own words."""


def cost(options, folder, seconds, command):
    """Runs a command: (wall seconds, CPU seconds, peak MB, whether it had to be interrupted, exit code, what it printed)."""
    report = os.path.join(folder, "cost")
    done = subprocess.run([options.peers / "cost", report, str(seconds), *command], stdin=subprocess.DEVNULL, cwd="/",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment())
    wall, cpu, kilobytes, status, interrupted = pathlib.Path(report).read_text().split()
    return (float(wall), float(cpu), int(kilobytes) / 1024, interrupted == "1", os.waitstatus_to_exitcode(int(status)),
            plain(done.stdout.decode(errors="replace")))


def plain(text):
    """Without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def last_words(text, code):
    """What a program that failed said about it: its last paragraph, or the last line of a Traceback."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if re.search(r"\w{3}", part)]
    refusals = [part for part in paragraphs if re.search("not support|fail|cannot|error|denied", part, re.IGNORECASE)]
    said = (refusals or paragraphs or ["nothing"])[-1]
    if "Traceback" in text:
        said = text.strip().splitlines()[-1].strip()
    if len(said) > 200:
        said = said[:200].rpartition(" ")[0] + " …"
    said = re.sub(r"[^\x20-\x7e…]+ *", "", said)
    ended = f"killed by signal {-code}" if code < 0 else f"exit {code}"
    return re.sub(r"/\S*viv-bench-\w+/", "", f"{ended}: {said}")


def record(options, interpreter, tool, scenario):
    """One recording of a fresh target, as a row of figures."""
    _, load, arguments, threads, rate = RECORDINGS[scenario]
    everything = threads > 1 and "running" not in tool.name
    rate = rate or tool.highest_rate
    with Target(interpreter, load, *arguments) as target:
        time.sleep(0.2)
        _, startup, *_ = cost(options, target.folder, 25, tool.record(target, 1, 1, everything))
        busy, theirs = busy_seconds(), cpu_seconds(target.pid)
        # py-spy counts snapshots and not seconds: where it is behind, it would go on for as long as they take.
        limit = options.seconds + (3 if "py-spy" in tool.name else 10)
        wall, cpu, megabytes, _, code, text = cost(options, target.folder, limit,
                                                   tool.record(target, rate, options.seconds, everything))
        theirs = cpu_seconds(target.pid) - theirs
        busy = busy_seconds() - busy - theirs - cpu
        try:
            did = tool.recording(target, text, threads if everything else 1)
        except (OSError, TypeError, AttributeError, KeyError) as reason:
            raise Failure(last_words(text, code)) from reason
        if not everything and threads > 1 and did.rate:
            did.snapshots = min(did.snapshots, did.rate * options.seconds)
        if did.snapshots < 1 or did.errors == 1:
            raise Failure("recorded nothing; " + last_words(text, code))
        right = wrong = 0
        if scenario != "highest":
            pattern = legal(load, arguments)
            for names, count in tool.stacks(target):
                if pattern.fullmatch(written(names)):
                    right += count
                else:
                    wrong += count
                    if options.show_wrong:
                        print(f"{tool.name}: {count} × {written(names)}", file=sys.stderr)
            if right + wrong == 0:
                raise Failure("recorded no stack; " + last_words(text, code))
        achieved = did.rate or did.snapshots / wall
        row = {"achieved Hz": achieved, "errors %": did.errors * 100, "CPU %": cpu / wall * 100,
               "cpu": cpu, "startup": startup, "snapshots": did.snapshots, "target CPU %": theirs / wall * 100, "RSS MB": megabytes,
               "others CPU %": busy / wall * 100, "retries": did.retries / did.snapshots, "stops": did.stops / did.snapshots}
        if scenario != "highest":
            row["lost %"] = max(0, 1 - achieved * (1 - did.errors) / rate) * 100
            row["wrong %"] = wrong / (right + wrong) * 100
        return row


def slowdown(options, interpreter, tool):
    """Ratios of the work of a target without a sampler to that with one, and how much more of the time it stands still with one, in
    windows by turns."""
    def work(target, seconds):
        begin, before = time.monotonic(), struct.unpack("QQ", pathlib.Path(target.counter).read_bytes())
        time.sleep(seconds)
        after, end = struct.unpack("QQ", pathlib.Path(target.counter).read_bytes()), time.monotonic()
        return (after[0] - before[0]) / (end - begin), (after[1] - before[1]) / (end - begin) / 1e7

    found = []
    with Target(interpreter, "deep.py", ONE, counted=True) as target:
        time.sleep(0.3)
        free = work(target, options.window)
        for _ in range(options.pairs):
            if tool is None:
                time.sleep(options.settle)
                sampled = work(target, options.window)
            else:
                # Interpreters that sample take a while to begin; nothing is measured until they have.
                settle = options.settle + (1 if isinstance(tool, Tachyon) else 0)
                whole = math.ceil(settle + options.window + 2)
                with open(os.path.join(target.folder, "words"), "w+") as words:
                    sampler = subprocess.Popen(tool.record(target, 1_000, whole, False), stdin=subprocess.DEVNULL, stdout=words,
                                               stderr=words, cwd="/", env=environment())
                    time.sleep(settle)
                    sampled = work(target, options.window)
                    ended = sampler.poll()
                    sampler.send_signal(signal.SIGINT)
                    try:
                        sampler.wait(10)
                    except subprocess.TimeoutExpired:
                        sampler.kill()
                        sampler.wait()
                    words.seek(0)
                    text = plain(words.read())
                # A window counts where the sampler sampled in it.
                try:
                    if ended is not None or tool.recording(target, text, 1).snapshots < options.window:
                        raise Failure(last_words(text, sampler.returncode))
                except (OSError, TypeError, AttributeError, KeyError) as reason:
                    raise Failure(last_words(text, sampler.returncode)) from reason
                time.sleep(0.1)
            free_again = work(target, options.window)
            found.append({"ratio": (free[0] + free_again[0]) / 2 / max(sampled[0], 1e-9),
                          "still": sampled[1] - (free[1] + free_again[1]) / 2})
            free = free_again
    return found


def interval(values):
    """Bounds of the median, 95 of 100 times: by resampling."""
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(values, k=len(values))) for _ in range(2_000))
    return medians[49], medians[1949]


def frames_of(text, function):
    """How many frames of a function a dump shows, those counted that it folds."""
    folded = re.findall(rf"{function} \(.*\n *… (\d+) more times", text)
    return text.count(function) + sum(map(int, folded))


def dump(options, target, command, is_whole):
    """What one dump took from exec to end, if all is there that has to be."""
    wall, cpu, megabytes, _, code, text = cost(options, target.folder, 60, command)
    if code != 0 or not is_whole(text):
        raise Failure(last_words(text, code) if code else "did not print everything")
    return {"ms": wall * 1000, "CPU ms": cpu * 1000, "RSS MB": megabytes}


class Bench:
    def __init__(self, options):
        self.options = options
        found = interpreters()
        bin = options.peers / "bin"
        viv = Viv(options.viv)
        spy, unlocked = PySpy(bin / "py-spy"), PySpy(bin / "py-spy", "--nonblocking", name="py-spy --nonblocking")
        austin, pystack = Austin(str(bin / "austin")), PyStack(bin / "pystack")
        tachyon = Tachyon(found.get("3.15"))
        blocking = Tachyon(found.get("3.15"), "--blocking", name="Tachyon --blocking")
        self.main_tools = [viv, spy, austin, pystack, tachyon]
        samplers = [viv, spy, austin, tachyon]
        self.tools = {name: samplers for name in [*RECORDINGS, "slowdown"]}
        self.tools["threads"] = [viv, Viv(options.viv, name="viv, running threads alone"), spy, austin, tachyon]
        self.tools["flutter"] = self.tools["slowdown"] = [viv, spy, unlocked, austin, tachyon, blocking]
        self.tools["dump"] = [viv, spy, austin, pystack, tachyon]
        self.tools["tasks"] = [viv, AsyncioPs()]
        if options.pythons:
            wanted = options.pythons.split(",")
            missing = [version for version in wanted if version not in found]
            if missing:
                sys.exit(f"error: there is no Python {', '.join(missing)} here; there is {', '.join(found) or 'none'}")
        else:
            wanted = [version for version in PREFERRED if version in found][:1] + ["3.15"] * ("3.15" in found)
        self.interpreters = [found[version] for version in wanted]
        self.asyncio_interpreters = [found[version] for version in ("3.14", "3.15") if version in found] or self.interpreters
        self.rows, self.failures, self.refused = {}, {}, {}

    def add(self, table, tool, row):
        self.rows.setdefault(table, {}).setdefault(tool, []).append(row)

    def fail(self, table, tool, why):
        self.rows.setdefault(table, {}).setdefault(tool, [])
        reasons = self.failures.setdefault((table, tool), [])
        reasons.append(str(why))

    def in_turn(self, scenario, turn, interpreter, table, measure):
        tools = self.tools[scenario]
        for tool in tools:  # the order of the first round is that of the table
            self.rows.setdefault(table, {}).setdefault(tool.name, [])
        for tool in tools[turn % len(tools):] + tools[:turn % len(tools)]:
            why = tool.refusal(interpreter)
            if why:
                if not self.failures.get((table, tool.name)):
                    self.fail(table, tool.name, why)
                    self.refused.setdefault(table, set()).add(tool.name)
                continue
            print(f"round {turn + 1} of {self.options.rounds}: {scenario}, Python {interpreter.version}, {tool.name}", file=sys.stderr)
            try:
                for row in measure(tool):
                    self.add(table, tool.name, row)
            except (Failure, RuntimeError) as reason:
                self.fail(table, tool.name, reason)
                if "does not support" in str(reason):  # and waiting for it to say so again takes seconds each time
                    tool.unread[interpreter.version] = str(reason)
            except Exception as reason:  # one tool's mishap must not cost the figures of all others
                traceback.print_exc()
                self.fail(table, tool.name, f"could not be measured: {reason!r}")

    def run(self):
        for turn in range(self.options.rounds):
            for scenario in self.options.only or SCENARIOS:
                getattr(self, scenario if scenario not in RECORDINGS else "recordings")(scenario, turn)

    def recordings(self, scenario, turn):
        for interpreter in self.interpreters:
            self.in_turn(scenario, turn, interpreter, (scenario, interpreter.version),
                         lambda tool: [record(self.options, interpreter, tool, scenario)])

    def slowdown(self, scenario, turn):
        for interpreter in self.interpreters:
            table = (scenario, interpreter.version)
            for row in slowdown(self.options, interpreter, None):
                self.add(table, "none", row)
            self.in_turn(scenario, turn, interpreter, table, lambda tool: slowdown(self.options, interpreter, tool))

    def dump(self, scenario, turn):
        for interpreter in self.interpreters:
            for threads, load, arguments, needed in [(1, "deep.py", [ONE], ("deep", ONE - 5)),
                                                     (THREADS, "threads.py", [THREADS, THREAD_FRAMES], ("idle", 18 * 55))]:
                with Target(interpreter, load, *arguments) as target:
                    for again in range(self.options.dumps):
                        self.in_turn(scenario, turn * self.options.dumps + again, interpreter,
                                     (f"dump {threads}", interpreter.version),
                                     lambda tool: [dump(self.options, target, tool.dump(target),
                                                        lambda text: frames_of(text, needed[0]) >= needed[1])])

    def tasks(self, scenario, turn):
        for interpreter in self.asyncio_interpreters:
            with Target(interpreter, "tasks.py", TASKS) as target:
                for again in range(self.options.dumps):
                    self.in_turn(scenario, turn * self.options.dumps + again, interpreter, (scenario, interpreter.version),
                                 lambda tool: [dump(self.options, target, tool.tasks(target),
                                                    lambda text: tool.tells_all(text, TASKS))])


def figure(value):
    if value is None:
        return "—"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


RATIOS = {"achieved Hz", "CPU %", "CPU µs", "RSS MB", "ms", "CPU ms"}


def print_tables(bench, write):
    order = {name: number for number, name in enumerate([*RECORDINGS, "slowdown", "dump 1", f"dump {THREADS}", "tasks"])}
    for name in sorted({table for table, _ in bench.rows}, key=order.get):
        versions = [version for table, version in bench.rows if table == name]
        for version in versions:
            tools = bench.rows[name, version]
            write(f"\n### {title(name)}; Python {version}\n")
            if name == "slowdown":
                print_slowdown(tools, write)
            else:
                print_table(name, tools, write)
            for tool in tools:
                reasons = bench.failures.get(((name, version), tool))
                if reasons:
                    tried = len(reasons) + len(tools[tool])
                    what = "not run" if tool in bench.refused.get((name, version), ()) else f"failed {len(reasons)} of {tried} times"
                    write(f"\n{tool}: {what}: {reasons[-1]}")


def title(name):
    if name in RECORDINGS:
        return RECORDINGS[name][0]
    return {"slowdown": f"How much slower the target is at 1,000 Hz, one thread, {ONE} frames deep",
            "dump 1": f"One dump of one thread, {ONE} frames deep, from exec to end",
            f"dump {THREADS}": f"One dump of {THREADS} threads, {THREAD_FRAMES} frames deep, from exec to end",
            "tasks": f"{TASKS} asyncio tasks, from exec to end"}[name]


def medians(rows):
    if not rows:
        return {}
    values = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    if "startup" in values:
        values["CPU µs"] = statistics.median(max(0, row["cpu"] - values["startup"]) / row["snapshots"] * 1e6 for row in rows)
    return values


def print_table(name, tools, write):
    columns = (["achieved Hz", "lost %", "errors %", "wrong %", "CPU %", "CPU µs", "target CPU %", "RSS MB"] if name in RECORDINGS
               else ["ms", "CPU ms", "RSS MB"])
    if name == "highest":
        columns = [column for column in columns if column not in ("lost %", "wrong %")]
    write("| tool | " + " | ".join(columns) + " |\n| --- |" + " ---: |" * len(columns))
    values = {tool: medians(rows) for tool, rows in tools.items()}
    for tool, value in values.items():
        write(f"| {tool} | " + " | ".join(figure(value.get(column)) for column in columns) + " |")
    for tool, value in values.items():
        if tool.startswith("viv") or not value or not values.get("viv"):
            continue
        ratios = [figure(values["viv"][column] / value[column]) if column in RATIOS and value[column] else ""
                  for column in columns]
        write(f"| viv ÷ {tool} | " + " | ".join(ratios) + " |")
    mine = values.get("viv")
    if mine and "stops" in mine:
        write(f"\nviv read {mine['retries']:.2f} times again per snapshot and stopped a thread in {mine['stops'] * 100:.1f} % of them.")
    others = [max(0, value["others CPU %"]) for value in values.values() if "others CPU %" in value]
    if others:
        write(f"\nProcessor time that everything else used meanwhile, of one processor: {min(others):.0f} to {max(others):.0f} %.")


def print_slowdown(tools, write):
    write("| tool | times slower | 95 % CI of the median | stands still % | windows |\n| --- | ---: | --- | ---: | ---: |")
    for tool, rows in tools.items():
        ratios = [row["ratio"] for row in rows]
        if ratios:
            low, high = interval(ratios)
            still = statistics.median(row["still"] for row in rows)
            write(f"| {tool} | {statistics.median(ratios):.3f} | {low:.3f} to {high:.3f} | {still:.2f} | {len(ratios)} |")
        else:
            write(f"| {tool} | — | — | — | 0 |")


def print_goals(bench, write):
    """The goals of viv, and whether this run met them."""
    def value(table, version, tool, column):
        return medians(bench.rows.get((table, version), {}).get(tool, [])).get(column)

    goals = []

    def at_most(what, version, limit, mine, whose="", form=figure):
        if mine is not None and limit is not None:
            goals.append((what, version, f"≤ {form(limit)}{whose}", form(mine), mine <= limit))

    def part(what, version, share, table, column, peer):
        theirs = value(table, version, peer, column)
        if theirs:
            at_most(what, version, theirs * share, value(table, version, "viv", column),
                    f" ({fractions.Fraction(share).limit_denominator(100)} of {peer}'s)")

    for version in [interpreter.version for interpreter in bench.interpreters]:
        part("one thread, CPU µs a snapshot", version, 1 / 15, "one", "CPU µs", "py-spy")
        part("one thread, CPU µs a snapshot", version, 1 / 4, "one", "CPU µs", "Tachyon")
        part(f"{THREADS} threads, CPU µs a snapshot", version, 1 / 50, "threads", "CPU µs", "py-spy")
        part(f"{THREADS} threads, CPU µs a snapshot", version, 2 / 3, "threads", "CPU µs", "austin")
        part(f"{DEEP:,} frames, CPU µs a snapshot", version, 1 / 100, "deep", "CPU µs", "py-spy")
        at_most(f"{DEEPEST:,} frames, wrong or cut %", version, 0, value("deepest", version, "viv", "wrong %"))
        for table in ("one", "flutter"):
            at_most(f"{table}: stacks that cannot be, %", version, 0, value(table, version, "viv", "wrong %"))
            at_most(f"{table}: stacks not read, %", version, 0.1, value(table, version, "viv", "errors %"))
        for table, asked in (("threads", 1_000), ("fast", 10_000)):
            mine = value(table, version, "viv", "achieved Hz")
            if mine is not None:
                goals.append((f"{table}: achieved Hz", version, f"≥ {asked * 0.99:,.0f}", figure(mine), mine >= asked * 0.99))
        mine, theirs = (value("highest", version, tool, "achieved Hz") for tool in ("viv", "py-spy"))
        if mine and theirs:
            goals.append(("highest rate, Hz", version, f"≥ {figure(theirs * 20)} (20 times py-spy's)", figure(mine),
                          mine >= theirs * 20))
        at_most("times slower at 1,000 Hz", version, 1.015, value("slowdown", version, "viv", "ratio"), form="{:.3f}".format)
        at_most("dump of one thread, ms", version, 15, value("dump 1", version, "viv", "ms"))
        at_most(f"dump of {THREADS} threads, ms", version, 25, value(f"dump {THREADS}", version, "viv", "ms"))
        at_most("RSS MB", version, 25, value("one", version, "viv", "RSS MB"))
    for interpreter in bench.asyncio_interpreters:
        at_most(f"dump of {TASKS} tasks, ms", interpreter.version, 50, value("tasks", interpreter.version, "viv", "ms"))
    if goals:
        write("\n### Goals\n\n| goal | Python | limit | viv | met |\n| --- | --- | --- | ---: | --- |")
        for what, version, limit, mine, met in goals:
            write(f"| {what} | {version} | {limit} | {mine} | {'yes' if met else '**no**'} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viv", required=True)
    parser.add_argument("--peers", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each recording")
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="may be repeated")
    parser.add_argument("--pythons", help="versions of the targets, as in 3.12,3.15")
    parser.add_argument("--pairs", type=int, default=6, help="of windows with and without the sampler, in each round")
    parser.add_argument("--window", type=float, default=1, help="seconds of such a window")
    parser.add_argument("--settle", type=float, default=0.4, help="seconds for a sampler to begin before its window")
    parser.add_argument("--dumps", type=int, default=5, help="by each tool in each round")
    parser.add_argument("--show-wrong", action="store_true", help="print the stacks that cannot occur")
    parser.add_argument("--out", help="file for the tables, beside standard output")
    options = parser.parse_args()

    bench = Bench(options)
    if not bench.interpreters:
        sys.exit("error: no Python was found to measure on; scripts/fetch-pythons gets some")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that targets end and their folders go
    bench.run()
    lines = []
    versions = ", ".join(f"{tool.name} {tool.version.removeprefix(tool.name).strip()}" if not tool.missing
                         else f"no {tool.name} ({tool.missing})" for tool in bench.main_tools)
    lines.append(f"{versions}; Linux {platform.release()}, {os.cpu_count()} processors, {platform.machine()}; medians of "
                 f"{options.rounds} rounds of {options.seconds} s{', as root' if os.geteuid() == 0 else ''}.")
    print_tables(bench, lines.append)
    print_goals(bench, lines.append)
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if options.out:
        pathlib.Path(options.out).write_text(text)


if __name__ == "__main__":
    main()
