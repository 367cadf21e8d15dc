/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/opts.h"
#include "cli/output.h"
#include "cli/sandbox.h"
#include "cli/spool.h"
#include "picket/picket.h"

extern const struct cli_command cli_command_diff;

struct diff {
	bool json;
	struct picket_options *options;
	struct picket_open_file old, new;
	char *paths[2]; /* the walls wipe the arguments */
};

CLI_SWITCH(struct diff, json, json)

static const struct cli_option options[] = {
	{ 0, "json", NULL, "as one JSON document", "Options", set_json },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

/* Worse than before, and nothing to let pass. */
static int conclude(const struct picket_difference *d)
{
	if (d->new_verdict > d->old_verdict &&
	    d->new_verdict >= PICKET_SUSPICIOUS)
		return CLI_BLOCKED;
	return d->complete ? CLI_OK : CLI_INCOMPLETE;
}

static int compare(void *ctx)
{
	static struct cli_output out;
	const struct picket_sink to = { cli_output_write, &out };
	struct diff *d = ctx;
	struct picket_difference found;
	enum picket_status s;

	(void)cli_output_open(&out, NULL);
	s = picket_diff(d->options, &d->old, &d->new, d->json, &to, &found);
	cli_output_flush(&out);
	if (out.failed)
		return errno == EPIPE ? CLI_OK : CLI_USAGE;
	if (s == PICKET_OK)
		return conclude(&found);
	cli_complain("%s, %s: %s", cli_show(d->old.path), cli_show(d->new.path),
		     picket_strerror(s));
	return CLI_USAGE;
}

static bool open_one(struct diff *d, size_t i, const char *path,
		     struct picket_open_file *f)
{
	f->fd = cli_open(path, picket_options_limit(d->options, "input"));
	f->path = d->paths[i] = strdup(path);
	return f->fd >= 0 && f->path;
}

static int run(struct diff *d, char **argv)
{
	struct sandbox walls = { .role = SANDBOX_COMMAND };

	if (!open_one(d, 0, argv[0], &d->old) ||
	    !open_one(d, 1, argv[1], &d->new))
		return CLI_USAGE;
	picket_prepare();
	walls.memory =
		picket_options_limit(d->options, "memory") * 6 + (256ULL << 20);
	return sandbox_run(&walls, compare, d);
}

static int diff(int argc, char **argv)
{
	struct diff d = { .old.fd = -1, .new.fd = -1 };
	const int n = cli_parse(&cli_command_diff, &d, argc, argv);
	int status = CLI_USAGE;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n != 2) {
		cli_complain("diff needs two files: OLD NEW");
		return CLI_USAGE;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	d.options = picket_options_new();
	if (d.options)
		status = run(&d, argv);
	if (d.old.fd >= 0)
		(void)close(d.old.fd);
	if (d.new.fd >= 0)
		(void)close(d.new.fd);
	free(d.paths[0]);
	free(d.paths[1]);
	picket_options_free(d.options);
	return status;
}

const struct cli_command cli_command_diff = {
	.name = "diff",
	.args = "[--json] OLD NEW",
	.what = "Shows what changed between two models for security.",
	.more = "Imports gained and lost; tensors added, removed and changed (by the digest of\n"
		"their bytes); templates, remote code, metadata; findings; the verdict.\n"
		"The exit status is 1 when NEW is blocked and OLD had a better verdict, 3 when\n"
		"not everything could be read.\n",
	.run = diff,
	.options = get_options,
};
