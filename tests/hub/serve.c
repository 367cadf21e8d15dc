/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/serve.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

enum { ARGS_MAX = 16 };

const char *t_path(const char *name)
{
	static char path[4096];
	const char *tests = getenv("PK_TESTS");

	(void)snprintf(path, sizeof(path), "%s/%s", tests ? tests : "tests",
		       name);
	return path;
}

static void run(const char *name, const char *const *args, const int *in,
		const int *out)
{
	char *argv[ARGS_MAX + 1] = { strdup("python3"), strdup(t_path(name)) };

	for (int n = 2; *args && n < ARGS_MAX; args++)
		argv[n++] = strdup(*args);
	(void)dup2(in[0], STDIN_FILENO);
	(void)dup2(out[1], STDOUT_FILENO);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(out[0]);
	(void)close(out[1]);
	(void)execvp("python3", argv);
	_exit(127);
}

void t_serve(struct t_server *ret, const char *name, const char *const *args)
{
	static const char *const none[] = { NULL };
	int in[2], out[2], n = 0;
	FILE *ports;
	char line[32];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	(void)fflush(NULL);
	ret->pid = fork();
	assert_true(ret->pid >= 0);
	if (ret->pid == 0)
		run(name, args ? args : none, in, out);
	(void)close(in[0]);
	(void)close(out[1]);
	ret->input = in[1];
	ports = fdopen(out[0], "r");
	assert_non_null(ports);
	while (n < 3 && fgets(line, sizeof(line), ports))
		ret->port[n++] = (unsigned)strtoul(line, NULL, 10);
	assert_true(n > 0);
	(void)fclose(ports);
}

void t_serve_end(struct t_server *s)
{
	(void)close(s->input);
	(void)waitpid(s->pid, NULL, 0);
}
