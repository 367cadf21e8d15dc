/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Environments that MLflow and others write beside a model: conda.yaml,
 * python_env.yaml.  Recognised only when something in one is fetched from an
 * address.
 *
 *	channels: [conda-forge]
 *	dependencies: [python=3.11, {pip: [mlflow, "git+https://..."]}]
 *
 * What can hurt: serving the model installs what stands here, and installing
 * runs code.
 */
#include "analyze/pip_lines.h"
#include "codec/yaml.h"
#include "engine/format.h"

enum { SIZE_MAX_READ = 256 << 10 };

/* Calls back for each line of the environment, "--index-url" put before a
 * channel that is an address; returns how many fetch from elsewhere. */
struct visit {
	struct pk_scan *s;
	bool report;
	unsigned elsewhere;
};

static void visit_line(struct visit *v, struct pk_span line, uint64_t off)
{
	line = pk_pip_trim(line);
	v->elsewhere += pk_pip_fetches_elsewhere(line);
	if (v->report)
		pk_pip_report(v->s, line, off);
}

static void visit_channel(struct visit *v, const struct pk_jvalue *c)
{
	static const char *const usual[] = { "https://conda.anaconda.org/",
					     "https://repo.anaconda.com/" };
	const struct pk_span url = pk_json_text(c);
	const char *line;

	if (!url.len || !memmem(url.p, url.len, "://", 3))
		return;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (pk_span_starts(url,
				   (struct pk_span){ (const uint8_t *)usual[i],
						     strlen(usual[i]) }))
			return;
	}
	line = pk_arena_printf(&v->s->arena, "--index-url %s",
			       pk_show(v->s, url, SIZE_MAX_READ));
	if (line)
		visit_line(
			v,
			(struct pk_span){ (const uint8_t *)line, strlen(line) },
			c->off);
}

static const struct pk_jvalue *first_in(const struct pk_jvalue *v,
					const char *key)
{
	const struct pk_jvalue *list = pk_json_get(v, key);

	return pk_json_is(list, PK_J_ARRAY) ? list->kids : NULL;
}

static void visit_all(struct visit *v, const struct pk_jvalue *doc)
{
	const struct pk_jvalue *d, *p;

	for (d = first_in(doc, "channels"); d; d = d->next)
		visit_channel(v, d);
	for (d = first_in(doc, "dependencies"); d; d = d->next) {
		visit_line(v, pk_json_text(d), d->off);
		for (p = first_in(d, "pip"); p; p = p->next)
			visit_line(v, pk_json_text(p), p->off);
	}
}

static void conda_env_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const struct pk_jvalue *doc = pk_yaml_parse(&c, &s->arena);
	struct visit v = { .s = s };

	if (first_in(doc, "dependencies"))
		visit_all(&v, doc);
	if (!v.elsewhere) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, s->bytes->size);
	v.report = true;
	visit_all(&v, doc);
	pk_report_fault(s, PK_RULE_CONFIG_MALFORMED, &c, "the document");
}

static enum pk_match conda_env_probe(const struct pk_head *head)
{
	const struct pk_span b = head->bytes;

	return head->source->size <= SIZE_MAX_READ && b.len &&
			       !memchr(b.p, 0, b.len) &&
			       memmem(b.p, b.len, "dependencies:", 13)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_conda_env = {
	.name = "conda-environment",
	.title = "Environment for conda or pip (conda.yaml)",
	.reads = "channels and packages that come from elsewhere than the "
		 "usual indexes",
	.risk = PK_RISK_DATA,
	.rank = 3,
	.no_model = true,
	.probe = conda_env_probe,
	.scan = conda_env_scan,
};
