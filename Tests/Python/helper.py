"""Runs Python for the interoperability tests, which need other clients of memcached.

Started with the path of a unix socket, it listens there for one connection and ends with it. Each line that it reads is
a JSON object: "client" says which client the expression in "code" means by `client`, and "values" are its other
variables. Each is answered by a line with the "result" or an "error".
"""

import json
import socket
import sys


# --- clients ----------------------------------------------------------------------------------------------------------


def pylibmc_client(servers, **options):
    import pylibmc

    return pylibmc.Client(servers, **options)


def memcache_client(servers, **options):
    import memcache

    return memcache.Client(servers, **options)


def pymemcache_client(servers, serde="plain"):
    from pymemcache import serde as serdes
    from pymemcache.client.base import Client

    by_name = {"plain": None, "pickle": serdes.pickle_serde, "compressed": serdes.compressed_serde}
    # Without a reply to wait for, what another client reads next may be the value before.
    return Client(servers[0], serde=by_name[serde], default_noreply=False)


def pymemcache_hash_client(servers, **options):
    from pymemcache import serde
    from pymemcache.client.hash import HashClient

    return HashClient(servers, serde=serde.pickle_serde, default_noreply=False, allow_unicode_keys=True, **options)


def bmemcached_client(servers, **options):
    import bmemcached

    return bmemcached.Client(servers, **options)


# --- placement --------------------------------------------------------------------------------------------------------


def pylibmc_placements(combinations, keys):
    """A line for each pair of servers and behaviors: the numbers of the keys' servers, or that they are refused."""
    import pylibmc

    def placement(servers, behaviors):
        try:
            client = pylibmc.Client(servers, behaviors=behaviors)
        except pylibmc.Error as error:
            # 38 is MEMCACHED_INVALID_ARGUMENTS.
            if "memcached_behavior_set returned 38" in str(error):
                return "refused"
            raise
        return "".join(str(client.hash(key)) for key in keys)

    return "\n".join(placement(*combination) for combination in combinations)


clients = {}


def client_of(description):
    """The client that a request describes; the same one each time."""
    name = json.dumps(description, sort_keys=True)
    if name not in clients:
        make = globals()[description["library"] + "_client"]
        clients[name] = make(eval(description["servers"]), **eval(description["options"]))
    return clients[name]


# --- values -----------------------------------------------------------------------------------------------------------


def decoded(value):
    (kind, text), = value.items()
    return {"text": str, "bytes": lambda text: text.encode("latin-1"), "python": eval}[kind](text)


def encoded(value):
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    return {"python": repr(value)}


# --- requests ---------------------------------------------------------------------------------------------------------


def answer(request):
    try:
        names = {name: decoded(value) for name, value in request["values"].items()}
        if request.get("client"):
            names["client"] = client_of(request["client"])
        return {"result": encoded(eval(request["code"], names))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    connection, _ = listener.accept()
with connection, connection.makefile("rw", encoding="utf-8", newline="\n") as stream:
    for line in stream:
        stream.write(json.dumps(answer(json.loads(line))) + "\n")
        stream.flush()
