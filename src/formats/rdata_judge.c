/* SPDX-License-Identifier: Apache-2.0 */
/* What R's objects mean: which functions do harm, which promises run. */
#include "formats/rdata_parts.h"

static const struct {
	const char *name;
	enum pk_severity severity;
	const char *what;
} graves[] = {
	{ "system", PK_HIGH, "runs a shell command" },
	{ "system2", PK_HIGH, "starts a program" },
	{ "shell", PK_HIGH, "runs a shell command" },
	{ "shell.exec", PK_HIGH, "opens a file with its program" },
	{ "pipe", PK_HIGH, "runs a shell command" },
	{ "dyn.load", PK_HIGH, "loads a native library" },
	{ "download.file", PK_HIGH, "fetches a file" },
	{ "socketConnection", PK_HIGH, "opens a connection" },
	{ "serverSocket", PK_HIGH, "opens a connection" },
	{ "source", PK_HIGH, "runs a file or a URL as R code" },
	{ "sys.source", PK_HIGH, "runs a file as R code" },
	{ "unlink", PK_MEDIUM, "deletes files" },
	{ "file.remove", PK_MEDIUM, "deletes files" },
	{ "install.packages", PK_HIGH, "installs code" },
};

bool rdata_is(const struct rdata_item *i, const char *name)
{
	return i->len == strlen(name) && memcmp(i->text, name, i->len) == 0;
}

bool rdata_is_one_of(const struct rdata_item *i, const char *const *v, size_t n)
{
	while (n--) {
		if (rdata_is(i, v[n]))
			return true;
	}
	return false;
}

void rdata_check_callee(struct rdata *d, const struct rdata_item *i)
{
	for (size_t g = 0; g < sizeof(graves) / sizeof(graves[0]); g++) {
		const struct pk_report r = { .rule = PK_RULE_R_CALLS,
					     .severity = graves[g].severity,
					     .off = d->c.off };

		if (!rdata_is(i, graves[g].name))
			continue;
		d->calls += graves[g].severity >= PK_HIGH;
		if (d->told & (1U << g))
			return;
		d->told |= 1U << g;
		pk_report_full(d->s, &r,
			       "an expression in the file calls %s, which %s",
			       graves[g].name, graves[g].what);
		return;
	}
}

bool rdata_forwards(const struct rdata_item *head)
{
	static const char *const names[] = {
		"do.call",
		"match.fun",
		"get",
		"get0",
		"mget",
		"lapply",
		"sapply",
		"vapply",
		"mapply",
		"Map",
		"Reduce",
		"Filter",
		"::",
		":::",
		"getFromNamespace",
		"apply",
		"outer",
		"Vectorize",
		"eval",
		"getExportedValue",
	};

	return rdata_is_one_of(head, names, sizeof(names) / sizeof(names[0]));
}

static bool is_code(const struct rdata_item *i)
{
	return i->type == PK_R_LANG || i->type == PK_R_BCODE;
}

static void report_promise(struct rdata *d, enum pk_severity severity,
			   const char *what)
{
	const struct pk_report r = { .rule = PK_RULE_R_PROMISE,
				     .severity = severity,
				     .off = d->c.off };

	pk_report_full(d->s, &r, "%s", what);
}

void rdata_check_promise(struct rdata *d, const struct rdata_item *value,
			 const struct rdata_item *expr, bool grave,
			 enum rdata_where where)
{
	const bool bound = where == RDATA_BINDING;

	d->s->job->facts |= value->type == PK_R_UNBOUND && !bound
				    ? PK_FACT_PICKLE_RUNS_CODE
				    : 0;
	if (value->type != PK_R_UNBOUND)
		return;
	if (is_code(expr) && (grave || !bound)) {
		if (!d->told_promise)
			report_promise(d, PK_CRITICAL,
				       "a promise holds an expression that "
				       "runs when the object is looked at");
		d->told_promise = true;
	} else if (!bound && !d->told_promise) {
		report_promise(d, PK_HIGH,
			       "a promise stands where no R function would "
			       "leave one");
	} else if (is_code(expr) && !d->told_late) {
		d->told_late = true;
		report_promise(d, PK_LOW,
			       "an environment holds an argument that was "
			       "never evaluated");
	}
}

void rdata_check_variable(struct rdata *d, const struct rdata_item *tag,
			  const struct rdata_item *value)
{
	static const char *const hooks[] = { ".First", ".Last", ".First.sys",
					     ".Last.sys" };

	if (value->type == PK_R_CLO &&
	    rdata_is_one_of(tag, hooks, sizeof(hooks) / sizeof(hooks[0])))
		pk_report(d->s, PK_RULE_R_STARTUP, d->c.off,
			  "the workspace has a function %.*s", (int)tag->len,
			  tag->text);
}
