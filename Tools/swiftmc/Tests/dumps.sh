# shellcheck shell=bash
# What servers hold, and back.

run set dump-one 1
run set dump-two 22 --time 1h
run set other x
fact "keys with a prefix" 0 $'dump-???\ndump-???' dump --prefix dump-
fact "in ASCII, too" 0 $'dump-???\ndump-???' dump --prefix dump- --ascii
fact "so many at most" 0 'dump-???' dump --prefix dump- --limit 1
fact "none if none is wanted" 0 '' dump --limit 0
fact "a long list has a heading, and dates" 0 $'KEY\tSIZE\tEXPIRES\tSERVER\n*dump-two\t*\t20??-??-??T??:??:??Z\t'"$address"* dump --long
fact "or never" 0 $'*\ndump-one\t*\tnever\t'"$address" dump --prefix dump-one --long
fact "keys are JSON" 0 '{"expires":null,"key":"dump-one","server":"*","size":*}' dump --prefix dump-one --json
fact "items with values" 0 '{"expires":null,"flags":16,"key":"dump-one","value":"1"}' dump --prefix dump-one --values
fact "either long or values" 2 "" dump --long --values

# All kinds: text, numbers, bytes, compressed, empty, odd keys, with an expiration and without.
run set empty ''
run set number 42 --type int
run set packed "$(printf 'a%.0s' {1..500})" --compress
head -c 3000 /dev/urandom >"$scratch/bytes"
"$swiftmc" set bytes --type bytes <"$scratch/bytes" 2>/dev/null
run set $'odd \e[31m\x7f' 1
run set $'caf\u00e9' x
run set inside x -b namespace=ns:
"$swiftmc" dump --values | sort >"$scratch/dump"
holds "each item has a line" '$(wc -l <"$scratch/dump") == 10' "$(cat "$scratch/dump")"
holds "which has no control bytes" '-z $(tr -d "\n" <"$scratch/dump" | LC_ALL=C grep -c $'"'[\\x01-\\x1f\\x7f]'"' | grep -v "^0")'

start_server second
start_server third
input=$(<"$scratch/dump")
fact "they are restored to other servers" 0 '{"expired":0,"failed":0,"kept":0,"stored":10}' restore --json -s "$second" -s "$third"
input=""
"$swiftmc" dump --values -s "$second" -s "$third" | sort >"$scratch/again"
holds "and are what they were" '$(<"$scratch/dump") == "$(<"$scratch/again")"' "$(diff "$scratch/dump" "$scratch/again")"
fact "each where it is looked for" 0 "$(cat "$scratch/bytes" | base64 | tr -d '\n' | sed 's/.*/*"base64":"&"*/')" \
    get bytes --json -s "$second" -s "$third"
fact "compressed ones are read inflated" 0 "aaaa*" get packed -s "$second" -s "$third"
fact "expirations are kept" 0 '3[56]*' ttl dump-two -s "$second" -s "$third"
fact "each server has some" 0 '?*' dump -s "$second"
fact "and the other one" 0 '?*' dump -s "$third"

run set dump-one changed
input=$(<"$scratch/dump")
fact "what is there may be kept" 0 '{"expired":0,"failed":0,"kept":10,"stored":0}' restore --keep --json
fact "and is" 0 changed get dump-one
fact "or not" 0 '{"expired":0,"failed":0,"kept":0,"stored":10}' restore --json
input=""
fact "and is not" 0 1 get dump-one
input='{"key":"late","value":"x","expires":1000000000}'
fact "what has expired is left out" 0 '{"expired":1,"failed":0,"kept":0,"stored":0}' restore --json
input=$'{"key":"by-hand","value":"x"}\n\nnonsense\n{"key":"half"}\n{"key":"'"$(printf 'k%.0s' {1..251})"$'","value":"x"}\n{"key":"last","value":"y"}'
fact "lines that are no items don't keep the others back" 3 '{"expired":0,"failed":3,"kept":0,"stored":2}' restore --json
complains $'swiftmc: restore: line 3 is no item\nswiftmc: restore: line 4 is no item\nswiftmc: restore kkk*: the key has 251 bytes*'
fact "written by hand they need key and value" 0 $'by-hand\tx\nlast\ty' get by-hand last
input=$'{"key":"a","value":"x"}\n{"key":"b","value":"y"}'
fact "a server that is down is a failure" 3 '{"expired":0,"failed":2,"kept":0,"stored":0}' restore --json -s 127.0.0.1:1
complains '*swiftmc: restore: 127.0.0.1:1: *'
input=""

# More than any buffer has, read while the server still lists its keys.
seq 20000 | awk '{ printf "{\"key\":\"many-%d-%060d\",\"value\":\"%d\"}\n", $1, $1, $1 }' >"$scratch/many"
"$swiftmc" restore <"$scratch/many" >/dev/null
"$swiftmc" dump --values --prefix many- | sed -E 's/.*"key":("[^"]*"),"value":("[^"]*").*/{"key":\1,"value":\2}/' | sort >"$scratch/many-again"
holds "twenty thousand go there and back" '$(sort "$scratch/many" | cksum) == $(cksum <"$scratch/many-again")'
run dump --prefix many- --limit 5
holds "a limit holds across batches" '$(wc -l <<<"${printed%$'"'\n'"'}") == 5'
"$swiftmc" dump 2>"$scratch/pipe" | head -n 1 >/dev/null || true
holds "a reader may stop" '! -s $scratch/pipe' "$(<"$scratch/pipe")"
fact "and all go at once" 0 '{"deleted":20000,"prefix":"many-"}' delete --prefix many- --yes --json
fact "so that none is left" 0 "" dump --prefix many-

start_server closed -- -X
fact "a server that does not list its keys" 3 "" dump -s "$closed"
complains "swiftmc: dump: $closed: *not allowed*"

start_fake endless endless 'key=a exp=-1 la=1 cas=2 fetch=no cls=1 size=63\r\n'
fact "a server that lists keys without end" 3 "" dump -s "$endless" --prefix b --time-limit 300ms
complains "swiftmc: dump: $endless: *not done within 0.3 seconds (timeLimit)*"

run set 'a blank' x
run set plain y
fact "a key that ASCII can't say does not keep the others back" 3 '*"key":"plain","value":"y"*' dump --values --ascii
complains '*swiftmc: dump a blank: *'
fact "nor from being deleted" 0 '{"deleted":1,"prefix":"plain"}' delete --prefix plain --yes --json --ascii
run set plain y
fact "while it stays itself" 3 '{"deleted":0,"prefix":"a"}' delete --prefix 'a' --yes --json --ascii
input='{"key":"too big","value":"'"$(printf 'x%.0s' {1..1100000})"$'"}\n{"key":"fits","value":"x"}'
fact "nor does a value that is too big" 3 '{"expired":0,"failed":1,"kept":0,"stored":1}' restore --json
complains 'swiftmc: restore too big: *'
input=""
