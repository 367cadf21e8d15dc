/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mdoc.h"

#include <stdio.h>
#include <string.h>

#include "cli/choices.h"
#include "picket/picket.h"

static const char head[] =
	".\\\" 'picket help --mdoc' wrote this page.\n"
	".Dd $Mdocdate$\n"
	".Dt PICKET 1\n"
	".Os\n"
	".Sh NAME\n"
	".Nm picket\n"
	".Nd say what loading a machine-learning model file would do\n"
	".Sh SYNOPSIS\n"
	".Nm\n"
	".Ar command\n"
	".Op Ar options\n"
	".Op Ar arguments\n"
	".Nm\n"
	".Ar path ...\n"
	".Sh DESCRIPTION\n"
	".Nm\n"
	"reads model files the way their loaders do and says what loading them\n"
	"would do, without loading them.\n"
	"Nothing from a file is run, and the content decides what a file is, never\n"
	"its name.\n"
	".Pp\n"
	"A path in the place of a command is scanned.\n"
	"The commands are:\n";

static const char tail[] =
	".Sh ENVIRONMENT\n"
	".Bl -tag -width Ds\n"
	".It Ev PICKET_NAME\n"
	"The value of the option\n"
	".Fl -name ,\n"
	"with hyphens as underscores:\n"
	".Ev PICKET_MAX_MEMORY\n"
	"for\n"
	".Fl -max-memory .\n"
	"A switch is on unless its value is 0.\n"
	"The option itself outranks it.\n"
	".It Ev PICKET_CONFIG\n"
	"The configuration file, unless\n"
	".Fl -config\n"
	"names one.\n"
	".It Ev NO_COLOR\n"
	"Turns colours off.\n"
	".El\n"
	".Sh FILES\n"
	".Bl -tag -width Ds\n"
	".It Pa $XDG_CONFIG_HOME/picket/config.yaml\n"
	"Settings: names of options without the dashes, with their values.\n"
	"Without the variable it is below\n"
	".Pa ~/.config .\n"
	"Options and environment outrank it;\n"
	".Nm\n"
	".Cm config\n"
	"shows what is in force.\n"
	"Nothing is read from what is scanned.\n"
	".El\n"
	".Sh EXIT STATUS\n"
	".Bl -tag -width Ds\n"
	".It 0\n"
	"Everything was read whole and passes.\n"
	".It 1\n"
	"The policy blocks at least one file for what it holds.\n"
	".It 5\n"
	"An integrity or signature check failed.\n"
	".It 4\n"
	"A source, a pin or a lock file is violated.\n"
	".It 3\n"
	"Nothing worse, but something could not be read whole.\n"
	".It 2\n"
	"A usage error, an unreadable path or a failure: no verdict.\n"
	".El\n"
	".Pp\n"
	"Where several apply, the first of them in this order counts.\n"
	".Sh EXAMPLES\n"
	"Scan a folder, with a report for programs beside the text:\n"
	".Pp\n"
	".Dl picket scan --output json=report.json models/\n"
	".Pp\n"
	"Explain a finding:\n"
	".Pp\n"
	".Dl picket rules pickle.dangerous-call\n"
	".Sh SEE ALSO\n"
	".Xr sha256sum 1 ,\n"
	".Xr picket-policy 5\n";

/* Whether a sentence ends before text[i]: the next one is a line. */
static bool sentence_ends(const char *text, size_t i)
{
	return i >= 2 && text[i] == ' ' && text[i - 1] == '.' &&
	       text[i - 2] != '.' && strspn(text + i, " ") < 3 &&
	       !strchr(" \n", text[i + strspn(text + i, " ")]);
}

/* What would begin a macro is no text. */
static void guard(char first)
{
	if (first == '.' || first == '\'')
		(void)printf("\\&");
}

static void escaped(const char *text, size_t n)
{
	if (n)
		guard(*text);
	for (size_t i = 0; i < n; i++) {
		if (sentence_ends(text, i)) {
			(void)putchar('\n');
			i += strspn(text + i, " ") - 1;
			guard(text[i + 1]);
		} else if (text[i] == '\\') {
			(void)printf("\\e");
		} else if (text[i] == '-') {
			(void)printf("\\-");
		} else if (text[i] == '\'') {
			(void)printf("\\(aq");
		} else {
			(void)putchar(text[i]);
		}
	}
}

/* One line of running text; indented ones stand as they are. */
static bool line(const char *text, size_t n, bool literal)
{
	const bool as_is = n > 0 && (*text == ' ' || *text == '\t');

	if (as_is != literal)
		(void)printf(as_is ? ".Bd -literal\n" : ".Ed\n");
	else if (n == 0)
		(void)printf(".Pp\n");
	escaped(text, n);
	if (n)
		(void)putchar('\n');
	return as_is;
}

static void paragraphs(const char *text)
{
	bool literal = false;

	(void)printf(".Pp\n");
	while (*text) {
		const size_t n = strcspn(text, "\n");

		/* A blank line before or within a display says nothing. */
		if (n || (!literal && text[1] && text[1] != ' '))
			literal = line(text, n, literal);
		text += n + (text[n] == '\n');
	}
	if (literal)
		(void)printf(".Ed\n");
}

/* Macros take each word that stands alone for a call; so it is quoted. */
static void argument(const char *text)
{
	(void)printf(" Ar \"");
	escaped(text, strlen(text));
	(void)printf("\"");
}

static void option(const struct cli_command *cmd, const struct cli_option *o)
{
	const struct cli_choices c = cli_option_choices(cmd, o);

	(void)printf(".It");
	if (o->letter)
		(void)printf(" Fl %c ,", o->letter);
	(void)printf(" Fl -%s", o->name);
	if (o->arg)
		argument(o->arg);
	(void)putchar('\n');
	escaped(o->help, strlen(o->help));
	(void)printf(".\n");
	if (!c.nth)
		return;
	(void)printf("One of:");
	cli_print_choices(c, "\n", "");
	(void)printf(".\n");
}

static void command(const struct cli_command *cmd)
{
	const struct cli_option *o = cmd->options();

	(void)printf(".Ss picket %s", cmd->name);
	if (*cmd->args) {
		(void)putchar(' ');
		escaped(cmd->args, strlen(cmd->args));
	}
	(void)putchar('\n');
	escaped(cmd->what, strlen(cmd->what));
	(void)putchar('\n');
	if (o->name) {
		(void)printf(".Bl -tag -width Ds\n");
		for (; o->name; o++)
			option(cmd, o);
		(void)printf(".El\n");
	}
	if (cmd->more)
		paragraphs(cmd->more);
}

void cli_mdoc(void)
{
	(void)fputs(head, stdout);
	for (size_t i = 0; cli_commands[i]; i++)
		command(cli_commands[i]);
	(void)fputs(tail, stdout);
}
