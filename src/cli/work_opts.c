/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/work_opts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/read_file.h"

enum { CONTENT_MAX = 1 << 30 };

bool work_settings_init(struct work_settings *s)
{
	*s = (struct work_settings){ 0 };
	return scan_settings_init(&s->scan);
}

void work_settings_release(struct work_settings *s)
{
	scan_settings_release(&s->scan);
	free(s->words);
	s->words = NULL;
	s->words_len = 0;
}

static bool set_unit(void *settings, const struct cli_option *o,
		     const char *value)
{
	struct work_settings *s = settings;

	s->has_unit = true;
	return cli_number(o->name, value, 0, &s->unit);
}

CLI_TEXT(struct work_settings, results, results)

/* What only says which files and from where, what a report looks like, or who
 * signs it. */
static bool is_scans_own(const char *name)
{
	static const char *const names[] = {
		"exit-code", "format",   "output",      "severity",
		"verbose",   "color",    "no-progress", "no-timestamps",
		"include",   "exclude",  "files-from",  "shard",
		"full",      "no-token", "ca-file",     "network-timeout",
		"retries",   "manifest", "sign",        "signature",
		"attest",    "cert",     "chain",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* What changes no result. */
static bool is_immaterial(const char *name)
{
	static const char *const names[] = { "unit", "results", "quiet",
					     "jobs", "sandbox", "isolate" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

const struct cli_option *work_options(void)
{
	enum { OPTIONS_MAX = 96 };
	static const struct cli_option own[] = {
		{ 0, "unit", "N",
		  "which unit of the plan, from 0 on (default: a scheduler's index)",
		  "Unit", set_unit },
		{ 0, "results", "DIR", "where results go, one file a unit",
		  NULL, set_results },
	};
	static struct cli_option table[OPTIONS_MAX + 1];
	const struct cli_option *o = scan_options();
	const char *group = NULL;
	size_t n = sizeof(own) / sizeof(own[0]);

	if (table[0].name)
		return table;
	for (size_t i = n; o->name && n < OPTIONS_MAX; o++, i++) {
		group = o->group ? o->group : group;
		if (is_scans_own(o->name))
			continue;
		table[n] = *o;
		table[n++].group = group;
		group = NULL;
	}
	memcpy(table, own, sizeof(own));
	return table;
}

static void note(struct work_settings *s, const char *name, const void *p,
		 size_t n)
{
	const size_t len = strlen(name) + 1;
	char *words = realloc(s->words, s->words_len + len + n + 1);

	if (!words) {
		s->failed = true;
		return;
	}
	memcpy(words + s->words_len, name, len);
	memcpy(words + s->words_len + len, p, n);
	words[s->words_len + len + n] = '\0';
	s->words = words;
	s->words_len += len + n + 1;
}

static void tell(void *ctx, const struct cli_given *g)
{
	const char *value = g->value ? g->value : g->off ? "off" : "on";

	if (!is_immaterial(g->option->name))
		note(ctx, g->option->name, value, strlen(value));
}

/* Schedulers of arrays number their tasks in the environment. */
static bool ask_scheduler(struct work_settings *s)
{
	static const char *const names[] = { "SLURM_ARRAY_TASK_ID",
					     "JOB_COMPLETION_INDEX",
					     "AWS_BATCH_JOB_ARRAY_INDEX" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (s->has_unit || !value || !*value)
			continue;
		s->has_unit = true;
		if (!cli_number("unit", value, 0, &s->unit))
			return false;
	}
	return true;
}

int work_parse(const struct cli_command *cmd, struct work_settings *s, int argc,
	       char **argv)
{
	const int n = cli_parse_told(cmd, s, argc, argv, tell, s);

	return n < 0 || ask_scheduler(s) ? n : CLI_PARSE_BAD;
}

bool work_admits(const struct work_settings *s, int arguments)
{
	if (arguments != 1)
		cli_complain("work takes one plan: picket work PLAN --unit N "
			     "--results DIR");
	else if (!s->has_unit)
		cli_complain("work needs --unit N, one of the plan's units");
	else if (!s->results)
		cli_complain("work needs --results DIR, where the result goes");
	else
		return true;
	return false;
}

/* A name stays, and what the file holds changes. */
static bool note_content(struct work_settings *s, const char *name,
			 const char *path)
{
	struct cli_bytes b;

	if (!cli_read_file(path, CONTENT_MAX, &b))
		return false;
	note(s, name, b.p, b.n);
	free(b.p);
	return true;
}

bool work_settings_id(struct work_settings *s, char ret[65])
{
	const char *policy = s->scan.policy;

	if (access(policy, F_OK) == 0 && !note_content(s, "policy", policy))
		return false;
	if (s->scan.baseline && !note_content(s, "baseline", s->scan.baseline))
		return false;
	if (s->failed ||
	    picket_settings_id(s->words, s->words_len, ret) != PICKET_OK) {
		cli_complain("out of memory");
		return false;
	}
	return true;
}
