"""What births and ends of threads and processes cost viv, measured from outside. Started by scripts/bench-storm.

  CPU ms/s    processor time of viv per second of the window
  wakes/s     how often one of its threads went to sleep and was woken again: voluntary switches per second
"""

import argparse
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/Scenarios"))
from pseudoterminal import PseudoTerminal  # noqa: E402
from ptybench import cpu_seconds  # noqa: E402


def voluntary_switches(pid):
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status") as file:
            total += next(int(line.split()[1]) for line in file if line.startswith("voluntary"))
    return total


def measure(viv, storm, kind, rate, options):
    """CPU and wake-ups of viv while so many are born a second, and how many were."""
    with PseudoTerminal([viv], columns=200, rows=50) as terminal:
        terminal.pump(options.warm_up)
        load = None
        if kind != "quiet":
            load = subprocess.Popen([storm, kind, str(rate)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            terminal.pump(1.5)
        start, cpu, switches = time.monotonic(), cpu_seconds(terminal.pid), voluntary_switches(terminal.pid)
        terminal.pump(options.seconds)
        elapsed = time.monotonic() - start
        result = {"CPU ms/s": (cpu_seconds(terminal.pid) - cpu) * 1000 / elapsed,
                  "wakes/s": (voluntary_switches(terminal.pid) - switches) / elapsed, "made/s": 0}
        if load:
            made, seconds = load.communicate()[0].split()
            result["made/s"] = int(made) / float(seconds)
        terminal.send("q")
        terminal.wait(5)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viv", action="append", required=True)
    parser.add_argument("--storm", required=True)
    parser.add_argument("--threads", type=int, default=2000, help="a second")
    parser.add_argument("--forks", type=int, default=1000, help="a second")
    parser.add_argument("--execs", type=int, default=500, help="a second")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--warm-up", type=float, default=3)
    options = parser.parse_args()

    storms = {"quiet": 0, "threads": options.threads, "forks": options.forks, "execs": options.execs}
    runs = {(kind, viv): [] for kind in storms for viv in options.viv}
    for turn in range(options.rounds):
        for kind, viv in runs:
            print(f"round {turn + 1} of {options.rounds}: {kind}, {viv}", file=sys.stderr)
            runs[kind, viv].append(measure(viv, options.storm, kind, storms[kind], options))
    print(f"Linux {platform.release()}, {os.cpu_count()} processors, {platform.machine()}; medians of {options.rounds} rounds of "
          f"{options.seconds:g} s.\n")
    print("| storm | viv | made/s | CPU ms/s | wakes/s |\n| --- | --- | ---: | ---: | ---: |")
    for (kind, viv), results in runs.items():
        made, cpu, wakes = (statistics.median(run[key] for run in results) for key in ("made/s", "CPU ms/s", "wakes/s"))
        print(f"| {kind} | {viv} | {made:,.0f} | {cpu:.1f} | {wakes:,.0f} |")


if __name__ == "__main__":
    main()
