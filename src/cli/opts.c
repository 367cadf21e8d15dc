/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config_file.h"

const struct cli_option cli_common_options[] = {
	{ 0, "config", "FILE", "settings from this file; see 'picket config'",
	  "Everywhere", NULL },
	{ 0, "help", NULL, "show this", NULL, NULL },
	{ 0 },
};

/* For cli_nearest(), which takes a function without a context. */
static const struct cli_option *table;

static const char *nth_option(size_t n)
{
	return table[n].name;
}

static const struct cli_option *by_name(const struct cli_option *o,
					const char *name, size_t n)
{
	for (; o->name; o++) {
		if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
			return o;
	}
	return NULL;
}

static const struct cli_option *by_letter(const struct cli_option *o, char ch)
{
	for (; o->name; o++) {
		if (o->letter == ch)
			return o;
	}
	return NULL;
}

static bool unknown_option(const struct cli_option *o, const char *name)
{
	const char *near;
	char *word = strndup(name, strcspn(name, "="));

	table = o;
	near = word ? cli_nearest(word, nth_option) : NULL;
	if (near)
		cli_complain("unknown option --%s; did you mean --%s?",
			     cli_show(word), near);
	else
		cli_complain("unknown option --%s; see --help",
			     word ? cli_show(word) : "");
	free(word);
	return false;
}

enum { OPTIONS_MAX = 128 };

struct parse {
	const struct cli_command *cmd;
	const struct cli_option *options;
	void *settings;
	char **argv;
	int argc;
	int at;
	int kept;
	bool help;
	bool dry; /* only which options there are */
	const char *config;
	bool given[OPTIONS_MAX]; /* by one that outranks the next */
	void (*tell)(void *ctx, const struct cli_given *g);
	void *ctx;
};

static bool needs_value(const struct cli_option *o)
{
	if (o->letter)
		cli_complain("-%c, --%s needs a value: --%s %s", o->letter,
			     o->name, o->name, o->arg);
	else
		cli_complain("--%s needs a value: --%s %s", o->name, o->name,
			     o->arg);
	return false;
}

static bool take(struct parse *p, const struct cli_given *g)
{
	if (p->tell)
		p->tell(p->ctx, g);
	return !p->settings || g->off ||
	       g->option->set(p->settings, g->option, g->value);
}

static bool *given(struct parse *p, const struct cli_option *o)
{
	const ptrdiff_t at = o - p->options;

	return &p->given[at < OPTIONS_MAX ? at : OPTIONS_MAX - 1];
}

static bool apply(struct parse *p, const struct cli_option *o,
		  const char *value)
{
	if (o->arg && !value) {
		if (p->at >= p->argc)
			return needs_value(o);
		value = p->argv[p->at++];
	}
	if (!o->set) {
		p->config = value;
		return true;
	}
	*given(p, o) = true;
	return p->dry || take(p, &(struct cli_given){ .option = o,
						      .value = value,
						      .from = CLI_FROM_FLAG });
}

static bool parse_long(struct parse *p, const char *name)
{
	const size_t n = strcspn(name, "=");
	const struct cli_option *o = by_name(p->options, name, n);

	if (n == 4 && strncmp(name, "help", n) == 0) {
		p->help = true;
		return true;
	}
	if (!o)
		o = by_name(cli_common_options, name, n);
	if (!o)
		return unknown_option(p->options, name);
	if (!o->arg && name[n]) {
		cli_complain("--%s takes no value", o->name);
		return false;
	}
	return apply(p, o, name[n] ? name + n + 1 : NULL);
}

/* "-qv", "-fjson", "-f json" */
static bool parse_letters(struct parse *p, const char *letters)
{
	for (; *letters; letters++) {
		const struct cli_option *o = by_letter(p->options, *letters);

		if (*letters == 'h' && !o) {
			p->help = true;
			continue;
		}
		if (!o) {
			cli_complain("unknown option -%s; see --help",
				     cli_show(letters));
			return false;
		}
		if (o->arg)
			return apply(p, o, letters[1] ? letters + 1 : NULL);
		if (!apply(p, o, NULL))
			return false;
	}
	return true;
}

static void keep(struct parse *p, char *arg)
{
	if (!p->dry)
		p->argv[p->kept++] = arg;
}

static bool parse_args(struct parse *p)
{
	bool options = true;

	while (p->at < p->argc) {
		char *arg = p->argv[p->at++];

		if (!options || arg[0] != '-' || !arg[1])
			keep(p, arg);
		else if (strcmp(arg, "--") == 0)
			options = false;
		else if (!(arg[1] == '-' ? parse_long(p, arg + 2)
					 : parse_letters(p, arg + 1)))
			return false;
	}
	return true;
}

const char *cli_environment_name(const struct cli_option *o, char *buf,
				 size_t size)
{
	const int n = snprintf(buf, size, "PICKET_%s", o->name);

	if (n < 0 || (size_t)n >= size)
		return "";
	for (char *ch = buf; *ch; ch++) {
		if (*ch == '-')
			*ch = '_';
		else if (*ch >= 'a' && *ch <= 'z')
			*ch = (char)(*ch - 32);
	}
	return buf;
}

/* As the value of a switch; false when it is neither. */
static bool truth(const char *text, bool *ret)
{
	static const char *const words[] = { "false", "true", "no", "yes",
					     "off",   "on",   "0",  "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], text) == 0) {
			*ret = i % 2;
			return true;
		}
	}
	return false;
}

/* An option as somebody else than the arguments has it; where: told first
 * when it is wrong. */
static bool take_from(struct parse *p, struct cli_given g, const char *where)
{
	bool on = true, ok = true;

	cli_complain_about(where);
	if (!g.option->arg && !truth(g.value, &on) && g.from == CLI_FROM_FILE) {
		cli_complain("%s is true or false, not '%s'", g.option->name,
			     cli_show(g.value));
		ok = false;
	}
	if (!g.option->arg)
		g.value = NULL;
	g.off = !on;
	ok = ok && take(p, &g);
	cli_complain_about(NULL);
	return ok;
}

static bool parse_environment(struct parse *p)
{
	char name[64];

	for (const struct cli_option *o = p->options; o->name; o++) {
		const char *value =
			getenv(cli_environment_name(o, name, sizeof(name)));
		const struct cli_given g = { .option = o,
					     .value = value,
					     .from = CLI_FROM_ENVIRONMENT };

		if (!value || !*value || *given(p, o))
			continue;
		*given(p, o) = true;
		if (!take_from(p, g, name))
			return false;
	}
	return true;
}

static bool parse_setting(struct parse *p, const struct cli_setting *s)
{
	const struct cli_option *o =
		by_name(p->options, s->name, strlen(s->name));
	char where[600];

	if (!o || *given(p, o))
		return true;
	(void)snprintf(where, sizeof(where), "%s:%" PRIu64,
		       cli_show(cli_config_path()), s->line);
	return take_from(p,
			 (struct cli_given){ .option = o,
					     .value = s->value,
					     .from = CLI_FROM_FILE,
					     .line = s->line },
			 where);
}

/* Commands without options have nothing that a file could set. */
static bool parse_config(struct parse *p)
{
	const char *named = p->config ? p->config : getenv("PICKET_CONFIG");
	const struct cli_setting *s;

	if (!p->options->name)
		return true;
	if (!cli_config_load(named && *named ? named : NULL))
		return false;
	for (size_t i = 0; (s = cli_config_at(i)) != NULL; i++) {
		if (!parse_setting(p, s))
			return false;
	}
	return true;
}

/* Once dry, to learn what the arguments have; then from the lowest rank up. */
static bool parse_all(struct parse *p)
{
	struct parse dry = *p;

	dry.dry = true;
	if (!parse_args(&dry))
		return false;
	memcpy(p->given, dry.given, sizeof(p->given));
	p->config = dry.config;
	if (!dry.help && (!parse_environment(p) || !parse_config(p)))
		return false;
	return parse_args(p);
}

int cli_parse_told(const struct cli_command *cmd, void *settings, int argc,
		   char **argv,
		   void (*tell)(void *ctx, const struct cli_given *g),
		   void *ctx)
{
	struct parse p = { .cmd = cmd,
			   .options = cmd->options(),
			   .settings = settings,
			   .argv = argv,
			   .argc = argc,
			   .tell = tell,
			   .ctx = ctx };

	if (!parse_all(&p))
		return CLI_PARSE_BAD;
	if (!p.help)
		return p.kept;
	cli_help(cmd);
	return CLI_PARSE_HELP;
}

int cli_parse(const struct cli_command *cmd, void *settings, int argc,
	      char **argv)
{
	return cli_parse_told(cmd, settings, argc, argv, NULL, NULL);
}

static void help_option(const struct cli_option *o)
{
	enum { COLUMN = 32 };
	char left[128];
	int n = snprintf(left, sizeof(left), "  %c%c%c --%s%s%s",
			 o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
			 o->letter ? ',' : ' ', o->name, o->arg ? " " : "",
			 o->arg ? o->arg : "");

	if (o->group)
		(void)printf("\n%s:\n", o->group);
	if (n >= COLUMN)
		(void)printf("%s\n%*s%s\n", left, COLUMN, "", o->help);
	else
		(void)printf("%-*s%s\n", COLUMN, left, o->help);
}

void cli_help(const struct cli_command *cmd)
{
	(void)printf("usage: picket %s%s%s\n\n%s\n", cmd->name,
		     *cmd->args ? " " : "", cmd->args, cmd->what);
	for (const struct cli_option *o = cmd->options(); o->name; o++)
		help_option(o);
	for (const struct cli_option *o = cli_common_options; o->name; o++)
		help_option(o);
	if (cmd->more)
		(void)printf("\n%s", cmd->more);
}

bool cli_number(const char *option, const char *text, uint64_t min,
		uint64_t *ret)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || v < min) {
		cli_complain("--%s needs a whole number of at least %llu, "
			     "not '%s'",
			     option, (unsigned long long)min, cli_show(text));
		return false;
	}
	*ret = v;
	return true;
}

/* The power of 1024 behind a number, or -1. */
static int unit_of(const char *s)
{
	static const char units[] = "KMGT";
	const char *at;

	if (!*s)
		return 0;
	at = strchr(units, *s >= 'a' && *s <= 'z' ? *s - 32 : *s);
	if (!at)
		return strcmp(s, "B") == 0 ? 0 : -1;
	if (s[1] && strcmp(s + 1, "B") != 0 && strcmp(s + 1, "iB") != 0)
		return -1;
	return (int)(at - units) + 1;
}

bool cli_size(const char *option, const char *text, uint64_t *ret)
{
	char *end;
	unsigned long long v;
	int unit;

	errno = 0;
	v = strtoull(text, &end, 10);
	unit = unit_of(end);
	if (*text < '0' || *text > '9' || errno || unit < 0 || v == 0 ||
	    v > (uint64_t)INT64_MAX >> (10 * unit)) {
		cli_complain("--%s needs a size such as 512M or 4G, not '%s'",
			     option, cli_show(text));
		return false;
	}
	*ret = v << (10 * unit);
	return true;
}

bool cli_bad_choice(const char *option, const char *value,
		    const char *(*nth)(size_t n))
{
	const char *near = cli_nearest(value, nth), *name;
	char list[256] = "";

	for (size_t i = 0; (name = nth(i)) != NULL; i++) {
		const size_t have = strlen(list);

		(void)snprintf(list + have, sizeof(list) - have, "%s%s",
			       i ? ", " : "", name);
	}
	if (near)
		cli_complain("--%s has no '%s'; did you mean '%s'? (%s)",
			     option, cli_show(value), near, list);
	else
		cli_complain("--%s has no '%s', but %s", option,
			     cli_show(value), list);
	return false;
}

const char *cli_nth_color(size_t n)
{
	static const char *const modes[] = { "auto", "always", "never", NULL };

	return modes[n];
}

bool cli_check_color(const char *option, const char *value)
{
	for (size_t i = 0; cli_nth_color(i); i++) {
		if (strcmp(cli_nth_color(i), value) == 0)
			return true;
	}
	return cli_bad_choice(option, value, cli_nth_color);
}
