/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/policy_file.h"
#include "cli/pool.h"
#include "cli/progress.h"
#include "cli/scan_common.h"
#include "cli/scan_opts.h"
#include "cli/scan_run.h"
#include "cli/spool.h"
#include "cli/stop.h"

extern const struct cli_command cli_command_scan;

struct sheet {
	struct picket_report *report;
	struct cli_output output;
};

struct run {
	struct scan_settings settings;
	struct picket_policy *policy;
	struct picket_summary *summary;
	struct sheet *sheets;
	size_t sheet_count;
	struct cli_pool *pool;
	struct scan_remote remote;
	const struct scan_extra *extra; /* or NULL */
	struct seal seal;
	struct cli_progress progress;
	char **roots; /* paths of the command line */
	int root_count;
	bool text_on_stdout;
	bool used_stdin;
	bool failed; /* of ourselves: there is no whole report */
	uint64_t started_at;
};

static bool fail(struct run *r, const char *what)
{
	r->failed = true;
	cli_complain("%s", what);
	return false;
}

static void on_done(void *ctx, struct picket_file *f)
{
	struct run *r = ctx;
	const struct scan_extra *x = r->remote.extra;
	const char *path = picket_file_path(f);
	struct scan_told told = { 0 };

	if (picket_is_uri(path))
		r->failed |= !scan_remote_done(&r->remote, f, &told);
	else if (picket_file_look_beside(
			 f, cli_root_of(path, r->roots,
					(size_t)r->root_count)) != PICKET_OK)
		r->failed = true;
	picket_policy_apply(r->policy, f);
	if (x && told.remote)
		x->judged(x->ctx, told.remote, told.i, f, &told.fetched);
	picket_summary_add(r->summary, f);
	for (size_t i = 0; i < r->sheet_count; i++) {
		if (picket_report_add(r->sheets[i].report, f) != PICKET_OK)
			r->failed = true;
	}
	seal_add(&r->seal, f);
	cli_progress_draw(&r->progress, r->summary, picket_file_path(f));
	picket_file_free(f);
}

static void on_idle(void *ctx)
{
	struct run *r = ctx;

	for (size_t i = 0; i < r->sheet_count; i++) {
		struct cli_output *o = &r->sheets[i].output;

		if (o->direct && o->len) {
			cli_progress_wipe(&r->progress);
			cli_output_flush(o);
		}
	}
}

/* A path without a verdict: in the report, and on standard error. */
static void no_verdict(struct run *r, const char *path, const char *why)
{
	if (picket_summary_add_error(r->summary, path, why) != PICKET_OK)
		r->failed = true;
	cli_progress_wipe(&r->progress);
	if (!r->text_on_stdout || !isatty(STDOUT_FILENO))
		cli_complain("%s: %s", cli_show(path), why);
}

static bool take_entry(struct run *r, struct picket_entry *e)
{
	if (e->kind == PICKET_ENTRY_FILE)
		return cli_pool_scan(r->pool, e->fd, e->path, e->size);
	if (e->kind == PICKET_ENTRY_RESULT)
		return cli_pool_put(r->pool, e->file);
	no_verdict(r, e->path, e->text);
	return true;
}

static bool scan_tree(struct run *r, const char *path)
{
	struct picket_walk *w =
		picket_walk_new(r->settings.options, path, r->settings.filter);
	struct picket_entry e = { 0 };
	bool ok = w != NULL;

	while (ok && !cli_caught) {
		ok = picket_walk_next(w, &e) == PICKET_OK;
		if (!ok)
			break;
		picket_summary_add_excluded(r->summary, e.excluded);
		if (e.kind == PICKET_ENTRY_END)
			break;
		ok = take_entry(r, &e);
	}
	picket_walk_free(w);
	return ok || fail(r, "out of memory or processes");
}

static bool scan_stdin(struct run *r)
{
	int fd;

	if (r->used_stdin)
		return fail(r, "standard input can be read only once");
	if (r->settings.shards)
		return fail(r, "standard input has no parts: --shard needs "
			       "paths");
	r->used_stdin = true;
	if (!cli_pool_finish(r->pool)) /* what is ready need not wait */
		return false;
	on_idle(r);
	fd = cli_spool(picket_options_limit(r->settings.options, "input"));
	if (fd < 0)
		return picket_summary_add_error(r->summary, "-",
						"could not be taken in") ==
		       PICKET_OK;
	return cli_pool_scan(r->pool, fd, "-",
			     (uint64_t)lseek(fd, 0, SEEK_END)) ||
	       fail(r, "out of memory or processes");
}

static bool scan_uri(struct run *r, const char *uri)
{
	const char *why = scan_remote(&r->remote, uri);
	const size_t n = strlen(uri);

	if (why && strncmp(why, uri, n) == 0 && why[n] == ':')
		why += n + 2; /* it is named anyway */
	if (why && !cli_caught)
		no_verdict(r, uri, why);
	return !cli_caught;
}

static bool scan_path(struct run *r, const char *path)
{
	if (picket_is_uri(path))
		return scan_uri(r, path);
	if (strcmp(path, "-") == 0)
		return scan_stdin(r);
	return scan_tree(r, path);
}

static bool scan_list(struct run *r, const char *list)
{
	const bool is_stdin = strcmp(list, "-") == 0;
	char **paths = NULL;
	size_t n = 0;
	bool ok = true;

	if (is_stdin && r->used_stdin)
		return fail(r, "standard input can be read only once");
	r->used_stdin |= is_stdin;
	paths = cli_read_paths(list, &n);
	if (!paths) {
		r->failed = true;
		return false;
	}
	for (size_t i = 0; i < n && ok && !cli_caught; i++)
		ok = scan_path(r, paths[i]);
	free(paths);
	return ok;
}

static bool scan_all(struct run *r, int n, char **paths)
{
	bool ok = true;

	for (int i = 0; i < n && ok && !cli_caught; i++)
		ok = scan_path(r, paths[i]);
	for (size_t i = 0; i < r->settings.list_count && ok && !cli_caught; i++)
		ok = scan_list(r, r->settings.lists[i]);
	return ok && !cli_caught && cli_pool_finish(r->pool);
}

/* "report.json" is meant as JSON, unless -f says something else. */
static const char *format_of_name(const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *name;

	for (size_t i = 0; dot && (name = scan_nth_format(i)) != NULL; i++) {
		if (strcmp(dot + 1, name) == 0)
			return name;
	}
	return "text";
}

static bool add_sheet(struct run *r, const char *format, const char *path)
{
	const struct scan_settings *s = &r->settings;
	struct sheet *sheet = &r->sheets[r->sheet_count];
	const struct picket_sink sink = { cli_output_write, &sheet->output };
	const bool color = !path && cli_colors(s->color, STDOUT_FILENO);

	r->sheet_count++; /* to be closed, whatever comes of it */
	if (!cli_output_open(&sheet->output, path))
		return false;
	if (picket_report_new(format, r->policy, &sink, &sheet->report) !=
	    PICKET_OK)
		return false;
	if (s->shards && picket_report_shard(sheet->report, s->shard,
					     s->shards) != PICKET_OK)
		return false;
	picket_report_set(sheet->report, PICKET_STYLE_COLOR, color);
	picket_report_set(sheet->report, PICKET_STYLE_VERBOSE, s->verbose);
	picket_report_set(sheet->report, PICKET_STYLE_QUIET, s->quiet);
	picket_report_set(sheet->report, PICKET_STYLE_TIMESTAMPS,
			  !s->no_timestamps);
	picket_report_set(sheet->report, PICKET_STYLE_SEVERITIES,
			  s->severities);
	if (!path && isatty(STDOUT_FILENO))
		picket_report_set(sheet->report, PICKET_STYLE_WIDTH,
				  cli_columns(STDOUT_FILENO));
	else
		picket_report_set(sheet->report, PICKET_STYLE_WIDTH, 100);
	return true;
}

/* A bare -o FILE takes the report's place on standard output; FORMAT=FILE
 * comes on top of it. */
static bool add_sheets(struct run *r)
{
	const struct scan_settings *s = &r->settings;
	bool on_stdout = true, ok = true;

	r->sheets = calloc(s->output_count + 1, sizeof(*r->sheets));
	if (!r->sheets)
		return false;
	for (size_t i = 0; i < s->output_count && ok; i++) {
		const char *path = s->outputs[i].path;
		const char *format = s->outputs[i].format;

		on_stdout &= format != NULL;
		if (!format)
			format = s->format ? s->format : format_of_name(path);
		ok = add_sheet(r, format, path);
	}
	if (ok && on_stdout) {
		const char *format = s->format ? s->format : "text";

		r->text_on_stdout = strcmp(format, "text") == 0;
		ok = add_sheet(r, format, NULL);
	}
	return ok;
}

/* The worker processes must know what the reports will tell. */
static void ask_for_reports(const struct scan_settings *s)
{
	if (s->format)
		picket_options_for_report(s->options, s->format);
	for (size_t i = 0; i < s->output_count; i++) {
		const char *format = s->outputs[i].format;

		if (!format && !s->format)
			format = format_of_name(s->outputs[i].path);
		if (format)
			picket_options_for_report(s->options, format);
	}
}

static bool start(struct run *r)
{
	const struct cli_pool_hooks hooks = {
		.done = on_done, .idle = on_idle, .ctx = r, .stop = &cli_caught
	};
	const struct scan_settings *s = &r->settings;
	const struct worker_settings workers = { s->options, s->sandbox,
						 s->isolate };

	r->started_at = cli_now_ms();
	picket_prepare();
	ask_for_reports(s);
	if (!sandbox_admits(s->sandbox))
		return false;
	r->policy = cli_scan_policy(s);
	if (!r->policy)
		return false;
	if (!seal_start(&r->seal, &s->seal, r->root_count ? r->roots[0] : ""))
		return false;
	r->summary = picket_summary_new();
	r->pool = cli_pool_new(
		&workers, cli_scan_jobs(s, r->roots, (size_t)r->root_count),
		&hooks);
	r->remote = (struct scan_remote){ .settings = s,
					  .extra = r->extra,
					  .policy = r->policy,
					  .pool = r->pool,
					  .summary = r->summary,
					  .stop = &cli_caught };
	cli_progress_start(&r->progress, !s->no_progress && !s->quiet);
	return r->summary && r->pool && add_sheets(r);
}

static bool finish_reports(struct run *r)
{
	bool ok = true;

	picket_summary_set_duration(r->summary, cli_now_ms() - r->started_at);
	cli_progress_wipe(&r->progress);
	for (size_t i = 0; i < r->sheet_count; i++) {
		struct sheet *sheet = &r->sheets[i];

		ok = picket_report_finish(sheet->report, r->summary) ==
			     PICKET_OK &&
		     cli_output_commit(&sheet->output) && ok;
	}
	return ok;
}

static void release(struct run *r)
{
	cli_pool_free(r->pool);
	scan_remote_release(&r->remote);
	for (size_t i = 0; i < r->sheet_count; i++) {
		picket_report_free(r->sheets[i].report);
		cli_output_close(&r->sheets[i].output);
	}
	free(r->sheets);
	seal_release(&r->seal);
	picket_summary_free(r->summary);
	picket_policy_free(r->policy);
}

/* The most dangerous wins: an error never hides malware. */
static int status_of(const struct run *r)
{
	const struct picket_summary *s = r->summary;
	const bool advisory = picket_policy_advisory(r->policy);

	if (picket_summary_count(s, PICKET_COUNT_BLOCKED_FOR_CONTENT))
		return (int)r->settings.exit_blocked;
	if (picket_summary_count(s, PICKET_COUNT_BLOCKED_FOR_SOURCE))
		return (int)r->settings.exit_source;
	if (picket_summary_count(s, PICKET_COUNT_INCOMPLETE) && !advisory)
		return (int)r->settings.exit_incomplete;
	if (picket_summary_count(s, PICKET_COUNT_ERRORS) || r->failed)
		return CLI_USAGE;
	return CLI_OK;
}

static const char *why_not_signed(const struct run *r)
{
	const struct picket_summary *s = r->summary;

	if (picket_summary_count(s, PICKET_COUNT_BLOCKED))
		return "the policy blocks a file";
	if (picket_summary_count(s, PICKET_COUNT_INCOMPLETE) &&
	    !picket_policy_advisory(r->policy))
		return "a file could not be read whole";
	return NULL;
}

/* What was scanned, for later stages; the scan's own status outweighs it. */
static int seal(struct run *r, int status)
{
	const struct scan_settings *s = &r->settings;
	const char *ours[SCAN_OUTPUTS_MAX];
	const struct seal_end end = { why_not_signed(r), r->policy, time(NULL),
				      ours, s->output_count };
	int ret;

	if (!seal_wanted(&s->seal))
		return status;
	if (cli_caught || r->failed ||
	    picket_summary_count(r->summary, PICKET_COUNT_ERRORS)) {
		cli_complain("no manifest and no signature: the scan did not "
			     "reach its end");
		return status;
	}
	for (size_t i = 0; i < s->output_count; i++)
		ours[i] = s->outputs[i].path;
	ret = seal_finish(&r->seal, &end);
	if (status != CLI_OK || ret == CLI_OK)
		return status;
	return ret == CLI_INCOMPLETE ? (int)s->exit_incomplete : ret;
}

/* A manifest is of one tree, all of it. */
static bool seal_admits(const struct scan_settings *s, int n, char **paths)
{
	if (!seal_wanted(&s->seal))
		return true;
	if (n != 1 || s->list_count || strcmp(paths[0], "-") == 0 ||
	    picket_is_uri(paths[0]))
		cli_complain("a manifest or a signature is of one folder or "
			     "file: picket scan DIR --manifest FILE");
	else if (s->part_only)
		cli_complain("--%s leaves files out, and a manifest or a "
			     "signature is of all of them",
			     s->part_only);
	else
		return seal_settings_ok(&s->seal);
	return false;
}

static int run_scan(struct run *r, int n, char **paths)
{
	int status;

	r->roots = paths;
	r->root_count = n;
	cli_catch_signals();
	if (!start(r))
		return CLI_USAGE;
	if (!scan_all(r, n, paths) && !cli_caught && !r->failed)
		(void)fail(r, "out of memory or processes");
	if (!cli_caught && !finish_reports(r))
		r->failed = true;
	cli_policy_notices(r->policy, r->settings.policy);
	status = seal(r, status_of(r));
	return status == CLI_OK && cli_caught ? CLI_USAGE : status;
}

static void end_as_caught(void)
{
	if (!cli_caught)
		return;
	(void)signal(cli_caught,
		     SIG_DFL); /* let the caller see what ended us */
	(void)raise(cli_caught);
}

int scan_with(struct scan_settings *s, int n, char **paths,
	      const struct scan_extra *extra)
{
	static struct run r;
	int status;

	r.settings = *s;
	r.extra = extra;
	status = run_scan(&r, n, paths);
	release(&r);
	end_as_caught();
	return status;
}

static int scan(int argc, char **argv)
{
	static struct run r;
	int n, status = CLI_USAGE;

	if (!scan_settings_init(&r.settings)) {
		cli_complain("out of memory");
		return CLI_USAGE;
	}
	n = cli_parse(&cli_command_scan, &r.settings, argc, argv);
	if (n == CLI_PARSE_HELP)
		status = CLI_OK;
	else if (n == 0 && r.settings.list_count == 0)
		cli_complain("scan needs a PATH: picket scan model.pt");
	else if (n >= 0 && seal_admits(&r.settings, n, argv))
		status = run_scan(&r, n, argv);
	release(&r);
	scan_settings_release(&r.settings);
	end_as_caught();
	return status;
}

const struct cli_command cli_command_scan = {
	.name = "scan",
	.args = "[options] [PATH|-|URI]...",
	.what = "Analyses files and trees, says what loading them would do, and decides.",
	.more = "Folders are walked whole; the content decides what a file is, never its name.\n"
		"'-' reads one model from standard input; a URI (hf://ORG/NAME[@REVISION],\n"
		"s3://BUCKET/PREFIX, https://...) is read where it lies, as far as it matters.\n"
		"Sizes take K, M, G or T behind the number.  Every option can be set as\n"
		"PICKET_NAME in the environment, too.\n"
		"\n"
		"exit status: 0 everything was read whole and passes, 1 a file is blocked for\n"
		"what it holds, 4 only for where it or what it fetches comes from, 3 something\n"
		"could not be read whole, 2 no verdict.\n",
	.run = scan,
	.options = scan_options,
};
