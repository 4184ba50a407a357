// SPDX-License-Identifier: Apache-2.0
// Addresses: three lines are the trusted networks, the peer and X-Forwarded-For. A list that was read is the same again
// after it was written; the client is always an address, and the peer's own where that is not trusted.
#include <arpa/inet.h>

#include "../fuzz.h"
#include "lib/address.h"

static void same_again(const address_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        char text[ADDRESS_NET_TEXT];
        address_list again;
        address_net_format(&list->nets[i], text);
        assert(address_list_parse(text, &again) && again.count == 1);
        assert(again.nets[0].bits == list->nets[i].bits);
        assert(memcmp(again.nets[0].bytes, list->nets[i].bytes, sizeof again.nets[0].bytes) == 0);
    }
}

static bool is_address(const char *text) {
    unsigned char room[16];
    return inet_pton(AF_INET, text, room) == 1 || inet_pton(AF_INET6, text, room) == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *nets = fuzz_line(&data, &size), *peer = fuzz_line(&data, &size), *hops = fuzz_text(data, size);
    address_list list, none = {.count = 0};
    char client[ADDRESS_TEXT], alone[ADDRESS_TEXT];
    if (address_list_parse(nets, &list))
        same_again(&list);
    else
        list = none;
    bool trusted = address_client(&list, peer, hops, client);
    address_client(&none, peer, hops, alone);
    assert(is_address(client) && is_address(alone));
    assert(trusted == address_listed(&list, peer));
    assert(trusted || strcmp(client, alone) == 0);
    free(nets);
    free(peer);
    free(hops);
    return 0;
}
