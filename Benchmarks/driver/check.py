"""Instructions and allocations per operation against thresholds: what a change costs, independent of the machine's mood."""

import json

import measures
from contestants import BENCHMARKS
from workloads import Work

THRESHOLDS = BENCHMARKS / "thresholds.json"

#: More than repeated runs differ by, less than a change that matters.
INSTRUCTIONS_TOLERANCE = 0.03
ALLOCATIONS_TOLERANCE = 0.05

CHECKED = [
    (Work("get"), ["swift-bytes", "swift-string", "swift-data", "swift-with"]),
    (Work("set"), ["swift-bytes", "swift-string", "swift-data"]),
    (Work("get", style="int"), ["swift"]),
    (Work("set", style="int"), ["swift"]),
    (Work("get", style="codable"), ["swift"]),
    (Work("set", style="codable"), ["swift"]),
    (Work("get", style="retrying"), ["swift"]),
    (Work("get", style="prefixed"), ["swift"]),
    (Work("set", style="retrying"), ["swift"]),
    (Work("set", style="prefixed"), ["swift"]),
    (Work("miss"), ["swift-bytes"]),
    (Work("incr"), ["swift-bytes"]),
    (Work("getMulti", keys=100), ["swift-bytes", "swift-string", "swift-array"]),
    (Work("setMulti", keys=100), ["swift-bytes"]),
    (Work("deleteMissing", keys=100), ["swift-bytes"]),
]


def count(contestants, servers, values, library):
    by_name = {one.name: one for one in contestants}
    counts = {}
    for work, names in CHECKED:
        for name in names:
            contestant = by_name[name]
            few, many = (200, 700) if work.keys == 0 else (5, 15)
            label = f"{work.name}@{name}"
            counts[label] = {
                "instructions": round(measures.instructions(contestant, work, servers, values, few, many)),
                "allocations": measures.calls(contestant, work, servers, values, many, library)["allocations"],
            }
            print(f"{label}: {counts[label]['instructions']:,} instructions, "
                  f"{counts[label]['allocations']:g} allocations", flush=True)
    return counts


def run(options, contestants, servers, values):
    """Counts and compares; the status that the program ends with."""
    counts = count(contestants, servers, values, options.counters)
    if options.accept:
        THRESHOLDS.write_text(json.dumps(counts, indent=1) + "\n")
        print(f"Written: {THRESHOLDS}")
        return 0
    findings = list(exceeded(counts, json.loads(THRESHOLDS.read_text())))
    for finding in findings:
        print(finding)
    print(f"{len(findings)} of {2 * len(counts)} thresholds are exceeded" if findings else "Within all thresholds.")
    return 1 if findings else 0


def exceeded(counts, thresholds):
    for label, found in counts.items():
        allowed = thresholds.get(label)
        if allowed is None:
            yield f"{label}: there is no threshold; --accept writes one"
            continue
        if found["instructions"] > allowed["instructions"] * (1 + INSTRUCTIONS_TOLERANCE):
            yield f"{label}: {found['instructions']:,} instructions, the threshold is {allowed['instructions']:,}"
        if found["allocations"] > allowed["allocations"] + ALLOCATIONS_TOLERANCE:
            yield f"{label}: {found['allocations']:g} allocations, the threshold is {allowed['allocations']:g}"
