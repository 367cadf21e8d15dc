/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/expand.h"

static bool spend(void *ctx, uint64_t made)
{
	struct pk_scan *s = ctx;

	return pk_spend_expansion(s, made) && !pk_out_of_budget(s);
}

struct pk_source *pk_expand_pull(struct pk_scan *s, struct pk_pull *pull,
				 struct pk_streamed *ret)
{
	const struct pk_streaming how = {
		.pull = pull,
		.meter = &s->job->meter,
		.keep = (size_t)s->job->limits.inflated,
		.ratio = s->job->limits.ratio,
		.want_crc = true,
		.spend = spend,
		.ctx = s,
	};
	struct pk_source *src = NULL;

	if (pull)
		src = pk_streamed_new(&how, ret);
	else
		*ret = (struct pk_streamed){ 0 };
	if (!src)
		pk_partial(s);
	return src;
}

struct pk_source *pk_expand(struct pk_scan *s, enum pk_codec codec,
			    uint64_t off, uint64_t len, struct pk_streamed *ret)
{
	return pk_expand_pull(
		s, pk_decomp_new(codec, s->bytes, off, len, &s->job->meter),
		ret);
}

void pk_report_expanded(struct pk_scan *s, const struct pk_streamed *r,
			uint64_t off, const char *what)
{
	if (r->flow == PK_FLOW_END)
		return;
	pk_partial(s);
	if (r->flow == PK_FLOW_CUT)
		pk_report(s, PK_RULE_ARCHIVE_DAMAGED, off,
			  "%s ends before its data is complete", what);
	else if (r->flow == PK_FLOW_BROKEN)
		pk_report(s, PK_RULE_ARCHIVE_DAMAGED, off,
			  "%s is corrupt at offset %llu", what,
			  (unsigned long long)r->used);
	else if (r->flow == PK_FLOW_REFUSED)
		pk_report(s, PK_RULE_ARCHIVE_UNSUPPORTED, off,
			  "%s needs more memory, or something that is not in "
			  "the file, to be decompressed",
			  what);
	else if (r->bomb)
		pk_report(s, PK_RULE_BUDGET_EXPANSION, off,
			  "%s expands to more than %llu MiB, too much for its "
			  "size; decompression bombs do",
			  what, (unsigned long long)r->made >> 20);
}
