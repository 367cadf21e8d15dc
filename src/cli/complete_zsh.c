/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/choices.h"
#include "cli/complete.h"

/* Within single quotes, and with a backslash before each of what means
 * something to _arguments. */
static void quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			(void)printf("'\\''");
		else if (strchr(special, *text))
			(void)printf("\\%c", *text);
		else
			(void)putchar(*text);
	}
}

/* A leading blank keeps _arguments from adding words of its own. */
static void action(struct cli_choices c)
{
	if (c.nth && c.files) {
		(void)printf(" _picket_or_file");
		cli_print_choices(c, " ", "");
	} else if (c.nth) {
		(void)printf("(");
		cli_print_choices(c, "", " ");
		(void)printf(")");
	} else if (c.files) {
		(void)printf("_files");
	}
}

static void option(const struct cli_command *cmd, const struct cli_option *o)
{
	(void)printf(" \\\n\t\t");
	if (o->letter)
		(void)printf("'*'{-%c%s,--%s%s}'[", o->letter,
			     o->arg ? "+" : "", o->name, o->arg ? "=" : "");
	else
		(void)printf("'*--%s%s[", o->name, o->arg ? "=" : "");
	quoted(o->help, "[]");
	(void)printf("]");
	if (o->arg) {
		(void)printf(":");
		quoted(o->arg, ":");
		(void)printf(":");
		action(cli_option_choices(cmd, o));
	}
	(void)printf("'");
}

static void command(const struct cli_command *cmd)
{
	const struct cli_choices c = cli_argument_choices(cmd);

	(void)printf("_picket_%s() {\n\t_arguments -s -S", cmd->name);
	for (const struct cli_option *o = cmd->options(); o->name; o++)
		option(cmd, o);
	for (const struct cli_option *o = cli_common_options; o->name; o++)
		option(cmd, o);
	if (c.nth || c.files) {
		(void)printf(" \\\n\t\t'*:argument:");
		action(c);
		(void)printf("'");
	}
	(void)printf("\n}\n\n");
}

void cli_complete_zsh(void)
{
	(void)printf("#compdef picket\n"
		     "# 'picket completion zsh' wrote it.\n\n"
		     "_picket_or_file() {\n"
		     "\tcompadd -- \"$@\"\n\t_files\n}\n\n");
	for (size_t i = 0; cli_commands[i]; i++)
		command(cli_commands[i]);
	(void)printf("_picket_commands=(\n");
	for (size_t i = 0; cli_commands[i]; i++) {
		(void)printf("\t'%s:", cli_commands[i]->name);
		quoted(cli_commands[i]->what, "");
		(void)printf("'\n");
	}
	(void)printf(")\n\n"
		     "_picket() {\n"
		     "\tif ((CURRENT == 2)); then\n"
		     "\t\t_describe command _picket_commands\n"
		     "\t\t_files\n"
		     "\telif (($+functions[_picket_${words[2]}])); then\n"
		     "\t\tlocal name=$words[2]\n"
		     "\t\tshift words\n\t\t((CURRENT--))\n"
		     "\t\t_picket_$name\n"
		     "\telse\n\t\t_picket_scan\n\tfi\n}\n\n"
		     "if [[ $funcstack[1] == _picket ]]; then\n"
		     "\t_picket \"$@\"\n"
		     "elif (($+functions[compdef])); then\n"
		     "\tcompdef _picket picket\nfi\n");
}
