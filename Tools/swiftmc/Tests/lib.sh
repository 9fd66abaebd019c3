# shellcheck shell=bash
# What the tests of swiftmc share: Scripts/test-swiftmc sources it, and then one of the files beside it.

facts=0
failures=0
servers=()
scratch=$(mktemp -d)

# Ends what this file has started.
clean_up() {
    local pid
    ((${#servers[@]} == 0)) || Scripts/memcached stop "${servers[@]}" 2>/dev/null || true
    for pid in $(jobs -p); do kill "$pid" 2>/dev/null || true; done
    rm -rf "$scratch"
}

# start_server VARIABLE [options of Scripts/memcached]: starts one, and puts its address into the variable.
start_server() {
    local name=$subject-$$-${#servers[@]} variable=$1
    servers+=("$name")
    printf -v "$variable" '%s' "$(Scripts/memcached start --name "$name" "${@:2}" 2>/dev/null)"
}

# start_fake VARIABLE MODE [TEXT]: starts a server that does what none does, see fake-server.py.
start_fake() {
    local output=$scratch/fake-$RANDOM-$1
    python3 "$tests/fake-server.py" "${@:2}" >"$output" &
    until [[ -s $output ]]; do sleep 0.02; done
    printf -v "$1" '%s' "$(<"$output")"
}

# Runs the tool, with "$input" as its standard input, and keeps "$status", "$printed" and "$complaint".
input=""
run() {
    status=0
    # A last character that is no line end keeps those before it.
    printed=$("$swiftmc" "$@" <<<"$input" 2>"$scratch/errors" || echo "$?" >"$scratch/status"; printf x)
    printed=${printed%x}
    complaint=$(<"$scratch/errors")
    if [[ -s $scratch/status ]]; then status=$(<"$scratch/status"); fi
    : >"$scratch/status"
}

# fact NAME STATUS PATTERN ARGUMENTS…: how the tool ends, and what it prints, a pattern of bash, but for line ends at its end.
fact() {
    last=$1
    local wanted=$2 pattern=$3
    shift 3
    run "$@"
    local text=${printed%$'\n'}
    # shellcheck disable=SC2053 # It is a pattern.
    if [[ $status == "$wanted" && $text == $pattern ]]; then
        count 0
    else
        count 1 "swiftmc $*" "ended with $status, wanted $wanted" "printed: $text" "wanted:  $pattern" "errors: $complaint"
    fi
}

# complains PATTERN: what the last one wrote to the standard error; a part of the same fact.
complains() {
    # shellcheck disable=SC2053 # It is a pattern.
    [[ $complaint == $1 ]] || broken "complaint: $complaint" "wanted: $1"
}

# holds NAME CONDITION [EVIDENCE]: some other fact; the condition is bash, as in [[ … ]].
holds() {
    last=$1
    if eval "[[ $2 ]]"; then count 0; else count 1 "$2" "${@:3}"; fi
}

# Counts a fact, which holds if the first argument is 0.
count() {
    facts=$((facts + 1))
    if (($1 == 0)); then
        [[ $verbose == false ]] || echo "ok: $subject: $last" >&2
    else
        broken "${@:2}"
    fi
}

broken() {
    failures=$((failures + 1))
    log "$subject: does not hold: $last"
    printf '%s\n' "$@" | sed 's/^/    /' >&2
}

# Runs the tool on a terminal of its own, with what is typed, and keeps what appears in "$screen".
on_terminal() {
    local typed=$1
    shift
    screen=$(printf '%s' "$typed" | python3 "$tests/terminal.py" "$swiftmc" "$@")
}
