/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/detect.h"

#include <strings.h>

#include "engine/embed.h"
#include "engine/gap.h"
#include "engine/reason.h"

static const struct {
	const char *suffix;
	bool pickle;
} promises[] = {
#define PK_PROMISE(suffix, pickle) { suffix, pickle },
#include "engine/promise.def"
#undef PK_PROMISE
};

void pk_promise(struct pk_scan *s)
{
	size_t len = s->name ? strlen(s->name) : 0;

	/* Most members of a checkpoint have no suffix at all. */
	if (!len || !strchr(s->name, '.'))
		return;
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
		size_t n = strlen(promises[i].suffix);

		if (len < n ||
		    strcasecmp(s->name + len - n, promises[i].suffix) != 0)
			continue;
		s->promises_model = true;
		s->promises_pickle = promises[i].pickle;
		return;
	}
}

static void note_format(struct pk_job *job, const struct pk_format *f)
{
	const unsigned max = sizeof(job->formats) / sizeof(job->formats[0]);

	for (unsigned i = 0; i < job->format_count; i++) {
		if (job->formats[i] == f)
			return;
	}
	if (job->format_count < max)
		job->formats[job->format_count++] = f;
}

void pk_note_format(struct pk_scan *s, const char *name)
{
	const struct pk_format *f = pk_format_by_name(name);

	if (!f)
		return;
	note_format(s->job, f);
	if (!s->noted || f->rank > s->noted->rank)
		s->noted = f;
}

static void say_unrecognised(struct pk_scan *s)
{
	if (!s->promises_model || s->quiet)
		return;
	if (s->bytes->size == 0)
		pk_report(s, PK_RULE_FILE_EMPTY, 0, "the file is empty");
	else
		pk_report(s, PK_RULE_FILE_UNRECOGNISED, 0,
			  "the name promises a model, but the bytes fit no "
			  "format and start no pickle");
}

static void check_readable(struct pk_scan *s)
{
	if (!s->bytes->broken)
		return;
	pk_partial(s);
	pk_report(s, PK_RULE_FILE_UNREADABLE, 0,
		  "some bytes could not be read: the file changed or failed "
		  "while it was scanned");
}

/* Runs one format; true when it kept the object as its own. */
static bool try_format(struct pk_scan *s, const struct pk_format *f,
		       const struct pk_head *head)
{
	const unsigned before = s->job->format_count;

	if (s->begun && !f->begins)
		return false;
	if (f->probe(head) == PK_MATCH_NO || pk_out_of_budget(s))
		return false;
	s->rejected = false;
	note_format(s->job, f); /* before what is nested in it */
	f->scan(s);
	if (s->rejected && s->job->format_count == before + 1)
		s->job->format_count = before;
	return !s->rejected;
}

const struct pk_format *pk_detect_and_scan(struct pk_scan *s)
{
	uint8_t bytes[PK_HEAD_MAX];
	struct pk_head head = { .source = s->bytes, .scan = s };
	const struct pk_format *best = NULL;
	bool container = false, unpickled = false;

	head.bytes = (struct pk_span){ bytes, pk_source_read(s->bytes, 0, bytes,
							     sizeof(bytes)) };
	for (size_t i = 0; pk_formats[i]; i++) {
		if (!try_format(s, pk_formats[i], &head))
			continue;
		container |= pk_formats[i]->risk == PK_RISK_WRAPPER;
		unpickled |= pk_formats[i]->risk == PK_RISK_CODE;
		if (!best || pk_formats[i]->rank > best->rank)
			best = pk_formats[i];
	}
	if (best && s->noted && s->noted->rank > best->rank)
		best = s->noted;
	check_readable(s);
	if (best && !s->gap) /* what ends within a gap leaves the rest to it */
		pk_explain_gaps(s);
	else if (!best)
		say_unrecognised(s);
	unpickled |= s->noted && s->noted->risk == PK_RISK_CODE;
	if (s->job->deep && !container && !s->gap && !s->job->reason)
		pk_search_data(s, best, unpickled);
	if (!best && !s->parent && !s->job->reason)
		s->job->reason = pk_skip_reason(&head);
	return best;
}
