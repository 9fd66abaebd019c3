# shellcheck shell=bash
# Storing under conditions, types of values, counters.

fact "add stores what is not there" 0 "" add new first
fact "add leaves alone what is there" 1 "" add new second
complains 'swiftmc: the item exists: new'
fact "so the first value stays" 0 first get new
fact "replace changes what is there" 0 "" replace new second
fact "its value is the new one" 0 second get new
fact "replace stores nothing new" 1 "" replace nothing x
complains 'swiftmc: no such item: nothing'
fact "nor is it there" 1 '{"found":false,"key":"nothing"}' get nothing --json
fact "append adds at the end" 0 "" append new ' third'
fact "prepend adds at the beginning" 0 "" prepend new 'zeroth '
input="from a pipe"
fact "append reads the standard input" 0 "" append new
input=""
fact "all of it is there" 0 $'zeroth second thirdfrom a pipe\n' get new
fact "append needs an item" 1 '{"key":"nothing","stored":false}' append nothing x --json
fact "prepend needs an item" 1 "" prepend nothing x
complains 'swiftmc: no such item: nothing'

fact "an item to be changed" 0 "" set shared 1
run gets shared
version=${printed%%$'\t'*}
holds "gets prints the version before the value" '$printed == +([0-9])$'"'\t1\n'" "$printed"
fact "gets is JSON" 0 '{"cas":'"$version"',*"value":"1"}' gets shared --json
fact "several have their keys" 1 $'shared\t'"$version"$'\t1' gets shared nothing
fact "cas stores if nothing has changed" 0 "" cas shared "$version" 2
fact "cas does not if it has" 1 "" cas shared "$version" 3
complains 'swiftmc: the item has changed: shared'
fact "the value is that of the first one" 0 2 get shared
fact "cas needs an item" 1 '{"key":"nothing","stored":false}' cas nothing "$version" x --json
fact "a version is a number" 2 "" cas shared abc x
fact "zero is no version" 2 "" cas shared 0 x

fact "a whole number" 0 "" set typed 42 --type int
fact "has its flags" 0 '*"flags":4,*"value":"42"}' get typed --json
fact "a truth value" 0 "" set typed true --type bool
fact "has its flags, too" 0 '*"flags":2,*"value":"1"}' get typed --json
fact "a JSON value" 0 "" set typed '{"b": [1, null], "a": 1.5}' --type json
fact "has the flags of JSON" 0 '*"flags":65536,*' get typed --json
fact "what is no number is refused" 2 "" set typed x --type int
fact "what is no JSON is refused" 2 "" set typed '{' --type json
fact "the format of another library" 0 "" set --format php typed 42 --type int
fact "is read in it" 0 "42" get --format php typed
fact "and has its flags" 0 '*"flags":1,*' get typed --format php --json
fact "a value is compressed" 0 "" set typed "$(printf 'a%.0s' {1..500})" --compress
fact "and read inflated" 0 '*"flags":24,*"size":1?,*aaaa*' get typed --json

fact "a missing counter is a miss" 1 "" incr counter
complains 'swiftmc: no such item: counter; --initial creates it'
fact "it is created" 0 "5" incr counter --initial 5
fact "counting up" 0 "8" incr counter 3
fact "counting down ends at 0" 0 "0" decr counter 100
fact "numbers have 64 bits" 0 '{"key":"counter","value":18446744073709551615}' incr counter 18446744073709551615 --json
fact "no number is negative" 2 "" incr counter -5
fact "a text" 0 "" set text abc
fact "is no counter" 3 "" incr text
complains 'swiftmc: incr text: *'
fact "a missing counter is JSON" 1 '{"found":false,"key":"none"}' decr none --json
