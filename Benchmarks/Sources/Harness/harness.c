#define _GNU_SOURCE
#include "harness.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void give_up(const char *reason) {
    fprintf(stderr, "%s\n", reason);
    exit(1);
}

static void read_value(settings *s, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) give_up("cannot open the file with the value");
    fseek(file, 0, SEEK_END);
    s->size = (size_t)ftell(file);
    rewind(file);
    s->value = malloc(s->size + 1);
    if (fread(s->value, 1, s->size, file) != s->size) give_up("cannot read the file with the value");
    s->value[s->size] = 0;
    fclose(file);
}

static void read_servers(settings *s, char *list) {
    char *rest = NULL;
    for (char *one = strtok_r(list, ",", &rest); one && s->server_count < most_servers; one = strtok_r(NULL, ",", &rest))
        s->servers[s->server_count++] = one;
}

settings read_settings(int argc, char **argv) {
    settings s = {.op = "get", .key = "bench:key:1", .style = "bytes", .keys = 100, .parallel = 1};
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) give_up("arguments are name=value");
        *value++ = 0;
        if (!strcmp(argv[i], "servers")) read_servers(&s, value);
        else if (!strcmp(argv[i], "op")) s.op = value;
        else if (!strcmp(argv[i], "key")) s.key = value;
        else if (!strcmp(argv[i], "style")) s.style = value;
        else if (!strcmp(argv[i], "value")) read_value(&s, value);
        else if (!strcmp(argv[i], "keys")) s.keys = atoi(value);
        else if (!strcmp(argv[i], "level")) s.level = atoi(value);
        else if (!strcmp(argv[i], "parallel")) s.parallel = atoi(value);
        else give_up("unknown argument");
    }
    if (!s.server_count || !s.value) give_up("servers= and value= are needed");
    return s;
}

uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t paused_at, paused;

void pause_clock(void) { paused_at = now(); }
void resume_clock(void) { paused += now() - paused_at; }
void forget_pauses(void) { paused = 0; }
uint64_t paused_time(void) { return paused; }
void keep(long result) { (void)result; }
void flush_output(void) { fflush(stdout); }

void measure_mark(void) {
    static void (*write_counts)(void);
    static bool looked;
    if (!looked) write_counts = (void (*)(void))dlsym(RTLD_DEFAULT, "write_counts");
    looked = true;
    if (write_counts) write_counts();
}

int serve(void (*work)(long count)) {
    char line[64];
    puts("ready");
    flush_output();
    while (fgets(line, sizeof line, stdin)) {
        long count = atol(line);
        forget_pauses();
        measure_mark();
        uint64_t start = now();
        work(count);
        uint64_t end = now();
        measure_mark();
        printf("%llu\n", (unsigned long long)(end - start - paused));
        flush_output();
    }
    return 0;
}
