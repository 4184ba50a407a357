// SPDX-License-Identifier: Apache-2.0
// The cross-site rule: three lines are our own address, Host and Origin. An address of our own that is good is our site, and
// where there is none, an Origin is ours only if it ends with what Host says.
#include <strings.h>

#include "../fuzz.h"
#include "lib/site.h"

// The host that an Origin or Host names, without a default port.
static size_t bare(const char *host) {
    size_t len = strlen(host);
    if (len > 4 && strcmp(host + len - 4, ":443") == 0) return len - 4;
    return len > 3 && strcmp(host + len - 3, ":80") == 0 ? len - 3 : len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *url = fuzz_line(&data, &size), *host = fuzz_line(&data, &size), *origin = fuzz_text(data, size);
    size_t len = strlen(url);
    if (site_url_valid(url) && url[len - 1] != '/') assert(site_same(url, host, url, "same-origin"));
    if (site_same("", host, origin, NULL)) {
        const char *named = strstr(origin, "://");
        assert(named != NULL && bare(host) > 0 && strncasecmp(named + 3, host, bare(host)) == 0);
        assert(strncasecmp(origin, "http", 4) == 0);
        assert(!site_same("", host, origin, "cross-site") && !site_same("", NULL, origin, NULL));
    }
    assert(!site_same(url, host, "null", NULL) && !site_same(url, host, "", NULL));
    free(url);
    free(host);
    free(origin);
    return 0;
}
