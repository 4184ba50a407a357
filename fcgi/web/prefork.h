// SPDX-License-Identifier: Apache-2.0
// Prefork: one listening unix socket, N worker processes, each replaced when it ends.
// The socket is made under another name, given mode 0660 and renamed into place, so whoever connects finds a
// listening one, and a stale file is taken over. A worker that dies within a second of its start is
// replaced with a growing pause (at most 5 s). SIGTERM or SIGINT: workers finish their request and leave
// (15 s, then SIGKILL). Workers leave when the parent is gone, however it went.
#ifndef PARLEY_WEB_PREFORK_H
#define PARLEY_WEB_PREFORK_H

#include <stdbool.h>

// Binds and listens; returns the descriptor or -1 with the reason logged (a path over 107 bytes too).
int prefork_listen(const char *path);
// Runs `work(arg)` in `workers` processes until told to stop; its return value is the worker's exit code.
// Returns the exit code of the parent. path is removed at the end.
int prefork_run(const char *path, int workers, int (*work)(void *arg), void *arg);

// In a worker: waits for a connection on the (non-blocking) listener; false when it is time to leave and nobody waits
// any more. Only here can a worker be interrupted. True does not promise one: another worker may be faster.
bool prefork_wait(int listener);

#endif
