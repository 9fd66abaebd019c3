"""How long a release build of a program takes that uses the library and nothing else, from nothing."""

import os
import shutil
import statistics
import subprocess
import time

from contestants import BENCHMARKS

ROUNDS = 3
#: The most seconds that it may take, on two processors.
LIMIT = 60

MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "App",
    dependencies: [.package(path: "%s")],
    targets: [.executableTarget(name: "App", dependencies: ["SwiftLibMC"])]
)
"""
PROGRAM = """import SwiftLibMC

let client = try Client(["127.0.0.1:11211"])
try client.set("greeting", "hello")
print(try client.get("greeting") ?? "none")
"""


def measure():
    """Seconds, once for each round."""
    folder = BENCHMARKS / ".build" / "consumer"
    shutil.rmtree(folder, ignore_errors=True)
    sources = folder / "App" / "Sources" / "App"
    sources.mkdir(parents=True)
    # The link's name is that of the package.
    (folder / "SwiftLibMC").symlink_to(BENCHMARKS.parent)
    (folder / "App" / "Package.swift").write_text(MANIFEST % (folder / "SwiftLibMC"))
    (sources / "main.swift").write_text(PROGRAM)
    environment = {name: value for name, value in os.environ.items() if name != "SWIFTLIBMC_STRICT"}
    seconds = []
    for _ in range(ROUNDS):
        shutil.rmtree(folder / "App" / ".build", ignore_errors=True)
        started = time.monotonic()
        subprocess.run(["swift", "build", "--configuration", "release", "--package-path", folder / "App"], check=True,
                       capture_output=True, env=environment)
        seconds.append(round(time.monotonic() - started, 1))
    return seconds


def section(results):
    seconds = results.get("build_seconds")
    if not seconds:
        return ""
    verdict = "yes" if statistics.median(seconds) <= LIMIT else "**no**"
    times = ", ".join(f"{one:.1f}" for one in seconds)
    return "\n".join([
        "## Build time", "",
        "A release build of a program that uses the library and nothing else, from nothing:", "",
        "| seconds | at most | reached |", "|---|---|---|", f"| {times} | {LIMIT} | {verdict} |"])
