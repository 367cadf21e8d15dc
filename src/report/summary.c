/* SPDX-License-Identifier: Apache-2.0 */
#include "report/summary.h"

#include <stdlib.h>

void pk_summary_init(struct pk_summary *s)
{
	*s = (struct pk_summary){ 0 };
	s->error_tail = &s->error_list;
}

static void free_error(struct pk_path_error *e)
{
	free(e->path);
	free(e->message);
	free(e);
}

void pk_summary_release(struct pk_summary *s)
{
	while (s->error_list) {
		struct pk_path_error *e = s->error_list;

		s->error_list = e->next;
		free_error(e);
	}
	for (size_t i = 0; i < PK_REASONS_MAX; i++)
		free(s->reasons[i].why);
	pk_summary_init(s);
}

/* Reasons come from a few fixed texts; should there be more, they share the
 * last place. */
static void count_reason(struct pk_summary *s, const char *why)
{
	size_t i = 0;

	while (i < PK_REASONS_MAX - 1 && s->reasons[i].why &&
	       strcmp(s->reasons[i].why, why) != 0)
		i++;
	if (!s->reasons[i].why)
		s->reasons[i].why =
			strdup(i < PK_REASONS_MAX - 1 ? why : "other");
	s->reasons[i].files++;
}

void pk_summary_add(struct pk_summary *s, const struct pk_result *r)
{
	s->files++;
	s->bytes += r->job.size;
	if (r->origin)
		s->fetched += r->arrival.received;
	s->verdicts[r->verdict]++;
	if (r->action == PK_ACTION_BLOCK) {
		s->blocked++;
		if (pk_result_blocked_for_source(r))
			s->blocked_for_source++;
		else
			s->blocked_for_content += r->verdict != PK_ERROR;
	}
	s->incomplete += r->job.partial || r->verdict == PK_ERROR;
	if (r->job.partial)
		s->partial++;
	else if (r->verdict != PK_SKIPPED && r->opened)
		s->read_whole++;
	else if (r->verdict != PK_SKIPPED)
		s->unopened++;
	if (r->verdict == PK_SKIPPED)
		count_reason(s, r->job.reason ? r->job.reason : "no model");
}

enum pk_status pk_summary_error(struct pk_summary *s, const char *path,
				const char *message)
{
	struct pk_path_error *e = calloc(1, sizeof(*e));

	s->errors++;
	if (!e)
		return PK_ERR_NOMEM;
	e->path = strdup(path);
	e->message = strdup(message);
	if (!e->path || !e->message) {
		free_error(e);
		return PK_ERR_NOMEM;
	}
	*s->error_tail = e;
	s->error_tail = &e->next;
	return PK_OK;
}
