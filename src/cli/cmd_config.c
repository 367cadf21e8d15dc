/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config_file.h"
#include "cli/opts.h"
#include "cli/scan_opts.h"

extern const struct cli_command cli_command_config;

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

/* ---- what is in force ---- */

enum { VALUES_MAX = 256 };

struct force {
	const struct cli_command *cmd;
	struct cli_given v[VALUES_MAX];
	size_t n;
	bool json;
	bool more; /* JSON: a comma is due */
};

static void keep(void *ctx, const struct cli_given *g)
{
	struct force *f = ctx;

	if (f->n < VALUES_MAX)
		f->v[f->n++] = *g;
}

/* A string of JSON, which is one of YAML, too. */
static void quoted(const char *text)
{
	(void)putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)putchar('\\');
		(void)putchar(*text);
	}
	(void)putchar('"');
}

static const char *origin(const struct cli_given *g, char *buf, size_t size)
{
	const char *name = cli_show(g->option->name);

	if (g->from == CLI_FROM_FLAG)
		(void)snprintf(buf, size, "--%s", name);
	else if (g->from == CLI_FROM_ENVIRONMENT)
		(void)cli_environment_name(g->option, buf, size);
	else
		(void)snprintf(buf, size, "%s:%" PRIu64,
			       cli_show(cli_config_path()), g->line);
	return buf;
}

static const char *value_of(const struct cli_given *g)
{
	return g->option->arg ? cli_show(g->value) : "true";
}

static void put_json(struct force *f, const struct cli_option *o,
		     const struct cli_given *g)
{
	static const char *const froms[] = { "flag", "environment", "file" };
	char buf[600];

	(void)printf("%s\n  {\"name\": ", f->more ? "," : "");
	f->more = true;
	quoted(o->name);
	if (!g) {
		(void)printf(", \"from\": \"default\"}");
		return;
	}
	(void)printf(", \"value\": ");
	quoted(value_of(g));
	(void)printf(", \"from\": \"%s\", \"where\": ", froms[g->from]);
	quoted(origin(g, buf, sizeof(buf)));
	(void)printf("}");
}

static void put_text(const struct cli_option *o, const struct cli_given *g,
		     bool list)
{
	char buf[600];

	if (list)
		(void)printf("  - ");
	else
		(void)printf("%s: ", o->name);
	if (o->arg)
		quoted(value_of(g));
	else
		(void)printf("%s", g->off ? "false" : "true");
	(void)printf("  # %s\n", origin(g, buf, sizeof(buf)));
}

static void show_option(struct force *f, const struct cli_option *o)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].option == o;
	if (n == 0 && f->json)
		put_json(f, o, NULL);
	else if (n == 0)
		(void)printf("# %s: default; %s\n", o->name, o->help);
	if (n > 1 && !f->json)
		(void)printf("%s:\n", o->name);
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].option != o)
			continue;
		if (f->json)
			put_json(f, o, &f->v[i]);
		else
			put_text(o, &f->v[i], n > 1);
	}
}

static void show(struct force *f)
{
	const struct cli_option *o = f->cmd->options();

	if (f->json)
		(void)printf("[");
	else
		(void)printf("# picket %s; configuration file: %s\n",
			     f->cmd->name,
			     cli_config_path() ? cli_show(cli_config_path())
					       : "none");
	for (; o->name; o++)
		show_option(f, o);
	if (f->json)
		(void)printf("\n]\n");
}

/* ---- the command ---- */

static const struct cli_command *command_named(const char *name)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	}
	cli_complain("no command is called '%s'", cli_show(name));
	return NULL;
}

/* The options of scan are tried, as scan would. */
static int parse_for(struct force *f, int argc, char **argv)
{
	struct scan_settings s;
	int n = CLI_PARSE_BAD;

	if (strcmp(f->cmd->name, "scan") != 0)
		return cli_parse_told(f->cmd, NULL, argc, argv, keep, f);
	if (scan_settings_init(&s))
		n = cli_parse_told(f->cmd, &s, argc, argv, keep, f);
	scan_settings_release(&s);
	return n;
}

/* How many words are options of this command, before the other's name. */
static int own_words(int argc, char **argv)
{
	int n = 0;

	while (n < argc && argv[n][0] == '-')
		n += strcmp(argv[n], "--config") == 0 ? 2 : 1;
	return n < argc ? n : argc;
}

static int show_config(int argc, char **argv)
{
	static struct force f;
	struct settings s = { 0 };
	const int own = own_words(argc, argv);
	int n = cli_parse(&cli_command_config, &s, own, argv);

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	f.json = s.json;
	f.cmd = command_named(own < argc ? argv[own] : "scan");
	if (!f.cmd)
		return CLI_USAGE;
	n = parse_for(&f, argc - own - (own < argc), argv + own + (own < argc));
	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	show(&f);
	return CLI_OK;
}

const struct cli_command cli_command_config = {
	.name = "config",
	.args = "[--json] [COMMAND [options]]",
	.what = "Shows what is in force, and where each value came from.",
	.more = "For COMMAND (default: scan) with its options. An option outranks the\n"
		"environment (PICKET_MAX_MEMORY for --max-memory), that the configuration\n"
		"file. The file is the one of --config or PICKET_CONFIG, or else\n"
		"$XDG_CONFIG_HOME/picket/config.yaml: names of options without the dashes,\n"
		"each with its value, true, false, or a list where it may be repeated; they\n"
		"hold for every command that has the option. What is shown can be used as\n"
		"such a file. Nothing is read from what is scanned.\n",
	.run = show_config,
	.options = get_options,
};
