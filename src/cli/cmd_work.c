/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/attempt.h"
#include "cli/pool.h"
#include "cli/scan_common.h"
#include "cli/stop.h"
#include "cli/unit.h"
#include "cli/work_opts.h"

extern const struct cli_command cli_command_work;

struct run {
	struct work_settings s;
	const char *plan_path;
	int plan_fd;
	struct picket_plan *plan;
	struct picket_unit *unit;
	char settings[65];
	struct cli_attempt attempt;
	struct picket_policy *policy;
	struct picket_summary *summary;
	struct picket_report *report;
	struct cli_pool *pool;
	struct picket_stored *stored; /* lines of an earlier attempt */
	bool *changed;                /* for each file of the unit */
	char **roots;                 /* of the plan; borrowed from it */
	size_t root_count;
	size_t at; /* results that there are */
	bool failed;
	bool temporary; /* it may well go better the next time */
};

static bool fail(struct run *r, bool temporary, const char *what)
{
	r->failed = true;
	r->temporary |= temporary;
	cli_complain("unit %" PRIu64 ": %s", r->s.unit, what);
	return false;
}

/* What is the machine's or the network's fault, and not the file's. */
static bool is_temporary(int why)
{
	static const int errors[] = {
		EAGAIN,    EMFILE,       ENFILE,     ENOMEM,       ENOSPC,
		EDQUOT,    ESTALE,       ETIMEDOUT,  ENETDOWN,     ENETUNREACH,
		ENETRESET, ENOTCONN,     ECONNRESET, ECONNREFUSED, ECONNABORTED,
		EHOSTDOWN, EHOSTUNREACH, EREMOTEIO,
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i] == why)
			return true;
	}
	return false;
}

static void on_done(void *ctx, struct picket_file *f)
{
	struct run *r = ctx;

	if (r->at < picket_unit_files(r->unit) && r->changed[r->at] &&
	    picket_file_add_note(
		    f, "plan.changed",
		    "it is not as it was when the plan was made") != PICKET_OK)
		(void)fail(r, true, "out of memory");
	if (picket_file_look_beside(f, cli_root_of(picket_file_path(f),
						   r->roots, r->root_count)) !=
	    PICKET_OK)
		(void)fail(r, true, "out of memory");
	picket_policy_apply(r->policy, f);
	picket_summary_add(r->summary, f);
	if (picket_report_add(r->report, f) != PICKET_OK)
		(void)fail(r, true, "a result could not be kept");
	r->at++;
	picket_file_free(f);
}

static void on_idle(void *ctx)
{
	cli_attempt_keep(&((struct run *)ctx)->attempt);
}

/* A line of an earlier attempt stands for the next file. */
static bool adopt(void *ctx, const char *line, size_t n)
{
	struct run *r = ctx;
	struct picket_refusal why;
	const struct picket_file *f;
	bool ok;

	if (r->at == picket_unit_files(r->unit) ||
	    picket_stored_add_file(r->stored, line, n, &why) != PICKET_OK)
		return false;
	f = picket_stored_at(r->stored, 0);
	ok = strcmp(picket_file_path(f), picket_unit_at(r->unit, r->at).path) ==
	     0;
	if (ok) {
		picket_summary_add(r->summary, f);
		r->at++;
	}
	picket_stored_forget(r->stored);
	return ok;
}

/* A result that says why there is no other. */
static bool put_unread(struct run *r, const char *path, int why)
{
	const struct picket_note note = {
		.rule = "file.unreadable",
		.message = why == ENOENT || why == ENOTDIR
				   ? "it is gone since the plan was made"
				   : strerror(why),
	};
	struct picket_file *f = NULL;

	if (is_temporary(why))
		return fail(r, true, strerror(why));
	if (picket_file_from_note(r->s.scan.options, path, &note, &f) !=
	    PICKET_OK)
		return fail(r, true, "out of memory");
	return cli_pool_put(r->pool, f);
}

static bool put_found(struct run *r, size_t i)
{
	struct picket_file *f = NULL;
	const enum picket_status s =
		picket_unit_result(r->unit, i, r->s.scan.options, &f);

	if (s == PICKET_ERR_USAGE)
		return fail(r, false,
			    "the plan has rules that this version "
			    "does not know");
	return s == PICKET_OK ? cli_pool_put(r->pool, f)
			      : fail(r, true, "out of memory");
}

static bool scan_file(struct run *r, size_t i)
{
	const struct picket_planned f = picket_unit_at(r->unit, i);
	struct stat st;
	int fd;

	if (f.found)
		return put_found(r, i);
	fd = open(f.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return put_unread(r, f.path, errno);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return put_unread(r, f.path, ENOENT);
	}
	r->changed[i] =
		(uint64_t)st.st_size != f.size ||
		(int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec !=
			f.modified_ns;
	return cli_pool_scan(r->pool, fd, f.path, (uint64_t)st.st_size);
}

static bool scan_rest(struct run *r)
{
	const size_t n = picket_unit_files(r->unit);
	bool ok = true;

	for (size_t i = r->at; i < n && ok && !cli_caught; i++)
		ok = scan_file(r, i);
	ok = ok && !cli_caught && cli_pool_finish(r->pool);
	if (ok && r->at != n && !r->failed)
		return fail(r, false, "not as many results as files");
	if (!ok && !r->failed && !cli_caught)
		return fail(r, true, "out of memory or processes");
	return ok && !r->failed;
}

/* Of several files one at least; a single one may be gone. */
static bool any_is_here(const struct picket_unit *u)
{
	size_t wanted = 0;
	struct stat st;

	for (size_t i = 0; i < picket_unit_files(u); i++) {
		const struct picket_planned f = picket_unit_at(u, i);

		if (f.found)
			continue;
		if (lstat(f.path, &st) == 0)
			return true;
		wanted++;
	}
	return wanted <= 1;
}

/* Where the file system is not mounted, all files seem gone. */
static bool files_are_here(struct run *r)
{
	struct stat st;

	for (size_t i = 0; i < r->root_count; i++) {
		if (stat(r->roots[i], &st) == 0)
			continue;
		cli_complain("%s: %s", cli_show(r->roots[i]), strerror(errno));
		return fail(r, true,
			    "what was planned is not here; is it "
			    "mounted?");
	}
	return any_is_here(r->unit) ||
	       fail(r, true, "none of its files is here; are they mounted?");
}

static bool start(struct run *r)
{
	const struct cli_pool_hooks hooks = {
		.done = on_done, .idle = on_idle, .ctx = r, .stop = &cli_caught
	};
	const struct scan_settings *s = &r->s.scan;
	const struct worker_settings workers = { s->options, s->sandbox,
						 s->isolate };
	const struct picket_sink sink = { cli_attempt_write, &r->attempt };
	struct picket_unit_place place = { r->s.unit,
					   picket_plan_units(r->plan), "", "" };

	memcpy(place.plan, picket_plan_id(r->plan), sizeof(place.plan));
	memcpy(place.settings, r->settings, sizeof(place.settings));
	picket_prepare();
	r->policy = cli_scan_policy(s);
	if (!r->policy || !sandbox_admits(s->sandbox))
		return false;
	picket_options_for_report(s->options, "ndjson");
	r->summary = picket_summary_new();
	r->stored = picket_stored_new();
	r->changed =
		calloc(picket_unit_files(r->unit) + 1, sizeof(*r->changed));
	r->pool = cli_pool_new(
		&workers, cli_scan_jobs(s, r->roots, r->root_count), &hooks);
	if (!r->summary || !r->stored || !r->changed || !r->pool ||
	    picket_report_new("ndjson", r->policy, &sink, &r->report) !=
		    PICKET_OK ||
	    picket_report_unit(r->report, &place) != PICKET_OK)
		return fail(r, true, "out of memory");
	picket_report_set(r->report, PICKET_STYLE_TIMESTAMPS, 0);
	picket_summary_add_excluded(r->summary, picket_unit_excluded(r->unit));
	return true;
}

static bool is_done(struct run *r)
{
	struct cli_unit_result have = { 0 };
	const bool whole = cli_unit_load(r->plan, r->unit, r->s.unit,
					 r->s.results, &have) == CLI_UNIT_WHOLE;

	picket_stored_free(have.stored);
	return whole && strcmp(have.settings, r->settings) == 0;
}

static bool do_unit(struct run *r)
{
	if (!cli_attempt_open(&r->attempt, r->s.results, r->s.unit,
			      picket_plan_id(r->plan), r->settings)) {
		r->temporary = is_temporary(errno) || errno == EIO;
		return false;
	}
	cli_attempt_adopt(&r->attempt, adopt, r);
	if (r->at && !r->s.scan.quiet)
		cli_complain("unit %" PRIu64 ": an earlier attempt had %zu of "
			     "its %zu files",
			     r->s.unit, r->at, picket_unit_files(r->unit));
	if (!scan_rest(r))
		return false;
	if (picket_report_finish(r->report, r->summary) == PICKET_OK &&
	    cli_attempt_commit(&r->attempt))
		return true;
	r->temporary = true;
	return false;
}

static bool load_roots(struct run *r)
{
	while (picket_plan_root(r->plan, r->root_count))
		r->root_count++;
	r->roots = calloc(r->root_count + 1, sizeof(*r->roots));
	for (size_t i = 0; r->roots && i < r->root_count; i++)
		r->roots[i] = (char *)(uintptr_t)picket_plan_root(r->plan, i);
	return r->roots || fail(r, true, "out of memory");
}

static bool load(struct run *r)
{
	r->plan = cli_plan_open(r->plan_path, &r->plan_fd);
	if (!r->plan)
		return false;
	if (r->s.unit >= picket_plan_units(r->plan)) {
		cli_complain("the plan has the units 0 to %zu, not %" PRIu64,
			     picket_plan_units(r->plan) - 1, r->s.unit);
		return false;
	}
	r->unit = cli_plan_unit(r->plan, r->plan_path, r->s.unit);
	return r->unit && load_roots(r) && work_settings_id(&r->s, r->settings);
}

static void release(struct run *r)
{
	cli_pool_free(r->pool);
	picket_report_free(r->report);
	cli_attempt_close(&r->attempt);
	picket_stored_free(r->stored);
	picket_summary_free(r->summary);
	picket_policy_free(r->policy);
	picket_unit_free(r->unit);
	picket_plan_free(r->plan);
	if (r->plan_fd >= 0)
		(void)close(r->plan_fd);
	free(r->changed);
	free(r->roots);
	work_settings_release(&r->s);
}

static int run_work(struct run *r)
{
	cli_catch_signals();
	if (!load(r))
		return CLI_USAGE;
	if (is_done(r)) {
		if (!r->s.scan.quiet)
			cli_complain("unit %" PRIu64 " is done", r->s.unit);
		return CLI_OK;
	}
	if (start(r) && files_are_here(r) && do_unit(r))
		return CLI_OK;
	if (cli_caught || r->temporary)
		return CLI_TEMPORARY;
	return r->failed ? CLI_INTERNAL : CLI_USAGE;
}

static int work(int argc, char **argv)
{
	static struct run r;
	int n, status = CLI_USAGE;

	r.plan_fd = r.attempt.fd = -1;
	if (!work_settings_init(&r.s)) {
		cli_complain("out of memory");
		return CLI_USAGE;
	}
	n = work_parse(&cli_command_work, &r.s, argc, argv);
	r.plan_path = argv[0];
	if (n == CLI_PARSE_HELP)
		status = CLI_OK;
	else if (n >= 0 && work_admits(&r.s, n))
		status = run_work(&r);
	release(&r);
	return status;
}

const struct cli_command cli_command_work = {
	.name = "work",
	.args = "[options] PLAN --unit N --results DIR",
	.what = "Scans one unit of a plan; the same again goes on where it was ended.",
	.more = "The result is DIR/unit-N.ndjson, which is there whole or not at all.  Any number\n"
		"of attempts may run at once and be killed.  Sizes take K, M, G or T.\n"
		"\n"
		"exit status: 0 the unit is done, whatever was found in it, 75 it is not, and\n"
		"may be the next time (a full disk, a signal, a file system that is not there),\n"
		"70 an internal failure, 2 the plan or the settings cannot be.\n",
	.run = work,
	.options = work_options,
};
