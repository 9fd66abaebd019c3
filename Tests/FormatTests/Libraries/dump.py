"""`dump.py HOST PORT`: prints what a server keeps, one item a line: key, flags, and the bytes in hexadecimal."""

import socket
import sys
from urllib.parse import unquote

stream = socket.create_connection((sys.argv[1], int(sys.argv[2]))).makefile("rwb")


def ask(line):
    stream.write(line.encode() + b"\r\n")
    stream.flush()


ask("lru_crawler metadump hash")
keys = []
while (line := stream.readline()) != b"END\r\n":
    keys.append(unquote(line.split()[0].removeprefix(b"key=").decode()))
for key in sorted(keys):
    ask(f"get {key}")
    _, _, flags, length = stream.readline().split()
    data = stream.read(int(length))
    stream.readline()
    stream.readline()
    print(key, flags.decode(), data.hex(), sep="\t")
