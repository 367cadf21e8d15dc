/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scan_opts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool scan_settings_init(struct scan_settings *s)
{
	*s = (struct scan_settings){ .policy = "standard",
				     .color = "auto",
				     .severities = ~0U,
				     .exit_blocked = CLI_BLOCKED,
				     .exit_integrity = CLI_INTEGRITY,
				     .exit_source = CLI_SOURCE,
				     .exit_incomplete = CLI_INCOMPLETE };
	s->options = picket_options_new();
	s->filter = picket_filter_new();
	return s->options && s->filter;
}

void scan_settings_release(struct scan_settings *s)
{
	picket_options_free(s->options);
	picket_filter_free(s->filter);
}

const char *scan_nth_format(size_t n)
{
	return picket_report_format(n);
}

const char *scan_nth_severity(size_t n)
{
	return n <= PICKET_CRITICAL
		       ? picket_severity_name((enum picket_severity)n)
		       : NULL;
}

/* From "low" on: a threshold of "info" would mean nothing. */
const char *scan_nth_threshold(size_t n)
{
	return n < PICKET_CRITICAL    ? scan_nth_severity(n + 1)
	       : n == PICKET_CRITICAL ? "never"
				      : NULL;
}

/* Where in nth() the value is; false after a complaint. */
static bool choose(const struct cli_option *o, const char *value,
		   const char *(*nth)(size_t n), size_t *ret)
{
	const char *name;

	for (size_t i = 0; (name = nth(i)) != NULL; i++) {
		if (strcmp(name, value) == 0) {
			*ret = i;
			return true;
		}
	}
	return cli_bad_choice(o->name, value, nth);
}

#define SETTER(name)                                                       \
	static bool set_##name(void *settings, const struct cli_option *o, \
			       const char *value)

CLI_TEXT(struct scan_settings, policy, policy)
CLI_TEXT(struct scan_settings, baseline, baseline)

SETTER(fail_on)
{
	size_t at;

	((struct scan_settings *)settings)->fail_on = value;
	return choose(o, value, scan_nth_threshold, &at);
}

SETTER(format)
{
	size_t at;

	((struct scan_settings *)settings)->format = value;
	return choose(o, value, scan_nth_format, &at);
}

SETTER(color)
{
	((struct scan_settings *)settings)->color = value;
	return cli_check_color(o->name, value);
}

/* What stands before "=" when it is a form of report: "json=a=b.json" */
static const char *format_before(const char *value, size_t n)
{
	const char *name;

	for (size_t i = 0; (name = scan_nth_format(i)) != NULL; i++) {
		if (strlen(name) == n && strncmp(name, value, n) == 0)
			return name;
	}
	return NULL;
}

/* Only a word can be meant as a form; "./a=b" is a file. */
static bool is_word(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] < 'a' || s[i] > 'z')
			return false;
	}
	return n > 0;
}

SETTER(output)
{
	struct scan_settings *s = settings;
	const char *equals = strchr(value, '=');
	const size_t n = equals ? (size_t)(equals - value) : 0;
	const char *format = format_before(value, n);
	size_t at;

	if (s->output_count == SCAN_OUTPUTS_MAX) {
		cli_complain("more than %d times --%s", SCAN_OUTPUTS_MAX,
			     o->name);
		return false;
	}
	if (!format && is_word(value, n)) {
		char word[32];

		(void)snprintf(word, sizeof(word), "%.*s", (int)n, value);
		return choose(o, word, scan_nth_format, &at);
	}
	s->outputs[s->output_count].format = format;
	s->outputs[s->output_count++].path = format ? equals + 1 : value;
	return true;
}

SETTER(files_from)
{
	struct scan_settings *s = settings;

	if (s->list_count == SCAN_LISTS_MAX) {
		cli_complain("more than %d times --%s", SCAN_LISTS_MAX,
			     o->name);
		return false;
	}
	s->lists[s->list_count++] = value;
	return true;
}

SETTER(severity)
{
	struct scan_settings *s = settings;
	char *list = strdup(value), *rest = NULL;
	bool ok = list != NULL;
	size_t at = 0;

	s->severities = 0;
	for (char *word = ok ? strtok_r(list, ", ", &rest) : NULL; ok && word;
	     word = strtok_r(NULL, ", ", &rest)) {
		ok = choose(o, word, scan_nth_severity, &at);
		if (ok)
			s->severities |= 1U << at;
	}
	free(list);
	return ok;
}

SETTER(include)
{
	((struct scan_settings *)settings)->part_only = o->name;
	return picket_filter_include(((struct scan_settings *)settings)->filter,
				     value) == PICKET_OK;
}

SETTER(exclude)
{
	((struct scan_settings *)settings)->part_only = o->name;
	return picket_filter_exclude(((struct scan_settings *)settings)->filter,
				     value) == PICKET_OK;
}

static bool read_number(const char *text, char end, uint64_t *ret)
{
	char *after;

	*ret = strtoull(text, &after, 10);
	return *text >= '0' && *text <= '9' && *after == end;
}

SETTER(shard)
{
	struct scan_settings *s = settings;
	const char *slash = strchr(value, '/');
	uint64_t part = 0, of = 0;

	s->part_only = o->name;
	if (slash && read_number(value, '/', &part) &&
	    read_number(slash + 1, '\0', &of) &&
	    picket_filter_shard(s->filter, part, of) == PICKET_OK) {
		s->shard = part;
		s->shards = of;
		return true;
	}
	cli_complain("--%s needs I/N with I from 1 to N, not '%s'", o->name,
		     cli_show(value));
	return false;
}

SETTER(jobs)
{
	return cli_number(o->name, value, 1,
			  &((struct scan_settings *)settings)->jobs);
}

CLI_SWITCH(struct scan_settings, full, full)

SETTER(sandbox)
{
	struct scan_settings *s = settings;
	size_t at = 0;

	if (!choose(o, value, sandbox_mode_name, &at))
		return false;
	s->sandbox = (enum sandbox_mode)at;
	return true;
}

static const char *nth_kind(size_t n)
{
	static const char *const kinds[] = { "blocked", "integrity", "source",
					     "incomplete", NULL };

	return kinds[n];
}

SETTER(exit_code)
{
	struct scan_settings *s = settings;
	uint64_t *const places[] = { &s->exit_blocked, &s->exit_integrity,
				     &s->exit_source, &s->exit_incomplete };
	const size_t n = strcspn(value, "=");
	uint64_t code;
	size_t at = 0;
	char kind[32];

	(void)snprintf(kind, sizeof(kind), "%.*s", (int)n, value);
	if (!choose(o, kind, nth_kind, &at) ||
	    !cli_number(o->name, value[n] ? value + n + 1 : "", 0, &code))
		return false;
	if (code > 255) {
		cli_complain("--%s: an exit status is at most 255", o->name);
		return false;
	}
	*places[at] = code;
	return true;
}

SETTER(deep)
{
	(void)o;
	(void)value;
	picket_options_set_deep(((struct scan_settings *)settings)->options,
				true);
	return true;
}

SETTER(sha256)
{
	(void)o;
	(void)value;
	picket_options_set_sha256(((struct scan_settings *)settings)->options,
				  true);
	return true;
}

SETTER(manifest)
{
	struct scan_settings *s = settings;

	(void)o;
	s->seal.manifest = value;
	picket_options_set_sha256(s->options, true);
	return true;
}

CLI_TEXT(struct scan_settings, sign, seal.names.key)

SETTER(signature)
{
	struct scan_settings *s = settings;

	(void)o;
	s->seal.signature = value;
	picket_options_set_sha256(s->options, true);
	return true;
}

SETTER(attest)
{
	struct scan_settings *s = settings;

	(void)o;
	s->seal.attestation = value;
	picket_options_set_sha256(s->options, true);
	return true;
}

CLI_TEXT(struct scan_settings, cert, seal.names.certificate)
CLI_TEXT(struct scan_settings, chain, seal.names.chain)
CLI_SWITCH(struct scan_settings, isolate, isolate)
CLI_SWITCH(struct scan_settings, quiet, quiet)
CLI_SWITCH(struct scan_settings, verbose, verbose)
CLI_SWITCH(struct scan_settings, no_progress, no_progress)
CLI_SWITCH(struct scan_settings, no_timestamps, no_timestamps)

/* "memory" is --max-memory, but "seconds" is --timeout. */
static const char *limit_of(const struct cli_option *o)
{
	if (strcmp(o->name, "timeout") == 0)
		return "seconds";
	return o->name + strlen("max-");
}

SETTER(limit)
{
	struct scan_settings *s = settings;
	uint64_t v = 0;
	const bool ok = strcmp(o->arg, "SIZE") == 0
				? cli_size(o->name, value, &v)
				: cli_number(o->name, value, 1, &v);

	if (!ok)
		return false;
	if (picket_options_set_limit(s->options, limit_of(o), v) == PICKET_OK)
		return true;
	cli_complain("--%s cannot be %s", o->name, cli_show(value));
	return false;
}

static const struct cli_option fixed[] = {
	{ 'p', "policy", "NAME|FILE",
	  "strict, standard (default), warn, or a policy file", "Decision",
	  set_policy },
	{ 0, "baseline", "FILE",
	  "what an earlier JSON report has is known and does not block", NULL,
	  set_baseline },
	{ 0, "fail-on", "SEVERITY",
	  "block from critical, high, medium or low on, or never", NULL,
	  set_fail_on },
	{ 0, "exit-code", "KIND=N",
	  "exit with N when blocked, integrity, source or incomplete", NULL,
	  set_exit_code },
	{ 'f', "format", "NAME", NULL, "Report", set_format },
	{ 'o', "output", "[FORMAT=]FILE",
	  "to a file instead of standard output; with FORMAT= as well", NULL,
	  set_output },
	{ 0, "sha256", NULL, "with the digest of what was scanned", NULL,
	  set_sha256 },
	{ 0, "severity", "LIST", "findings that the text shows: critical,high",
	  NULL, set_severity },
	{ 'q', "quiet", NULL, "one line for each file that does not pass", NULL,
	  set_quiet },
	{ 'v', "verbose", NULL, "every file and everything found", NULL,
	  set_verbose },
	{ 0, "color", "WHEN", "auto (default), always or never", NULL,
	  set_color },
	{ 0, "no-progress", NULL, "no progress line on standard error", NULL,
	  set_no_progress },
	{ 0, "no-timestamps", NULL, "the same bytes for the same input", NULL,
	  set_no_timestamps },
	{ 0, "include", "GLOB", "only files that match; repeatable", "Files",
	  set_include },
	{ 0, "exclude", "GLOB", "no files or folders that match; repeatable",
	  NULL, set_exclude },
	{ 0, "files-from", "FILE", "more paths, one a line or NUL-separated",
	  NULL, set_files_from },
	{ 0, "shard", "I/N", "only the I-th of N parts of the files", NULL,
	  set_shard },
	{ 0, "deep", NULL,
	  "search tensor data and unexplained bytes for programs, too", NULL,
	  set_deep },
	{ 0, "manifest", "FILE",
	  "the digests of all files, from the same read; JSON when so named",
	  "For later stages, of one DIR", set_manifest },
	{ 0, "sign", "KEY.pem",
	  "sign: the same digests, unless a file is blocked", NULL, set_sign },
	{ 0, "signature", "FILE", "the signature, mostly model.sig", NULL,
	  set_signature },
	{ 0, "attest", "FILE",
	  "what was found, signed, for 'picket verify-attestation'", NULL,
	  set_attest },
	{ 0, "cert", "LEAF.pem", "the key's certificate", NULL, set_cert },
	{ 0, "chain", "CHAIN.pem", "certificates between it and a root", NULL,
	  set_chain },
	REMOTE_OPTIONS,
	{ 0, "full", NULL,
	  "fetch all of every file and hold it against the registry's digest",
	  NULL, set_full },
	{ 'j', "jobs", "N", "processes (default: one for each processor)",
	  "Workers", set_jobs },
	{ 0, "sandbox", "MODE",
	  "auto (default): what the kernel has; require: all of it; off", NULL,
	  set_sandbox },
	{ 0, "isolate", NULL, "a process of its own for every file; slower",
	  NULL, set_isolate },
};

enum {
	FIXED = sizeof(fixed) / sizeof(fixed[0]),
	LIMITS_MAX = 32,
};

/* Which limits count bytes shows in how the library describes them. */
static bool is_size(size_t n)
{
	return strncmp(picket_limit_what(n), "bytes", 5) == 0;
}

/* The texts of an option that is made from one of the library's limits. */
struct limit_texts {
	char name[32];
	char help[128];
};

/* "bytes of memory (256M)" */
static void describe_limit(struct limit_texts *t, size_t n)
{
	static const char units[] = "\0KMGT";
	unsigned long long v = picket_limit_default(n);
	size_t unit = 0;

	while (is_size(n) && v % 1024 == 0 && units[unit + 1]) {
		v /= 1024;
		unit++;
	}
	(void)snprintf(t->help, sizeof(t->help), "%s (%llu%.1s)",
		       picket_limit_what(n), v, units + unit);
}

static void make_limit(struct cli_option *o, struct limit_texts *t, size_t n)
{
	const char *limit = picket_limit_name(n);

	(void)snprintf(t->name, sizeof(t->name), "max-%s", limit);
	describe_limit(t, n);
	*o = (struct cli_option){ .name = t->name,
				  .arg = is_size(n) ? "SIZE" : "N",
				  .help = t->help,
				  .set = set_limit };
	if (n == 0)
		o->group = "Budgets of one file's analysis";
	if (strcmp(limit, "seconds") == 0) {
		o->name = "timeout";
		o->arg = "SECONDS";
	}
}

const char *scan_format_help(void)
{
	static char text[256];
	const char *name;
	size_t have = 0;

	for (size_t i = 0; (name = scan_nth_format(i)) != NULL; i++) {
		(void)snprintf(text + have, sizeof(text) - have, "%s%s",
			       i > 1 ? ", "
			       : i   ? " (default), "
				     : "",
			       name);
		have = strlen(text);
	}
	return text;
}

const struct cli_option *scan_options(void)
{
	static struct cli_option table[FIXED + LIMITS_MAX + 1];
	static struct limit_texts texts[LIMITS_MAX];

	if (table[0].name)
		return table;
	memcpy(table, fixed, sizeof(fixed));
	for (size_t i = 0; i < FIXED; i++) {
		if (!table[i].help)
			table[i].help = scan_format_help();
	}
	for (size_t i = 0; i < LIMITS_MAX && picket_limit_name(i); i++)
		make_limit(&table[FIXED + i], &texts[i], i);
	return table;
}

static const struct cli_option *option_named(const char *name, size_t n)
{
	const struct cli_option *o = scan_options();

	while (o->name && (strlen(o->name) != n || memcmp(o->name, name, n)))
		o++;
	return o;
}

const struct cli_option *scan_borrow(struct cli_option *table,
				     const struct cli_option *own, size_t n,
				     const char *names)
{
	const size_t most = n + SCAN_BORROWED_MAX - 1;

	if (table[0].name)
		return table;
	memcpy(table, own, n * sizeof(*own));
	while (*names && n < most) {
		const size_t len = strcspn(names, " ");

		table[n++] = *option_named(names, len);
		names += len + strspn(names + len, " ");
	}
	return table;
}
