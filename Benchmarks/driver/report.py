"""Tables for the terminal, and the report."""

import json
from pathlib import Path

from contestants import BENCHMARKS


def microseconds(nanoseconds):
    return f"{nanoseconds / 1000:.1f}" if nanoseconds < 1e6 else f"{nanoseconds / 1000:,.0f}"


def cells(name, found, baseline):
    """One line of a table: time, ratio with the middle half of the rounds, and what is counted."""
    if "failed" in found:
        return [name, "", found["failed"], "", "", "", ""]
    ratio = spread = instructions = ""
    if "ratio" in found:
        ratio = f"{found['ratio']:.3f}"
        spread = f"{found['spread'][0]:.2f}-{found['spread'][1]:.2f}"
    if "instructions" in found:
        instructions = f"{found['instructions']:,.0f}"
        if baseline.get("instructions"):
            instructions += f" ({found['instructions'] / baseline['instructions']:.2f}x)"
    calls = ""
    if "sends" in found:
        calls = f"{found['sends'] + found['receives'] + found['polls']:g}"
    allocations = f"{found['allocations']:g}" if "allocations" in found else ""
    return [name, microseconds(found["ns"]), ratio, spread, instructions, allocations, calls]


HEADERS = ["", "µs", "to C", "middle half", "instructions", "allocations", "syscalls"]


def table(results, labels):
    """All results for the terminal."""
    blocks = []
    for name, entry in results["work"].items():
        baseline = entry["contestants"].get("c", {})
        rows = [[name, *HEADERS[1:]]]
        rows += [cells(labels.get(one, one), found, baseline) for one, found in entry["contestants"].items()]
        blocks.append(aligned(rows))
    return "\n\n".join(blocks)


def aligned(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows)
