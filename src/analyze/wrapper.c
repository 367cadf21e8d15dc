/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/wrapper.h"

#include <strings.h>

enum {
	CONVINCING = 512, /* bytes that noise does not decode to */
};

enum pk_match pk_wrapper_probe(const struct pk_head *head, enum pk_codec codec)
{
	return pk_decomp_begins(codec, head->bytes) ? PK_MATCH_SURE
						    : PK_MATCH_NO;
}

enum pk_match pk_wrapper_try(const struct pk_head *head, enum pk_codec codec,
			     uint64_t off)
{
	struct pk_pull *p = pk_decomp_new(codec, head->source, off, UINT64_MAX,
					  &head->scan->job->meter);
	/* In a file that is meant for an unpickler any beginning counts. */
	const size_t enough = head->scan->promises_pickle ? 1 : CONVINCING;
	uint8_t buf[CONVINCING];
	enum pk_flow flow;
	size_t have = 0;

	if (!p) {
		head->scan->job->partial = true; /* nobody can say "no" */
		return PK_MATCH_NO;
	}
	while (have < sizeof(buf) && p->flow == PK_FLOW_ON)
		have += pk_pull_next(p, buf + have, sizeof(buf) - have);
	flow = p->flow;
	pk_pull_free(p);
	return have >= enough || flow == PK_FLOW_END ? PK_MATCH_LIKELY
						     : PK_MATCH_NO;
}

static const struct {
	const char *suffix;
	const char *instead;
} suffixes[] = {
	{ ".tgz", ".tar" },  { ".tbz2", ".tar" }, { ".txz", ".tar" },
	{ ".tzst", ".tar" }, { ".gz", "" },       { ".bz2", "" },
	{ ".xz", "" },       { ".lzma", "" },     { ".zst", "" },
	{ ".lz4", "" },      { ".zlib", "" },     { ".z", "" },
};

/* A file that is compressed without saying so is loaded under its own name,
 * so what that promises is promised of the content. */
static const char *content_name(struct pk_scan *s)
{
	const size_t len = s->name ? strlen(s->name) : 0;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const size_t n = strlen(suffixes[i].suffix);
		const char *name;

		if (len <= n ||
		    strcasecmp(s->name + len - n, suffixes[i].suffix) != 0)
			continue;
		name = pk_arena_printf(&s->arena, "%.*s%s", (int)(len - n),
				       s->name, suffixes[i].instead);
		return name ? name : "content";
	}
	return s->promises_model ? s->name : "content";
}

static void claim(struct pk_scan *s, uint64_t off, const struct pk_streamed *r)
{
	for (unsigned i = 0; i < r->asides; i++) {
		const uint64_t aside = r->aside[i][0];

		if (aside > r->used || aside < off)
			continue;
		pk_claim(s, off, aside - off);
		off = aside + r->aside[i][1];
	}
	if (off < r->used)
		pk_claim(s, off, r->used - off);
}

uint64_t pk_wrapper_scan(struct pk_scan *s, enum pk_codec codec, uint64_t off)
{
	struct pk_streamed got;
	struct pk_source *src = pk_expand(s, codec, off, UINT64_MAX, &got);
	const char *name = content_name(s);

	if (!src)
		return 0;
	if (got.made == 0 && got.flow == PK_FLOW_BROKEN && got.asides) {
		/* Skippable frames in front: another codec's may follow. */
		pk_source_free(src);
		pk_reject(s);
		return 0;
	}
	if (got.flow == PK_FLOW_ON) /* the rest was not looked at */
		got.used = s->bytes->size;
	claim(s, off, &got);
	pk_report_expanded(s, &got, off, "the compressed stream");
	(void)pk_descend(
		s, (struct pk_span){ (const uint8_t *)name, strlen(name) }, src,
		PK_MEMBER_ANY);
	return got.made;
}
