"""`terminal.py PROGRAM ARGUMENT…`: runs a program on a terminal of its own and prints what appears there.

What comes from the standard input is typed, a line after each prompt or question; the line `^C` is typed as Ctrl-C, when
nothing has appeared for a while. At the end stands how the program ended, and whether the terminal shows what is typed.
"""

import os
import pty
import select
import signal
import sys
import termios
import time

lines = [] if sys.stdin.isatty() else sys.stdin.readlines()
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    # Whoever started the tests in the background ignores it, and so would the program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])

screen = b""
answered = 0
quiet_since = time.monotonic()
deadline = time.monotonic() + 60
while time.monotonic() < deadline:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            screen += os.read(terminal, 4096)
        except OSError:  # The program has ended.
            break
        quiet_since = time.monotonic()
    elif lines and lines[0].strip() == "^C":
        if screen and time.monotonic() - quiet_since > 0.2:
            os.write(terminal, b"\x03")
            lines.pop(0)
    elif lines and len(screen) > answered and screen.rstrip().endswith((b">", b"[y/N]", b":")):
        os.write(terminal, lines.pop(0).encode())
        answered = len(screen)
else:
    os.kill(pid, signal.SIGKILL)
shows = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
status = os.waitpid(pid, 0)[1]
ending = "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit %d" % os.WEXITSTATUS(status)
sys.stdout.buffer.write(screen + ("\n%s, echo %s\n" % (ending, "on" if shows else "off")).encode())
