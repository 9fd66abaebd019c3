"""Measures memcached clients side by side; Scripts/bench prepares everything and calls this."""

import argparse
import datetime
import json
import platform
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import buildtime
import check
import concurrency
import growth
import measures
import report
from contestants import BENCHMARKS, COMPRESSED, all_contestants
from servers import Servers
from workloads import all_work, json_like


def parse_arguments():
    parser = argparse.ArgumentParser(prog="Scripts/bench", description=__doc__.split(";")[0] + ".")
    parser.add_argument("--quick", action="store_true", help="the most important work, in two minutes; writes no report")
    parser.add_argument("--filter", default="", help="only work and contestants whose WORK@CONTESTANT matches this regular expression")
    parser.add_argument("--add", action="store_true", help="put what is measured into the latest results, and make the report of these")
    parser.add_argument("--check", action="store_true", help="only count instructions and allocations, and compare them with the thresholds")
    parser.add_argument("--accept", action="store_true", help="write what --check counts as the new thresholds")
    parser.add_argument("--rounds", type=int, help="rounds of wall time")
    parser.add_argument("--wall-only", action="store_true", help="no instructions, no allocations, no memory")
    parser.add_argument("--build-time", action="store_true", help="only measure how long a program that uses the library takes to build")
    parser.add_argument("--report", metavar="RESULTS", help="only make the report from a file of results")
    parser.add_argument("--wheel", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--source", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--counters", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


class Progress:
    """One line on the terminal that says how far it is; without a terminal, a line every minute."""

    def __init__(self, total):
        self._total, self._done, self._start, self._said = total, 0, time.monotonic(), 0

    def show(self, what):
        self._done += 1
        elapsed = time.monotonic() - self._start
        line = f"[{self._done}/{self._total}] {elapsed:4.0f} s  {what}"
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        elif elapsed >= self._said + 60:
            self._said = elapsed
            print(line, file=sys.stderr, flush=True)

    def end(self):
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def machine():
    """What the numbers depend on."""
    def first_line(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]

    with open("/proc/cpuinfo") as cpuinfo:
        models = [line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")]
    return {
        "cpu": f"{len(models)} x {models[0] if models else platform.machine()}",
        "system": platform.platform(),
        "swift": first_line("swift", "--version"),
        "libmemcached": first_line("pkg-config", "--modversion", "libmemcached"),
        "memcached": first_line("memcached", "--version"),
    }


def chosen(options, contestants):
    """Pairs of work and its contestants."""
    for work in [*all_work(), *concurrency.all_work()]:
        if options.quick and not work.quick:
            continue
        able = [one for one in contestants if one.can(work)]
        matching = [one for one in able if re.search(options.filter, f"{work.name}@{one.name}")]
        if not matching:
            continue
        # There is no ratio without the baseline.
        if able[0] not in matching:
            matching.insert(0, able[0])
        yield work, matching


def measure(options, contestants, servers, values):
    plan = list(chosen(options, contestants))
    progress = Progress(sum(1 + 2 * len(able) * (is_counted(work) and not options.wall_only) for work, able in plan))
    rounds = options.rounds or (25 if options.quick else 41)
    results = {}
    print(f"this will take about {round(expected_seconds(options, plan) / 60) or 1} minutes", file=sys.stderr)
    for work, able in plan:
        progress.show(f"{work.name}: wall time")
        found = measures.wall(able, work, servers, values, rounds, turn_seconds(options, work))
        for one in [] if options.wall_only else able:
            if "failed" in found[one.name]:
                continue
            found[one.name].update(counted(options, one, work, servers, values, progress))
        now = datetime.datetime.now().isoformat(timespec="seconds")
        results[work.name] = {"work": vars(work), "date": now, "contestants": found}
    progress.end()
    return results


def expected_seconds(options, plan):
    """Roughly how long a plan takes, on a machine that does nothing else."""
    seconds = 0 if options.quick or options.wall_only or options.filter else 180
    for work, able in plan:
        # Rounds end after some seconds, but calls with many keys take long, one by one.
        seconds += 1 + 0.5 * len(able) + (20 if work.keys == 10_000 and work.op != "getMulti" else 3)
        if not options.wall_only and is_counted(work):
            seconds += sum(20 if one.python else 4 for one in able if one.counted and not (one.python and options.quick))
    return seconds


def is_counted(work):
    """Whether instructions and calls are counted: what the rest would add takes many times as long as its wall time."""
    if work.size * max(1, work.keys) > 100 * 1024 or work.op in concurrency.OPS:
        return False
    return work.quick or work.style != "bytes" or work.op in ("miss", "incr")


def turn_seconds(options, work):
    """Long enough to time, short enough to be seldom interrupted. Threads are started in each turn, which must not count."""
    if work.is_parallel:
        return 0.05
    return 0.003 if options.quick else 0.006


def counted(options, contestant, work, servers, values, progress):
    """What is counted rather than timed; not of the big values, which say nothing new and take minutes."""
    counts, per_call = {}, max(1, work.keys)
    if not is_counted(work) or not contestant.counted or (contestant.python and options.quick):
        return counts
    progress.show(f"{work.name}: {contestant.name}, calls")
    counts.update(measures.calls(contestant, work, servers, values, max(3, 300 // per_call), options.counters))
    progress.show(f"{work.name}: {contestant.name}, instructions")
    few, many = (200, 1200) if per_call == 1 else (max(2, 200 // per_call), max(4, 1200 // per_call))
    if work.op in COMPRESSED:
        few, many = 3, 9
    counts["instructions"] = round(measures.instructions(contestant, work, servers, values, few, many), 1)
    return counts


def packed(results):
    """JSON with one line for each piece of work, so that differences can be read."""
    head = {key: value for key, value in results.items() if key != "work"}
    lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in results["work"].items()]
    rest = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    return "{\n " + ",\n ".join(rest) + ',\n "work": {\n  ' + ",\n  ".join(lines) + "\n }\n}\n"


def latest():
    """The file of the latest results of everything."""
    return max(path for path in (BENCHMARKS / "results").glob("*.json") if "quick" not in path.name)


#: What doesn't depend on the machine's mood.
COUNTED = ("allocations", "sends", "receives", "polls", "instructions")


def added(results):
    """The latest results with these in the place of what they have of the same work, and the file for them."""
    path = latest()
    whole = json.loads(path.read_text())
    for entry in whole["work"].values():
        entry.setdefault("date", whole["date"])
    for name, entry in results["work"].items():
        before = whole["work"].get(name, {"contestants": {}})["contestants"]
        # What is counted stays unless it was counted again.
        for one, found in entry["contestants"].items():
            counts = {key: before[one][key] for key in COUNTED if key in before.get(one, {})}
            entry["contestants"][one] = counts | found
    for part in ("work", "labels", "settings"):
        whole[part].update(results[part])
    # Whom there is a program for, in the order of today.
    whole["labels"] = {**results["labels"], **whole["labels"]}
    whole |= {key: results[key] for key in ("date", "machine")}
    whole.pop("seconds", None)
    return whole, BENCHMARKS / "results" / f"{results['date'][:10]}.json"


def add_build_time():
    """Measures it, and puts it into the latest results."""
    path = latest()
    results = json.loads(path.read_text())
    results["build_seconds"] = buildtime.measure()
    print(f"seconds: {results['build_seconds']}")
    path.write_text(packed(results))
    report.write(path)


def main():
    # So that Ctrl-C and kill stop the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = parse_arguments()
    if options.report:
        report.write(Path(options.report))
        return
    if options.build_time:
        add_build_time()
        return
    contestants = all_contestants(options.wheel, options.source) + concurrency.contestants()
    values = measures.Values(json_like)
    with Servers() as servers:
        if options.check or options.accept:
            sys.exit(check.run(options, contestants, servers, values))
        started = time.monotonic()
        results = {"date": datetime.datetime.now().isoformat(timespec="seconds"), "quick": options.quick,
                   "machine": machine(), "labels": {one.name: one.label for one in contestants},
                   "settings": {one.label: one.settings for one in contestants if one.settings}}
        results["work"] = measure(options, contestants, servers, values)
        if not options.quick and not options.wall_only and not options.filter:
            print("memory over a million operations, and calls with up to 100,000 keys", file=sys.stderr)
            results["memory"] = growth.over_time(contestants, servers, values)
            ours = next(one for one in contestants if one.name == "swift-bytes")
            results["by_keys"] = growth.by_keys(ours, servers, values)
            print("the time of a build", file=sys.stderr)
            results["build_seconds"] = buildtime.measure()
        results["seconds"] = round(time.monotonic() - started)
    path = BENCHMARKS / "results" / f"{datetime.date.today().isoformat()}{'-quick' if options.quick else ''}.json"
    measured = results
    if options.add:
        results, path = added(results)
    elif options.filter or options.wall_only:
        # A part does not take the place of the whole.
        path = BENCHMARKS / ".build" / "last.json"
    path.write_text(packed(results))
    print(report.table(measured, measured["labels"]))
    print(f"\nWritten: {path}, after {round(time.monotonic() - started)} s")
    if options.add or not options.quick and not options.filter and not options.wall_only:
        report.write(path)


if __name__ == "__main__":
    main()
