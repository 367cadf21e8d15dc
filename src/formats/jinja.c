/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jinja2 templates that lie beside a model (chat_template.jinja).
 *
 * What can hurt: renderers without a sandbox let a template reach from any
 * value into the interpreter.
 */
#include "analyze/template.h"
#include "core/utf8.h"
#include "engine/format.h"

enum { TEMPLATE_MAX = 4 << 20 };

static void jinja_scan(struct pk_scan *s)
{
	const size_t size = (size_t)s->bytes->size;
	uint8_t *text;

	if (s->bytes->size > TEMPLATE_MAX) {
		pk_reject(s);
		return;
	}
	text = pk_arena_alloc(&s->arena, size + 1, 1);
	if (!text || pk_source_read(s->bytes, 0, text, size) != size ||
	    !pk_utf8_valid((struct pk_span){ text, size }) ||
	    !pk_template_is((struct pk_span){ text, size })) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, size);
	pk_template_scan(s, (struct pk_span){ text, size }, 0, "the template");
}

/* A tag at the very beginning, or what conversations begin with; whether
 * the rest is a template takes a closer look. */
static enum pk_match jinja_probe(const struct pk_head *head)
{
	const struct pk_span s = head->bytes;
	size_t i = 0;

	while (i < s.len &&
	       (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r')))
		i++;
	if (s.len - i < 2 || !strchr("{<[", s.p[i]) || !s.p[i])
		return PK_MATCH_NO;
	if (s.p[i] == '{' && (!strchr("{%#", s.p[i + 1]) || !s.p[i + 1]))
		return PK_MATCH_NO;
	return PK_MATCH_LIKELY;
}

const struct pk_format pk_format_jinja = {
	.name = "jinja",
	.title = "Jinja2 template",
	.reads = "every expression: attributes reached, calls made",
	.risk = PK_RISK_PARSER,
	.rank = 5,
	.no_model = true,
	.probe = jinja_probe,
	.scan = jinja_scan,
};
