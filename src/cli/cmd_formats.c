/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/opts.h"
#include "cli/prose.h"
#include "picket/picket.h"

extern const struct cli_command cli_command_formats;

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

static void list_formats(void)
{
	const struct picket_format *f;

	for (size_t i = 0; (f = picket_format_at(i)) != NULL; i++)
		(void)printf("%-18s %-8s %s\n%28s%s\n", picket_format_name(f),
			     picket_format_risk(f), picket_format_title(f), "",
			     picket_format_reads(f));
}

static int formats(int argc, char **argv)
{
	const struct picket_sink to = { cli_write_stdout, NULL };
	struct settings s = { 0 };
	const int n = cli_parse(&cli_command_formats, &s, argc, argv);

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n > 0) {
		cli_complain("formats takes no arguments");
		return CLI_USAGE;
	}
	if (s.json)
		return picket_formats_json(&to) == PICKET_OK ? CLI_OK
							     : CLI_USAGE;
	list_formats();
	return CLI_OK;
}

const struct cli_command cli_command_formats = {
	.name = "formats",
	.args = "[--json]",
	.what = "Lists every format, what it can do to its reader, and what is read.",
	.more = "Risk: 'data' holds numbers and names; 'parser' is read by native code;\n"
		"'code' can carry code, which the policy 'strict' never admits; 'wrapper' is\n"
		"judged by what it holds.\n",
	.run = formats,
	.options = get_options,
};
