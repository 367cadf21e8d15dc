/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/receipt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/sandbox.h"
#include "picket/picket.h"

struct task {
	int receipt, fd;
	char *path; /* a copy: the walls wipe the arguments */
};

/* The lines are escaped; the path stands before each. */
static int put(void *ctx, const void *bytes, size_t n)
{
	const struct task *t = ctx;
	const char *p = bytes, *end = p + n;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const int len = (int)((nl ? nl : end) - p);

		cli_complain("%s: %.*s", cli_show(t->path), len, p);
		p += len + 1;
	}
	return 0;
}

static int work(void *ctx)
{
	struct task *t = ctx;
	const struct picket_sink to = { put, t };
	size_t bad = 0;

	if (picket_receipt_check(t->receipt, t->fd, t->path, &to, &bad) !=
	    PICKET_OK) {
		cli_complain("%s could not be checked", cli_show(t->path));
		return CLI_USAGE;
	}
	return bad ? CLI_INTEGRITY : CLI_OK;
}

static int check(const char *receipt, const char *path)
{
	struct task t = { open(receipt, O_RDONLY | O_CLOEXEC),
			  open(path, O_RDONLY | O_CLOEXEC), strdup(path) };
	int how = CLI_USAGE;

	if (t.receipt < 0 || t.fd < 0)
		cli_complain("%s: %s", cli_show(t.receipt < 0 ? receipt : path),
			     strerror(errno));
	else if (t.path)
		how = sandbox_run(&(struct sandbox){ .role = SANDBOX_COMMAND },
				  work, &t);
	if (t.receipt >= 0)
		(void)close(t.receipt);
	if (t.fd >= 0)
		(void)close(t.fd);
	free(t.path);
	return how;
}

int cli_receipt_check(const char *receipt, int n, char **paths)
{
	int worst = CLI_OK;

	for (int i = 0; i < n; i++) {
		const int how = check(receipt, paths[i]);

		if (how == CLI_INTEGRITY || worst == CLI_OK)
			worst = how;
	}
	return worst;
}
