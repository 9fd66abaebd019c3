"""Private memcached servers, started with Scripts/memcached and stopped whatever happens."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = str(ROOT / "Scripts" / "memcached")

# Client and server share one CPU for ratios of wall time: unpinned, a round trip jumps between 26 and 50 µs with where
# the kernel happens to wake whom.
CPU = max(os.sched_getaffinity(0))



def _priority():
    """Who may, goes before whatever else the machine is busy with: the rounds then differ less."""
    command = ["chrt", "--fifo", "1"]
    try:
        return command if subprocess.run([*command, "true"], capture_output=True).returncode == 0 else []
    except FileNotFoundError:
        return []


PRIORITY = _priority()


def pinned(command, cpus=(CPU,)):
    """A command that runs on the one CPU, or on others."""
    return [*PRIORITY, "taskset", "-c", ",".join(map(str, cpus)), *command]


def placed(command, place):
    """A client's command on the CPUs that its work is for; all servers but the free ones are on the one CPU."""
    if place == "free":
        return command
    others = os.sched_getaffinity(0) - {CPU}
    return pinned(command, sorted(others)) if place == "apart" and others else pinned(command)


class Servers:
    """The servers of one run: three on the one CPU by TCP, three by unix socket, and free ones."""

    def __init__(self):
        self._names = []
        self._addresses = {}
        self._others = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process, _ in self._others.values():
            process.terminate()
            process.wait()
        if self._names:
            subprocess.run([SCRIPT, "stop", *self._names], check=False)

    def valkey(self, place):
        """The address of a server of Valkey, or else of Redis, that keeps nothing."""
        free = place == "free"
        if free not in self._others:
            program = shutil.which("valkey-server") or shutil.which("redis-server")
            if not program:
                raise RuntimeError("neither valkey-server nor redis-server is installed")
            with socket.create_server(("127.0.0.1", 0)) as found:
                port = found.getsockname()[1]
            command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
            process = subprocess.Popen(command if free else pinned(command), stdout=subprocess.DEVNULL)
            self._others[free] = process, f"127.0.0.1:{port}"
            self._await(port)
        return self._others[free][1]

    @staticmethod
    def _await(port):
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def addresses(self, transport="tcp", count=1, place="together"):
        """Addresses of servers, separated by commas; started when they are first asked for."""
        return ",".join(self._address(transport, number, place == "free") for number in range(count))

    def _address(self, transport, number, free):
        kind = (transport, number, free)
        if kind not in self._addresses:
            name = f"bench-{os.getpid()}-{transport}-{number}{'-free' if free else ''}"
            command = [SCRIPT, "start", "--name", name, "--memory", "1024"]
            command += ["--unix"] if transport == "unix" else []
            # Items of 1 MB and their headers have to fit; two threads, one for each CPU of a small machine.
            command += ["--", "-I", "4m", "-t", "2"]
            output = subprocess.run(command if free else pinned(command), check=True, capture_output=True, text=True)
            self._names.append(name)
            self._addresses[kind] = output.stdout.strip()
        return self._addresses[kind]
