/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML configurations of models: MLflow's MLmodel, Hydra's, whatever has a
 * Python tag.  By content: other YAML is none of picket's.
 *
 * What can hurt: tags that a full loader turns into objects, keys that name
 * code.
 */
#include "analyze/repo_config.h"
#include "codec/yaml.h"
#include "engine/format.h"

enum {
	SMALL = 256 << 10, /* read whatever it looks like */
	LARGE = 4 << 20,   /* not read beyond */
	TRIED_LINES = 40,
};

/* Where the line ends that begins at i. */
static size_t line_end(struct pk_span s, size_t i)
{
	const uint8_t *nl = i < s.len ? memchr(s.p + i, '\n', s.len - i) : NULL;

	return nl ? (size_t)(nl - s.p) : s.len;
}

/* "key: value", "- item", "---", "%TAG", "!tag" */
static bool is_yaml_line(struct pk_span l)
{
	for (size_t i = 0; i < l.len; i++) {
		if (l.p[i] == ':' &&
		    (i + 1 == l.len || l.p[i + 1] == ' ' || l.p[i + 1] == '\r'))
			return true;
	}
	return l.len && strchr("-%!&?{[", l.p[0]) && l.p[0];
}

/* The first line that is neither blank nor a remark decides. */
static bool looks_like_yaml(struct pk_span s)
{
	size_t at = 0;

	if (pk_span_starts(s, PK_LIT("\xff\xfe")) ||
	    pk_span_starts(s, PK_LIT("\xfe\xff")))
		return true;
	if (pk_span_starts(s, PK_LIT("\xef\xbb\xbf")))
		at = 3;
	for (int n = 0; n < TRIED_LINES && at < s.len; n++) {
		const size_t end = line_end(s, at);
		struct pk_span line = { s.p + at, end - at };

		while (line.len && (*line.p == ' ' || *line.p == '\r')) {
			line.p++;
			line.len--;
		}
		if (line.len && *line.p != '#')
			return is_yaml_line(line);
		at = end + 1;
	}
	return false;
}

static bool is_text(struct pk_span s)
{
	return memchr(s.p, 0, s.len) == NULL ||
	       pk_span_starts(s, PK_LIT("\xff\xfe")) ||
	       pk_span_starts(s, PK_LIT("\xfe\xff"));
}

static void model_yaml_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const struct pk_jvalue *doc = pk_yaml_parse(&c, &s->arena);

	if (!doc || (doc->kind == PK_J_STRING && !doc->tag.len) ||
	    !pk_repo_recognise(doc)) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, s->bytes->size);
	pk_repo_scan(s, doc);
	pk_report_fault(s, PK_RULE_CONFIG_MALFORMED, &c, "the document");
}

static enum pk_match model_yaml_probe(const struct pk_head *head)
{
	const uint64_t max = head->scan->parent ? SMALL : LARGE;

	if (head->bytes.len == 0 || head->source->size > max ||
	    !is_text(head->bytes) || !looks_like_yaml(head->bytes))
		return PK_MATCH_NO;
	/* What is JSON was looked at as that. */
	return head->bytes.p[0] == '{' || head->bytes.p[0] == '['
		       ? PK_MATCH_NO
		       : PK_MATCH_LIKELY;
}

const struct pk_format pk_format_model_yaml = {
	.name = "model-yaml",
	.title = "Configuration of a model, YAML",
	.reads = "tags that loaders turn into objects; keys that name code, "
		 "files and modules",
	.risk = PK_RISK_CODE,
	.rank = 4,
	.probe = model_yaml_probe,
	.scan = model_yaml_scan,
};
