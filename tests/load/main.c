// SPDX-License-Identifier: Apache-2.0
//
// load SCENARIO SOCKET[,SOCKET…] PEOPLE SECONDS [RATE]: one scenario against relays that run; prints one JSON line.
//
//   direct  closed loop: every client keeps a window of sends under way; a message is counted when its peer has it
//   paced   open loop: RATE sends a second at fixed times, whatever the answers do; latency counts from the intended time
//   poll    as direct, over long-poll
//   group   one conversation of all people; the first few send, closed loop; each delivery is counted
//   trickle the same, open loop
//   idle    connects, says hello and holds the connections for SECONDS
//   storm   drops all connections at once, connects again with what each holds, until all are ready; for SECONDS
//   exodus  all are with the first relay, until it ends; then each comes back by itself to another, after the protocol's pauses;
//           latency counts from the first end to each one's `ready`
//   history, list, account: requests over HTTP (requests.h): SOCKET is the web server's port, RATE how many connections ask,
//           closed loop
//
// load tokens COUNT: prints so many session tokens, each with its hash in hex, for whoever fills the database.
//
// PEOPLE is a file of lines `TOKEN CONVERSATION[,CONVERSATION…]`, the one to send to first; clients are spread over the sockets in turn, so that pairs cross relays.
// Exits 0 when all that was acknowledged was delivered, 1 on any break, 64 for a bad command line.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "farm.h"
#include "histogram.h"
#include "lib/token.h"
#include "requests.h"

#define WINDOW_DEFAULT 4
#define GROUP_SENDERS 8
#define SETTLE_NS 10000000000ULL // what is under way at the end must come within
#define CONNECT_NS 180000000000ULL
#define CONNECT_BURST 128 // clients that connect at a time, but in a storm
#define TURN_EVERY 16
#define DOORS_MAX 64
#define LOST_MS 500 // who has lost its connection comes back within this

enum loop { LOOP_CLOSED, LOOP_OPEN, LOOP_NONE, LOOP_STORM, LOOP_EXODUS };

typedef struct scenario {
    const char *name;
    enum loop loop;
    const transport *transport;
    uint32_t senders; // the first so many clients send; 0 = all
    bool group;       // every client gets every message
} scenario;

static const scenario scenarios[] = {
    {"direct", LOOP_CLOSED, &transport_ws, 0, false},
    {"paced", LOOP_OPEN, &transport_ws, 0, false},
    {"poll", LOOP_CLOSED, &transport_poll, 0, false},
    {"group", LOOP_CLOSED, &transport_ws, GROUP_SENDERS, true},
    {"trickle", LOOP_OPEN, &transport_ws, 0, true},
    {"idle", LOOP_NONE, &transport_ws, 0, false},
    {"storm", LOOP_STORM, &transport_ws, 0, false},
    {"exodus", LOOP_EXODUS, &transport_ws, 0, false},
};

typedef struct run {
    const scenario *what;
    uint32_t window;
    uint64_t begin, end; // of sending
    uint64_t sends, acked, failed, delivered;
    uint64_t counted; // deliveries between begin and end
    uint64_t storms;
    uint64_t cut;      // when the first connection was lost
    histogram latency; // of a message; of a storm
} run;

static void on_ready(farm *f, client *c) {
    run *r = f->user;
    (void)c;
    if (r->cut) histogram_add(&r->latency, now_ns() - r->cut);
}

static void on_lost(farm *f, client *c, uint64_t ms) {
    run *r = f->user;
    if (!r->cut) r->cut = now_ns();
    c->due = now_ns() + (ms ? ms : (uint64_t)rand() % LOST_MS) * 1000000;
}

static void send_next(farm *f, client *c) {
    run *r = f->user;
    const uint64_t now = now_ns();
    if (now >= r->end) return;
    r->sends++;
    client_send(f, c, now);
}

static void on_sent(farm *f, client *c) {
    run *r = f->user;
    r->acked++;
    if (r->what->loop == LOOP_CLOSED) send_next(f, c);
}

static void on_failed(farm *f, client *c, const char *event, size_t len) {
    run *r = f->user;
    if (r->failed++ == 0) fprintf(stderr, "load: client %u: %.*s\n", c->number, (int)len, event);
}

static void on_message(farm *f, client *c, uint64_t sent_ns) {
    run *r = f->user;
    (void)c;
    if (sent_ns == 0) return;
    const uint64_t now = now_ns();
    r->delivered++;
    if (now < r->begin || now >= r->end) return;
    r->counted++;
    histogram_add(&r->latency, now > sent_ns ? now - sent_ns : 0);
}

static const farm_calls calls = {on_ready, on_sent, on_failed, on_message, NULL};
static const farm_calls exodus_calls = {on_ready, on_sent, on_failed, on_message, on_lost};

// Reads PEOPLE; the texts live as long as the process.
static size_t read_people(const char *path, char ***tokens, char ***conversations) {
    FILE *file = fopen(path, "r");
    char token[128], conversation[CLIENT_ROSTER];
    size_t count = 0, room = 0;
    if (!file) die("cannot read %s", path);
    *tokens = *conversations = NULL;
    while (fscanf(file, "%127s %511s", token, conversation) == 2) {
        if (count == room) {
            room = room ? room * 2 : 1024;
            *tokens = realloc(*tokens, room * sizeof **tokens);
            *conversations = realloc(*conversations, room * sizeof **conversations);
            if (!*tokens || !*conversations) die("out of memory");
        }
        (*tokens)[count] = strdup(token);
        (*conversations)[count] = strdup(conversation);
        count++;
    }
    fclose(file);
    return count;
}

// The relays' sockets.
typedef struct doors {
    char *paths[DOORS_MAX];
    size_t count;
} doors;

static doors read_doors(char *sockets) {
    doors d = {.count = 0};
    for (char *path; (path = strsep(&sockets, ",")) != NULL && d.count < DOORS_MAX;)
        d.paths[d.count++] = path;
    return d;
}

// All clients, at most `burst` of them under way at a time, until the last is ready.
static void connect_all(farm *f, const doors *d, size_t burst) {
    const uint64_t limit = now_ns() + CONNECT_NS;
    for (size_t i = 0; i < f->count || f->ready < f->count;) {
        if (i < f->count && i - f->ready < burst) {
            farm_connect(f, i, d->paths[i % d->count]);
            i++;
            if (i % TURN_EVERY == 0) farm_turn(f, 0);
        } else {
            farm_turn(f, 100);
        }
        if (now_ns() > limit) die("only %zu of %zu clients got ready", f->ready, f->count);
    }
}

static void run_closed(farm *f, run *r) {
    const size_t senders = r->what->senders && r->what->senders < f->count ? r->what->senders : f->count;
    for (size_t i = 0; i < senders; i++) {
        for (uint32_t n = 0; n < r->window; n++)
            send_next(f, &f->clients[i]);
    }
    while (now_ns() < r->end)
        farm_turn(f, 10);
}

static void run_open(farm *f, run *r, double per_second) {
    const uint64_t step = (uint64_t)(1e9 / per_second);
    size_t who = 0;
    for (uint64_t due = r->begin; due < r->end; due += step) {
        for (uint64_t now; (now = now_ns()) < due;)
            farm_turn(f, due - now > 1000000 ? (int)((due - now) / 1000000) : 0);
        r->sends++;
        client_send(f, &f->clients[who], due);
        who = (who + 1) % f->count;
    }
}

// Everybody is cut off and comes back at once, again and again.
static void run_storms(farm *f, run *r, const doors *d) {
    while (now_ns() < r->end) {
        const uint64_t cut = now_ns();
        farm_drop(f);
        connect_all(f, d, f->count);
        histogram_add(&r->latency, now_ns() - cut);
        r->storms++;
    }
}

// The first relay ends: each goes to another by itself.
static void run_exodus(farm *f, run *r, const doors *d) {
    while (!r->cut || f->ready < f->count) {
        for (size_t i = 0; i < f->count; i++) {
            client *c = &f->clients[i];
            if (c->state != CLIENT_CLOSED || now_ns() < c->due) continue;
            farm_connect(f, i, d->paths[1 + i % (d->count - 1)]);
        }
        farm_turn(f, 5);
        if (now_ns() > r->end) die("only %zu of %zu clients came back", f->ready, f->count);
    }
}

// Every acknowledged message must still come to everybody it is for.
static bool settle(farm *f, const run *r) {
    const uint64_t each = r->what->group ? f->count : 2;
    const uint64_t limit = now_ns() + SETTLE_NS;
    while (r->acked + r->failed < r->sends || r->delivered < r->acked * each) {
        farm_turn(f, 100);
        if (now_ns() > limit) return false;
    }
    return r->delivered == r->acked * each;
}

static void report(const run *r, double seconds, size_t clients, uint64_t connect_ns, bool whole) {
    const histogram *h = &r->latency;
    const uint64_t each = r->what->group ? 1 : 2; // a direct message comes to its sender as well
    printf(
        "{\"scenario\":\"%s\",\"clients\":%zu,\"seconds\":%.1f,\"sends\":%llu,\"acked\":%llu,\"failed\":%llu,"
        "\"delivered\":%llu,\"whole\":%s,\"messages_per_second\":%.0f,\"deliveries_per_second\":%.0f,"
        "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,\"connect_ms\":%.0f,\"storms\":%llu}\n",
        r->what->name, clients, seconds, (unsigned long long)r->sends, (unsigned long long)r->acked,
        (unsigned long long)r->failed, (unsigned long long)r->delivered, whole ? "true" : "false",
        (double)r->counted / (double)(r->what->group ? clients : each) / seconds,
        (double)r->counted / seconds, (double)histogram_at(h, 50) / 1e6, (double)histogram_at(h, 99) / 1e6,
        (double)h->max_ns / 1e6, (double)connect_ns / 1e6, (unsigned long long)r->storms);
    fflush(stdout);
}

static int print_tokens(long count) {
    token_setup();
    for (long i = 0; i < count; i++) {
        char token[TOKEN_TEXT];
        uint8_t hash[TOKEN_HASH];
        token_random(token);
        token_hash(token, hash);
        printf("%s ", token);
        for (size_t k = 0; k < TOKEN_HASH; k++)
            printf("%02x", hash[k]);
        putchar('\n');
    }
    return 0;
}

static int usage(void) {
    fputs("usage: load tokens COUNT\n"
          "       load direct|paced|poll|group|trickle|idle|storm|exodus SOCKET[,SOCKET…] PEOPLE SECONDS "
          "[RATE or "
          "WINDOW]\n"
          "       load history|list|account PORT PEOPLE SECONDS CONNECTIONS\n",
          stderr);
    return 64;
}

static void run_loop(farm *f, run *r, const doors *d, double number) {
    switch (r->what->loop) {
    case LOOP_CLOSED:
        run_closed(f, r);
        break;
    case LOOP_OPEN:
        run_open(f, r, number);
        break;
    case LOOP_STORM:
        run_storms(f, r, d);
        break;
    case LOOP_EXODUS:
        run_exodus(f, r, d);
        break;
    case LOOP_NONE:
        while (now_ns() < r->end)
            farm_turn(f, 100);
    }
}

int main(int argc, char **argv) {
    static run r;
    farm f;
    char **tokens, **conversations;
    if (argc == 3 && strcmp(argv[1], "tokens") == 0) return print_tokens(atol(argv[2]));
    if (argc == 6 && requests_known(argv[1])) {
        const size_t count = read_people(argv[3], &tokens, &conversations);
        return requests_run(argv[1], atoi(argv[2]), tokens, conversations, count, atof(argv[4]),
                            (size_t)atol(argv[5]));
    }
    for (size_t i = 0; argc >= 5 && i < sizeof scenarios / sizeof *scenarios; i++) {
        if (strcmp(argv[1], scenarios[i].name) == 0) r.what = &scenarios[i];
    }
    if (!r.what || (r.what->loop == LOOP_OPEN && argc < 6)) return usage();
    const bool exodus = r.what->loop == LOOP_EXODUS;
    const double seconds = atof(argv[4]);
    const double number = argc > 5 ? atof(argv[5]) : WINDOW_DEFAULT;
    farm_init(&f, read_people(argv[3], &tokens, &conversations), r.what->transport,
              exodus ? &exodus_calls : &calls, &r);
    for (size_t i = 0; i < f.count; i++) {
        f.clients[i].token = tokens[i];
        client_places(&f.clients[i], conversations[i]);
    }
    const doors d = read_doors(argv[2]);
    if (exodus && d.count < 2) return usage();
    const uint64_t started = now_ns();
    const doors first = {.paths = {d.paths[0]}, .count = 1};
    connect_all(&f, exodus ? &first : &d, CONNECT_BURST);
    r.begin = now_ns();
    r.end = r.begin + (uint64_t)(seconds * 1e9);
    r.window = (uint32_t)number;
    printf("ready\n"); // whoever started this measures from here …
    fflush(stdout);
    run_loop(&f, &r, &d, number);
    printf("done\n"); // … to here
    fflush(stdout);
    const bool whole = settle(&f, &r);
    report(&r, seconds, f.count, r.begin - started, whole);
    return whole && r.failed == 0 ? 0 : 1;
}
