"""Tables for the terminal, and the report."""

import json
import re
from pathlib import Path

import bars
import buildtime
import charts
import concurrency
import growth
from contestants import BENCHMARKS, is_peer


def microseconds(nanoseconds):
    return f"{nanoseconds / 1000:.1f}" if nanoseconds < 1e6 else f"{nanoseconds / 1000:,.0f}"


def cells(name, found, baseline):
    """One line of a table: time, ratio with the middle half of the rounds, and what is counted."""
    if "failed" in found:
        return [name, "", found["failed"], "", "", "", ""]
    ratio = spread = instructions = ""
    if "ratio" in found:
        ratio = f"{found['ratio']:.3f}"
        if "spread" in found:
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


# --- the report ---------------------------------------------------------------------------------------------------

def write(path):
    """Writes REPORT.md and its charts from a file of results."""
    results = json.loads(path.read_text())
    labels = results["labels"]
    folder = BENCHMARKS / "charts"
    folder.mkdir(exist_ok=True)
    notes = (BENCHMARKS / "NOTES.md").read_text()
    parts = [
        "# Benchmarks\n\nWritten by `Scripts/bench`; edit NOTES.md instead.\n",
        notes.split("<!-- results -->")[0],
        conditions(results, path), drawn(results, labels, folder), reached(results), concurrency.section(results),
        growth.section(results), buildtime.section(results),
        notes.split("<!-- results -->")[1],
        "## All results\n\nOf each piece of work, with the fastest peer: [RESULTS.md](RESULTS.md).\n",
    ]
    (BENCHMARKS / "RESULTS.md").write_text(everything(results, labels) + "\n")
    (BENCHMARKS / "REPORT.md").write_text("\n".join(part.strip() + "\n" for part in parts if part.strip()))
    print(f"Written: {BENCHMARKS / 'REPORT.md'}")


def conditions(results, path):
    lines = ["## Machine and settings", "", f"Measured {results['date'].replace('T', ' at ')}: "
             f"[results/{path.name}](results/{path.name}).", ""]
    if "seconds" in results:
        lines += [f"The run took {results['seconds'] / 60:.0f} minutes.", ""]
    older = [name for name, entry in results["work"].items() if entry.get("date", results["date"])[:10] != results["date"][:10]]
    if older:
        lines += [f"{len(older)} of {len(results['work'])} kinds of work were measured earlier; the file of results says when.", ""]
    lines += [f"- {name}: {value}" for name, value in results["machine"].items()]
    lines += ["", "| contestant | settings |", "|---|---|"]
    lines += [f"| {label} | {text} |" for label, text in results["settings"].items()]
    return "\n".join(lines)


def drawn(results, labels, folder):
    """Charts of what matters most."""
    chosen = [
        ("get/100B/tcp", "get, 100 bytes, TCP"), ("set/100B/tcp", "set, 100 bytes, TCP"),
        ("get/1MB/unix", "get, 1 MB, unix socket"), ("getMulti/100x100B/tcp", "get 100 keys at once"),
        ("setMulti/100x100B/tcp", "set 100 keys at once"), ("deleteMulti/100x100B/tcp", "delete 100 keys at once"),
        ("setCompressed/64KB/level6/tcp", "set with compression, 64 KB, level 6"),
    ]
    lines = ["## At a glance", "", "Time as a multiple of C on libmemcached; less is better.", ""]
    for name, title in chosen:
        if name in results["work"]:
            file = re.sub("[^A-Za-z0-9]+", "-", name) + ".svg"
            charts.ratios(results["work"][name], labels, title, folder / file)
            lines += [f"![{title}](charts/{file})", ""]
    for op in ("getMulti", "setMulti", "deleteMulti"):
        series = {}
        for entry in results["work"].values():
            work = entry["work"]
            if work["op"] == op and work["transport"] == "tcp" and work["servers"] == 1:
                for name, one in entry["contestants"].items():
                    if "ns" in one:
                        series.setdefault(name, []).append((work["keys"], one["ns"] / 1000 / work["keys"]))
        if series:
            charts.growth(series, labels, f"{op}, 100 bytes, TCP", folder / f"{op}.svg")
            lines += [f"![{op}: time for each key](charts/{op}.svg)", ""]
    return "\n".join(lines)


def reached(results):
    names = {"ns": "wall time", "instructions": "instructions"}
    lines = ["## What was to be reached", "", "| work | as | measure | against | at most | reached | |",
             "|---|---|---|---|---|---|---|"]
    for bar, ratio in bars.judged(results, [*bars.bars(), *concurrency.bars()]):
        verdict = "not measured" if ratio is None else "yes" if ratio <= bar.limit else "**no**"
        shown = "" if ratio is None else f"{ratio:.3f}x"
        lines.append(f"| {bar.work} | {bar.contestant} | {names[bar.measure]} | {bar.other_text} | {bar.limit_text}x "
                     f"| {shown} | {verdict} |")
    return "\n".join(lines)


def fastest_peer(entry, labels):
    """Who is the fastest of the others that people use, whatever its settings, and what we take of its time."""
    found = {name: one["ns"] for name, one in entry["contestants"].items() if "ns" in one}
    ours = [name for name in found if name.startswith("swift")]
    peers = list(filter(is_peer, found))
    if not ours or not peers:
        return ["", "", ""]
    best, us = min(peers, key=found.get), min(ours, key=found.get)
    ratio = entry["contestants"][us].get("ratios", {}).get(best) or found[us] / found[best]
    return [labels.get(best, best), f"{ratio:.2f}x", labels.get(us, us)]


def everything(results, labels):
    """One line for each piece of work; the rest is in the file of results."""
    found = {name: entry for name, entry in results["work"].items() if entry["work"]["op"] not in concurrency.OPS}
    names = [name for name in labels if any(name in entry["contestants"] for entry in found.values())]
    lines = ["# All results", "", "Written by `Scripts/bench`.", "",
             "C's time in µs, and the others' as multiples of it (in µs where C has none). Peers are clients that applications",
             "use: neither C's own programs nor ours. Each takes part as it is by default, and with the binary protocol if it",
             "has that. At the end of each line stands the fastest of them, and how much of its time our fastest way takes.", "",
             "| work | " + " | ".join(labels[name] for name in names) + " | fastest peer | our time to its | as |",
             "|---|" + "---:|" * len(names) + "---|---:|---|"]
    for work, entry in found.items():
        cells = [short(entry["contestants"].get(name), name) for name in names] + fastest_peer(entry, labels)
        lines.append(f"| {work} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def short(found, name):
    if found is None:
        return ""
    if "failed" in found:
        return found["failed"]
    return f"{found['ratio']:.2f}x" if "ratio" in found and name != "c" else microseconds(found["ns"])
