/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "cli/analyse.h"
#include "cli/opts.h"
#include "cli/output.h"
#include "cli/spool.h"

extern const struct cli_command cli_command_inspect;

struct settings {
	struct picket_inspect_style style;
	const char *color;
};

CLI_SWITCH(struct settings, json, style.json)
CLI_SWITCH(struct settings, all, style.all)

static bool set_color(void *settings, const struct cli_option *o,
		      const char *value)
{
	((struct settings *)settings)->color = value;
	return cli_check_color(o->name, value);
}

static const struct cli_option options[] = {
	{ 'a', "all", NULL, "do not fold long lists", "Options", set_all },
	{ 0, "json", NULL, "as one JSON document, complete", NULL, set_json },
	{ 0, "color", "WHEN", "auto, always, never", NULL, set_color },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static int show(const struct settings *s, const struct picket_file *f)
{
	struct cli_output out;
	const struct picket_sink to = { cli_output_write, &out };
	struct picket_inspect_style style = s->style;

	style.color = !style.json && cli_colors(s->color, STDOUT_FILENO);
	style.width = isatty(STDOUT_FILENO) ? cli_columns(STDOUT_FILENO) : 0;
	if (!cli_output_open(&out, NULL) ||
	    picket_inspect(f, &style, &to) != PICKET_OK)
		return CLI_USAGE;
	cli_output_flush(&out);
	if (out.failed)
		return CLI_USAGE;
	return picket_file_complete(f) && picket_file_contents_complete(f)
		       ? CLI_OK
		       : CLI_INCOMPLETE;
}

static int inspect_file(const struct settings *s, struct picket_options *o,
			const char *path)
{
	struct cli_input in = { .path = path };
	struct picket_file *f;
	int status;

	in.fd = cli_open(path, picket_options_limit(o, "input"));
	if (in.fd < 0)
		return CLI_USAGE;
	picket_options_set_contents(o, true);
	if (!cli_analyse(o, &in, 1, &f))
		return CLI_USAGE;
	status = show(s, f);
	picket_file_free(f);
	return status;
}

static int inspect(int argc, char **argv)
{
	struct settings s = { .color = "auto" };
	const int n = cli_parse(&cli_command_inspect, &s, argc, argv);
	struct picket_options *o;
	int status = CLI_USAGE;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n != 1) {
		cli_complain("inspect needs one FILE%s",
			     n ? ", not several" : "");
		return CLI_USAGE;
	}
	o = picket_options_new();
	if (o)
		status = inspect_file(&s, o, argv[0]);
	else
		cli_complain("out of memory");
	picket_options_free(o);
	return status;
}

const struct cli_command cli_command_inspect = {
	.name = "inspect",
	.args = "[--json] [--all] FILE|-",
	.what = "Shows what is in a file: format, properties, members, tensors, imports.",
	.more = "Nothing of the file is run. Long lists are folded on the page, never in JSON.\n"
		"The exit status is 3 when not everything could be read.\n",
	.run = inspect,
	.options = get_options,
};
