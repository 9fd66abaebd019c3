# shellcheck shell=bash
# Statistics, slab classes, rates, and what happens as it happens.

run set greeting hello --time 1h
fact "general statistics" 0 "$address"$'\n*curr_items*uptime*' stats
fact "statistics are JSON" 0 "{\"server\":\"$address\",\"stats\":{*\"curr_items\":\"1\"*}}" stats --json
fact "those of a group" 0 '*items:*:number*' stats items
fact "in ASCII, too" 0 '*items:*:number*' stats items --ascii
fact "those of connections" 0 '*:addr*' stats conns
fact "a reset says so" 0 "$address"$'\n  reset' stats reset
fact "the nearest group is named" 2 "" stats item
complains '*no statistics item; did you mean items?'
for protocol in "" --ascii; do
    # shellcheck disable=SC2086 # It may be no argument at all.
    fact "no such group${protocol:+, in ASCII}" 2 "" stats nonsense $protocol
    complains "swiftmc: stats: $address: *"
done

fact "slab classes" 0 "$address"$'\nclass*item size*max age*pages*items*full*evicted*evict time*OOM\n1 *96 B*1*1*no*0*' slabs
fact "by memcached-tool's name, too" 0 "$address"$'\nclass*' display
fact "slab classes are JSON" 0 '{"server":"*","slabs":[{"chunkSize":96,"class":1,"evictTimeSeconds":0,"evicted":0,*"items":1,*}*' \
    slabs --json

fact "rates" 0 $'server*hits*get/s*set/s*delete/s*evicted/s*in/s*out/s*conns*items*memory\n'"$address"*$'\n'"$address"* \
    stats --watch 50ms --count 2
fact "rates each second, unless told" 0 $'server*\n'"$address"* stats --watch -n 1
fact "rates are JSON" 0 "{\"bytes\":*\"connections\":*\"getsPerSecond\":0,\"hitRatio\":null,\"items\":1,\"limit\":67108864,*\"server\":\"$address\",*}" \
    stats --watch=50ms -n 1 --json
fact "a server that is down has a line" 3 $'server*\n127.0.0.1:1*down: *refused*\n'"$address"* \
    stats --watch 50ms -n 1 -s 127.0.0.1:1 -s "$address"
fact "and an error in JSON" 3 '{"error":"*refused*","server":"127.0.0.1:1"}' stats --watch 50ms -n 1 -s 127.0.0.1:1 --json
fact "rates are those of all groups" 2 "" stats --watch -- items
fact "a count is for rates" 2 "" stats --count 2
fact "an interval takes time" 2 "" stats --watch 0
start_fake silent silent
start=$(date +%s%N)
fact "a server that is silent does not hold up the others" 3 $'server*\n'"$silent"*down*$'\n'"$address"* \
    stats --watch 50ms -n 1 -s "$silent" -s "$address" --timeout 200ms
holds "for longer than it is waited for" "$(($(date +%s%N) - start)) -lt 3000000000"

# What is counted is what is done: 50 reads, of which 20 miss, between two samples.
(
    for number in {1..200}; do echo "get greeting greeting greeting nothing nothing"; done | "$swiftmc" repl >"$scratch/load" 2>&1
) &
fact "hit ratio and gets are counted" 0 '*"hitRatio":0.[56]*' stats --watch 300ms -n 1 --json
holds "gets are those of the interval" '$printed =~ \"getsPerSecond\":([0-9]+) && ${BASH_REMATCH[1]} -gt 10' "$printed"
wait $! || true

fact "top shows servers and slab classes" 0 "1 servers, every 50ms, * UTC"$'\n\nserver*hits*\n'"$address"*$'\n\nserver*class*item size*evicted/s*\n'"$address"* \
    top --once --interval 50ms
fact "top may leave out slab classes" 0 $'*\nserver*hits*\n'"$address"?* top --once -i 50ms --slabs 0
holds "and does" '$printed != *class*' "$printed"
fact "top is JSON" 0 "{*\"evictionsPerSecond\":0,*\"server\":\"$address\",*\"slabs\":\\[{\"chunkSize\":96,\"class\":1,*}\\]}" \
    top --once --json -i 50ms
fact "top shows who is down" 3 $'*127.0.0.1:1*down: *\n'"$address"* top --once -i 50ms -s 127.0.0.1:1 -s "$address"
fact "top has each server's own numbers" 3 $'{"error":"*","server":"127.0.0.1:1"}\n{*"server":"'"$address"'"*}' \
    top --once --json -i 50ms -s 127.0.0.1:1 -s "$address"

# Evictions are seen in their class.
start_server small --memory 8 -- -o slab_automove=0
big=$(head -c 300000 /dev/zero | tr '\0' x)
for number in {1..30}; do echo "set big-$number $big"; done >"$scratch/big"
"$swiftmc" repl -s "$small" <"$scratch/big" >/dev/null 2>&1 || true
# It is full: each further one takes the place of another one.
"$swiftmc" repl -s "$small" <"$scratch/big" >/dev/null 2>&1 &
fact "evictions are counted" 0 '*"evictionsPerSecond":[0-9.]*[1-9]*"evicted":[1-9]*' top --once --json -i 2s -s "$small"
wait $! || true

# Somebody reads and stores until the watchers have seen enough.
(while sleep 0.05; do "$swiftmc" set heard-1 x; "$swiftmc" get heard-1 other || true; done >/dev/null 2>&1) &
busy=$!
fact "what happens is printed" 0 $'ts=*type=item_*' watch --count 3
holds "and no more than asked for" '$(wc -l <<<"${printed%$'"'\n'"'}") == 3' "$printed"
fact "reads only" 0 'ts=*type=item_get key=*' watch fetchers -n 1
fact "stores only" 0 'ts=*type=item_store key=heard-1 *' watch mutations -n 1
fact "keys with a prefix only" 0 $'*key=heard-*\n*key=heard-*\n*key=heard-*' watch --prefix heard- -n 3
fact "events are JSON" 0 "{*\"key\":\"heard-1\",\"server\":\"$address\",*\"type\":\"item_get\"}" \
    watch fetchers --prefix heard -n 1 --json
fact "of two servers each line has its own" 3 "$address"$'\tts=*' watch -n 1 -s 127.0.0.1:1 -s "$address"
complains 'swiftmc: watch: 127.0.0.1:1: *'
kill "$busy"; wait "$busy" || true
(while sleep 0.05; do "$swiftmc" set $'odd \e[31m' x; done >/dev/null 2>&1) &
busy=$!
fact "keys are written out" 0 'ts=*key=odd%20%1B%5B31m *' watch mutations -n 1
fact "also in JSON" 0 '{*"key":"odd \\u001b\[31m",*}' watch mutations -n 1 --json
kill "$busy"; wait "$busy" || true
fact "events that the server does not have" 3 "" watch deletions
complains "swiftmc: watch: $address: *"
fact "events that none has" 2 "" watch nonsense
complains '*fetchers*'
start_server mute -- -W
fact "a server that is not to be watched" 3 "" watch -s "$mute"
complains "*not allowed*"
