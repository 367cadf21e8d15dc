/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/choices.h"
#include "cli/complete.h"

static const char head[] =
	"# bash completion for picket; 'picket completion bash' wrote it.\n"
	"\n"
	"_picket() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tlocal options= words= files= value=\n"
	"\n"
	"\t# \"--name=value\" comes as three words.\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $prev == = ]]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\tfi\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\toptions='--help --version'\n"
	"\t\tfiles=1\n"
	"\t\twords='";

static const char tail[] =
	"\tesac\n"
	"\tfi\n"
	"\n"
	"\tif [[ ! $value && $cur == -* ]]; then\n"
	"\t\twords=$options\n"
	"\t\tfiles=\n"
	"\tfi\n"
	"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	"\tif [[ $files ]]; then\n"
	"\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\tfi\n"
	"}\n"
	"\n"
	"complete -F _picket picket\n";

static void names(const struct cli_option *o)
{
	for (; o->name; o++) {
		if (o->letter)
			(void)printf("-%c ", o->letter);
		(void)printf("--%s ", o->name);
	}
}

static void assign(struct cli_choices c)
{
	(void)printf(" words='");
	cli_print_choices(c, "", " ");
	(void)printf("' files=%s", c.files ? "1" : "");
}

static void values(const struct cli_command *cmd, const struct cli_option *o)
{
	for (; o->name; o++) {
		if (!o->arg)
			continue;
		(void)printf("\t\t");
		if (o->letter)
			(void)printf("-%c | ", o->letter);
		(void)printf("--%s) value=1", o->name);
		assign(cli_option_choices(cmd, o));
		(void)printf(" ;;\n");
	}
}

static void command(const struct cli_command *cmd, const char *pattern)
{
	(void)printf("\t%s)\n\t\toptions='", pattern);
	names(cmd->options());
	names(cli_common_options);
	(void)printf("'\n\t\t");
	assign(cli_argument_choices(cmd));
	(void)printf("\n\t\tcase $prev in\n");
	values(cmd, cmd->options());
	values(cmd, cli_common_options);
	(void)printf("\t\tesac\n\t\t;;\n");
}

void cli_complete_bash(void)
{
	const struct cli_choices all = { cli_nth_command, false };

	(void)fputs(head, stdout);
	cli_print_choices(all, "", " ");
	(void)printf("'\n\telse\n\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 1; cli_commands[i]; i++)
		command(cli_commands[i], cli_commands[i]->name);
	/* The first command is what "picket PATH" means, too. */
	command(cli_commands[0], "*");
	(void)fputs(tail, stdout);
}
