// What Swift sees of libmemcached: its C interface as it is, and the system calls that Swift can't name.
#ifndef CLIBMEMCACHED_SHIM_H
#define CLIBMEMCACHED_SHIM_H

#if !__has_include(<libmemcached/memcached.h>)
#error "libmemcached is not installed. On Debian and Ubuntu: apt-get install libmemcached-dev libsasl2-dev"
#else

#include <libmemcached/memcached.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#if LIBMEMCACHED_VERSION_HEX < 0x01001000
#error "SwiftLibMC needs libmemcached 1.1 or newer (libmemcached-awesome); 1.0 returns wrong values after time-outs."
#endif

// Changes which signals the calling thread blocks. `pthread_sigmask` does the same at several times the price, for it
// copies sets of 1,024 signals; where we don't know the system call by heart, it has to do.
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#include <sys/syscall.h>

static inline void swiftlibmc_change_blocked_signals(long how, uint64_t signals, uint64_t *before) {
    const uint64_t *after = &signals;
#if defined(__x86_64__)
    long result = SYS_rt_sigprocmask;
    register long size __asm__("r10") = sizeof signals;
    __asm__ volatile("syscall" : "+a"(result) : "D"(how), "S"(after), "d"(before), "r"(size) : "rcx", "r11", "memory");
#else
    register long number __asm__("x8") = SYS_rt_sigprocmask;
    register long first __asm__("x0") = how;
    register const uint64_t *second __asm__("x1") = after;
    register uint64_t *third __asm__("x2") = before;
    register long fourth __asm__("x3") = sizeof signals;
    __asm__ volatile("svc 0" : "+r"(first) : "r"(number), "r"(second), "r"(third), "r"(fourth) : "memory");
#endif
}
#else
static inline void swiftlibmc_change_blocked_signals(int how, uint64_t signals, uint64_t *before) {
    sigset_t set, old;
    sigemptyset(&set);
    for (int number = 1; number < 32; number++)
        if (signals >> (number - 1) & 1) sigaddset(&set, number);
    pthread_sigmask(how, &set, &old);
    for (int number = 1; before && number < 32; number++)
        if (sigismember(&old, number) == 1) *before |= UINT64_C(1) << (number - 1);
}
#endif

// Every signal but those that tell of a fault in the thread itself, and the two that glibc keeps for itself.
#define SWIFTLIBMC_ONE_SIGNAL(number) (UINT64_C(1) << ((number) - 1))
static const uint64_t swiftlibmc_interrupting_signals =
    ~(SWIFTLIBMC_ONE_SIGNAL(SIGSEGV) | SWIFTLIBMC_ONE_SIGNAL(SIGBUS) | SWIFTLIBMC_ONE_SIGNAL(SIGILL) |
      SWIFTLIBMC_ONE_SIGNAL(SIGFPE) | SWIFTLIBMC_ONE_SIGNAL(SIGTRAP) | SWIFTLIBMC_ONE_SIGNAL(SIGABRT) |
      SWIFTLIBMC_ONE_SIGNAL(SIGSYS) | SWIFTLIBMC_ONE_SIGNAL(32) | SWIFTLIBMC_ONE_SIGNAL(33));

// Blocks the signals that may interrupt a wait, and returns what was blocked before.
static inline uint64_t swiftlibmc_hold_signals(void) {
    uint64_t before = 0;
    swiftlibmc_change_blocked_signals(SIG_BLOCK, swiftlibmc_interrupting_signals, &before);
    return before;
}

// Goes back to what was blocked before, unless that makes no difference.
static inline void swiftlibmc_release_signals(uint64_t before) {
    if ((before & swiftlibmc_interrupting_signals) != swiftlibmc_interrupting_signals)
        swiftlibmc_change_blocked_signals(SIG_SETMASK, before, (uint64_t *)0);
}

// --- Memory ---

// How large a block libmemcached may have, and how much it asked for in vain; it does so for values before it reads them.
struct swiftlibmc_memory {
    size_t limit;
    size_t refused;
};

static void *swiftlibmc_malloc(const memcached_st *object, const size_t size, void *context) { return malloc(size); }

static void swiftlibmc_free(const memcached_st *object, void *block, void *context) { free(block); }

static void *swiftlibmc_calloc(const memcached_st *object, size_t count, const size_t size, void *context) {
    return calloc(count, size);
}

static void *swiftlibmc_realloc(const memcached_st *object, void *block, const size_t size, void *context) {
    struct swiftlibmc_memory *memory = (struct swiftlibmc_memory *)context;
    if (size > memory->limit) {
        memory->refused = size;
        return NULL;
    }
    return realloc(block, size);
}

// Has an object use this memory, which has to live longer.
static inline void swiftlibmc_use_memory(memcached_st *object, struct swiftlibmc_memory *memory) {
    memcached_set_memory_allocators(
        object, swiftlibmc_malloc, swiftlibmc_free, swiftlibmc_realloc, swiftlibmc_calloc, memory);
}

#endif
#endif
