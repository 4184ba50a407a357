// SPDX-License-Identifier: Apache-2.0
// Client addresses: networks that are trusted to name the client, and which address counts. Pure.
#ifndef PARLEY_LIB_ADDRESS_H
#define PARLEY_LIB_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDRESS_TEXT 46     // longest IPv6 text with the NUL
#define ADDRESS_NET_TEXT 51 // with /128 and the NUL
#define ADDRESS_NETS_MAX 32

typedef struct address_net {
    uint8_t bytes[16]; // IPv4 as ::ffff:a.b.c.d
    int bits;          // 0..128
} address_net;

typedef struct address_list {
    address_net nets[ADDRESS_NETS_MAX];
    size_t count;
} address_list;

// Addresses or networks (a.b.c.d, a.b.c.d/n, IPv6 likewise) parted by commas or blanks; an empty
// text is an empty list. False when one is malformed or there are more than ADDRESS_NETS_MAX.
bool address_list_parse(const char *text, address_list *out);
// Writes a network as address/bits.
void address_net_format(const address_net *net, char out[ADDRESS_NET_TEXT]);
// True when the address (text) lies in one of the networks.
bool address_listed(const address_list *list, const char *address);
// The client of a request: the peer, or, if the peer is trusted, the last untrusted hop of
// X-Forwarded-For (forwarded may be NULL; a malformed hop ends the walk). Writes a canonical text
// ("0.0.0.0" when the peer is none). Returns true when the peer was trusted, so that
// X-Forwarded-Proto may be believed too.
bool address_client(const address_list *trusted, const char *peer, const char *forwarded,
                    char out[ADDRESS_TEXT]);

#endif
