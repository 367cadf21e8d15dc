/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deeplearning4j models: a zip with configuration.json and coefficients.bin.
 *
 * What can hurt: "@class" makes Jackson create an object of the class that it
 * names; known classes turn that into code execution.
 */
#include "analyze/zip_of.h"
#include "codec/json_read.h"

enum { SIZE_MAX_READ = 64 << 20, SHOWN = 120, STACK_MAX = 1100 };

static const struct pk_zip_entry *find(const struct pk_zip *z,
				       struct pk_span name)
{
	for (size_t i = 0; z && z->views && i < z->view[0].n; i++) {
		if (pk_span_eq(pk_zip_name(&z->view[0].v[i]), name))
			return &z->view[0].v[i];
	}
	return NULL;
}

static bool is_expected(struct pk_span class)
{
	return pk_span_starts(class, PK_LIT("org.deeplearning4j.")) ||
	       pk_span_starts(class, PK_LIT("org.nd4j.")) ||
	       pk_span_starts(class, PK_LIT("java.util."));
}

static void check(struct pk_scan *s, const struct pk_jvalue *v, uint64_t off)
{
	const struct pk_span class = pk_json_text(v);

	if (pk_span_eq(v->key, PK_LIT("@class")) && class.len &&
	    !is_expected(class))
		pk_report(s, PK_RULE_DL4J_CLASS, off,
			  "configuration.json makes an object of %s",
			  pk_show(s, class, SHOWN));
}

static void walk(struct pk_scan *s, const struct pk_jvalue *v, uint64_t off)
{
	const struct pk_jvalue **up =
		pk_arena_alloc(&s->arena, STACK_MAX, sizeof(*up));
	size_t depth = 0;

	while (v && up && !pk_out_of_budget(s)) {
		check(s, v, off);
		if (v->kids && depth < STACK_MAX) {
			up[depth++] = v;
			v = v->kids;
			continue;
		}
		while (!v->next && depth)
			v = up[--depth];
		v = v->next;
	}
}

static void dl4j_scan(struct pk_scan *s)
{
	const struct pk_zip *z = pk_zip_of(s);
	const struct pk_zip_entry *e = find(z, PK_LIT("configuration.json"));
	struct pk_jvalue *top = NULL;
	struct pk_source *src;
	struct pk_cursor c;

	if (!e || !find(z, PK_LIT("coefficients.bin"))) {
		pk_reject(s);
		return;
	}
	src = pk_zip_member(s, e);
	if (src && src->size <= SIZE_MAX_READ) {
		c = pk_cursor_open(src, 0, src->size, &s->arena);
		top = pk_json_parse(&c, &s->arena, NULL, NULL);
	}
	if (!top)
		pk_partial(s);
	walk(s, top, e->at);
	pk_source_free(src);
}

static enum pk_match dl4j_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_dl4j = {
	.name = "dl4j",
	.title = "Deeplearning4j model",
	.reads =
		"the classes that its configuration names; every member by its "
		"own format; coefficients are not analysed",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = dl4j_probe,
	.scan = dl4j_scan,
};
