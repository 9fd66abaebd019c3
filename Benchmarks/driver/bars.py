"""What the client is to reach, and whether it does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """At most so many times what somebody else needs for the same work."""

    work: str
    contestant: str
    measure: str  # "ns" is wall time, the median of paired ratios where the other is C
    other: str
    limit: float
    shown: str = ""

    @property
    def other_text(self):
        return self.other.replace("|", " or ")

    @property
    def limit_text(self):
        return self.shown or f"{self.limit:g}"


def bars():
    wall, count = "ns", "instructions"
    for size in ("100B", "1KB", "4KB"):
        for op in ("get", "set"):
            for style in ("bytes", "string", "data"):
                yield Bar(f"{op}/{size}/tcp", f"swift-{style}", wall, "c", 1.03)
    for op, style, limit in (("get", "bytes", 1.20), ("get", "string", 1.33), ("get", "data", 1.50), ("get", "with", 1.08),
                             ("set", "bytes", 1.12), ("set", "string", 1.20), ("set", "data", 1.40)):
        yield Bar(f"{op}/100B/tcp", f"swift-{style}", count, "c", limit)
    for size in ("100KB", "1MB"):
        for style in ("bytes", "string", "data"):
            yield Bar(f"get/{size}/unix", f"swift-{style}", wall, "c", 1.15)
            yield Bar(f"get/{size}/unix", f"swift-{style}", wall, "pylibmc", 0.5)
    yield Bar("getMulti/100x100B/tcp", "swift-bytes", count, "c", 2.0)
    yield Bar("getMulti/100x100B/tcp", "swift-array", count, "c", 1.7)
    for transport in ("tcp", "unix"):
        for keys in (10, 100, 1000, 10000):
            yield Bar(f"getMulti/{keys}x100B/{transport}", "swift-bytes", wall, "pylibmc", 1.0)
    yield from automatic_bars()
    for op in ("setMulti", "deleteMulti"):
        for transport in ("tcp", "unix"):
            yield Bar(f"{op}/100x100B/{transport}", "swift-bytes", wall, "floor", 1.25)
            yield Bar(f"{op}/100x100B/{transport}", "swift-bytes", wall, "pylibmc", 0.10)
    yield Bar("setCompressed/64KB/level6/tcp", "swift-bytes", wall, "c", 0.6)
    yield Bar("getCompressed/64KB/level6/tcp", "swift-bytes", wall, "c", 0.5)
    for op in ("get", "set"):
        yield Bar(f"{op}/100B/codable/tcp", "swift", count, "pylibmc", 1.0)


#: pylibmc in both protocols: the faster one counts.
PYLIBMC = "pylibmc|pylibmc-default"
#: The same in programs that do nothing else: see scripts/small_pylibmc.py.
PYLIBMC_ALONE = "pylibmc-small|pylibmc-default-small"


def automatic_bars():
    """What the client that chooses the protocol is to reach."""
    for work, limit in (("getMulti/10x100B", 0.92), ("getMulti/100x100B", 0.70), ("getMulti/1000x100B", 0.50),
                        ("incr/100B", 1.05), ("deleteMissing/100x100B", 0.07), ("deleteHalf/100x100B", 0.07),
                        ("setMulti/100x100B", 0.08), ("get/100B", 1.0), ("set/100B", 1.0)):
        yield Bar(f"{work}/tcp", "swift-automatic", "ns", PYLIBMC, limit)
        if work.startswith("getMulti/1000x"):
            yield Bar(f"{work}/tcp", "swift-automatic", "ns", PYLIBMC_ALONE, limit)


def judged(results, bars):
    """Each bar with what was reached: the ratio, or None if that was not measured."""
    for bar in bars:
        found = results["work"].get(bar.work, {}).get("contestants", {})
        ours = found.get(bar.contestant, {})
        others = [name for name in bar.other.split("|") if bar.measure in found.get(name, {})]
        if bar.measure in ours and others:
            best = min(others, key=lambda name: found[name][bar.measure])
            paired = {**ours.get("ratios", {}), "c": ours.get("ratio")} if bar.measure == "ns" else {}
            yield bar, paired.get(best) or ours[bar.measure] / found[best][bar.measure]
        else:
            yield bar, None
