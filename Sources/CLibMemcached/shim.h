// What Swift sees of libmemcached: its C interface as it is, and its memory.
#ifndef CLIBMEMCACHED_SHIM_H
#define CLIBMEMCACHED_SHIM_H

#if !__has_include(<libmemcached/memcached.h>)
#error "libmemcached is not installed. On Debian and Ubuntu: apt-get install libmemcached-dev libsasl2-dev"
#else

#include <libmemcached/memcached.h>
#include <stdlib.h>

#if LIBMEMCACHED_VERSION_HEX < 0x01001000
#error "SwiftLibMC needs libmemcached 1.1 or newer (libmemcached-awesome); 1.0 returns wrong values after time-outs."
#endif

// --- Memory ---

// The largest block that libmemcached may allocate, and how much it asked for and was refused; it allocates room for a
// value before it reads it.
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

// Makes an object use this memory, which has to outlive it.
static inline void swiftlibmc_use_memory(memcached_st *object, struct swiftlibmc_memory *memory) {
    memcached_set_memory_allocators(
        object, swiftlibmc_malloc, swiftlibmc_free, swiftlibmc_realloc, swiftlibmc_calloc, memory);
}

#endif
#endif
