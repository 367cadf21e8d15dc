/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/choices.h"
#include "cli/sandbox.h"

#define CLI_COMMAND(name) extern const struct cli_command cli_command_##name;
#include "cli/commands.def"
#undef CLI_COMMAND

const struct cli_command *const cli_commands[] = {
#define CLI_COMMAND(name) &cli_command_##name,
#include "cli/commands.def"
#undef CLI_COMMAND
	NULL,
};

static const struct cli_command *by_name(const char *name)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	}
	return NULL;
}

/* A first word that is neither a command nor a path is a slip. */
static bool is_slip(const char *word)
{
	const char *near;

	if (*word == '-' || strchr(word, '/') || access(word, F_OK) == 0)
		return false;
	near = cli_nearest(word, cli_nth_command);
	if (!near)
		return false;
	cli_complain("no command or path is called '%s'; did you mean "
		     "'picket %s'?",
		     cli_show(word), near);
	return true;
}

int main(int argc, char **argv)
{
	const struct cli_command *cmd = argc > 1 ? by_name(argv[1]) : NULL;

	sandbox_remember_arguments(argc, argv);
	if (argc < 2) {
		cli_complain("nothing to do; try 'picket scan PATH' or "
			     "'picket help'");
		return CLI_USAGE;
	}
	if (cmd)
		return cmd->run(argc - 2, argv + 2);
	if (strcmp(argv[1], "--version") == 0)
		return cli_command_version.run(0, argv);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return cli_command_help.run(0, argv);
	if (is_slip(argv[1]))
		return CLI_USAGE;
	return cli_command_scan.run(argc - 1, argv + 1);
}
