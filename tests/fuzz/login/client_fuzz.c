// SPDX-License-Identifier: Apache-2.0
// Who logs in: the first line is the user agent, as text that request.c let pass; the rest the address.
#include "../fuzz.h"
#include "lib/arena.h"
#include "lib/utf8.h"
#include "login/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *agent = fuzz_line(&data, &size), *address = fuzz_text(data, size < 45 ? size : 45), key[CLIENT_KEY];
    if (utf8_valid(agent, strlen(agent))) {
        arena *a = arena_create();
        const char *device = client_device(a, agent);
        assert(strlen(device) <= 80 && utf8_valid(device, strlen(device)) && device[0] != '\0');
        assert(!utf8_has_control(device, strlen(device)));
        arena_destroy(a);
    }
    client_key(address, key);
    assert(strlen(key) < CLIENT_KEY);
    free(agent);
    free(address);
    return 0;
}
