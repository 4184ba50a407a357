// SPDX-License-Identifier: Apache-2.0
// The configuration: the first line is an environment variable, the rest the file. What is good is the same again after it
// was printed; what is not is complained of.
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../fuzz.h"
#include "lib/config.h"

static bool load(const void *file, size_t size, char *const *variables, config *out, size_t *complained) {
    char path[40], *said = NULL;
    size_t said_len = 0;
    int fd = memfd_create("conf", MFD_CLOEXEC);
    assert(fd >= 0 && write(fd, file, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    FILE *complaints = open_memstream(&said, &said_len);
    bool good = config_load(out, path, variables, complaints);
    fclose(complaints);
    close(fd);
    free(said);
    *complained = said_len;
    return good;
}

static char *print(const config *cfg, size_t *len) {
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    config_print(cfg, out);
    fclose(out);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    config cfg, again;
    size_t complained, len, len_again;
    char *variables[] = {fuzz_line(&data, &size), NULL};
    bool good = load(data, size, variables, &cfg, &complained);
    free(variables[0]);
    assert(good == (complained == 0));
    if (!good) return 0;
    char *text = print(&cfg, &len);
    assert(load(text, len, NULL, &again, &complained));
    char *text_again = print(&again, &len_again);
    assert(len == len_again && memcmp(text, text_again, len) == 0);
    free(text);
    free(text_again);
    return 0;
}
