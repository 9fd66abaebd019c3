# shellcheck shell=bash
# What only a terminal gets to see, and what signals do.

on_terminal "" ping
holds "colours on a terminal" '$screen == *'$'"\e[32malive\e[0m"''*' "$screen"
NO_COLOR=1 on_terminal "" ping
holds "none with NO_COLOR" '$screen == *alive* && $screen != *'$'"\e["''*' "$screen"
fact "none in a pipe" 0 "$address"$'\talive' ping
NO_COLOR=1 on_terminal $'set t "x y"\nget t\nflush\nn\nget t\nquit\n'
holds "a conversation" '$screen == *"$address"*"Commands: "*get*"swiftmc> "*stored*"x y"*"[y/N]"*"x y"*"exit 0"*' "$screen"
run set $'bad \e[31m' $'\e[2J\x07evil'
NO_COLOR=1 on_terminal "" get $'bad \e[31m'
holds "values are written out" '$screen == *"\x1b[2J\x07evil"* && $screen != *'$'"\e"''*' "$screen"
NO_COLOR=1 on_terminal $'n\n' delete --prefix bad
holds "deleting by prefix asks" '$screen == *"begin with \"bad\" on $address? [y/N]"*"exit 1"*' "$screen"
fact "and no is no" 0 '?*' get $'bad \e[31m'
NO_COLOR=1 on_terminal $'y\n' delete --prefix bad
holds "yes is yes" '$screen == *"deleted 1 items"*"exit 0"*' "$screen"

on_terminal $'^C\n' top --interval 1s
holds "top has the screen to itself" '$screen == *'$'"\e[?1049h"''*server*hits*class*' "$screen"
holds "and gives it back" '$screen == *'$'"\e[?25h\e[?1049l"''*"signal 2"*' "$screen"
on_terminal $'^C\n' get x --user bob
holds "a question about a password ends at Ctrl-C" '$screen == *"Password of bob"*"signal 2, echo on"*' "$screen"
start_server guarded --user bob --password secret
on_terminal $'secret\n' ping --user bob -s "$guarded"
holds "a password is asked for" '$screen == *"Password of bob"*alive*"echo on"*' "$screen"
holds "and not shown" '$screen != *secret*' "$screen"

# Calls that wait for a server whose reply never ends, or never comes; the library holds signals back meanwhile.
start_fake drip drip
start_fake silent silent
for server in "$drip" "$silent"; do
    for command in "get x" "get x --ascii" "set x y" "delete x" stats dump "ttl x" watch version "top --once" bench; do
        echo "$command -s $server --timeout 60s"
    done
done >"$scratch/calls"
for signal in SIGTERM SIGINT SIGHUP; do
    python3 "$tests/signals.py" "$signal" "$swiftmc" <"$scratch/calls" >"$scratch/endings"
    while read -r line; do
        holds "$signal ends it within a second" "\"$line\" == \"$signal: \"*" "$line"
    done <"$scratch/endings"
done
echo "get x -s $silent --timeout 60s" | python3 "$tests/signals.py" ignored-SIGHUP "$swiftmc" >"$scratch/endings"
holds "nohup holds" '$(<"$scratch/endings") == running:*' "$(<"$scratch/endings")"
