"""Who is measured: programs that do the same work on request."""

import select
import shutil
import subprocess
import zlib
from dataclasses import dataclass, field
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
BUILT = BENCHMARKS / ".build" / "release"

SINGLE = {"get", "set", "miss", "incr"}
MULTI = {"getMulti", "setMulti", "deleteMulti", "deleteMissing"}
CHANGES = {"deleteHalf", "addMulti", "replaceMulti", "touchMulti", "incrMulti"}
COMPRESSED = {"setCompressed", "getCompressed"}
THREADED = {"threadsGet", "casLoop"}


@dataclass
class Contestant:
    """One program with its fixed arguments, and what it can do."""

    name: str
    label: str
    command: list
    ops: set
    styles: set = field(default_factory=lambda: {"bytes"})
    most_servers: int = 16
    settings: str = ""
    python: bool = False
    #: With more threads, their start is most of a turn.
    most_parallel: int = 1 << 20
    reads_while_sending: bool = False
    #: Some know nothing of unix sockets.
    transports: tuple = ("tcp", "unix")
    #: Whether its instructions are counted; Python under valgrind takes its time.
    counted: bool = True

    @property
    def key(self):
        """One of its own, because everybody marks the types of their values differently; all equally long."""
        return f"bench:{zlib.crc32(self.name.encode()) % 100000:05}"

    def can(self, work):
        return (work.op in self.ops and work.style in self.styles and work.servers <= self.most_servers
                and work.transport in self.transports and work.parallel <= self.most_parallel
                and (self.reads_while_sending or not work.blocks_who_only_sends))

    def arguments(self, work, servers, value):
        return [
            *self.command, f"servers={self.address(work, servers)}", f"op={work.op}", f"key={self.key}", f"style={self.style_for(work)}", f"value={value}",
            f"keys={work.keys}", f"level={work.level}", f"parallel={work.parallel}",
        ]

    def address(self, work, servers):
        return servers.addresses(work.transport, work.servers, work.place)

    def style_for(self, work):
        return work.style


class SwiftContestant(Contestant):
    """Our client with one kind of value; it does the work that the others do with bytes."""

    def __init__(self, name, label, style, ops, protocol="binary", *more):
        super().__init__(name, label, [str(BUILT / "swift-client"), f"protocol={protocol}", *more], ops, {"bytes"},
                         settings=", ".join([protocol, "no delay", *more]), reads_while_sending=True)
        self.style = style

    def style_for(self, work):
        return work.style if work.style != "bytes" else self.style


class SwiftNatural(Contestant):
    """Our client with the type that the work is about, such as `Int`."""


def python_contestants(wheel, source):
    script = str(BENCHMARKS / "scripts" / "python_client.py")
    styles = {"bytes", "string", "int", "codable"}

    threads = {"asyncGet", "asyncSet"}

    def contestant(name, label, python, client, ops, settings):
        return Contestant(name, label, [python, script, f"client={client}"], ops, styles, settings=settings,
                          python=True, counted=name == "pylibmc", most_parallel=64)

    def small(name, client, settings):
        script = str(BENCHMARKS / "scripts" / "small_pylibmc.py")
        defaults = " (its defaults)" if client == "default" else ""
        return Contestant(name, f"pylibmc{defaults}, in a program of its own", [source, script, f"client={client}"],
                          {"getMulti"}, settings=f"{settings}; the program does nothing else", python=True, counted=False)

    everything = SINGLE | MULTI | CHANGES | COMPRESSED | THREADED
    return [
        contestant("pylibmc", "pylibmc (built from source)", source, "pylibmc", everything | threads,
                   "binary, no delay; the same libmemcached as ours"),
        contestant("pylibmc-default", "pylibmc (its defaults)", source, "pylibmc-default", everything | threads,
                   "text, as nothing else was said; the same libmemcached as ours"),
        contestant("pylibmc-wheel", "pylibmc (wheel)", wheel, "pylibmc", everything,
                   "binary, no delay; the libmemcached that the wheel brings along"),
        small("pylibmc-small", "binary", "binary, no delay"),
        small("pylibmc-default-small", "default", "text, as nothing else was said"),
        contestant("pymemcache", "pymemcache", wheel, "pymemcache", SINGLE | MULTI,
                   "text (all it knows), no delay, pickle serde"),
        contestant("python-memcached", "python-memcached", wheel, "python-memcached", SINGLE | MULTI,
                   "text (all it knows)"),
        contestant("bmemcached", "bmemcached", wheel, "bmemcached", SINGLE | MULTI, "binary, no compression"),
    ]


def php_contestants():
    if not shutil.which("php") or "memcached" not in printed("php", "-m").split():
        return
    script = str(BENCHMARKS / "scripts" / "php_client.php")
    ops, styles = SINGLE | MULTI | CHANGES, {"bytes", "int", "codable"}
    yield Contestant("php", "php-memcached", ["php", script], ops, styles, counted=False,
                     settings="binary, no delay, no compression")
    yield Contestant("php-default", "php-memcached (its defaults)", ["php", script, "settings=default"], ops, styles,
                     counted=False, settings="text, as nothing else was said; no compression")


def ruby_contestants():
    if shutil.which("ruby") and printed("ruby", "-e", "require 'dalli'; print Dalli::VERSION"):
        yield Contestant("dalli", "dalli", ["ruby", str(BENCHMARKS / "scripts" / "ruby_client.rb")], SINGLE | MULTI,
                         {"bytes", "int", "codable"}, counted=False,
                         settings="binary (its default), no compression; of many writes it drops the refusals")


def java_contestants():
    """spymemcached, whose library Debian puts there; the program is compiled on the way."""
    library = Path("/usr/share/java/spymemcached.jar")
    if not library.exists() or not shutil.which("javac"):
        return
    classes = BENCHMARKS / ".build" / "java"
    command = ["javac", "-cp", str(library), "-d", str(classes), str(BENCHMARKS / "scripts" / "JavaClient.java")]
    if subprocess.run(command, capture_output=True).returncode != 0:
        return
    for name, label, settings in (("spymemcached", "spymemcached (its defaults)", "text"),
                                  ("spymemcached-binary", "spymemcached", "binary")):
        yield Contestant(name, label, ["java", "-cp", f"{classes}:{library}", "JavaClient", f"settings={settings}"],
                         SINGLE | MULTI, transports=("tcp",), counted=False,
                         settings=f"{settings}, no compression; a thread of its own for the connection")


def printed(*command):
    """What a command prints; nothing if it fails."""
    result = subprocess.run(command, capture_output=True, text=True)
    return result.stdout if result.returncode == 0 else ""


#: Our own programs, and those that applications don't use.
NO_PEERS = ("c", "floor")


def is_peer(name):
    """Whether it is somebody else's client, as applications use them."""
    return name not in NO_PEERS and not name.startswith("swift")


def all_contestants(wheel, source):
    """Everybody, the baseline first."""
    contestants = [
        Contestant("c", "C on libmemcached", [str(BUILT / "c-libmemcached")], SINGLE | MULTI | COMPRESSED | THREADED,
                   settings="binary, no delay; zlib for compression"),
        Contestant("floor", "C by hand (floor)", [str(BUILT / "c-floor")], {"get", "set", "asyncGet"} | MULTI, most_servers=1,
                   settings="binary, no delay, requests prepared beforehand, 200 unread answers at most; for tasks text"),
        SwiftContestant("swift-bytes", "Swift [UInt8]", "bytes",
                        SINGLE | MULTI | CHANGES | COMPRESSED | THREADED),
        SwiftContestant("swift-automatic", "Swift [UInt8], the best protocol for each command", "bytes",
                        SINGLE | MULTI | CHANGES | COMPRESSED | THREADED, protocol="automatic"),
        # With the thread that watches calls, which a program with one thread does not have otherwise.
        SwiftContestant("swift-timed", "Swift [UInt8] with a commandTimeout", "bytes", {"get", "set"}, "binary",
                        "timeout=5000"),
        SwiftContestant("swift-string", "Swift String", "string", {"get", "set", "getMulti"}),
        SwiftContestant("swift-data", "Swift Data", "data", {"get", "set"}),
        SwiftContestant("swift-with", "Swift withBytes", "with", {"get"}),
        SwiftContestant("swift-array", "Swift getMultiArray", "array", {"getMulti"}),
        SwiftNatural("swift", "Swift", [str(BUILT / "swift-client")], {"get", "set"}, {"int", "codable"},
                     settings="binary, no delay", reads_while_sending=True),
        *python_contestants(wheel, source),
    ]
    contestants += [*php_contestants(), *ruby_contestants(), *java_contestants()]
    return contestants


#: Nothing here takes that long, unless client and server wait for each other.
PATIENCE_SECONDS = 15


class Running:
    """A contestant at work: started, prepared, and waiting for requests."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self._expect_ready()

    def _expect_ready(self):
        line = self.process.stdout.readline()
        if line.strip() != "ready":
            raise RuntimeError(f"{self.process.args}: {line}{self.process.stderr.read()}")

    def nanoseconds(self, count):
        """Does the work so many times."""
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.process.kill()
            raise RuntimeError(f"{self.process.args}: {self.process.stderr.read() if ready else 'does not return'}")
        return int(line)

    def resident_kilobytes(self):
        return self._status("VmRSS")

    def peak_kilobytes(self):
        return self._status("VmHWM")

    def _status(self, name):
        # What the command starts takes its place, so that this is the program itself.
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name))

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()
