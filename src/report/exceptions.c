/* SPDX-License-Identifier: Apache-2.0 */
/* What would have to be written into a policy file for the findings that
 * block: to be reviewed, completed and pasted.  docs/policy.md */
#include "core/utf8.h"
#include "report/reporter.h"

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static void begin(struct pk_output *o)
{
	pk_buf_puts(&o->out,
		    "# Each entry says that a finding is known and accepted. "
		    "Review it, say why and who.\nexceptions:\n");
}

/* A YAML string in double quotes, whose escapes are those of JSON. */
static void put_string(struct pk_buf *b, const char *key, const char *text)
{
	struct pk_json j = { .out = b };

	pk_buf_printf(b, "    %s: ", key);
	pk_json_str(&j, NULL, text);
	pk_buf_putc(b, '\n');
}

static bool same_rule_before(const struct pk_job *job,
			     const struct pk_finding *f)
{
	for (const struct pk_finding *g = job->findings; g != f; g = g->next) {
		if (g->rule == f->rule && !g->accepted)
			return true;
	}
	return false;
}

static void put_exception(struct pk_output *o, const struct pk_result *r,
			  const struct pk_finding *f)
{
	struct pk_buf *b = &o->out;

	pk_buf_puts(b, "  # ");
	pk_utf8_defuse(b, span_of(f->message));
	pk_buf_printf(b, "\n  - rule: %s\n", pk_rules[f->rule].id);
	if (pk_utf8_valid(span_of(r->path)))
		put_string(b, "path", r->path);
	if (r->job.has_sha256) {
		pk_buf_puts(b, "    sha256: ");
		pk_hex_put(b, (struct pk_span){ r->job.sha256, PK_SHA256_LEN });
		pk_buf_putc(b, '\n');
	}
	pk_buf_puts(b,
		    "    reason: \"\"\n    owner: \"\"\n    expires: \"\"\n");
}

static void put_file(struct pk_output *o, const struct pk_result *r)
{
	if (r->action != PK_ACTION_BLOCK)
		return;
	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		if (!f->accepted && f->severity > PK_INFO &&
		    !same_rule_before(&r->job, f))
			put_exception(o, r, f);
	}
}

static void finish(struct pk_output *o, const struct pk_summary *s)
{
	(void)o;
	(void)s;
}

const struct pk_reporter pk_reporter_exceptions = {
	.name = "exceptions",
	.title = "entries for a policy file, to be reviewed",
	.begin = begin,
	.file = put_file,
	.finish = finish,
};
