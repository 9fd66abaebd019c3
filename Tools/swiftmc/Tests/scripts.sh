# shellcheck shell=bash
# Lines of commands, wrong words, help, completion.

input=$'# a comment\nset "a key" x\nset quoted "with \'blanks\'"\nget quoted\nget missing\nnonsense\n\nquit\nset never x'
fact "a script ends as its worst command, at quit" 2 "with 'blanks'" repl
complains '*no such item: missing*no command nonsense*'
input=$'get missing'
fact "a miss is a miss" 1 "" repl
input=$'set q 1\nget q'
fact "a script works" 0 "1" repl
input=$'set q "not closed'
fact "a quote is closed" 2 "" repl
complains '*a quote is not closed'
input=$'set q'
fact "a value does not come from the script" 2 "" repl
input=$'repl\nrestore'
fact "nor do other scripts" 2 "" repl
input="set key 'x"$'\u0301'"y'"$'\nget key'
fact "an accent does not hide a quote" 0 $'x\u0301y' repl
input=""
fact "what is behind quit is not done" 1 "" get never
fact "no command, and no terminal" 2 ""
complains '*--help*'
fact "its version" 0 'swiftmc *' --version
fact "help lists the commands" 0 '*USAGE*get*ttl*bench*restore*' --help
fact "defaults are as one types them" 0 '*default: 1s)*' help bench
holds "and nothing of Swift" '$printed != *Span*'
fact "a key is needed" 2 "" get
complains '*Usage: swiftmc get *connection options*'
fact "a behavior is known" 2 "" set a b -b nonsense=1
fact "a behavior has a value" 2 "" set a b -b nonsense
fact "a time-out is a time" 2 "" get a --timeout soon
fact "a time is a time" 2 "" touch a --time soon

# What was typed, and what is proposed.
while read -r wrong right; do
    fact "$wrong is perhaps $right" 2 "" "$wrong" x
    complains "swiftmc: there is no command $wrong; did you mean $right?"
done <<'WORDS'
gett get
GET get
ste set
delte delete
apend append
tuch touch
stat stats
verbose verbosity
del delete
keys dump
info stats
monitor watch
memlimit cache-memlimit
rest restore
WORDS
fact "nothing is proposed for anything" 2 "" nonsense
complains 'swiftmc: there is no command nonsense; swiftmc --help lists them'
fact "options may stand before it" 2 "" -s "$address" --json gett x
complains '*did you mean get?'
fact "also with their values" 2 "" -s="$address" --timeout=1s gett x
complains '*did you mean get?'
fact "help knows as much" 2 "" help gett
complains '*did you mean get?'
fact "an option is proposed, too" 2 "" get x --serer host
complains '*--server*'
fact "TLS is not there" 2 "" --tls get x
complains '*no TLS*tunnel*'
fact "a value is no command" 1 "" -s "$address" get gett
fact "control bytes are written out" 2 "" $'get\e[31m'
complains $'swiftmc: there is no command get*x1b*'

export HOME=$scratch/home
unset XDG_DATA_HOME XDG_CONFIG_HOME
SHELL=/bin/bash fact "completion for the shell that there is" 0 "$HOME/.local/share/bash-completion/completions/swiftmc"* \
    --install-completion
holds "the script is one" '$(bash -n "$HOME/.local/share/bash-completion/completions/swiftmc" && echo yes) == yes'
holds "and knows the commands" '-n $(grep cache-memlimit "$HOME/.local/share/bash-completion/completions/swiftmc")'
fact "completion for zsh" 0 "$HOME/.local/share/zsh/site-functions/_swiftmc"*fpath* --install-completion zsh
holds "the script is there, too" '-s $HOME/.local/share/zsh/site-functions/_swiftmc'
XDG_CONFIG_HOME=$scratch/config fact "completion for fish" 0 "$scratch/config/fish/completions/swiftmc.fish"* \
    --install-completion=fish
holds "where the variable says" '-s $scratch/config/fish/completions/swiftmc.fish'
fact "others have none" 2 "" --install-completion tcsh
HOME=/dev/null fact "a home that can't be written to is a failure" 3 "" --install-completion fish
complains 'swiftmc: /dev/null/*'
fact "servers that make no sense don't matter" 0 "*" --install-completion bash -s a:b:c:d
