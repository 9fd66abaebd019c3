# shellcheck shell=bash
# What every script here shares. Source it first: source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

set -euo pipefail

# saslpasswd2 lives in /usr/sbin, which only root has on the PATH in Debian.
PATH=$PATH:/usr/sbin:/sbin

# Package.swift reads it: in the project's own builds, a warning is an error.
export SWIFTLIBMC_STRICT=1

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

# The Swift package manager, with another try if it dies of a signal itself: now and then libdispatch uses memory that it
# has freed (https://github.com/swiftlang/swift-corelibs-libdispatch/issues/949). Code that does not compile, and tests
# that fail or crash, give an ordinary exit status, and no other try.
swiftpm() {
    local try status
    for try in 1 2 3; do
        status=0
        swift "$@" || status=$?
        case $status in
            # SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGSEGV
            132 | 133 | 134 | 135 | 139) log "swift $1 itself has crashed ($status), try $try of 3" ;;
            *) break ;;
        esac
    done
    return "$status"
}

# SwiftPM as the users of the package run it, without the strictness of the project's own builds.
users_swiftpm() (
    unset SWIFTLIBMC_STRICT
    swiftpm "$@"
)
