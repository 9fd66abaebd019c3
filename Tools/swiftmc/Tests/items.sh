# shellcheck shell=bash
# Reading, deleting and touching items.

fact "a value is stored" 0 "" set greeting 'hello world'
fact "a value is read" 0 "hello world" get greeting
fact "a missing item is a miss" 1 "" get nothing
complains 'swiftmc: no such item: nothing'
fact "several values have their keys" 1 $'greeting\thello world' get greeting nothing
fact "a stored item is JSON" 0 '{"key":"greeting","stored":true}' set greeting 'Grüße' --json
fact "a value is JSON" 0 '{"cas":*,"flags":16,"found":true,"key":"greeting","size":7,"value":"Grüße"}' get greeting --json
fact "a miss is JSON" 1 '{"found":false,"key":"nothing"}' get nothing --json
complains ''
fact "an item is touched" 0 "" touch greeting --time 1h
fact "a missing item is not touched" 1 "" touch nothing --time 1h
complains '*no such item: nothing'
fact "one of two items is deleted" 1 "" delete greeting nothing
complains '*no such item: nothing'
fact "a deleted item is missing" 1 "" get greeting
fact "an item may expire at once" 0 "" set short x --time now
fact "an expired item is missing" 1 "" get short
input="from a pipe"
fact "a value comes from the standard input" 0 "" set piped
input=""
fact "a value is read as it was" 0 $'from a pipe\n' get piped
fact "raw adds no line end" 0 'from a pipe' get piped --raw

fact "an item without an end lives for ever" 0 never ttl piped
fact "ttl is in seconds" 0 "" set brief x --time 100s
fact "what is left is printed" 0 '@(100|9[0-9])' ttl brief
fact "several have their keys" 1 $'piped\tnever\nbrief\t'[0-9]* ttl piped brief nothing
complains '*no such item: nothing'
fact "ttl is JSON" 0 '{"cas":*,"flags":16,"found":true,"idleSeconds":*,"key":"piped","seconds":null,"size":12,"wasRead":true}' \
    ttl piped --json
fact "a miss of ttl is JSON" 1 '{"found":false,"key":"nothing"}' ttl nothing --json
fact "a touched item lives longer" 0 "" touch brief --time 1h
fact "which ttl shows" 0 '3[56]*' ttl brief
fact "a namespace belongs to the key" 0 "" set inside x -b namespace=ns:
fact "ttl has the namespace" 0 never ttl inside -b namespace=ns:
fact "without it there is no such item" 1 "" ttl inside
start_server proxied -- -B binary
fact "a server that speaks no ASCII can't say" 3 "" ttl x -s "$proxied"
complains "swiftmc: ttl x: $proxied: *"
start_fake old answer 'ERROR\r\n'
fact "a server without meta commands says so" 3 "" ttl x -s "$old"
complains '*no meta commands*'

fact "items with a prefix" 0 "" set doomed-1 x
fact "and another one" 0 "" set doomed-2 x
fact "without a terminal somebody has to say yes" 2 "" delete --prefix doomed-
complains '*--yes*'
fact "they are deleted" 0 '{"deleted":2,"prefix":"doomed-"}' delete --prefix doomed- --yes --json
fact "they are gone" 1 "" get doomed-1 doomed-2
fact "others stay" 0 never ttl piped
fact "none with a prefix is a miss" 1 "" delete --prefix doomed- --yes
fact "either keys or a prefix" 2 "" delete a --prefix b --yes
fact "not neither" 2 "" delete
fact "an empty prefix is refused" 2 "" delete --prefix '' --yes
complains '*flush*'
