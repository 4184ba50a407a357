// SPDX-License-Identifier: Apache-2.0
// Client addresses and trusted networks. See address.h.
#include "lib/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/json.h"

#define V4_BITS 96 // the prefix of ::ffff:0:0/96

static const uint8_t V4_PREFIX[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// text (len bytes) to 16 bytes; *bits is 32 or 128.
static bool parse_ip(const char *text, size_t len, uint8_t out[16], int *bits) {
    char copy[ADDRESS_TEXT];
    if (len == 0 || len >= sizeof copy) return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (strlen(copy) != len) return false;
    if (inet_pton(AF_INET, copy, out + 12) == 1) {
        memcpy(out, V4_PREFIX, sizeof V4_PREFIX);
        *bits = 32;
        return true;
    }
    *bits = 128;
    return inet_pton(AF_INET6, copy, out) == 1;
}

static bool parse_net(const char *text, size_t len, address_net *out) {
    const char *slash = memchr(text, '/', len);
    size_t ip_len = slash == NULL ? len : (size_t)(slash - text);
    int bits;
    if (!parse_ip(text, ip_len, out->bytes, &bits)) return false;
    int64_t given = slash == NULL ? bits : number_parse(slash + 1, len - ip_len - 1, bits);
    if (given < 0) return false;
    out->bits = (int)given + (bits == 32 ? V4_BITS : 0);
    return true;
}

bool address_list_parse(const char *text, address_list *out) {
    static const char parting[] = ", \t";
    out->count = 0;
    for (const char *p = text + strspn(text, parting); *p != '\0'; p += strspn(p, parting)) {
        size_t len = strcspn(p, parting);
        if (out->count == ADDRESS_NETS_MAX || !parse_net(p, len, &out->nets[out->count])) return false;
        out->count++;
        p += len;
    }
    return true;
}

static bool in_net(const address_net *net, const uint8_t ip[16]) {
    size_t whole = (size_t)net->bits / 8;
    int rest = net->bits % 8;
    if (memcmp(net->bytes, ip, whole) != 0) return false;
    if (rest == 0) return true;
    uint8_t mask = (uint8_t)(0xff << (8 - rest));
    return (net->bytes[whole] & mask) == (ip[whole] & mask);
}

static bool listed(const address_list *list, const uint8_t ip[16]) {
    for (size_t i = 0; i < list->count; i++)
        if (in_net(&list->nets[i], ip)) return true;
    return false;
}

bool address_listed(const address_list *list, const char *address) {
    uint8_t ip[16];
    int bits;
    return parse_ip(address, strlen(address), ip, &bits) && listed(list, ip);
}

// Of an address or of a network of that many bits: one that is wider than IPv4 is IPv6, whatever it begins with.
static bool is_v4(const uint8_t ip[16], int bits) {
    return bits >= V4_BITS && memcmp(ip, V4_PREFIX, sizeof V4_PREFIX) == 0;
}

static void format_ip(const uint8_t ip[16], bool v4, char out[ADDRESS_TEXT]) {
    inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip + 12 : ip, out, ADDRESS_TEXT);
}

void address_net_format(const address_net *net, char out[ADDRESS_NET_TEXT]) {
    char ip[ADDRESS_TEXT];
    bool v4 = is_v4(net->bytes, net->bits);
    format_ip(net->bytes, v4, ip);
    snprintf(out, ADDRESS_NET_TEXT, "%s/%d", ip, v4 ? net->bits - V4_BITS : net->bits);
}

// The hop of a comma-separated list that ends before `end`: its start, and *len without blanks.
static const char *last_hop(const char *text, const char *end, size_t *len) {
    const char *start = end;
    while (start > text && start[-1] != ',')
        start--;
    const char *first = start + strspn(start, " \t");
    while (end > first && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *len = end > first ? (size_t)(end - first) : 0;
    return first;
}

bool address_client(const address_list *trusted, const char *peer, const char *forwarded,
                    char out[ADDRESS_TEXT]) {
    uint8_t ip[16];
    int bits;
    if (peer == NULL || !parse_ip(peer, strlen(peer), ip, &bits)) {
        snprintf(out, ADDRESS_TEXT, "0.0.0.0");
        return false;
    }
    bool peer_trusted = listed(trusted, ip);
    const char *end = forwarded == NULL ? NULL : forwarded + strlen(forwarded);
    while (end != NULL && listed(trusted, ip)) {
        size_t len;
        uint8_t hop[16];
        const char *text = last_hop(forwarded, end, &len);
        if (!parse_ip(text, len, hop, &bits)) break;
        memcpy(ip, hop, sizeof ip);
        while (text > forwarded && text[-1] != ',')
            text--;
        end = text > forwarded ? text - 1 : NULL;
    }
    format_ip(ip, is_v4(ip, 128), out);
    return peer_trusted;
}
