"""Whether our cost for one key stays the same as calls grow, in time and in memory; and memory as operations go on."""

import statistics

import measures
from workloads import Work, all_work

KEYS = (10, 100, 1000, 10_000, 100_000)
OPS = ("getMulti", "setMulti", "deleteMulti")
TRANSPORTS = ("tcp", "unix")

TURNS = 5
#: Long enough that the few calls with the most keys are several.
TURN_SECONDS = 0.1

OPERATIONS = 1_000_000
REPEATED = ("get/100B/unix", "set/100B/unix", "getMulti/100x100B/unix", "setMulti/100x100B/unix")


def by_keys(contestant, servers, values):
    """Nanoseconds for one key, and the memory that calls take beyond their arguments, by operation and number of keys."""
    found = {}
    for op in OPS:
        for transport in TRANSPORTS:
            for keys in KEYS:
                work = Work(op, keys=keys, transport=transport)
                found[work.name] = _one(contestant, work, servers, values)
    return found


def _one(contestant, work, servers, values):
    program = measures.started(contestant, work, servers, values)
    try:
        before = program.peak_kilobytes()
        first = program.nanoseconds(1)
        count = max(1, int(TURN_SECONDS * 1e9 / max(first, 1)))
        times = [program.nanoseconds(count) / count / work.keys for _ in range(TURNS)]
        return {"op": work.op, "transport": work.transport, "keys": work.keys, "ns_per_key": round(statistics.median(times), 1),
                "peak_kb": program.peak_kilobytes() - before}
    finally:
        program.end()


def over_time(contestants, servers, values):
    """Resident memory of our client and of C while they do the same again and again."""
    found = {}
    for work in all_work():
        if work.name in REPEATED:
            for one in contestants:
                if one.name in ("c", "swift-bytes") and one.can(work):
                    count = OPERATIONS // max(1, work.keys)
                    found[f"{work.name}@{one.name}"] = measures.growth(one, work, servers, values, count)
    return found


# --- the report ---------------------------------------------------------------------------------------------------

def section(results):
    return "\n\n".join(part for part in (_remembered(results), _by_keys(results)) if part)


def _remembered(results):
    if "memory" not in results:
        return ""
    lines = ["## Memory over a million operations", "",
             "Resident memory after a tenth of them, and what was added until the end.", "",
             "| work and contestant | KB | added |", "|---|---:|---:|"]
    lines += [f"| {name} | {one['resident_kb']:,} | {one['growth_kb']:,} |" for name, one in results["memory"].items()]
    return "\n".join(lines)


def _by_keys(results):
    if "by_keys" not in results:
        return ""
    rows = results["by_keys"].values()
    lines = ["## As calls grow", "",
             "Our time for one key in µs (dictionaries of 100 bytes), and what the calls add to the largest amount of memory",
             "that the process has had, in KB: the packed keys, and of reads the result itself.", "",
             "| | " + " | ".join(f"{keys:,} keys" for keys in KEYS) + " |", "|---|" + "---:|" * len(KEYS)]
    for op in OPS:
        for transport in TRANSPORTS:
            of_one = {row["keys"]: row for row in rows if row["op"] == op and row["transport"] == transport}
            cells = [f"{of_one[keys]['ns_per_key'] / 1000:.2f} ({of_one[keys]['peak_kb']:,} KB)" for keys in KEYS]
            lines.append(f"| {op}, {transport} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
