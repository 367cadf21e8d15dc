/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/policy_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/opts.h"
#include "cli/read_file.h"

enum { POLICY_MAX = 1 << 20, REPORT_MAX = 1 << 30 };

static void complain_at(void *ctx, uint64_t line, const char *text)
{
	cli_complain("%s:%" PRIu64 ": %s", cli_show(ctx), line, text);
}

static struct picket_policy *from_file(const char *path)
{
	char *name = strdup(path);
	const struct picket_policy_source from = {
		.name = path,
		.now = (int64_t)time(NULL),
		.complain = complain_at,
		.ctx = name,
	};
	struct picket_policy *p = NULL;
	struct cli_bytes b;
	enum picket_status s;

	if (name && cli_read_file(path, POLICY_MAX, &b)) {
		s = picket_policy_parse(b.p, b.n, &from, &p);
		if (s == PICKET_ERR_NOMEM)
			cli_complain("out of memory");
		free(b.p);
	}
	free(name);
	return p;
}

/* A word without a slash or a dot that is no file is meant as a name. */
struct picket_policy *cli_policy(const char *name_or_file)
{
	struct picket_policy *p = NULL;

	if (picket_policy_new(name_or_file, &p) == PICKET_OK)
		return p;
	if (!strpbrk(name_or_file, "/.") && access(name_or_file, F_OK) != 0) {
		(void)cli_bad_choice("policy", name_or_file,
				     picket_policy_builtin);
		return NULL;
	}
	return from_file(name_or_file);
}

bool cli_policy_baseline(struct picket_policy *p, const char *report)
{
	struct picket_refusal why;
	struct cli_bytes b;
	enum picket_status s;

	if (!cli_read_file(report, REPORT_MAX, &b))
		return false;
	s = picket_policy_set_baseline(p, b.p, b.n, &why);
	free(b.p);
	if (s == PICKET_OK)
		return true;
	cli_complain("%s is no baseline: %s", cli_show(report),
		     s == PICKET_ERR_DATA ? why.text : picket_strerror(s));
	return false;
}

static void tell(void *ctx, const char *text)
{
	cli_complain("%s: %s", cli_show(ctx), cli_show(text));
}

void cli_policy_notices(const struct picket_policy *p, const char *file)
{
	char *name = strdup(file);

	if (name)
		picket_policy_notices(p, tell, name);
	free(name);
}
