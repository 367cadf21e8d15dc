/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/unit.h"

/* Numbers in ascending order, as "3,7-9". */
struct ranges {
	size_t from, to; /* the last that was put, not told yet; to 0: none */
	bool any;
};

static void tell_range(struct ranges *r)
{
	if (!r->to)
		return;
	(void)printf("%s%zu", r->any ? "," : "", r->from);
	if (r->to - r->from > 1)
		(void)printf("-%zu", r->to - 1);
	r->any = true;
}

static void put_missing(struct ranges *r, size_t k)
{
	if (r->to != k || k == 0) {
		tell_range(r);
		r->from = k;
	}
	r->to = k + 1;
}

static bool load(struct cli_merge *m, size_t k, struct cli_unit_result *ret,
		 bool *ret_read)
{
	struct picket_unit *u = cli_plan_unit(m->plan, m->plan_path, k);
	enum cli_unit_state state = CLI_UNIT_BAD;

	*ret_read = u != NULL;
	if (u)
		state = cli_unit_load(m->plan, u, k, m->dir, ret);
	picket_unit_free(u);
	return state == CLI_UNIT_WHOLE;
}

/* Those that are there must have been scanned like the first. */
static bool goes_with(const struct cli_unit_result *u, size_t k, char first[65])
{
	if (!first[0])
		memcpy(first, u->settings, sizeof(u->settings));
	if (strcmp(first, u->settings) == 0)
		return true;
	cli_complain("unit %zu was scanned by another version or under other "
		     "settings than the first",
		     k);
	return false;
}

static bool check_all(struct cli_merge *m, struct ranges *missing)
{
	const size_t n = picket_plan_units(m->plan);
	char first[65] = "";

	for (size_t k = 0; k < n; k++) {
		struct cli_unit_result u = { 0 };
		bool read = false;
		const bool there = load(m, k, &u, &read);

		if (there && goes_with(&u, k, first))
			picket_stored_like(m->common, u.stored);
		else
			put_missing(missing, k);
		picket_stored_free(u.stored);
		if (!read)
			return false;
	}
	return true;
}

int cli_merge_open(struct cli_merge *m, const char *plan, const char *dir)
{
	struct ranges missing = { 0 };

	*m = (struct cli_merge){ .plan_path = plan, .dir = dir, .fd = -1 };
	m->plan = cli_plan_open(plan, &m->fd);
	m->common = picket_stored_new();
	if (!m->plan || !m->common || !check_all(m, &missing))
		return CLI_USAGE;
	if (!missing.to)
		return CLI_OK;
	tell_range(&missing);
	(void)printf("\n");
	cli_complain("units of %s are missing: run them (again), and then "
		     "this",
		     cli_show(plan));
	return CLI_INCOMPLETE;
}

static bool pour(struct picket_stored *from, struct picket_report *r,
		 struct picket_summary *sum)
{
	for (size_t i = 0; i < picket_stored_count(from); i++) {
		const struct picket_file *f = picket_stored_at(from, i);

		picket_summary_add(sum, f);
		if (picket_report_add(r, f) != PICKET_OK)
			return false;
	}
	return true;
}

static bool pour_unit(struct cli_merge *m, size_t k, struct picket_report *r,
		      struct picket_summary *sum)
{
	struct cli_unit_result u = { 0 };
	bool read, ok = load(m, k, &u, &read);

	if (!ok)
		cli_complain("the result of unit %zu changed meanwhile", k);
	ok = ok && pour(u.stored, r, sum);
	if (ok)
		picket_summary_add_excluded(sum,
					    picket_stored_excluded(u.stored));
	picket_stored_free(u.stored);
	return ok;
}

bool cli_merge_write(struct cli_merge *m, struct picket_report *r)
{
	struct picket_summary *sum = picket_summary_new();
	bool ok = sum != NULL;

	picket_report_set(r, PICKET_STYLE_TIMESTAMPS, 0);
	for (size_t k = 0; ok && k < picket_plan_units(m->plan); k++)
		ok = pour_unit(m, k, r, sum);
	ok = ok && picket_report_finish(r, sum) == PICKET_OK;
	picket_summary_free(sum);
	return ok;
}

void cli_merge_close(struct cli_merge *m)
{
	picket_stored_free(m->common);
	picket_plan_free(m->plan);
	if (m->fd >= 0)
		(void)close(m->fd);
}
