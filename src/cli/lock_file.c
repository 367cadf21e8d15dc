/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lock_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/read_file.h"

enum { LOCK_MAX = 16 << 20 };

static void complain_at(void *ctx, uint64_t line, const char *text)
{
	cli_complain("%s:%" PRIu64 ": %s", cli_show(ctx), line, text);
}

bool cli_lock_read(const char *path, struct picket_lock **ret)
{
	char *name = strdup(path);
	enum picket_status s = PICKET_ERR_IO;
	struct cli_bytes b;

	if (name && cli_read_file(path, LOCK_MAX, &b)) {
		s = picket_lock_parse(b.p, b.n, complain_at, name, ret);
		if (s == PICKET_ERR_NOMEM)
			cli_complain("out of memory");
		free(b.p);
	}
	free(name);
	return s == PICKET_OK;
}
