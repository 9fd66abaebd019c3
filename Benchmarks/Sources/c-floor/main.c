// The physical floor: requests prepared beforehand, sent and received by hand over one blocking socket, in the binary
// protocol, or for tasks as multi-gets in the text protocol. Nothing with the same round trips can be faster.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <harness.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum opcode { op_get = 0x00, op_set = 0x01, op_delete = 0x04, op_noop = 0x0a, op_getkq = 0x0d };
enum { header_length = 24, answers_at_once = 200 };

static settings s;
static int fd;

typedef struct {
    char *bytes;
    size_t length, capacity;
} buffer;

static buffer incoming;  // read, and not yet looked at: from taken to incoming.length
static size_t taken;

static void append(buffer *b, const void *bytes, size_t length) {
    while (b->length + length > b->capacity) b->bytes = realloc(b->bytes, b->capacity = b->capacity * 2 + 4096);
    memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
}

static void request(buffer *b, enum opcode op, const char *key, const char *value, size_t value_length) {
    unsigned char header[header_length] = {0x80, (unsigned char)op};
    uint16_t key_length = (uint16_t)strlen(key);
    unsigned char extras = op == op_set ? 8 : 0;
    uint32_t body = htonl((uint32_t)(key_length + extras + value_length));
    header[2] = (unsigned char)(key_length >> 8);
    header[3] = (unsigned char)key_length;
    header[4] = extras;
    memcpy(header + 8, &body, 4);
    append(b, header, sizeof header);
    append(b, "\0\0\0\0\0\0\0\0", extras);
    append(b, key, key_length);
    append(b, value, value_length);
}

static void send_all(const char *bytes, size_t length) {
    while (length) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) give_up("send");
        bytes += sent;
        length -= (size_t)sent;
    }
}

// The next answer, whole. The buffer starts anew when all has been looked at.
static unsigned char *answer(void) {
    if (taken == incoming.length) taken = incoming.length = 0;
    size_t needed = header_length;
    for (;;) {
        size_t there = incoming.length - taken;
        if (there >= header_length) {
            uint32_t body;
            memcpy(&body, incoming.bytes + taken + 8, 4);
            needed = header_length + ntohl(body);
            if (there >= needed) break;
        }
        if (taken + needed > incoming.capacity) {
            memmove(incoming.bytes, incoming.bytes + taken, there);
            incoming.length = there;
            taken = 0;
            if (needed > incoming.capacity) incoming.bytes = realloc(incoming.bytes, incoming.capacity = needed);
        }
        ssize_t got = recv(fd, incoming.bytes + incoming.length, incoming.capacity - incoming.length, 0);
        if (got <= 0) give_up("recv");
        incoming.length += (size_t)got;
    }
    unsigned char *found = (unsigned char *)incoming.bytes + taken;
    keep((long)(needed + found[7]));
    taken += needed;
    return found;
}

static buffer outgoing;  // one round of requests
static size_t *ends;     // where each of them ends

static void single(long count) {
    while (count--) {
        send_all(outgoing.bytes, outgoing.length);
        if (answer()[7]) give_up("not a success");
    }
}

static void get_multi(long count) {
    while (count--) {
        send_all(outgoing.bytes, outgoing.length);
        while (answer()[1] != op_noop) {}
    }
}

// Sends a block and reads its answers before the next: over a unix socket more would block both sides.
static void many(buffer *b, size_t *where) {
    for (int first = 0; first < s.keys; first += answers_at_once) {
        int last = first + answers_at_once < s.keys ? first + answers_at_once : s.keys;
        size_t start = first ? where[first - 1] : 0;
        send_all(b->bytes + start, where[last - 1] - start);
        for (int i = first; i < last; i++) answer();
    }
}

static buffer sets;
static size_t *set_ends;

static void set_multi(long count) {
    while (count--) many(&sets, set_ends);
}

static void delete_missing(long count) {
    while (count--) many(&outgoing, ends);
}

static void delete_multi(long count) {
    while (count--) {
        pause_clock();
        many(&sets, set_ends);
        resume_clock();
        many(&outgoing, ends);
    }
}

// --- Tasks: each has a get under way, and whoever serves them asks for many at once ---

static buffer lines[2];  // each asks for the same key again and again
static int per_line[2];

static void collect_line(int number, int keys) {
    append(&lines[number], "get", 3);
    for (int i = 0; i < keys; i++) {
        append(&lines[number], " ", 1);
        append(&lines[number], s.key, strlen(s.key));
    }
    append(&lines[number], "\r\n", 2);
    per_line[number] = keys;
}

// Reads the reply to one line: an item for each key, and END.
static void items(int count) {
    size_t length = 0;  // of one item; all are alike
    for (;;) {
        char *start = incoming.bytes + taken;
        size_t there = incoming.length - taken;
        if (length == 0) {
            char *end = memchr(start, '\n', there);
            if (end) length = (size_t)(end + 1 - start) + s.size + 2;
        }
        while (count && length && there >= length) {
            if (memcmp(start, "VALUE ", 6) || start[length - 1] != '\n') give_up("not an item");
            keep(start[length - 3]);
            start += length, there -= length, taken += length;
            count--;
        }
        if (!count && there >= 5) {
            if (memcmp(start, "END\r\n", 5)) give_up("no end");
            taken += 5;
            return;
        }
        if (taken == incoming.length) taken = incoming.length = 0;
        else if (incoming.length == incoming.capacity) {
            memmove(incoming.bytes, start, there);
            taken = 0, incoming.length = there;
        }
        ssize_t got = recv(fd, incoming.bytes + incoming.length, incoming.capacity - incoming.length, 0);
        if (got <= 0) give_up("recv");
        incoming.length += (size_t)got;
    }
}

// While one half of the tasks is served, the other half's request is at the server.
static void gets_of_tasks(long count) {
    int halves = per_line[1] ? 2 : 1;
    for (int i = 0; i < halves; i++) send_all(lines[i].bytes, lines[i].length);
    for (int turn = 0;; turn = halves - 1 - turn) {
        items(per_line[turn]);
        count -= per_line[turn];
        if (count <= 0) {
            if (halves == 2) items(per_line[1 - turn]);
            return;
        }
        send_all(lines[turn].bytes, lines[turn].length);
    }
}

static void connect_socket(const char *server) {
    if (server[0] == '/') {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "%s", server);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address)) give_up("connect");
        return;
    }
    char host[64];
    snprintf(host, sizeof host, "%s", server);
    char *port = strrchr(host, ':');
    *port++ = 0;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    inet_pton(AF_INET, host, &address.sin_addr);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) give_up("connect");
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

int main(int argc, char **argv) {
    s = read_settings(argc, argv);
    connect_socket(s.servers[0]);
    incoming.bytes = malloc(incoming.capacity = 1 << 16);
    ends = calloc((size_t)s.keys, sizeof *ends);
    set_ends = calloc((size_t)s.keys, sizeof *set_ends);
    bool multi = strstr(s.op, "Multi") || strstr(s.op, "Missing");
    for (int i = 0; multi && i < s.keys; i++) {
        char name[32];
        snprintf(name, sizeof name, "key:%d", 1000000 + i);
        request(&sets, op_set, name, s.value, s.size);
        set_ends[i] = sets.length;
        request(&outgoing, strcmp(s.op, "getMulti") ? op_delete : op_getkq, name, "", 0);
        ends[i] = outgoing.length;
    }
    if (multi) many(&sets, set_ends);
    if (!strcmp(s.op, "getMulti")) {
        request(&outgoing, op_noop, "", "", 0);
        return serve(get_multi);
    }
    if (!strcmp(s.op, "setMulti")) return serve(set_multi);
    if (!strcmp(s.op, "deleteMulti")) return serve(delete_multi);
    if (!strcmp(s.op, "deleteMissing")) return serve(delete_missing);
    request(&outgoing, op_set, s.key, s.value, s.size);
    if (!strcmp(s.op, "set")) return serve(single);
    if (strcmp(s.op, "get") && strcmp(s.op, "asyncGet")) give_up("no such operation here");
    single(1);
    if (!strcmp(s.op, "asyncGet")) {
        // The first bytes tell the server which protocol a connection speaks.
        close(fd);
        connect_socket(s.servers[0]);
        bool whole = !strcmp(s.style, "whole") || s.parallel < 2;
        collect_line(0, whole ? s.parallel : s.parallel / 2);
        if (!whole) collect_line(1, s.parallel - s.parallel / 2);
        return serve(gets_of_tasks);
    }
    outgoing.length = 0;
    request(&outgoing, op_get, s.key, "", 0);
    return serve(single);
}
