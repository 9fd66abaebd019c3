// What the measured programs share: their arguments, and the loop that does work on request.
//
// A program is started with arguments of the form name=value and prepares its work. Then, for each number that it
// reads on a line of standard input, it does the work that many times and answers with the nanoseconds it took.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { most_servers = 16 };

typedef struct {
    const char *servers[most_servers];  // host:port, or the path of a unix socket
    int server_count;
    const char *op;
    const char *key;  // for the operations on one
    const char *style;
    char *value;  // the bytes to store, read from a file
    size_t size;
    int keys;      // per call, for the operations on many
    int level;     // of compression; 0 is none
    int parallel;  // threads or tasks
} settings;

settings read_settings(int argc, char **argv);

/// Answers requests on standard input until it ends.
int serve(void (*work)(long count));

/// What happens in between does not count.
void pause_clock(void);
void resume_clock(void);

/// For a loop of one's own: begins a request, and the nanoseconds that do not count since.
void forget_pauses(void);
uint64_t paused_time(void);

/// Where results go, so that the compiler cannot leave out the work.
void keep(long result);

/// Writes out what has been printed.
void flush_output(void);

/// Monotonic time in nanoseconds.
uint64_t now(void);

/// Called before and after each request: callgrind is told to write its counts here, and so are the preloaded counters.
__attribute__((noinline)) void measure_mark(void);

/// Ends the program with a message.
_Noreturn void give_up(const char *reason);
