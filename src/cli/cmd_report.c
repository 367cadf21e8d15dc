/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/merge.h"
#include "cli/output.h"
#include "cli/read_file.h"
#include "cli/scan_opts.h"

extern const struct cli_command cli_command_report;

enum { REPORT_MAX = 1 << 30 };

struct settings {
	const char *format;
	const char *output; /* NULL: standard output */
	const char *plan;   /* NULL: reports are named */
	const char *color;
	bool quiet;
	bool verbose;
	bool no_timestamps;
};

#define SETTER(name, value_of)                                             \
	static bool set_##name(void *settings, const struct cli_option *o, \
			       const char *value)                          \
	{                                                                  \
		(void)o;                                                   \
		(void)value;                                               \
		((struct settings *)settings)->name = value_of;            \
		return true;                                               \
	}
SETTER(output, value)
SETTER(plan, value)
SETTER(quiet, true)
SETTER(verbose, true)
SETTER(no_timestamps, true)
#undef SETTER

static bool set_format(void *settings, const struct cli_option *o,
		       const char *value)
{
	const char *name;

	((struct settings *)settings)->format = value;
	for (size_t i = 0; (name = scan_nth_format(i)) != NULL; i++) {
		if (strcmp(name, value) == 0)
			return true;
	}
	return cli_bad_choice(o->name, value, scan_nth_format);
}

static bool set_color(void *settings, const struct cli_option *o,
		      const char *value)
{
	((struct settings *)settings)->color = value;
	return cli_check_color(o->name, value);
}

static const struct cli_option *get_options(void)
{
	static struct cli_option options[] = {
		{ 'f', "format", "NAME", NULL, "Report", set_format },
		{ 'o', "output", "FILE", "to a file instead of standard output",
		  NULL, set_output },
		{ 'q', "quiet", NULL,
		  "one line for each file that does not pass", NULL,
		  set_quiet },
		{ 'v', "verbose", NULL, "every file and everything found", NULL,
		  set_verbose },
		{ 0, "color", "WHEN", "auto (default), always or never", NULL,
		  set_color },
		{ 0, "no-timestamps", NULL, "the same bytes for the same input",
		  NULL, set_no_timestamps },
		{ 0, "plan", "PLAN",
		  "FILE is the folder with the results of this plan", "Batches",
		  set_plan },
		{ 0 },
	};

	options[0].help = scan_format_help();
	return options;
}

static bool take_in(struct picket_stored *stored, const char *path)
{
	struct picket_refusal why;
	struct cli_bytes bytes;
	enum picket_status s;

	if (!cli_read_file(path, REPORT_MAX, &bytes))
		return false;
	s = picket_stored_add(stored, bytes.p, bytes.n, &why);
	free(bytes.p);
	if (s == PICKET_ERR_DATA)
		cli_complain("%s: not a report of picket: %s", cli_show(path),
			     why.text);
	else if (s != PICKET_OK)
		cli_complain("out of memory");
	return s == PICKET_OK;
}

/* m: NULL, or the batch whose files are added. */
static bool write_report(struct picket_stored *stored, struct cli_merge *m,
			 const struct settings *s)
{
	static struct cli_output output;
	const struct picket_sink sink = { cli_output_write, &output };
	const bool color = !s->output && cli_colors(s->color, STDOUT_FILENO);
	const bool tty = !s->output && isatty(STDOUT_FILENO);
	struct picket_report *r = NULL;
	bool ok =
		cli_output_open(&output, s->output) &&
		picket_stored_report(stored, s->format, &sink, &r) == PICKET_OK;

	if (ok) {
		picket_report_set(r, PICKET_STYLE_COLOR, color);
		picket_report_set(r, PICKET_STYLE_VERBOSE, s->verbose);
		picket_report_set(r, PICKET_STYLE_QUIET, s->quiet);
		picket_report_set(r, PICKET_STYLE_TIMESTAMPS,
				  !s->no_timestamps);
		picket_report_set(r, PICKET_STYLE_WIDTH,
				  tty ? cli_columns(STDOUT_FILENO) : 100);
		ok = (m ? cli_merge_write(m, r)
			: picket_stored_write(stored, r) == PICKET_OK) &&
		     cli_output_commit(&output);
	}
	picket_report_free(r);
	cli_output_close(&output);
	return ok;
}

/* Of one report it is known that it is a part. */
static int tell_missing(struct picket_stored *stored, int reports)
{
	struct picket_missing m;

	if (reports < 2 || !picket_stored_missing(stored, &m))
		return CLI_OK;
	cli_complain("of %" PRIu64 " %s there is no report on %s", m.of, m.what,
		     m.parts);
	return CLI_INCOMPLETE;
}

static int report_batch(const struct settings *s, int n, char **paths)
{
	struct cli_merge m;
	int status;

	if (n != 1) {
		cli_complain("--plan needs one folder, the one with its "
			     "results");
		return CLI_USAGE;
	}
	status = cli_merge_open(&m, s->plan, paths[0]);
	if (status == CLI_OK && !write_report(m.common, &m, s))
		status = CLI_USAGE;
	cli_merge_close(&m);
	return status;
}

static int report_files(const struct settings *s, int n, char **paths)
{
	struct picket_stored *stored = picket_stored_new();
	bool ok = stored != NULL;
	int status;

	for (int i = 0; i < n && ok; i++)
		ok = take_in(stored, paths[i]);
	ok = ok && write_report(stored, NULL, s);
	status = ok ? tell_missing(stored, n) : CLI_USAGE;
	picket_stored_free(stored);
	return status;
}

static int report(int argc, char **argv)
{
	struct settings s = { .format = "text", .color = "auto" };
	const int n = cli_parse(&cli_command_report, &s, argc, argv);

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (s.plan)
		return report_batch(&s, n, argv);
	if (n > 0)
		return report_files(&s, n, argv);
	cli_complain("report needs a FILE: picket report scan.json");
	return CLI_USAGE;
}

const struct cli_command cli_command_report = {
	.name = "report",
	.args = "[options] FILE|-...",
	.what = "Writes stored JSON or NDJSON reports in another form.",
	.more = "Several reports are merged and sorted by path; a file that stands in more than\n"
		"one is told once, at its worst.  Verdicts are those of the scan: nothing is\n"
		"scanned, and no policy is asked.  The exit status is 0 when the report was\n"
		"written, whatever it says, 3 when the reports are shards and not all of them,\n"
		"and 2 when it was not written.\n"
		"\n"
		"With --plan every unit must be there, and each file of the plan once; if not,\n"
		"the status is 3 and standard output has the units that are missing.\n",
	.run = report,
	.options = get_options,
};
