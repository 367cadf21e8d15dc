/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listing.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/sandbox.h"
#include "cli/spool.h"

struct listing {
	struct picket_listing_style style;
	const char *color;
	struct picket_options *options;
	enum picket_listing what;
	char *path;
	char *member;
	int fd;
	struct cli_output out;
	bool left; /* whoever read has gone */
};

CLI_TEXT(struct listing, member, style.member)
CLI_SWITCH(struct listing, json, style.json)

static bool set_color(void *settings, const struct cli_option *o,
		      const char *value)
{
	((struct listing *)settings)->color = value;
	return cli_check_color(o->name, value);
}

const struct cli_option *cli_listing_options(void)
{
	static const struct cli_option options[] = {
		{ 0, "member", "NAME",
		  "only the pickles of this member, such as data.pkl",
		  "Options", set_member },
		{ 0, "json", NULL, "as one JSON document", NULL, set_json },
		{ 0, "color", "WHEN", "auto, always, never", NULL, set_color },
		{ 0 },
	};

	return options;
}

static bool complain(const char *path, const char *why)
{
	cli_complain("%s: %s", cli_show(path), why);
	return false;
}

static int conclude(const struct listing *l, const struct picket_listed *seen)
{
	if (seen->pickles)
		return seen->complete ? CLI_OK : CLI_INCOMPLETE;
	if (l->style.member && seen->others)
		cli_complain("%s: no pickle in a member '%s', but in %u "
			     "others; without --member all are shown",
			     cli_show(l->path), cli_show(l->style.member),
			     seen->others);
	else
		(void)complain(l->path, "holds no pickle");
	return CLI_USAGE;
}

static int put(void *ctx, const void *bytes, size_t n)
{
	struct listing *l = ctx;

	if (cli_output_write(&l->out, bytes, n) == 0)
		return 0;
	l->left = errno == EPIPE;
	return -1;
}

static int list(void *ctx)
{
	struct listing *l = ctx;
	const struct picket_sink to = { put, l };
	struct picket_listed seen;
	enum picket_status s;

	(void)cli_output_open(&l->out, NULL);
	s = picket_list_pickles(l->options, l->fd, l->path, l->what, &l->style,
				&to, &seen);
	cli_output_flush(&l->out);
	if (l->out.failed) /* which said so itself */
		return l->left || errno == EPIPE ? CLI_OK : CLI_USAGE;
	if (s == PICKET_OK)
		return conclude(l, &seen);
	(void)complain(l->path, picket_strerror(s));
	return CLI_USAGE;
}

static int run(struct listing *l)
{
	struct sandbox walls = { .role = SANDBOX_COMMAND };
	int status;

	l->fd = cli_open(l->path, picket_options_limit(l->options, "input"));
	if (l->fd < 0)
		return CLI_USAGE;
	l->style.color = !l->style.json && cli_colors(l->color, STDOUT_FILENO);
	picket_prepare();
	walls.memory =
		picket_options_limit(l->options, "memory") * 2 + (256ULL << 20);
	status = sandbox_run(&walls, list, l);
	(void)close(l->fd);
	return status;
}

static bool keep_member(struct listing *l)
{
	if (l->style.member)
		l->style.member = l->member = strdup(l->style.member);
	return !l->style.member == !l->member;
}

int cli_listing_run(const struct cli_command *cmd, enum picket_listing what,
		    int argc, char **argv)
{
	static struct listing l;
	int status = CLI_USAGE, n;

	l = (struct listing){ .color = "auto", .what = what, .fd = -1 };
	n = cli_parse(cmd, &l, argc, argv);
	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n != 1) {
		cli_complain("%s needs one FILE%s", cmd->name,
			     n ? ", not several" : "");
		return CLI_USAGE;
	}
	l.path = strdup(argv[0]);       /* the walls wipe the arguments */
	(void)signal(SIGPIPE, SIG_IGN); /* who reads no further wants no more */
	l.options = picket_options_new();
	if (l.options && l.path && keep_member(&l))
		status = run(&l);
	else
		cli_complain("out of memory");
	picket_options_free(l.options);
	free(l.path);
	free(l.member);
	return status;
}
