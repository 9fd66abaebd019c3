// libmemcached from C, used as its manual shows: binary protocol, no delay.
#include <harness.h>
#include <libmemcached/memcached.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static settings s;
static memcached_st *client;
static const char *key;
static size_t key_length;
static char **keys;
static size_t *key_lengths;

static void must(memcached_return_t code) {
    if (code != MEMCACHED_SUCCESS && code != MEMCACHED_BUFFERED) give_up(memcached_strerror(NULL, code));
}

static memcached_st *connect_client(void) {
    memcached_st *m = memcached_create(NULL);
    for (int i = 0; i < s.server_count; i++) {
        if (s.servers[i][0] == '/') {
            must(memcached_server_add_unix_socket(m, s.servers[i]));
        } else {
            char host[256];
            snprintf(host, sizeof host, "%s", s.servers[i]);
            char *port = strrchr(host, ':');
            *port++ = 0;
            must(memcached_server_add(m, host, (in_port_t)atoi(port)));
        }
    }
    must(memcached_behavior_set(m, MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, 1));
    must(memcached_behavior_set(m, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1));
    must(memcached_behavior_set(m, MEMCACHED_BEHAVIOR_POLL_TIMEOUT, 30000));
    return m;
}

// --- one key ------------------------------------------------------------------------------------------------------

static void get(long count) {
    size_t length;
    uint32_t flags;
    memcached_return_t code;
    while (count--) {
        char *value = memcached_get(client, key, key_length, &length, &flags, &code);
        if (!value) give_up("no value");
        keep((long)length);
        free(value);
    }
}

static void miss(long count) {
    size_t length;
    uint32_t flags;
    memcached_return_t code;
    while (count--)
        if (memcached_get(client, "bench:none", 10, &length, &flags, &code)) give_up("a value");
}

static void set(long count) {
    while (count--) must(memcached_set(client, key, key_length, s.value, s.size, 0, 0));
}

static void incr(long count) {
    uint64_t value;
    while (count--) must(memcached_increment(client, "bench:count", 11, 1, &value));
}

static void set_compressed(long count) {
    uLong bound = compressBound(s.size);
    while (count--) {
        Bytef *packed = malloc(bound);
        uLongf length = bound;
        if (compress2(packed, &length, (Bytef *)s.value, s.size, s.level) != Z_OK) give_up("compress2");
        must(memcached_set(client, key, key_length, (char *)packed, length, 0, 8));
        free(packed);
    }
}

static void get_compressed(long count) {
    size_t length;
    uint32_t flags;
    memcached_return_t code;
    while (count--) {
        char *value = memcached_get(client, key, key_length, &length, &flags, &code);
        Bytef *plain = malloc(s.size);
        uLongf plain_length = s.size;
        if (uncompress(plain, &plain_length, (Bytef *)value, length) != Z_OK) give_up("uncompress");
        keep((long)plain_length);
        free(plain);
        free(value);
    }
}

// --- many keys ----------------------------------------------------------------------------------------------------

static void get_multi(long count) {
    memcached_result_st result;
    memcached_result_create(client, &result);
    memcached_return_t code;
    while (count--) {
        must(memcached_mget(client, (const char *const *)keys, key_lengths, (size_t)s.keys));
        int found = 0;
        while (memcached_fetch_result(client, &result, &code)) {
            keep((long)memcached_result_length(&result));
            found++;
        }
        if (found != s.keys) give_up("values are missing");
    }
    memcached_result_free(&result);
}

static void set_all(void) {
    for (int i = 0; i < s.keys; i++)
        must(memcached_set(client, keys[i], key_lengths[i], s.value, s.size, 0, 0));
}

static void set_multi(long count) {
    while (count--) set_all();
}

static void delete_missing(long count) {
    while (count--)
        for (int i = 0; i < s.keys; i++) memcached_delete(client, keys[i], key_lengths[i], 0);
}

static void delete_multi(long count) {
    while (count--) {
        pause_clock();
        set_all();
        resume_clock();
        delete_missing(1);
    }
}

// --- threads ------------------------------------------------------------------------------------------------------

static memcached_st *thread_clients[64];
static long per_thread;

static void *get_in_thread(void *argument) {
    memcached_st *m = argument;
    size_t length;
    uint32_t flags;
    memcached_return_t code;
    for (long i = 0; i < per_thread; i++) free(memcached_get(m, key, key_length, &length, &flags, &code));
    return NULL;
}

static void *cas_in_thread(void *argument) {
    memcached_st *m = argument;
    memcached_result_st result;
    memcached_result_create(m, &result);
    const char *names[] = {"bench:cas"};
    size_t lengths[] = {9};
    for (long i = 0; i < per_thread; i++) {
        for (;;) {
            memcached_return_t code;
            must(memcached_mget(m, names, lengths, 1));
            uint64_t cas = 0;
            long number = 0;
            while (memcached_fetch_result(m, &result, &code)) {
                char digits[24] = {0};
                memcpy(digits, memcached_result_value(&result), memcached_result_length(&result));
                number = atol(digits);
                cas = memcached_result_cas(&result);
            }
            char digits[24];
            int length = snprintf(digits, sizeof digits, "%ld", number + 1);
            if (memcached_cas(m, "bench:cas", 9, digits, (size_t)length, 0, 2, cas) == MEMCACHED_SUCCESS) break;
        }
    }
    memcached_result_free(&result);
    return NULL;
}

static void in_threads(long count, void *(*body)(void *)) {
    pthread_t threads[64];
    per_thread = count / s.parallel;
    for (int i = 0; i < s.parallel; i++) pthread_create(&threads[i], NULL, body, thread_clients[i]);
    for (int i = 0; i < s.parallel; i++) pthread_join(threads[i], NULL);
}

static void threads_get(long count) { in_threads(count, get_in_thread); }
static void threads_cas(long count) { in_threads(count, cas_in_thread); }

// --- the choice ---------------------------------------------------------------------------------------------------

int main(int argc, char **argv) {
    s = read_settings(argc, argv);
    client = connect_client();
    key = s.key;
    key_length = strlen(key);
    keys = malloc(sizeof *keys * (size_t)s.keys);
    key_lengths = malloc(sizeof *key_lengths * (size_t)s.keys);
    for (int i = 0; i < s.keys; i++) {
        keys[i] = malloc(32);
        key_lengths[i] = (size_t)snprintf(keys[i], 32, "key:%d", 1000000 + i);
    }
    const struct { const char *op; void (*work)(long); } table[] = {
        {"get", get}, {"miss", miss}, {"set", set}, {"incr", incr},
        {"setCompressed", set_compressed}, {"getCompressed", get_compressed},
        {"getMulti", get_multi}, {"setMulti", set_multi}, {"deleteMulti", delete_multi}, {"deleteMissing", delete_missing},
        {"threadsGet", threads_get}, {"casLoop", threads_cas},
    };
    set(1);
    memcached_set(client, "bench:count", 11, "1", 1, 0, 0);
    memcached_set(client, "bench:cas", 9, "0", 1, 0, 2);
    if (!strcmp(s.op, "getMulti")) set_all();
    if (!strcmp(s.op, "getCompressed")) set_compressed(1);
    if (strstr(s.op, "threads") || !strcmp(s.op, "casLoop"))
        for (int i = 0; i < s.parallel; i++) thread_clients[i] = connect_client();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(s.op, table[i].op)) return serve(table[i].work);
    give_up("no such operation here");
}
