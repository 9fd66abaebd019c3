"""Many threads and tasks: the contestants, their work, what is to be reached, and a table of their own in the report."""

from bars import Bar
from contestants import BUILT, Contestant, is_peer
from workloads import Work

TASKS = (1, 8, 64, 256)

#: The client of Valkey and Redis, which is not made unless Package.swift is told to.
VALKEY = BUILT / "valkey-client"


class Way(Contestant):
    """One way of ours to serve threads or tasks, of which there are as many as the work says."""

    def __init__(self, way, label, ops, *, only_alone=False, protocol="binary"):
        suffix = "" if protocol == "binary" else f"-{protocol}"
        super().__init__(f"swift-{way}{suffix}", label, [str(BUILT / "swift-client"), f"protocol={protocol}"], ops,
                         settings=f"{protocol}, no delay", counted=False)
        self.way = way
        self.only_alone = only_alone

    def can(self, work):
        return super().can(work) and not (self.only_alone and work.is_parallel)

    def style_for(self, work):
        return self.way


class ValkeyTasks(Contestant):
    """The same tasks by valkey-swift on a server of that kind."""

    def __init__(self):
        super().__init__("valkey", "valkey-swift", [str(VALKEY)], {"asyncGet", "asyncSet"}, counted=False,
                         settings="on Valkey or Redis, with its usual pool")

    def address(self, work, servers):
        return servers.valkey(work.place)


def contestants():
    both = {"asyncGet", "asyncSet"}
    return [
        Way("plain", "Swift Client", {"asyncGet", "poolGet"}, only_alone=True),
        Way("async", "Swift AsyncClient", both),
        Way("async", "Swift AsyncClient, the best protocol for each command", both, protocol="automatic"),
        Way("own", "Swift AsyncClient, tasks on its threads", both),
        Way("hop", "Swift, one command per hop", both),
        Way("clones", "Swift ThreadMappedPool, as many threads", both),
        Way("own", "Swift AsyncClient, tasks on its threads, the best protocol", both, protocol="automatic"),
        Way("pool", "Swift ClientPool.withClient", {"poolGet"}),
        Way("mapped", "Swift ThreadMappedPool.withClient", {"poolGet"}),
        *([ValkeyTasks()] if VALKEY.exists() else []),
    ]


def all_work():
    # One task, on the CPU of the server: what the hop to another thread costs.
    yield Work("asyncGet", quick=True)
    # With a CPU of its own for the server, as if it were on another machine, a thread that waits for an answer has to be
    # woken each time. Free to be anywhere, client and server are on one CPU or on two as the kernel likes, and that
    # makes more of a difference than anything else.
    for tasks in TASKS:
        yield Work("asyncGet", parallel=tasks, place="apart", quick=tasks == 64)
    yield Work("asyncSet", parallel=64, place="apart")
    for tasks in (64, 256):
        yield Work("asyncGet", parallel=tasks, place="free")
    yield Work("poolGet", quick=True)


def bars():
    def bar(work, contestant, other, limit, shown=""):
        return Bar(work, contestant, "ns", other, limit, shown)

    yield bar("asyncGet/100B/tcp", "swift-async", "swift-plain", 1.5)
    yield bar("asyncGet/100B/tcp", "swift-own", "swift-plain", 1.1)
    for place in ("apart", "free"):
        for way in ("swift-async", "swift-own"):
            yield bar(f"asyncGet/100B/parallel64/{place}/tcp", way, "swift-hop", 1 / 15, "1/15")
            yield bar(f"asyncGet/100B/parallel64/{place}/tcp", way, "swift-clones", 1 / 3, "1/3")
            yield bar(f"asyncGet/100B/parallel256/{place}/tcp", way, "swift-hop", 1 / 40, "1/40")
    for tasks in (64, 256):
        yield bar(f"asyncGet/100B/parallel{tasks}/apart/tcp", "swift-async-automatic", "floor", 2.0)
    for pool in ("swift-pool", "swift-mapped"):
        yield bar("poolGet/100B/tcp", pool, "swift-plain", 1.02)
    for threads in (1, 2, 4, 8):
        yield bar(f"threadsGet/100B/parallel{threads}/free/tcp", "swift-bytes", "c", 1.05)


OPS = {work.op for work in all_work()}


def section(results):
    """Commands per second, by how many tasks there are."""
    found = {name: entry for name, entry in results["work"].items() if entry["work"]["op"] in OPS}
    if not found:
        return ""
    labels = results["labels"]
    names = [name for name in labels if any(name in entry["contestants"] for entry in found.values())]
    lines = ["## Tasks and pools", "",
             "Thousands of commands per second. `parallel` is the number of tasks or threads: `apart` on all CPUs but that "
             "of the server, `free` on any, as is the server. Work without it is done by one, on the CPU of the server. "
             "The floor asks for all tasks' keys in two lines of text, of which one is always under way; pylibmc has "
             "as many threads, each with a client of its own.", "",
             "| work | " + " | ".join(labels[name] for name in names) + " | fastest peer | our time to its | to the floor |",
             "|---|" + "---:|" * len(names) + "---|---:|---:|"]
    for work, entry in found.items():
        cells = [thousands(entry["contestants"].get(name)) for name in names]
        cells += against(entry["contestants"], labels)
        lines.append(f"| {work} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def against(found, labels):
    """The fastest peer, and what our best way takes of its time, and of the floor's."""
    times = {name: one["ns"] for name, one in found.items() if "ns" in one}
    ours = min((ns for name, ns in times.items() if name.startswith("swift")), default=None)
    peer = min(filter(is_peer, times), key=times.get, default=None)
    if ours is None:
        return ["", "", ""]
    return [labels.get(peer, "") if peer else "none has this", f"{ours / times[peer]:.2f}x" if peer else "",
            f"{ours / times['floor']:.2f}x" if "floor" in times else ""]


def thousands(found):
    if found is None:
        return ""
    return found["failed"] if "failed" in found else f"{1e6 / found['ns']:,.1f}"
