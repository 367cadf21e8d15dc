/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/choices.h"

#include <stdio.h>
#include <string.h>

#include "cli/complete.h"
#include "cli/sandbox.h"
#include "cli/scan_opts.h"
#include "cli/sign_opts.h"
#include "picket/picket.h"

const char *cli_nth_command(size_t n)
{
	return cli_commands[n] ? cli_commands[n]->name : NULL;
}

static const char *nth_rule(size_t n)
{
	const struct picket_rule *r = picket_rule_at(n);

	return r ? picket_rule_id(r) : NULL;
}

static const char *nth_policy(size_t n)
{
	static const char *const words[] = { "check", NULL };

	return words[n];
}

/* By the option's name, or the command's where what follows it is meant. */
static const struct {
	const char *command, *option;
	const char *(*nth)(size_t n);
} known[] = {
	{ "scan", "policy", picket_policy_builtin },
	{ "scan", "fail-on", scan_nth_threshold },
	{ "scan", "severity", scan_nth_severity },
	{ "scan", "sandbox", sandbox_mode_name },
	{ "work", "policy", picket_policy_builtin },
	{ "work", "fail-on", scan_nth_threshold },
	{ "work", "sandbox", sandbox_mode_name },
	{ "sign", "hash", sign_nth_hash },
	{ NULL, "format", picket_report_format },
	{ NULL, "color", cli_nth_color },
	{ "completion", NULL, cli_nth_shell },
	{ "config", NULL, cli_nth_command },
	{ "help", NULL, cli_nth_command },
	{ "manifest", NULL, cli_nth_manifest_action },
	{ "policy", NULL, nth_policy },
	{ "rules", NULL, nth_rule },
};

static bool is(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static const char *(*words_of(const char *command, const char *option))(size_t)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (is(known[i].option, option) &&
		    (!known[i].command || is(known[i].command, command)))
			return known[i].nth;
	}
	return NULL;
}

/* From what the value is called: "NAME|FILE", "KEY.pem", "[PATH|-]..." */
static bool takes_files(const char *arg)
{
	static const char *const words[] = { "FILE", "DIR", ".pem",
					     "PATH", "IN.", "OLD" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(arg, words[i]))
			return true;
	}
	return false;
}

struct cli_choices cli_option_choices(const struct cli_command *cmd,
				      const struct cli_option *o)
{
	return (struct cli_choices){ words_of(cmd->name, o->name),
				     o->arg && takes_files(o->arg) };
}

struct cli_choices cli_argument_choices(const struct cli_command *cmd)
{
	return (struct cli_choices){ words_of(cmd->name, NULL),
				     takes_files(cmd->args) };
}

void cli_print_choices(struct cli_choices c, const char *before,
		       const char *after)
{
	const char *word;

	for (size_t i = 0; c.nth && (word = c.nth(i)) != NULL; i++)
		(void)printf("%s%s%s", before, word, after);
}
