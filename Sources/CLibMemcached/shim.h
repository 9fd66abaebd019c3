// What Swift sees of libmemcached: its C interface as it is, and the system calls that Swift can't name.
#ifndef CLIBMEMCACHED_SHIM_H
#define CLIBMEMCACHED_SHIM_H

#if !__has_include(<libmemcached/memcached.h>)
#error "libmemcached is not installed. On Debian and Ubuntu: apt-get install libmemcached-dev libsasl2-dev"
#else

#include <libmemcached/memcached.h>
#include <pthread.h>
#include <signal.h>

#if LIBMEMCACHED_VERSION_HEX < 0x01001000
#error "SwiftLibMC needs libmemcached 1.1 or newer (libmemcached-awesome); 1.0 returns wrong values after time-outs."
#endif

// A GNU extension that Swift's Glibc module hides.
extern int pthread_setname_np(pthread_t thread, const char *name);

#endif
#endif
