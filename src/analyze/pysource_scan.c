/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pysource.h"

#include "core/buf.h"

enum {
	SOURCE_MAX = 8 << 20,
	SHOWN = 200,
	TOLD_MAX = 4, /* uses that a finding names */
};

static struct pk_span read_all(struct pk_scan *s, struct pk_source *bytes)
{
	const size_t n = (size_t)bytes->size;
	uint8_t *p;

	if (bytes->size > SOURCE_MAX)
		return (struct pk_span){ 0 };
	p = pk_arena_alloc(&s->arena, n + 1, 1);
	if (!p || pk_source_read(bytes, 0, p, n) < n)
		return (struct pk_span){ 0 };
	return (struct pk_span){ p, n };
}

static void put_use(struct pk_scan *s, struct pk_buf *b,
		    const struct pk_py_use *u, bool first)
{
	pk_buf_printf(b, "%s%s%s", first ? "" : ", ",
		      pk_show(s, u->path, SHOWN), u->called ? "()" : "");
}

static void report_level(struct pk_scan *s, const struct pk_pysource_job *job,
			 const struct pk_pysource *py, enum pk_py_level level,
			 enum pk_severity severity)
{
	struct pk_report r = { .rule = job->rule,
			       .severity = severity,
			       .off = job->at };
	const struct pk_py_use *first = NULL;
	struct pk_buf told = { .max = 4096 };
	unsigned n = 0;

	for (const struct pk_py_use *u = py->uses; u; u = u->next) {
		if (u->level != level)
			continue;
		if (!first)
			first = u;
		if (n++ < TOLD_MAX)
			put_use(s, &told, u, u == first);
	}
	if (first) {
		r.evidence = pk_buf_str(&told);
		pk_report_full(s, &r, "%s reaches %s%s: %s (at byte %zu of it)",
			       pk_show(s, job->name, SHOWN), pk_buf_str(&told),
			       n > TOLD_MAX ? " and more" : "", first->reason,
			       first->off);
	}
	pk_buf_release(&told);
}

bool pk_pysource_scan(struct pk_scan *s, const struct pk_pysource_job *job)
{
	const struct pk_span source =
		job->bytes ? read_all(s, job->bytes) : (struct pk_span){ 0 };
	struct pk_pysource py = { 0 };

	if (!source.p) {
		pk_partial(s);
		return false;
	}
	py = pk_pysource_read(source, &s->arena);
	report_level(s, job, &py, PK_PY_DANGEROUS, job->dangerous);
	if (job->notable > PK_INFO)
		report_level(s, job, &py, PK_PY_NOTABLE, job->notable);
	if (!py.doubt)
		return true;
	pk_partial(s);
	return false;
}
