/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/choices.h"
#include "cli/mdoc.h"
#include "picket/picket.h"

extern const struct cli_command cli_command_help;
extern const struct cli_command cli_command_version;

struct settings {
	bool mdoc;
};

CLI_SWITCH(struct settings, mdoc, mdoc)

static const struct cli_option options[] = {
	{ 0, "mdoc", NULL, "the manual page, as mdoc(7)", "Options", set_mdoc },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static const struct cli_option none[] = { { 0 } };

static const struct cli_option *no_options(void)
{
	return none;
}

static int help_all(void)
{
	(void)printf("picket %s: says what loading a machine-learning model "
		     "file would do\n\nusage: picket COMMAND [options] "
		     "[arguments]\n       picket PATH...    the same as "
		     "picket scan PATH...\n\ncommands:\n",
		     picket_version());
	for (size_t i = 0; cli_commands[i]; i++)
		(void)printf("  %-19s%s\n", cli_commands[i]->name,
			     cli_commands[i]->what);
	(void)printf(
		"\n'picket help COMMAND' shows a command's options.\n\n"
		"exit status: 0 passes, 1 blocked, 5 integrity, 4 source,\n"
		"             3 not read whole, 2 no verdict\n");
	return CLI_OK;
}

static int help(int argc, char **argv)
{
	struct settings s = { 0 };
	const int n = cli_parse(&cli_command_help, &s, argc, argv);
	const char *near;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (s.mdoc) {
		cli_mdoc();
		return CLI_OK;
	}
	if (n == 0)
		return help_all();
	for (size_t i = 0; cli_commands[i]; i++) {
		if (strcmp(cli_commands[i]->name, argv[0]) == 0) {
			cli_help(cli_commands[i]);
			return CLI_OK;
		}
	}
	near = cli_nearest(argv[0], cli_nth_command);
	cli_complain("no command is called '%s'%s%s%s", cli_show(argv[0]),
		     near ? "; did you mean '" : "", near ? near : "",
		     near ? "'?" : "");
	return CLI_USAGE;
}

static int version(int argc, char **argv)
{
	const int n = cli_parse(&cli_command_version, NULL, argc, argv);

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	(void)printf("picket %s\n", picket_version());
	return CLI_OK;
}

const struct cli_command cli_command_help = {
	.name = "help",
	.args = "[COMMAND]",
	.what = "Shows the commands, or one command's options.",
	.run = help,
	.options = get_options,
};

const struct cli_command cli_command_version = {
	.name = "version",
	.args = "",
	.what = "Shows the version.",
	.run = version,
	.options = no_options,
};
