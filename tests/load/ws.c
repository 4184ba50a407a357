// SPDX-License-Identifier: Apache-2.0
// WebSocket, RFC 6455. Frames are masked with zeros (a legal mask), so that masking costs nothing and what is sent can be
// read in a trace.

#include <string.h>

#include "farm.h"

// A masked frame: RFC 6455, section 5.2; 0x1 text, 0xA pong.
static void write_frame(farm *f, client *c, unsigned opcode, const char *text, size_t len) {
    char frame[CLIENT_TEXT + 8];
    size_t head = 2;
    if (len + 8 > sizeof frame) die("frame of %zu bytes", len);
    frame[0] = (char)(0x80 | opcode);
    if (len < 126) {
        frame[1] = (char)(0x80 | len);
    } else {
        frame[1] = (char)(0x80 | 126);
        frame[2] = (char)(len >> 8);
        frame[3] = (char)(len & 255);
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, len);
    wire_write(f, &c->wires[0], frame, head + 4 + len);
}

static void ws_begin(farm *f, client *c) {
    static const char upgrade[] =
        "GET /live/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: parley.v1\r\n\r\n";
    wire_write(f, &c->wires[0], upgrade, sizeof upgrade - 1);
}

static void ws_command(farm *f, client *c, const char *text, size_t len) {
    write_frame(f, c, 1, text, len);
}

static size_t take_upgrade(farm *f, client *c, const char *in, size_t have) {
    const char *end = memmem(in, have, "\r\n\r\n", 4);
    if (!end) return 0;
    if (have < 12 || memcmp(in + 9, "101", 3) != 0)
        die("client %u: no upgrade: %.*s", c->number, (int)have, in);
    client_hello(f, c);
    return (size_t)(end - in) + 4;
}

// The head's length and the payload's; 0 when more must come.
static size_t take_head(const char *in, size_t have, size_t *len) {
    size_t head = 2;
    if (have < head) return 0;
    *len = (unsigned char)in[1] & 127;
    if (*len == 126)
        head = 4;
    else if (*len == 127)
        head = 10;
    if (have < head) return 0;
    if (head > 2) *len = 0;
    for (size_t i = 2; i < head; i++)
        *len = *len << 8 | (unsigned char)in[i];
    return head;
}

static size_t ws_take(farm *f, client *c, wire *w, char *in, size_t have) {
    (void)w;
    if (c->state == CLIENT_CONNECTING) return take_upgrade(f, c, in, have);
    size_t len;
    const size_t head = take_head(in, have, &len);
    if (head == 0 || have < head + len) return 0;
    switch (in[0] & 15) {
    case 1:
        client_events(f, c, in + head, len);
        break;
    case 8:
        if (f->calls->lost) {
            write_frame(f, c, 8, in + head, len); // the relay closes then
            break;
        }
        c->state = CLIENT_CLOSED;
        f->closed++;
        break;
    case 9:
        write_frame(f, c, 10, in + head, len);
        break;
    default:
        die("client %u: frame of opcode %d", c->number, in[0] & 15);
    }
    return head + len;
}

const transport transport_ws = {ws_begin, ws_command, ws_take};
