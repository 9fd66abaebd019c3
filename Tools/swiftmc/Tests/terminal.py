"""`terminal.py PROGRAM ARGUMENT...`: runs a program on a terminal of its own and prints what appears there.

What comes from the standard input is typed, a line after each prompt or question.
"""

import os
import pty
import select
import sys
import time

lines = [] if sys.stdin.isatty() or len(sys.argv) > 2 else sys.stdin.readlines()
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], sys.argv[1:])

screen = b""
answered = 0
deadline = time.monotonic() + 60
while time.monotonic() < deadline:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            screen += os.read(terminal, 4096)
        except OSError:  # The program has ended.
            break
    elif lines and len(screen) > answered and screen.rstrip().endswith((b">", b"[y/N]")):
        os.write(terminal, lines.pop(0).encode())
        answered = len(screen)
os.waitpid(pid, 0)
sys.stdout.buffer.write(screen)
