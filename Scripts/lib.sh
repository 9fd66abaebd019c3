# shellcheck shell=bash
# What every script here shares. Source it first: source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

set -euo pipefail

# saslpasswd2 lives in /usr/sbin, which only root has on the PATH in Debian.
PATH=$PATH:/usr/sbin:/sbin

# Messages for people go to stderr, so that stdout stays usable in $(…).
log() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

fatal() {
    log "error: $*"
    exit 1
}

have() { command -v -- "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, or through sudo.
as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif have sudo; then
        sudo -- "$@"
    else
        fatal "root is needed for: $* (run this script as root, or install sudo)"
    fi
}
