/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/choices.h"
#include "cli/complete.h"

static void quoted(const char *text)
{
	(void)putchar('\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			(void)putchar('\\');
		(void)putchar(*text);
	}
	(void)putchar('\'');
}

static void begin(const struct cli_command *cmd)
{
	(void)printf("complete -c picket -n '__fish_seen_subcommand_from %s'",
		     cmd->name);
}

static void words(struct cli_choices c)
{
	if (!c.nth)
		return;
	(void)printf(" -a '");
	cli_print_choices(c, "", " ");
	(void)printf("'");
}

static void option(const struct cli_command *cmd, const struct cli_option *o)
{
	const struct cli_choices c = cli_option_choices(cmd, o);

	begin(cmd);
	if (o->letter)
		(void)printf(" -s %c", o->letter);
	(void)printf(" -l %s", o->name);
	if (o->arg)
		(void)printf(c.files ? " -r -F" : " -x");
	words(c);
	(void)printf(" -d ");
	quoted(o->help);
	(void)putchar('\n');
}

static void command(const struct cli_command *cmd)
{
	const struct cli_choices c = cli_argument_choices(cmd);

	for (const struct cli_option *o = cmd->options(); o->name; o++)
		option(cmd, o);
	for (const struct cli_option *o = cli_common_options; o->name; o++)
		option(cmd, o);
	if (!c.files) {
		begin(cmd);
		(void)printf(" -f\n");
	}
	if (c.nth) {
		begin(cmd);
		words(c);
		(void)putchar('\n');
	}
}

void cli_complete_fish(void)
{
	(void)printf("# fish completion for picket; 'picket completion fish' "
		     "wrote it.\n");
	for (size_t i = 0; cli_commands[i]; i++) {
		(void)printf("complete -c picket -n __fish_use_subcommand "
			     "-a %s -d ",
			     cli_commands[i]->name);
		quoted(cli_commands[i]->what);
		(void)putchar('\n');
	}
	for (size_t i = 0; cli_commands[i]; i++)
		command(cli_commands[i]);
}
