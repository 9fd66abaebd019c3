# shellcheck shell=bash
# What one asks and tells servers, and what happens if one of two is down.

fact "a server answers" 0 "$address"$'\t'"alive" ping
fact "in ASCII, too" 0 '*alive' ping --ascii
fact "one of two does not" 3 $'127.0.0.1:1\t*\n'"$address"$'\talive' ping -s 127.0.0.1:1 -s "$address"
fact "a failure is JSON" 3 '{"alive":false,"error":"*","server":"127.0.0.1:1"}' ping -s 127.0.0.1:1 --json
fact "versions" 0 "$address"$'\t1.*' version
fact "versions are JSON" 0 "{\"server\":\"$address\",\"version\":\"1.*\"}" version --json
fact "a server is named in an error" 3 "" get x -s 127.0.0.1:1
complains 'swiftmc: get x: 127.0.0.1:1: *refused*'
fact "an address makes sense" 2 "" get x -s host:port
complains '*host:port*'
fact "a key's server" 0 "$address" server x
fact "several keys' servers" 0 $'x\t'"$address"$'\ny\t'"$address" server x y
fact "a key's server is JSON" 0 "{\"key\":\"x\",\"server\":\"$address\"}" server x --json
fact "it need not be there" 0 127.0.0.1:1 server x -s 127.0.0.1:1
fact "a key that none has is an error" 3 "" server "$(printf 'k%.0s' {1..251})"
complains 'swiftmc: server *'

start_server ascii -- -B ascii
fact "a server that speaks ASCII only needs no flag" 0 "" set x 'in ASCII' -s "$ascii"
fact "to be read, either" 0 'in ASCII' get x -s "$ascii"
fact "but may have it" 0 'in ASCII' get x -s "$ascii" --ascii
fact "a key that ASCII can't carry is an error there" 3 "" get 'a b' -s "$ascii"
complains 'swiftmc: get a b: *'
fact "a password for it is an error" 3 "" get x -s "$ascii" --user bob --password-env HOME
complains 'swiftmc: get x: *'
start_server binary -- -B binary
fact "one that speaks no ASCII needs no flag" 0 "" set x 'in binary' -s "$binary"
fact "and is not asked in it" 3 "" get x -s "$binary" --ascii
complains '*leave out --ascii*'
fact "addresses may name the protocol" 0 'in ASCII' get x -s "memcached://$ascii/?protocol=ascii"

# What it may have is not missing, and the other one is asked all the same.
pair=(-s 127.0.0.1:1 -s "$address") lost="" living=""
for number in {1..40}; do
    run server "pair-$number" "${pair[@]}"
    if [[ $printed == "$address"* ]]; then living=pair-$number; else lost=pair-$number; fi
done
holds "keys are on both servers" '-n $lost && -n $living'
fact "the living one stores" 0 "" set "$living" value "${pair[@]}"
fact "the other one does not" 3 "" set "$lost" value "${pair[@]}"
fact "the living one's items are read" 3 "$living"$'\t'value get "$lost" "$living" "${pair[@]}"
complains '*'"$lost"': 127.0.0.1:1*'
fact "errors of keys are JSON" 3 "{*\"error\":\"*\"key\":\"$lost\"}" get "$lost" --json "${pair[@]}"
fact "the living one's items are deleted" 3 "" delete "$lost" "$living" "${pair[@]}"
fact "and have gone" 1 "" get "$living" "${pair[@]}"
fact "one tells its version" 3 "$address"$'\t1.*' version "${pair[@]}"
complains 'swiftmc: version: 127.0.0.1:1: *'
fact "one has statistics" 3 "$address"$'\n*curr_items*' stats "${pair[@]}"
fact "one has slabs" 3 "$address"$'\nclass*' slabs "${pair[@]}"
fact "one lists its keys" 3 "" dump "${pair[@]}"
complains 'swiftmc: dump: 127.0.0.1:1: *'
fact "one is emptied" 3 "" flush --yes "${pair[@]}"
input=$'version\nget '"$living"
fact "a script ends as its worst command" 3 "$address"$'\t1.*' repl "${pair[@]}"
input=""

fact "verbosity is set" 0 "" verbosity 1
fact "the server has it" 0 '*"verbosity":"1"*' stats settings --json
fact "and back" 0 '{"verbosity":0}' verbosity 0 --json
fact "a level is a number" 2 "" verbosity loud
fact "none is negative" 2 "" verbosity -- -1
fact "memory is limited" 0 '{"cacheMemlimit":32}' cache-memlimit 32 --json
fact "by memcached's name, too" 0 "" cache_memlimit 64
fact "the server has the limit" 0 '*"limit_maxbytes":"67108864"*' stats --json
fact "a server refuses too little" 3 "" cache-memlimit 1
complains "swiftmc: cache-memlimit: $address: *"
fact "ending servers is asked about" 2 "" shutdown
complains '*--yes*'
fact "a server may not allow it" 3 "" shutdown --yes
complains "swiftmc: shutdown: $address: *not enabled*"
start_server ending -- -A
fact "one that does ends" 0 '{"shutdown":true}' shutdown --yes --json -s "$ending"
fact "and does not answer any more" 3 "$ending*" ping -s "$ending"

export TEAM_MEMCACHED_SERVERS=$address MEMCACHED_SERVERS=127.0.0.1:1
fact "servers come from the environment" 3 '127.0.0.1:1*' ping
fact "with a prefix" 0 "$address*" ping --environment team
fact "unless they are named" 0 "$address*" ping -s "$address"
export MEMCACHED_SERVERS=$address

start_server guarded --user bob --password 'wörd'
export SECRET=wörd WRONG=swordfish
fact "a password is taken from a variable" 0 "" set a b -s "$guarded" --user bob --password-env SECRET
fact "and lets in" 0 "b" get a -s "$guarded" --user bob --password-env SECRET
fact "a wrong one does not" 3 "" get a -s "$guarded" --user bob --password-env WRONG
complains '*a:*'
holds "and is not in the complaint" '$complaint != *swordfish*' "$complaint"
fact "none does not" 3 "" get a -s "$guarded"
fact "keys can't be listed with a password" 3 "" dump -s "$guarded" --user bob --password-env SECRET
complains '*no passwords*'
fact "nor can ttl say" 3 "" ttl a -s "$guarded" --user bob --password-env SECRET
fact "a password is not asked for without a terminal" 2 "" get a --user bob
fact "a variable has to be there" 2 "" get a --user bob --password-env NO_SUCH_VARIABLE
fact "ASCII has no passwords" 2 "" get a --user bob --password-env SECRET --ascii
fact "a password is somebody's" 2 "" get a --password-env SECRET

fact "bench measures" 0 '*calls/s*'$'\n''set*'$'\n''get*'$'\n''setMulti*'$'\n''getMulti*' \
    bench --duration 50ms --threads 2 --items 100
fact "bench is JSON" 0 '{"callsPerSecond":*"name":"set"*"name":"getMulti"*' bench --duration 20ms --json
fact "nothing of it is left" 0 "" dump --prefix swiftmc-bench
fact "a batch is not empty" 2 "" bench --batch 0

fact "flush asks first" 2 "" flush
complains '*--yes*'
fact "something to be flushed" 0 "" set flushed x
fact "flush empties" 0 '{"flushed":true}' flush --yes --json
fact "nothing is left" 1 "" get flushed
