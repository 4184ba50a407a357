// SPDX-License-Identifier: Apache-2.0
// Cross-site rule. See site.h.
#include "lib/site.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

typedef struct origin {
    bool https;
    const char *host; // host[:port], the scheme's default port removed
    size_t len;
} origin;

static bool strip_prefix(const char **text, const char *prefix) {
    size_t len = strlen(prefix);
    if (strncasecmp(*text, prefix, len) != 0) return false;
    *text += len;
    return true;
}

static size_t without_port(const char *host, size_t len, const char *port) {
    size_t n = strlen(port);
    return len > n && memcmp(host + len - n, port, n) == 0 ? len - n : len;
}

// Splits an origin; false when it is none. Refuses anything behind the authority, blanks, user names and an empty
// host.
static bool origin_parse(const char *text, origin *out) {
    const char *rest = text;
    out->https = strip_prefix(&rest, "https://");
    if (!out->https && !strip_prefix(&rest, "http://")) return false;
    size_t len = strlen(rest);
    if (len == 0 || rest[0] == ':' || strcspn(rest, "/?#@\\ \t\"<>") != len) return false;
    out->host = rest;
    out->len = without_port(rest, len, out->https ? ":443" : ":80");
    return out->len > 0;
}

static bool same_host(const origin *a, const char *host, size_t len) {
    return a->len == len && strncasecmp(a->host, host, len) == 0;
}

static bool origin_is_ours(const char *public_url, const char *host, const char *text) {
    origin theirs, ours;
    if (!origin_parse(text, &theirs)) return false;
    if (public_url[0] != '\0')
        return origin_parse(public_url, &ours) && ours.https == theirs.https &&
               same_host(&theirs, ours.host, ours.len);
    if (host == NULL || host[0] == '\0') return false;
    return same_host(&theirs, host, without_port(host, strlen(host), theirs.https ? ":443" : ":80"));
}

bool site_same(const char *public_url, const char *host, const char *origin_header, const char *fetch_site) {
    if (origin_header != NULL && !origin_is_ours(public_url, host, origin_header)) return false;
    return fetch_site == NULL || strcasecmp(fetch_site, "same-origin") == 0 ||
           strcasecmp(fetch_site, "none") == 0;
}

bool site_url_valid(const char *url) {
    char copy[300] = "";
    size_t len = strlen(url);
    if (len >= sizeof copy) return false;
    if (len > 0 && url[len - 1] == '/') len--;
    memcpy(copy, url, len);
    copy[len] = '\0';
    origin parsed;
    return origin_parse(copy, &parsed);
}
