// SPDX-License-Identifier: Apache-2.0
// What the fuzzers share. Each is one libFuzzer program: it gives the bytes to a parser and asserts what must hold of
// whatever was accepted. Bytes are copied into blocks of exactly their size, so that a step beyond is seen.
#ifndef PARLEY_FUZZ_H
#define PARLEY_FUZZ_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

// A NUL-terminated text of size bytes, to be freed; what stands behind a NUL among them is not seen.
static inline char *fuzz_text(const void *data, size_t size) {
    char *text = malloc(size + 1);
    assert(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

// Cuts off the first line: its text, to be freed; *data and *size are left with what follows its newline.
static inline char *fuzz_line(const uint8_t **data, size_t *size) {
    const uint8_t *newline = memchr(*data, '\n', *size);
    size_t len = newline == NULL ? *size : (size_t)(newline - *data);
    char *line = fuzz_text(*data, len);
    size_t gone = newline == NULL ? len : len + 1;
    *data += gone;
    *size -= gone;
    return line;
}

#endif
