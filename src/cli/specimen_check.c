/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/specimen_check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/pool.h"

enum { JOBS = 2 };

/* What became of one. */
struct answer {
	enum picket_verdict verdict;
	bool scanned;
	bool blocked;
	bool right; /* blocked, and the verdict is the expected one or worse */
};

struct check {
	const char *dir;
	struct picket_policy *policy;
	struct answer *answers;
	size_t count;
	size_t next; /* results come in the order of the requests */
};

static void on_done(void *ctx, struct picket_file *f)
{
	struct check *c = ctx;
	const struct picket_specimen *s = picket_specimen_at(c->next);
	struct answer *a = &c->answers[c->next++];

	picket_policy_apply(c->policy, f);
	a->scanned = true;
	a->verdict = picket_file_verdict(f);
	a->blocked = picket_file_action(f) == PICKET_BLOCK;
	a->right = a->blocked && a->verdict >= picket_specimen_expect(s);
	picket_file_free(f);
}

static void on_idle(void *ctx)
{
	(void)ctx;
}

static bool scan_one(struct check *c, struct cli_pool *pool,
		     const struct picket_specimen *s)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", c->dir,
		       picket_specimen_path(s));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		cli_complain("%s: %s", cli_show(path), strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	return cli_pool_scan(pool, fd, path, (uint64_t)st.st_size);
}

static bool scan_all(struct check *c, struct cli_pool *pool)
{
	bool ok = pool != NULL;

	for (size_t i = 0; ok && i < c->count; i++)
		ok = scan_one(c, pool, picket_specimen_at(i));
	return ok && cli_pool_finish(pool);
}

/* ---- the score ---- */

static size_t count_right(const struct check *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		n += c->answers[i].right;
	return n;
}

static size_t count_blocked(const struct check *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		n += c->answers[i].blocked;
	return n;
}

static void show_text(const struct check *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct answer *a = &c->answers[i];
		const struct picket_specimen *s = picket_specimen_at(i);

		(void)printf("%-7s %-11s %-32s %s\n",
			     a->right     ? "ok"
			     : a->blocked ? "WEAK"
					  : "MISSED",
			     picket_verdict_name(a->verdict),
			     picket_specimen_path(s),
			     picket_specimen_attack(s));
	}
	(void)printf("\n%zu of %zu blocked, %zu with the verdict that is due\n",
		     count_blocked(c), c->count, count_right(c));
}

/* Everything here is the program's own text: nothing needs escaping. */
static void show_json(const struct check *c)
{
	(void)printf("{\n  \"schema\": \"picket.specimen-check/1\",\n"
		     "  \"pass\": %s,\n  \"total\": %zu,\n  \"blocked\": %zu,\n"
		     "  \"as_expected\": %zu,\n  \"specimens\": [",
		     count_right(c) == c->count ? "true" : "false", c->count,
		     count_blocked(c), count_right(c));
	for (size_t i = 0; i < c->count; i++) {
		const struct answer *a = &c->answers[i];
		const struct picket_specimen *s = picket_specimen_at(i);

		(void)printf("%s\n    {\"path\": \"%s\", \"attack\": \"%s\", "
			     "\"expect\": \"%s\", \"verdict\": \"%s\", "
			     "\"blocked\": %s, \"as_expected\": %s}",
			     i ? "," : "", picket_specimen_path(s),
			     picket_specimen_attack(s),
			     picket_verdict_name(picket_specimen_expect(s)),
			     picket_verdict_name(a->verdict),
			     a->blocked ? "true" : "false",
			     a->right ? "true" : "false");
	}
	(void)printf("\n  ]\n}\n");
}

static int conclude(const struct check *c, bool json)
{
	if (json)
		show_json(c);
	else
		show_text(c);
	return count_right(c) == c->count ? CLI_OK : CLI_BLOCKED;
}

int cli_specimen_check(const char *dir, bool json)
{
	struct check c = { .dir = dir };
	const struct cli_pool_hooks hooks = { .done = on_done,
					      .idle = on_idle,
					      .ctx = &c };
	struct picket_options *limits = picket_options_new();
	const struct worker_settings workers = { .options = limits };
	struct cli_pool *pool = NULL;
	int status = CLI_USAGE;

	picket_prepare();
	while (picket_specimen_at(c.count))
		c.count++;
	c.answers = calloc(c.count, sizeof(*c.answers));
	if (c.answers && limits &&
	    picket_policy_new("standard", &c.policy) == PICKET_OK)
		pool = cli_pool_new(&workers, JOBS, &hooks);
	if (scan_all(&c, pool))
		status = conclude(&c, json);
	cli_pool_free(pool);
	picket_policy_free(c.policy);
	picket_options_free(limits);
	free(c.answers);
	return status;
}
