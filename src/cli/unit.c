/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/attempt.h"
#include "cli/read_file.h"

enum { RESULT_MAX = 1 << 30 };

static void *refuse(const char *path, enum picket_status s,
		    const struct picket_refusal *why)
{
	if (s == PICKET_ERR_DATA)
		cli_complain("%s: no plan to go by: %s", cli_show(path),
			     why->text);
	else
		cli_complain("cannot read %s: %s", cli_show(path),
			     s == PICKET_ERR_IO ? strerror(errno)
						: picket_strerror(s));
	return NULL;
}

struct picket_plan *cli_plan_open(const char *path, int *ret_fd)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct picket_refusal why = { 0 };
	struct picket_plan *p = NULL;
	enum picket_status s =
		fd < 0 ? PICKET_ERR_IO : picket_plan_open(fd, &p, &why);

	if (s == PICKET_OK) {
		*ret_fd = fd;
		return p;
	}
	(void)refuse(path, s, &why);
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

struct picket_unit *cli_plan_unit(struct picket_plan *p, const char *path,
				  size_t k)
{
	struct picket_unit *u = NULL;
	struct picket_refusal why;
	const enum picket_status s = picket_plan_read(p, k, &u, &why);

	return s == PICKET_OK ? u : refuse(path, s, &why);
}

static bool is_of(const struct picket_plan *p, size_t k,
		  const struct picket_unit_place *at)
{
	return strcmp(at->plan, picket_plan_id(p)) == 0 && at->number == k &&
	       at->of == picket_plan_units(p);
}

static bool same_files(const struct picket_unit *u, struct picket_stored *s)
{
	const size_t n = picket_unit_files(u);

	if (picket_stored_count(s) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct picket_planned f = picket_unit_at(u, i);

		if (strcmp(f.path, picket_file_path(picket_stored_at(s, i))) !=
		    0)
			return false;
	}
	return true;
}

/* NULL when it is good; else what is wrong. */
static const char *take(const struct picket_plan *p,
			const struct picket_unit *u, size_t k,
			const struct cli_bytes *b, struct cli_unit_result *ret)
{
	static struct picket_refusal why;
	struct picket_unit_place at;
	enum picket_status s;

	if (!picket_stored_place(b->p, b->n, &at) || !is_of(p, k, &at))
		return "it is not on this unit of this plan, or not whole";
	memcpy(ret->settings, at.settings, sizeof(ret->settings));
	ret->stored = picket_stored_new();
	if (!ret->stored)
		return "out of memory";
	s = picket_stored_add(ret->stored, b->p, b->n, &why);
	if (s != PICKET_OK)
		return s == PICKET_ERR_DATA ? why.text : picket_strerror(s);
	return same_files(u, ret->stored)
		       ? NULL
		       : "it is on other files than the plan";
}

enum cli_unit_state cli_unit_load(const struct picket_plan *p,
				  const struct picket_unit *u, size_t k,
				  const char *dir, struct cli_unit_result *ret)
{
	char *path = cli_unit_path(dir, k);
	enum cli_unit_state state = CLI_UNIT_BAD;
	struct cli_unit_result r = { 0 };
	struct cli_bytes b = { 0 };
	const char *wrong = NULL;

	if (path && access(path, F_OK) != 0 && errno == ENOENT) {
		state = CLI_UNIT_ABSENT;
	} else if (path && cli_read_file(path, RESULT_MAX, &b)) {
		wrong = take(p, u, k, &b, &r);
		state = wrong ? CLI_UNIT_BAD : CLI_UNIT_WHOLE;
	}
	if (wrong)
		cli_complain("%s: %s", cli_show(path), wrong);
	if (state == CLI_UNIT_WHOLE)
		*ret = r;
	else
		picket_stored_free(r.stored);
	free(b.p);
	free(path);
	return state;
}
