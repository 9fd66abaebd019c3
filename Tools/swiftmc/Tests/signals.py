"""`signals.py NAME PROGRAM`: runs a program with each line of the standard input as its arguments, all at once, and sends them a
signal when they have been running for a second.

Prints for each line how the program ended (`exit 0`, `SIGTERM`, or `running` if it has not within a second), and the line.
With `ignored-NAME` the programs are started with that signal ignored, as by nohup.
"""

import shlex
import signal
import subprocess
import sys
import time

name, program = sys.argv[1:]
number = signal.Signals[name.removeprefix("ignored-")]
handler = signal.SIG_IGN if name.startswith("ignored-") else signal.SIG_DFL
lines = sys.stdin.read().splitlines()
processes = [
    subprocess.Popen(
        [program] + shlex.split(line),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(number, handler),
    )
    for line in lines
]
time.sleep(1)
early = [process.poll() for process in processes]
for process in processes:
    process.send_signal(number)
deadline = time.monotonic() + 1
for line, process, ended in zip(lines, processes, early):
    try:
        status = process.wait(max(0, deadline - time.monotonic()))
        ending = signal.Signals(-status).name if status < 0 else "exit %d" % status
    except subprocess.TimeoutExpired:
        ending = "running"
        process.kill()
        process.wait()
    print("early: " * (ended is not None) + ending + ": " + line)
