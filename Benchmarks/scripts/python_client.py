"""Python's memcached clients, driven like the other measured programs: see Sources/Harness/include/harness.h."""

import ctypes
import sys
import threading
import time

arguments = dict(argument.split("=", 1) for argument in sys.argv[1:])
servers = arguments["servers"].split(",")
op = arguments["op"]
with open(arguments["value"], "rb") as file:
    value = file.read()
level = int(arguments.get("level", 0))
parallel = int(arguments.get("parallel", 1))
names = [f"key:{1000000 + number}" for number in range(int(arguments.get("keys", 100)))]
key = arguments.get("key", "bench:key:1")
if arguments.get("style") == "string":
    value = value.decode()
elif arguments.get("style") == "int":
    value = 1234567
elif arguments.get("style") == "codable":
    value = {"id": 12345, "name": "some name", "tags": ["a", "b", "c"], "score": 3.25}


def address(server):
    """What pymemcache wants: the path of a socket, or a host and a port."""
    if server.startswith("/"):
        return server
    host, port = server.rsplit(":", 1)
    return host, int(port)


class Uncompressed:
    """bmemcached compresses whatever has more than 128 bytes, unless each call says no."""

    def __init__(self, client):
        self.get, self.get_multi, self.delete_multi = client.get, client.get_multi, client.delete_multi
        self.incr, self.delete = client.incr, client.delete
        self.set = lambda key, value: client.set(key, value, compress_level=0)
        self.set_multi = lambda mapping: client.set_multi(mapping, compress_level=0)


def connect(name):
    """A client with settings as alike as can be: binary where it knows that, no delay."""
    if name == "pylibmc":
        import pylibmc

        return pylibmc.Client(servers, binary=True, behaviors={"tcp_nodelay": True, "_poll_timeout": 30000})
    if name == "pylibmc-default":
        import pylibmc

        # Text, and what else comes of saying nothing; the time-out is no part of the work.
        return pylibmc.Client(servers, behaviors={"_poll_timeout": 30000})
    if name == "pymemcache":
        import pymemcache
        from pymemcache.client.hash import HashClient

        options = {"no_delay": True, "serde": pymemcache.serde.pickle_serde,
                   # It would not wait for answers to writes.
                   "default_noreply": False}
        if len(servers) == 1:
            return pymemcache.Client(address(servers[0]), **options)
        return HashClient([address(server) for server in servers], **options)
    if name == "python-memcached":
        import memcache

        return memcache.Client(["unix:" + server if server[0] == "/" else server for server in servers],
                               server_max_value_length=4 << 20)
    if name == "bmemcached":
        import bmemcached

        return Uncompressed(bmemcached.Client(servers))
    raise SystemExit(f"no such client: {name}")


name = arguments["client"]
client = connect(name)
paused = 0.0


def rename(*candidates):
    """The first of the methods that this client has."""
    return next(getattr(client, candidate) for candidate in candidates if hasattr(client, candidate))


def work_on_one():
    get, put = client.get, client.set
    if op == "set":
        return lambda: put(key, value)
    if op == "get":
        put(key, value)
        return lambda: get(key)
    if op == "miss":
        return lambda: get("bench:none")
    if op == "incr":
        put("bench:count", 1 if name.startswith("pylibmc") else "1")
        if name == "bmemcached":
            client.delete("bench:count")
            client.incr("bench:count", 1, default=1)
            return lambda: client.incr("bench:count", 1)
        incr = client.incr
        return lambda: incr("bench:count", 1)
    if op == "setCompressed":
        return lambda: put(key, value, min_compress_len=1, compress_level=level)
    if op == "getCompressed":
        put(key, value, min_compress_len=1, compress_level=level)
        return lambda: get(key)
    return None


def work_on_many():
    mapping = dict.fromkeys(names, value)
    set_multi = rename("set_multi", "set_many")
    delete_multi = rename("delete_multi", "delete_many")

    def deleting(there):
        def delete_all():
            global paused
            start = time.perf_counter()
            set_multi(there)
            paused += time.perf_counter() - start
            delete_multi(names)

        return delete_all

    if op == "deleteHalf":
        return deleting(dict.fromkeys(names[::2], value))
    if op in ("addMulti", "replaceMulti", "touchMulti", "incrMulti"):
        set_multi(dict.fromkeys(names, 1) if op == "incrMulti" else mapping)
        if op == "addMulti":
            return lambda: client.add_multi(mapping)
        if op == "incrMulti":
            return lambda: client.incr_multi(names)
        # One by one, because it has no call for it.
        if op == "touchMulti":
            return lambda: [client.touch(name, 3600) for name in names]
        return lambda: [client.replace(name, value) for name in names]
    if op == "getMulti":
        get_multi = rename("get_multi", "get_many")
        set_multi(mapping)
        assert len(get_multi(names)) == len(names)
        return lambda: get_multi(names)
    if op == "setMulti":
        return lambda: set_multi(mapping)
    if op == "deleteMulti":
        return deleting(mapping)
    if op == "deleteMissing":
        return lambda: delete_multi(names)
    return None


def work_in_threads():
    import pylibmc

    pool = pylibmc.ThreadMappedPool(client)
    client.set(key, value)
    client.set("bench:cas", 0)

    def gets(count):
        with pool.reserve() as own:
            for _ in range(count):
                own.get(key)

    def increments(count):
        with pool.reserve() as own:
            own.behaviors["cas"] = True
            for _ in range(count):
                number, token = own.gets("bench:cas")
                while not own.cas("bench:cas", number + 1, token):
                    number, token = own.gets("bench:cas")

    def sets(count):
        with pool.reserve() as own:
            for _ in range(count):
                own.set(key, value)

    body = {"casLoop": increments, "asyncSet": sets}.get(op, gets)

    def work(count):
        threads = [threading.Thread(target=body, args=(count // parallel,)) for _ in range(parallel)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return work


def repeated(call):
    def work(count):
        for _ in range(count):
            call()

    return work


if op in ("threadsGet", "casLoop", "asyncGet", "asyncSet"):
    work = work_in_threads()
else:
    work = repeated(work_on_one() or work_on_many())
mark = getattr(ctypes.CDLL(None), "write_counts", lambda: None)
print("ready", flush=True)
for line in sys.stdin:
    paused = 0.0
    mark()
    start = time.perf_counter()
    work(int(line))
    elapsed = time.perf_counter() - start
    mark()
    print(int((elapsed - paused) * 1e9), flush=True)
