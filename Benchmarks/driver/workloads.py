"""What is measured: every piece of work, and how much of it a quick run does."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """One piece of work, the same for every contestant."""

    op: str
    size: int = 100
    transport: str = "tcp"
    servers: int = 1
    keys: int = 0
    style: str = "bytes"
    level: int = 0
    parallel: int = 1
    #: Client and server are "together" on one CPU, on CPUs of their own ("apart"), or "free" to be on any.
    place: str = "together"
    quick: bool = False

    @property
    def name(self):
        parts = [self.op]
        parts += [f"{self.keys}x{size_name(self.size)}"] if self.keys else [size_name(self.size)]
        parts += [self.style] if self.style != "bytes" else []
        parts += [f"level{self.level}"] if self.level else []
        parts += [f"parallel{self.parallel}", self.place] if self.is_parallel else []
        parts += [self.transport]
        parts += [f"{self.servers}servers"] if self.servers > 1 else []
        return "/".join(parts)

    @property
    def is_parallel(self):
        return self.place != "together"

    @property
    def blocks_who_only_sends(self):
        """More requests than fit into a unix socket: who sends them all before reading waits for ever.

        C's memcached_mget does, and everything built upon it.
        """
        return self.op == "getMulti" and self.transport == "unix" and self.keys > 4000


def size_name(size):
    for unit, factor in (("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= factor and size % factor == 0:
            return f"{size // factor}{unit}"
    return f"{size}B"


def json_like(size):
    """Text as caches hold it, of exactly that many bytes; it compresses about five times."""
    seed, records, length = 12345, [], 0
    while length < size:
        seed = (seed * 1103515245 + 12345) % (1 << 31)
        record = json.dumps({
            "id": seed % 1000003, "name": f"user{seed % 9973}", "email": f"user{seed % 9973}@example.org",
            "active": seed % 3 == 0, "score": round(seed % 10000 / 100, 2), "tags": ["alpha", "beta", "gamma"][: seed % 4],
        })
        records.append(record)
        length += len(record) + 2
    return ", ".join(records)[:size].ljust(size).encode()


KB = 1 << 10
MB = 1 << 20


def all_work():
    work = []
    for transport in ("tcp", "unix"):
        for size in (100, KB, 4 * KB, 100 * KB, MB):
            for op in ("get", "set"):
                quick = (transport, size) in {("tcp", 100), ("tcp", 4 * KB)} or (transport, size, op) in {
                    ("unix", 100 * KB, "get"), ("unix", MB, "get")}
                work.append(Work(op, size, transport, quick=quick))
        for op in ("getMulti", "setMulti", "deleteMulti"):
            for keys in (10, 100, 1000, 10000):
                work.append(Work(op, 100, transport, keys=keys, quick=transport == "tcp" and keys == 100))
    for op in ("get", "set"):
        work += [Work(op, 100, style=style) for style in ("int", "codable")]
        work.append(Work(op, 100, servers=3))
    work += [Work("miss"), Work("incr"), Work("deleteMissing", keys=100)]
    work += [Work(op, keys=100) for op in ("deleteHalf", "addMulti", "replaceMulti", "touchMulti", "incrMulti")]
    for op in ("getMulti", "setMulti", "deleteMulti"):
        for keys in (100, 1000):
            work.append(Work(op, keys=keys, servers=3))
    for size in (4 * KB, 64 * KB, MB):
        for level in (1, 6, 9):
            work.append(Work("setCompressed", size, level=level, quick=(size, level) == (64 * KB, 6)))
        work.append(Work("getCompressed", size, level=6, quick=size == 64 * KB))
    for threads in (1, 2, 4, 8):
        work.append(Work("threadsGet", parallel=threads, place="free"))
    work += [Work("casLoop", parallel=threads, place="free") for threads in (2, 4)]
    return work
