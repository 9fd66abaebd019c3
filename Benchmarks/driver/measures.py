"""How it is measured: wall time in interleaved rounds, instructions, allocations and system calls, memory."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from contestants import Running, is_peer
from servers import CPU, pinned, placed

BASELINE = "c"

#: Work that takes long gets fewer rounds.
LONGEST_SECONDS = 2
FEWEST_ROUNDS = 7


class Values:
    """The values to store, as files."""

    def __init__(self, make):
        self._folder = tempfile.TemporaryDirectory(prefix="swiftlibmc-bench-")
        self._make = make

    def path(self, size):
        path = Path(self._folder.name) / str(size)
        if not path.exists():
            path.write_bytes(self._make(size))
        return str(path)


def started(contestant, work, servers, values):
    command = contestant.arguments(work, servers, values.path(work.size))
    return Running(placed(command, work.place))


# --- wall time ----------------------------------------------------------------------------------------------------

def wall(contestants, work, servers, values, rounds, turn_seconds):
    """Nanoseconds per operation and the ratio to the baseline, of each contestant: median and spread of the rounds.

    Everybody takes a turn in each round, and what is compared are turns of the same round: what the machine does
    besides hits them alike.
    """
    running, counts, failed = {}, {}, {}
    try:
        for contestant in contestants:
            program = running[contestant.name] = started(contestant, work, servers, values)
            try:
                counts[contestant.name] = _calibrated(program, turn_seconds)
            except RuntimeError as error:
                # A result as well: some wait for ever.
                failed[contestant.name] = {"failed": str(error).rsplit(": ", 1)[-1]}
        turns = {name: [] for name in counts}
        names = list(counts)
        enough = time.monotonic() + LONGEST_SECONDS
        for number in range(rounds):
            if number >= FEWEST_ROUNDS and time.monotonic() > enough:
                break
            # Nobody is always after the same one, whose garbage it may have to clean up.
            shift = number % len(names)
            for name in names[shift:] + names[:shift]:
                turns[name].append(running[name].nanoseconds(counts[name]) / counts[name])
    finally:
        for program in running.values():
            program.end()
    found = {name: _summary(times, turns.get(BASELINE)) for name, times in turns.items()}
    for name, times in turns.items():
        found[name]["ratios"] = {other: _summary(times, turns[other])["ratio"] for other in _compared(name, found)}
    return found | failed


def _compared(name, found):
    """With whom turns are compared besides the baseline: where that has not taken part, with everybody; ours with peers."""
    if BASELINE not in found:
        return [other for other in found if other != name]
    if not name.startswith("swift"):
        return []
    fastest = min(filter(is_peer, found), key=lambda other: found[other]["ns"], default=None)
    return [other for other in found if other == fastest or other.startswith("pylibmc") or other == "floor"]


def _calibrated(program, turn_seconds):
    """How many operations fill one turn; warms up on the way."""
    # The first one connects.
    program.nanoseconds(1)
    count = 1
    while True:
        nanoseconds = max(program.nanoseconds(count), 1)
        if nanoseconds > turn_seconds * 1e9 / 4 or count >= 1 << 20:
            return max(1, int(count * turn_seconds * 1e9 / nanoseconds))
        count *= 4


def _summary(times, baseline):
    summary = {"ns": round(statistics.median(times), 1)}
    if baseline:
        ratios = sorted(time / base for time, base in zip(times, baseline))
        quarter = len(ratios) // 4
        summary["ratio"] = round(statistics.median(ratios), 4)
        # The middle half.
        summary["spread"] = [round(ratios[quarter], 4), round(ratios[-1 - quarter], 4)]
    return summary


# --- instructions -------------------------------------------------------------------------------------------------

def instructions(contestant, work, servers, values, few, many):
    """Instructions in user space for one operation: callgrind's counts for `many` and for `few`, subtracted."""
    with tempfile.TemporaryDirectory(prefix="swiftlibmc-callgrind-") as folder:
        out = Path(folder) / "counts"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        arguments = contestant.arguments(work, servers, values.path(work.size))
        if contestant.python:
            return _python_instructions([*command, *arguments], few, many)
        command += ["--dump-before=measure_mark", *arguments]
        # The first request is warm-up: it connects, and grows what grows.
        _fed(pinned(command), [few, few, many])
        # Written at each mark: 1 start-up, then 2, 4, 6 the requests and 3, 5 what is between them.
        return (_total(f"{out}.6") - _total(f"{out}.4")) / (many - few)


def _python_instructions(command, few, many):
    """The same without marks, which Python has none of: two runs."""
    totals = []
    for count in (few, many):
        report = _fed(pinned(command), [few, count])
        totals.append(int(report.split("Collected : ")[1].split()[0]))
    return (totals[1] - totals[0]) / (many - few)


def _total(path):
    for line in Path(path).read_text().splitlines():
        if line.startswith(("totals:", "summary:")):
            return int(line.split()[1])
    raise RuntimeError(f"no total in {path}")


def _fed(command, counts):
    text = "".join(f"{count}\n" for count in counts)
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{command}: {result.stdout}{result.stderr}")
    return result.stderr


# --- allocations and system calls ---------------------------------------------------------------------------------

def calls(contestant, work, servers, values, count, library):
    """Allocations and system calls for one operation."""
    with tempfile.TemporaryDirectory(prefix="swiftlibmc-counters-") as folder:
        out = Path(folder) / "counts"
        command = ["env", f"LD_PRELOAD={library}", f"COUNTERS={out}",
                   *contestant.arguments(work, servers, values.path(work.size))]
        _fed(pinned(command), [count, count])
        # Before and after the warm-up, before and after the request.
        marks = [[int(number) for number in line.split()] for line in out.read_text().splitlines()]
    before, after = marks[-2], marks[-1]
    kinds = ("allocations", "sends", "receives", "polls")
    return {kind: round((b - a) / count, 2) for kind, a, b in zip(kinds, before, after)}


# --- memory -------------------------------------------------------------------------------------------------------

def growth(contestant, work, servers, values, operations):
    """Resident memory in KB after a tenth of the operations, and how much it has grown after all of them."""
    program = started(contestant, work, servers, values)
    try:
        program.nanoseconds(operations // 10)
        before = program.resident_kilobytes()
        program.nanoseconds(operations - operations // 10)
        return {"resident_kb": before, "growth_kb": program.resident_kilobytes() - before}
    finally:
        program.end()
