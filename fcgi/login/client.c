// SPDX-License-Identifier: Apache-2.0
// Devices by user agent, and throttle keys by address. See client.h.
// Browsers name those they descend from as well: the first row found counts, so the descendants come first.
#include "login/client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"

#define DEVICE_MAX 80

typedef struct agent_row {
    const char *mark; // in the user agent
    const char *name;
} agent_row;

static const agent_row BROWSERS[] = {
    {"Edg/", "Edge"},          {"EdgA/", "Edge"},       {"EdgiOS/", "Edge"},
    {"OPR/", "Opera"},         {"Vivaldi/", "Vivaldi"}, {"SamsungBrowser/", "Samsung Internet"},
    {"FxiOS/", "Firefox"},     {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"},
    {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"},   {"Safari/", "Safari"},
};

static const agent_row SYSTEMS[] = {
    {"iPhone", "iPhone"},  {"iPad", "iPad"},     {"Android", "Android"}, {"Windows", "Windows"},
    {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
};

static const char *find(const agent_row *rows, size_t count, const char *agent) {
    for (size_t i = 0; i < count; i++)
        if (strstr(agent, rows[i].mark) != NULL) return rows[i].name;
    return NULL;
}

const char *client_device(arena *a, const char *agent) {
    size_t len = strlen(agent);
    if (utf8_blank(agent, len) || utf8_has_control(agent, len)) return "Unknown device";
    const char *browser = find(BROWSERS, sizeof BROWSERS / sizeof BROWSERS[0], agent);
    const char *system = find(SYSTEMS, sizeof SYSTEMS / sizeof SYSTEMS[0], agent);
    if (strncmp(agent, "Mozilla/", 8) != 0 || browser == NULL)
        return arena_copy(a, agent, utf8_cut(agent, len, DEVICE_MAX));
    return system == NULL ? browser : arena_printf(a, "%s on %s", browser, system);
}

void client_key(const char *address, char out[CLIENT_KEY]) {
    struct in6_addr ip;
    snprintf(out, CLIENT_KEY, "%s", address);
    if (inet_pton(AF_INET6, address, &ip) != 1 || IN6_IS_ADDR_V4MAPPED(&ip)) return;
    memset(&ip.s6_addr[8], 0, 8);
    char net[ADDRESS_TEXT];
    snprintf(out, CLIENT_KEY, "%s/64", inet_ntop(AF_INET6, &ip, net, sizeof net));
}
