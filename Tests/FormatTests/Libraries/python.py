"""Python's clients: `python.py LIBRARY write|read HOST PORT [NAME...]`.

Writes what the tests read, or prints what it reads of theirs.
"""

import sys
import zlib

library, mode, host, port, *names = sys.argv[1:]
address = f"{host}:{port}"
lines = "".join(f"line {i} of a text that repeats itself; " for i in range(300))
values = {
    "text": "Grüße 🐟",
    "empty": "",
    "bytes": b"\x00\xff\r\n",
    "int_0": 0,
    "int_42": 42,
    "int_-5": -5,
    "int_long": 2**70,
    "true": True,
    "none": None,
    "list": [1, "two"],
    "float": 1.5,
}

if library == "pylibmc":
    import pylibmc

    client = pylibmc.Client([address])

    def set_compressed(name, value):
        return client.set(name, value, min_compress_len=100)

elif library == "pythonMemcached":
    import memcache

    client = memcache.Client([address])

    def set_compressed(name, value):
        return client.set(name, value, min_compress_len=100)

elif library == "pymemcache":
    from pymemcache.client.base import Client
    from pymemcache.serde import compressed_serde

    client = Client(address, serde=compressed_serde, default_noreply=False)
    set_compressed = client.set

elif library == "raw":
    from pymemcache.client.base import Client

    client = Client(address, default_noreply=False)
    set_compressed = None
    values["text"] = "text"  # without a serde only ASCII

elif library == "bmemcached":
    import bmemcached

    client = bmemcached.Client([address])
    set_compressed = client.set

if mode == "write":
    for name, value in values.items():
        assert client.set(name, value), name
    if set_compressed:
        assert set_compressed("zlib", lines)
        assert set_compressed("zlib_bytes", lines.encode())
else:
    for name in names:
        value = client.get(name)
        kind = type(value).__name__
        if isinstance(value, str):
            value = value.encode()
        if isinstance(value, bytes):
            value = value.hex() if len(value) <= 100 else f"length={len(value)},crc={zlib.crc32(value)}"
        print(name, kind, value, sep="\t")
