/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/opts.h"
#include "cli/prose.h"
#include "picket/picket.h"

extern const struct cli_command cli_command_rules;

struct settings {
	bool json;
};

CLI_SWITCH(struct settings, json, json)

static const struct cli_option options[] = {
	{ 0, "json", NULL, "as JSON", "Options", set_json },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static const char *nth_rule(size_t n)
{
	const struct picket_rule *r = picket_rule_at(n);

	return r ? picket_rule_id(r) : NULL;
}

static void list_rules(void)
{
	const struct picket_rule *r;

	for (size_t i = 0; (r = picket_rule_at(i)) != NULL; i++)
		(void)printf("%-9s %-32s %s\n",
			     picket_severity_name(picket_rule_severity(r)),
			     picket_rule_id(r), picket_rule_title(r));
}

static void explain(const struct picket_rule *r)
{
	(void)printf("%s (%s)\n%s\n\n", picket_rule_id(r),
		     picket_severity_name(picket_rule_severity(r)),
		     picket_rule_title(r));
	cli_prose("why", picket_rule_why(r));
	cli_prose("what to do", picket_rule_fix(r));
	cli_prose("references", picket_rule_refs(r));
}

static int show_json(const struct picket_rule *r)
{
	const struct picket_sink to = { cli_write_stdout, NULL };

	return picket_rules_json(r, &to) == PICKET_OK ? CLI_OK : CLI_USAGE;
}

static int unknown_rule(const char *id)
{
	const char *near = cli_nearest(id, nth_rule);

	cli_complain("no rule is called '%s'%s%s%s", cli_show(id),
		     near ? "; did you mean '" : "", near ? near : "",
		     near ? "'?" : "");
	return CLI_USAGE;
}

static int rules(int argc, char **argv)
{
	struct settings s = { 0 };
	const int n = cli_parse(&cli_command_rules, &s, argc, argv);

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n == 0 && s.json)
		return show_json(NULL);
	if (n == 0)
		list_rules();
	for (int i = 0; i < n; i++) {
		const struct picket_rule *r = picket_rule_by_id(argv[i]);

		if (!r)
			return unknown_rule(argv[i]);
		if (s.json && show_json(r) != CLI_OK)
			return CLI_USAGE;
		if (!s.json)
			explain(r);
	}
	return CLI_OK;
}

const struct cli_command cli_command_rules = {
	.name = "rules",
	.args = "[--json] [ID]...",
	.what = "Lists every rule, or explains one: what, why, what to do.",
	.run = rules,
	.options = get_options,
};
