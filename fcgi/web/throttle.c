// SPDX-License-Identifier: Apache-2.0
// A table of fixed size; whoever meets a taken place takes it over with a full bucket. See throttle.h.
#include "web/throttle.h"

#include <string.h>

#include "lib/rate.h"

#define PLACES 4096

typedef struct place {
    uint8_t key[16];
    bucket bucket;
} place;

static place places[PLACES];

static void key_of(const request *r, uint8_t key[16]) {
    memset(key, 0, 16);
    if (r->credential.kind == CREDENTIAL_COOKIE_TOKEN || r->credential.kind == CREDENTIAL_BEARER)
        memcpy(key, r->credential.hash, 16);
    else
        memcpy(key, r->address, strnlen(r->address, 16));
}

static uint32_t hash_of(const uint8_t key[16]) { // FNV-1a
    uint32_t hash = 2166136261u;
    for (int i = 0; i < 16; i++)
        hash = (hash ^ key[i]) * 16777619u;
    return hash;
}

bool throttle_take(const request *r, int64_t now_ms, int *retry_s) {
    uint8_t key[16];
    int64_t retry_ms;
    key_of(r, key);
    place *mine = &places[hash_of(key) % PLACES];
    if (memcmp(mine->key, key, sizeof key) != 0) {
        memcpy(mine->key, key, sizeof key);
        mine->bucket = (bucket){0};
    }
    bool taken =
        bucket_take(&mine->bucket, &r->cfg->command_rate_limit, r->cfg->command_burst, now_ms, &retry_ms);
    *retry_s = (int)((retry_ms + 999) / 1000);
    return taken;
}
