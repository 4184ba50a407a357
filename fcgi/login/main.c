// SPDX-License-Identifier: Apache-2.0
// login.fcgi: accounts, login sessions, discovery. `login.fcgi --hash-password` serves the installation instead.
#include <string.h>

#include "login/handlers.h"

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--hash-password") == 0) return hash_password(argc, argv);
    return web_main(argc, argv, &login_program);
}
