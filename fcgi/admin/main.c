// SPDX-License-Identifier: Apache-2.0
// admin.fcgi: administration.
#include "admin/handlers.h"

int main(int argc, char **argv) {
    return web_main(argc, argv, &admin_program);
}
