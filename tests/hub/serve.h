/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_HUB_SERVE_H
#define PK_TESTS_HUB_SERVE_H

#include <sys/types.h>

/* A server on loopback, as a child process that ends with the test. */
struct t_server {
	pid_t pid;
	int input; /* closing it ends the server */
	unsigned port[3];
};

/* Starts tests/NAME with arguments, NULL at the end, and reads its free ports
 * (server.py says how it misbehaves). Fails the test when it does not come. */
void t_serve(struct t_server *ret, const char *name, const char *const *args);
void t_serve_end(struct t_server *s);

/* The path of a file below tests/; static memory. */
const char *t_path(const char *name);

#endif
