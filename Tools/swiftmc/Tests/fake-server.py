"""`fake-server.py MODE [TEXT]`: a server on a free port, whose address it prints; it runs until it is killed.

answer TEXT   answers whatever comes with the text, in which \\x1b and the like stand for bytes, and hangs up
drip          answers with one byte each 100 ms, without end
endless TEXT  answers whatever comes with the text, again and again, without end
rising TEXT   answers each connection with the text, in which %d is the least number of 64 bits, half the greatest, and the
              greatest, in turn
silent        never answers
"""

import itertools
import socket
import sys
import threading
import time


def serve(connection, mode, text):
    try:
        if mode == "drip":
            connection.recv(1)
            while True:
                connection.sendall(b"A")
                time.sleep(0.1)
        elif mode == "endless":
            connection.recv(65536)
            while True:
                connection.sendall(text * 100)
        elif mode in ("answer", "rising"):
            connection.recv(65536)
            if mode == "rising":
                text = text.replace(b"%d", b"%d" % next(numbers))
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    except OSError:
        pass
    connection.close()


mode = sys.argv[1]
text = sys.argv[2].encode().decode("unicode_escape").encode("latin-1") if len(sys.argv) > 2 else b""
numbers = itertools.cycle([-(2**63), 2**62, 2**63 - 1])
listener = socket.create_server(("127.0.0.1", 0))
print("127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0], mode, text), daemon=True).start()
