# shellcheck shell=bash
# Keys and replies that are commands to a terminal, keys that look the same, text that would be several commands.

fact "something to be attacked" 0 "" set victim 1
for protocol in "" --ascii; do
    # shellcheck disable=SC2086 # It may be no argument at all.
    fact "a group of statistics is no command${protocol:+, in ASCII}" 2 "" stats $'slabs\r\ndelete victim' $protocol
    holds "and has no line of its own${protocol:+, in ASCII}" '$complaint != *$'"'\n'"'*' "$complaint"
done
fact "it is still there" 0 1 get victim
fact "a key with control bytes" 0 "" set $'esc\e[31m\x7f' 1
fact "is written out" 0 'esc\\x1b\[31m\\x7f' dump --prefix esc
fact "also in JSON" 0 '*"key":"esc\\u001b\[31m\\u007f"*' dump --prefix esc --json
fact "and with its value" 0 '*"key":"esc\\u001b\[31m\\u007f"*' dump --prefix esc --values
fact "a miss of such a key is written out" 1 "" get $'no\e[31m\nsuch'
complains 'swiftmc: no such item: no\\x1b\[31m\\x0asuch'
fact "a key in composed letters" 0 "" set $'caf\u00e9' composed
fact "a key in decomposed ones" 0 "" set $'cafe\u0301' decomposed
fact "are two keys" 0 $'caf\u00e9\tcomposed\ncafe\u0301\tdecomposed' get $'caf\u00e9' $'cafe\u0301'
fact "one is deleted" 0 "" delete $'caf\u00e9'
fact "the other one stays" 1 $'cafe\u0301\tdecomposed' get $'caf\u00e9' $'cafe\u0301'

# Whatever a server says in answer to whatever command: no control byte of it (C0, DEL, C1 in UTF-8 and alone) is passed on,
# and no line end.
has_control_bytes() { LC_ALL=C grep -qP '[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|(?<![\xc2-\xf4\x80-\xbf])[\x80-\xbf]'; }
evil='\x1b]0;evil\x07\x1b[2J\x9b31m\xc2\x9b\x7f\x08\x0devil'
replies=(
    "SERVER_ERROR $evil\\r\\n" "CLIENT_ERROR $evil\\r\\n" "ERROR $evil\\r\\n" "$evil\\r\\n" "VERSION $evil\\r\\n"
    "STAT $evil $evil\\r\\nEND\\r\\n" "HD $evil\\r\\n" "OK\\r\\n$evil\\r\\n" "OK\\r\\ntype=$evil key=$evil\\r\\n"
    "key=%1b%5b2J$evil exp=-1 size=9\\r\\nEND\\r\\n" "VALUE x 0 3\\r\\n\\x1b[2\\r\\nEND\\r\\n" "BUSY $evil\\r\\n"
    # In the binary protocol: an error with a text, and statistics.
    '\x81\x00\x00\x00\x00\x00\x00\x84\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x1b[2J\x9b\x07'
    '\x81\x10\x00\x03\x00\x00\x00\x00\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x1b[2\x1b[2'
)
commands=(
    "get x" "gets x" "ttl x" "set x y" "add x y" "replace x y" "append x y" "cas x 1 y" "delete x" "touch x -t 1" "incr x"
    "ping" "version" "stats" "stats items" "stats --watch 10ms -n 1" "slabs" "top --once -i 10ms" "dump" "dump --values"
    "dump --long" "delete --prefix x -y" "watch" "verbosity 1" "cache-memlimit 64" "shutdown -y" "flush -y"
)
# attack ADDRESS: runs everything against it, and prints what lets something through.
attack() {
    local command option output
    for command in "${commands[@]}"; do
        for option in "" "--json --ascii"; do
            # A value is printed as it is, unless on a terminal.
            [[ $command$option != "get x" && $command$option != "gets x" ]] || continue
            # shellcheck disable=SC2086 # They are several words.
            output=$("$swiftmc" $command $option -s "$1" --timeout 300ms 2>&1 </dev/null || true)
            ! has_control_bytes <<<"$output" || echo "swiftmc $command $option: $(printf '%q' "$output")"
        done
    done
}
holds "a control byte would be found" '$(has_control_bytes <<<$'"'\\e[2J'"' && echo yes) == yes'
holds "and one that is no UTF-8" '$(has_control_bytes <<<$'"'a\\x9bb'"' && echo yes) == yes'
holds "but no letter is one" '$(has_control_bytes <<<$'"'Gr\\u00fc\\u00dfe\\u4e16'"' || echo no) == no'
attacks=()
for index in "${!replies[@]}"; do
    start_fake fake answer "${replies[$index]}"
    attack "$fake" >"$scratch/attack-$index" &
    attacks+=($!)
done
for index in "${!replies[@]}"; do
    wait "${attacks[$index]}" || true
    holds "nothing of reply $index is passed on" '! -s $scratch/attack-$index' "$(<"$scratch/attack-$index")"
done

# Numbers that no sum has room for.
start_fake sizes answer 'key=a exp=9223372036854775807 size=9223372036854775807\r\nkey=b exp=-1 size=9223372036854775807\r\nkey=c exp=1 size=-9223372036854775808\r\nkey=d exp=1 size=-9223372036854775808\r\nEND\r\n'
fact "keys of any size" 0 $'a\nb\nc\nd' dump -s "$sizes"
fact "that expire at any time" 0 $'KEY*\na\t9223372036854775807\t*\nb\t*\nc\t*\nd\t*' dump --long -s "$sizes"
start_fake rising rising 'STAT get_hits %d\r\nSTAT get_misses %d\r\nSTAT cmd_get %d\r\nSTAT bytes_read %d\r\nEND\r\n'
fact "counters that rise by more than there is" 0 $'server*\n'"$rising"* stats --watch 10ms -n 3 --ascii -s "$rising"
fact "also on the whole screen" 0 '*' top --once -i 10ms --ascii -s "$rising"
fact "and in JSON" 0 '{*' stats --watch 10ms -n 3 --ascii --json -s "$rising"
