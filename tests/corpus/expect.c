/* SPDX-License-Identifier: Apache-2.0 */
#include "expect.h"

#include "asm.h"
#include "engine/format.h"
#include "engine/verdict.h"

enum { WORDS_MAX = 8 };

/* A line as words; a word in double quotes may hold escapes. */
struct words {
	struct pk_buf w[WORDS_MAX];
	unsigned n;
};

static const char *word(struct words *l, unsigned i)
{
	return i < l->n ? pk_buf_str(&l->w[i]) : "";
}

static void split(const char *line, size_t len, struct words *l)
{
	struct pk_buf copy = { 0 };
	struct asm_value v;
	const char *p;

	pk_buf_put(&copy, line, len);
	p = pk_buf_str(&copy);
	*l = (struct words){ 0 };
	while (l->n < WORDS_MAX) {
		p += strspn(p, " \t\r");
		if (!*p || *p == '#')
			break;
		if (*p == '"') {
			if (asm_value(&p, &v))
				break;
			l->w[l->n++] = v.text;
		} else {
			size_t n = strcspn(p, " \t\r");

			pk_buf_put(&l->w[l->n++], p, n);
			p += n;
		}
	}
	pk_buf_release(&copy);
}

static void forget(struct words *l)
{
	for (unsigned i = 0; i < l->n; i++)
		pk_buf_release(&l->w[i]);
}

static int severity(const char *name)
{
	for (int s = PK_INFO; s <= PK_CRITICAL; s++) {
		if (strcmp(pk_severity_name((enum pk_severity)s), name) == 0)
			return s;
	}
	return -1;
}

/* The worst severity of the rule, -1 for none. */
static int found(const struct pk_job *job, const char *rule)
{
	int worst = -1;

	for (const struct pk_finding *f = job->findings; f; f = f->next) {
		if (strcmp(pk_rules[f->rule].id, rule) == 0 &&
		    (int)f->severity > worst)
			worst = (int)f->severity;
	}
	return worst;
}

static bool finding(struct words *l, const struct pk_job *job)
{
	const int worst = found(job, word(l, 1));

	return worst >= 0 && (l->n < 3 || worst == severity(word(l, 2)));
}

static bool no_finding(struct words *l, const struct pk_job *job)
{
	if (strcmp(word(l, 1), "above") == 0)
		return severity(word(l, 2)) >= 0 &&
		       job->worst <= severity(word(l, 2));
	return pk_rule_by_id(word(l, 1)) != PK_RULE_COUNT &&
	       found(job, word(l, 1)) < 0;
}

static const struct pk_import *imported(struct words *l,
					const struct pk_job *job)
{
	for (const struct pk_import *i = job->imports; i; i = i->next) {
		if (pk_span_eq(i->module, pk_buf_span(&l->w[1])) &&
		    pk_span_eq(i->name, pk_buf_span(&l->w[2])))
			return i;
	}
	return NULL;
}

/* import MODULE NAME [CLASS [called|referenced]] */
static bool import(struct words *l, const struct pk_job *job)
{
	const struct pk_import *i = l->n >= 3 ? imported(l, job) : NULL;

	if (!i)
		return false;
	if (l->n > 3 && strcmp(pk_import_class_name(i->class), word(l, 3)) != 0)
		return false;
	return l->n < 5 || i->called == (strcmp(word(l, 4), "called") == 0);
}

static bool no_import(struct words *l, const struct pk_job *job)
{
	if (l->n == 1)
		return !job->imports;
	return l->n == 3 && !imported(l, job);
}

static bool verdict(struct words *l, const struct pk_job *job)
{
	return strcmp(pk_verdict_name(pk_verdict(job)), word(l, 1)) == 0;
}

static bool complete(struct words *l, const struct pk_job *job)
{
	return job->partial == (strcmp(word(l, 1), "no") == 0);
}

static bool format(struct words *l, const struct pk_job *job)
{
	for (unsigned i = 0; i < job->format_count; i++) {
		if (strcmp(job->formats[i]->name, word(l, 1)) == 0)
			return true;
	}
	return false;
}

static bool as(struct words *l, const struct pk_job *job)
{
	(void)job;
	return l->n == 2;
}

static const struct {
	const char *name;
	bool (*holds)(struct words *l, const struct pk_job *job);
} checks[] = {
	{ "as", as },
	{ "verdict", verdict },
	{ "complete", complete },
	{ "format", format },
	{ "finding", finding },
	{ "no-finding", no_finding },
	{ "import", import },
	{ "no-import", no_import },
};

static bool holds(struct words *l, const struct pk_job *job)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(checks[i].name, word(l, 0)) == 0)
			return checks[i].holds(l, job);
	}
	return false;
}

unsigned expect_check(const char *expect, const struct pk_job *job,
		      struct pk_buf *ret_complaints)
{
	unsigned wrong = 0;
	struct words l;

	for (size_t n; *expect; expect += n + (expect[n] == '\n')) {
		n = strcspn(expect, "\n");
		split(expect, n, &l);
		if (l.n && !holds(&l, job)) {
			pk_buf_printf(ret_complaints, "# not so: %.*s\n",
				      (int)n, expect);
			wrong++;
		}
		forget(&l);
	}
	return wrong;
}

void expect_name(const char *expect, struct pk_buf *ret_name)
{
	struct words l;

	for (size_t n; *expect; expect += n + (expect[n] == '\n')) {
		n = strcspn(expect, "\n");
		split(expect, n, &l);
		if (strcmp(word(&l, 0), "as") == 0)
			pk_buf_puts(ret_name, word(&l, 1));
		forget(&l);
	}
	if (!ret_name->len)
		pk_buf_puts(ret_name, "model");
}
