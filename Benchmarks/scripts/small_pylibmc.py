"""A program that does nothing but read many keys with pylibmc, driven like the others: see Sources/Harness/include/harness.h.

Its memory is laid out otherwise than python_client.py's, in a way that costs pylibmc much where a call has many keys: the
blocks for the replies are at the end of the heap, and the C library gives that back to the system after each call.
"""

import sys
import time

import pylibmc

arguments = dict(argument.split("=", 1) for argument in sys.argv[1:])
# As it is without a word, or else with what python_client.py sets.
settings = {} if arguments["client"] == "default" else {"binary": True, "behaviors": {"tcp_nodelay": True}}
client = pylibmc.Client(arguments["servers"].split(","), **settings)
names = [f"key:{1000000 + number}" for number in range(int(arguments["keys"]))]
with open(arguments["value"], "rb") as file:
    value = file.read()
client.set_multi({name: value for name in names})
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        client.get_multi(names)
    print(int((time.perf_counter() - start) * 1e9), flush=True)
