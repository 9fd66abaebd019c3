// The system's C library for Swift, under one name. What differs among glibc, musl and macOS, or what Swift does not
// import, is here and nowhere else.
#ifndef CPLATFORM_SHIM_H
#define CPLATFORM_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

// `errno` is a macro for a thread-local variable.
static inline int swiftlibmc_errno(void) { return errno; }

// --- Sockets ---

// An enumeration in some C libraries, a number in others.
static const int swiftlibmc_stream = SOCK_STREAM;

// Where the path is in the address of a unix socket.
static const size_t swiftlibmc_unix_path_offset = offsetof(struct sockaddr_un, sun_path);

// Not at the start of the address on macOS, where its length comes first.
static inline int swiftlibmc_family(const struct sockaddr *address) { return address->sa_family; }

// A stream socket that never blocks, and that programs which this one starts do not get; -1 and `errno` without one.
static inline int swiftlibmc_make_socket(int family) {
#if defined(__APPLE__)
    int descriptor = socket(family, SOCK_STREAM, 0);
    int on = 1;
    if (descriptor >= 0 &&
        (fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0 || fcntl(descriptor, F_SETFL, O_NONBLOCK) < 0 ||
         setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) < 0)) {
        int number = errno;
        close(descriptor);
        errno = number;
        return -1;
    }
    return descriptor;
#else
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#endif
}

// Sends what fits, without waiting, and without a signal if the other side has gone.
static inline ssize_t swiftlibmc_send(int descriptor, const void *bytes, size_t count) {
#if defined(__APPLE__)
    return send(descriptor, bytes, count, MSG_DONTWAIT);
#else
    return send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
#endif
}

// Lets `recv` wait for so many milliseconds, more than none, and then end with EAGAIN.
static inline int swiftlibmc_let_reads_wait(int descriptor, int64_t milliseconds) {
    struct timeval time;
    time.tv_sec = (time_t)(milliseconds / 1000);
    time.tv_usec = (suseconds_t)(milliseconds % 1000 * 1000);
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) < 0) return -1;
    return setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

// Receives what has arrived, without waiting.
static inline ssize_t swiftlibmc_receive(int descriptor, void *bytes, size_t count) {
    return recv(descriptor, bytes, count, MSG_DONTWAIT);
}

// Sets an option of a socket that is an int; an option that this kind of socket does not have is ignored.
static inline void swiftlibmc_set_option(int descriptor, int level, int option, int value) {
    setsockopt(descriptor, level, option, &value, sizeof value);
}

// The option that says after how many idle seconds a connection is tested.
#if defined(__APPLE__)
static const int swiftlibmc_keep_idle = TCP_KEEPALIVE;
#else
static const int swiftlibmc_keep_idle = TCP_KEEPIDLE;
#endif

// Another descriptor of the same file, which programs that this one starts do not get.
static inline int swiftlibmc_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

// Whether a number is that of an open file.
static inline int swiftlibmc_is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

// For `poll`: the other side sends no more. Where it is unknown, only a connection that is closed both ways is noticed.
#if defined(__linux__)
static const short swiftlibmc_poll_ended = 0x2000;
#else
static const short swiftlibmc_poll_ended = 0;
#endif

// --- Signals ---

// Changes which signals the calling thread blocks. `pthread_sigmask` does the same at several times the cost, since it
// copies sets of 1,024 signals.
#if defined(__linux__)
static inline void swiftlibmc_change_blocked_signals(int how, uint64_t signals, uint64_t *before) {
    syscall(SYS_rt_sigprocmask, how, &signals, before, sizeof signals);
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

// Every signal but those that report a fault in the thread itself, and those that the C library keeps for itself.
#define SWIFTLIBMC_ONE_SIGNAL(number) (UINT64_C(1) << ((number) - 1))
#if defined(__GLIBC__)
#define SWIFTLIBMC_RESERVED_SIGNALS (SWIFTLIBMC_ONE_SIGNAL(32) | SWIFTLIBMC_ONE_SIGNAL(33))
#else
#define SWIFTLIBMC_RESERVED_SIGNALS (SWIFTLIBMC_ONE_SIGNAL(32) | SWIFTLIBMC_ONE_SIGNAL(33) | SWIFTLIBMC_ONE_SIGNAL(34))
#endif
static const uint64_t swiftlibmc_interrupting_signals =
    ~(SWIFTLIBMC_ONE_SIGNAL(SIGSEGV) | SWIFTLIBMC_ONE_SIGNAL(SIGBUS) | SWIFTLIBMC_ONE_SIGNAL(SIGILL) |
      SWIFTLIBMC_ONE_SIGNAL(SIGFPE) | SWIFTLIBMC_ONE_SIGNAL(SIGTRAP) | SWIFTLIBMC_ONE_SIGNAL(SIGABRT) |
      SWIFTLIBMC_ONE_SIGNAL(SIGSYS) | SWIFTLIBMC_RESERVED_SIGNALS);

// Blocks the signals that may interrupt a wait, and returns what was blocked before.
static inline uint64_t swiftlibmc_hold_signals(void) {
    uint64_t before = 0;
    swiftlibmc_change_blocked_signals(SIG_BLOCK, swiftlibmc_interrupting_signals, &before);
    return before;
}

// Restores the signals that were blocked before, if they differ.
static inline void swiftlibmc_release_signals(uint64_t before) {
    if ((before & swiftlibmc_interrupting_signals) != swiftlibmc_interrupting_signals)
        swiftlibmc_change_blocked_signals(SIG_SETMASK, before, (uint64_t *)0);
}

// --- Time ---

// The clock that locks and waits go by: it never jumps, and stands still while the machine sleeps.
#if defined(__APPLE__)
static const clockid_t swiftlibmc_clock = CLOCK_UPTIME_RAW;
#else
static const clockid_t swiftlibmc_clock = CLOCK_MONOTONIC;
#endif

// --- Locks ---

static inline void swiftlibmc_mutex_init(pthread_mutex_t *mutex) {
#if defined(__GLIBC__)
    // The lock is held for less time than it takes to send a thread to sleep: it is worth another try.
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(mutex, &kind);
    pthread_mutexattr_destroy(&kind);
#else
    pthread_mutex_init(mutex, NULL);
#endif
}

static inline void swiftlibmc_condition_init(pthread_cond_t *condition) {
#if defined(__APPLE__)
    pthread_cond_init(condition, NULL);
#else
    // Otherwise a step of the wall clock would lengthen or cut short all waits.
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
#endif
}

// Waits until a time of `swiftlibmc_clock`, in nanoseconds; as `pthread_cond_timedwait` does.
static inline int swiftlibmc_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t until) {
    struct timespec time;
#if defined(__APPLE__)
    clock_gettime(swiftlibmc_clock, &time);
    uint64_t now = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    uint64_t left = until > now ? until - now : 0;
    time.tv_sec = (time_t)(left / 1000000000);
    time.tv_nsec = (long)(left % 1000000000);
    return pthread_cond_timedwait_relative_np(condition, mutex, &time);
#else
    time.tv_sec = (time_t)(until / 1000000000);
    time.tv_nsec = (long)(until % 1000000000);
    return pthread_cond_timedwait(condition, mutex, &time);
#endif
}

// --- Threads ---

#if defined(__linux__)
// An extension that the headers hide from Swift.
extern int pthread_setname_np(pthread_t thread, const char *name);
#endif

struct swiftlibmc_thread {
    void (*body)(void *context);
    void *context;
    // The system keeps 15 bytes.
    char name[16];
};

static void *swiftlibmc_thread_main(void *argument) {
    struct swiftlibmc_thread thread = *(struct swiftlibmc_thread *)argument;
    free(argument);
#if defined(__APPLE__)
    pthread_setname_np(thread.name);
#elif defined(__linux__)
    pthread_setname_np(pthread_self(), thread.name);
#endif
    thread.body(thread.context);
    return NULL;
}

// Runs `body(context)` in a thread that ends by itself; returns an `errno` if the system has no thread to give.
static inline int swiftlibmc_start_thread(const char *name, void (*body)(void *context), void *context) {
    struct swiftlibmc_thread *thread = (struct swiftlibmc_thread *)malloc(sizeof *thread);
    if (!thread) return ENOMEM;
    thread->body = body;
    thread->context = context;
    strncpy(thread->name, name, sizeof thread->name - 1);
    thread->name[sizeof thread->name - 1] = 0;
    pthread_t handle;
    int code = pthread_create(&handle, NULL, swiftlibmc_thread_main, thread);
    if (code) {
        free(thread);
        return code;
    }
    pthread_detach(handle);
    return 0;
}

// Whether the process has had only one thread since it began; false where that can't be known.
#if defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 32)
#define SWIFTLIBMC_KNOWS_THREADS
#endif
#endif
#if defined(SWIFTLIBMC_KNOWS_THREADS)
#include <sys/single_threaded.h>
static inline int swiftlibmc_has_one_thread(void) { return __libc_single_threaded; }
#else
static inline int swiftlibmc_has_one_thread(void) { return 0; }
#endif

// A key for a thread-local value; `release` is called with the value of a thread that ends, never with NULL.
static inline int swiftlibmc_make_thread_key(pthread_key_t *key, void (*release)(void *)) {
    return pthread_key_create(key, release);
}

#endif
