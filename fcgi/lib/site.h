// SPDX-License-Identifier: Apache-2.0
// Is a request from our own pages? protocol.md section 1, cross-site. Pure.
#ifndef PARLEY_LIB_SITE_H
#define PARLEY_LIB_SITE_H

#include <stdbool.h>

// The values of the headers Host, Origin and Sec-Fetch-Site; each may be NULL (absent).
// True when nothing names another site: Origin is absent or equals public_url's origin (or, when that
// is empty, names the Host, default ports aside), and Sec-Fetch-Site is absent, same-origin or
// none. "null", an empty and a malformed Origin are another site.
bool site_same(const char *public_url, const char *host, const char *origin, const char *fetch_site);
// True when public_url is of the form http(s)://host[:port] (a trailing / is allowed, no path).
bool site_url_valid(const char *url);

#endif
