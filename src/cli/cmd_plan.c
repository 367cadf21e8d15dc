/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/scan_opts.h"
#include "cli/spool.h"
#include "cli/tree_opts.h"

extern const struct cli_command cli_command_plan;

enum { SLURM_UNITS = 1001 }; /* MaxArraySize, unless somebody changed it */

struct settings {
	struct scan_settings scan; /* first: some options are scan's */
	const char *output;
	uint64_t unit_bytes;
	uint64_t unit_files;
	bool force;
};

CLI_TEXT(struct settings, output, output)
CLI_SWITCH(struct settings, force, force)

static bool set_unit_bytes(void *settings, const struct cli_option *o,
			   const char *value)
{
	return cli_size(o->name, value,
			&((struct settings *)settings)->unit_bytes);
}

static bool set_unit_files(void *settings, const struct cli_option *o,
			   const char *value)
{
	return cli_number(o->name, value, 1,
			  &((struct settings *)settings)->unit_files);
}

static const struct cli_option own[] = {
	{ 'o', "output", "PLAN", "where the plan goes", "Plan", set_output },
	{ 0, "force", NULL, "replace PLAN", NULL, set_force },
	{ 0, "unit-bytes", "SIZE",
	  "a unit has files of so many bytes at most (64G)", NULL,
	  set_unit_bytes },
	{ 0, "unit-files", "N", "and so many files at most (20000)", NULL,
	  set_unit_files },
};

static const struct cli_option *get_options(void)
{
	enum { OWN = sizeof(own) / sizeof(own[0]) };
	static struct cli_option table[OWN + SCAN_BORROWED_MAX];

	return scan_borrow(table, own, OWN, "include exclude files-from");
}

struct run {
	struct settings s;
	struct cli_output out;
	struct picket_plan_writer *w;
	uint64_t excluded; /* and told of nowhere yet */
};

static bool fail(const char *what)
{
	cli_complain("%s", what);
	return false;
}

static bool took(struct run *r, enum picket_status s)
{
	r->excluded = 0;
	if (s == PICKET_ERR_USAGE)
		return fail("more units than a plan may have: ask for larger "
			    "ones, --unit-bytes and --unit-files");
	return s == PICKET_OK || r->out.failed || fail(picket_strerror(s));
}

static bool add_file(struct run *r, const struct picket_entry *e)
{
	struct picket_planned f = { .path = e->path, .size = e->size };
	struct stat st;
	const bool ok = fstat(e->fd, &st) == 0;

	(void)close(e->fd);
	if (!ok)
		return fail("a file that was opened cannot be looked at");
	f.modified_ns =
		(int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return took(r, picket_plan_add(r->w, &f, r->excluded));
}

static bool add_entry(struct run *r, struct picket_entry *e)
{
	bool ok;

	if (e->kind == PICKET_ENTRY_FILE)
		return add_file(r, e);
	if (e->kind == PICKET_ENTRY_RESULT) {
		ok = took(r,
			  picket_plan_add_result(r->w, e->file, r->excluded));
		picket_file_free(e->file);
		return ok;
	}
	cli_complain("%s: %s", cli_show(e->path), e->text);
	return false;
}

static bool plan_path(struct run *r, const char *path)
{
	struct picket_walk *w =
		picket_walk_new(r->s.scan.options, path, r->s.scan.filter);
	struct picket_entry e = { 0 };
	bool ok = w != NULL;

	while (ok) {
		ok = picket_walk_next(w, &e) == PICKET_OK;
		if (!ok)
			break;
		r->excluded += e.excluded;
		if (e.kind == PICKET_ENTRY_END)
			break;
		ok = add_entry(r, &e);
	}
	picket_walk_free(w);
	return ok;
}

static bool plan_list(struct run *r, const char *list)
{
	size_t n = 0;
	char **paths = cli_read_paths(list, &n);
	bool ok = paths != NULL;

	for (size_t i = 0; i < n && ok; i++)
		ok = plan_path(r, paths[i]);
	free(paths);
	return ok;
}

static bool plan_all(struct run *r, int n, char **paths)
{
	bool ok = true;

	for (int i = 0; i < n && ok; i++) {
		picket_plan_add_root(r->w, paths[i]);
		ok = plan_path(r, paths[i]);
	}
	for (size_t i = 0; i < r->s.scan.list_count && ok; i++)
		ok = plan_list(r, r->s.scan.lists[i]);
	return ok;
}

/* What a job array is told, and what a person wants to know. */
static void tell(const struct run *r, const struct picket_plan_totals *t)
{
	(void)printf("0-%" PRIu64 "\n", t->units - 1);
	cli_complain("%s: %" PRIu64 " files, %" PRIu64 " bytes in %" PRIu64
		     " units",
		     cli_show(r->s.output), t->files, t->bytes, t->units);
	if (t->units > SLURM_UNITS)
		cli_complain("Slurm takes arrays of %d by default: see "
			     "MaxArraySize, or ask for larger units",
			     SLURM_UNITS);
}

static bool make(struct run *r, int n, char **paths)
{
	const struct picket_sink sink = { cli_output_write, &r->out };
	struct picket_plan_totals t;
	bool ok;

	if (!cli_output_open(&r->out, r->s.output))
		return false;
	r->w = picket_plan_writer_new(r->s.unit_bytes, r->s.unit_files, &sink);
	ok = r->w && plan_all(r, n, paths) &&
	     took(r, picket_plan_end(r->w, r->excluded, &t)) &&
	     cli_output_commit(&r->out);
	if (ok)
		tell(r, &t);
	picket_plan_writer_free(r->w);
	cli_output_close(&r->out);
	return ok;
}

static bool admits(const struct settings *s, int n, char **paths)
{
	if (n == 0 && s->scan.list_count == 0)
		return fail("plan needs a PATH: picket plan models/ -o PLAN");
	if (!s->output)
		return fail("plan needs -o PLAN, where the plan goes");
	for (int i = 0; i < n; i++) {
		if (strcmp(paths[i], "-") == 0)
			return fail("standard input cannot be planned");
		if (picket_is_uri(paths[i]))
			return fail("sources elsewhere cannot be planned; scan "
				    "takes --shard");
	}
	return tree_may_write(s->output, s->force);
}

static int plan(int argc, char **argv)
{
	static struct run r;
	int n, status = CLI_USAGE;

	r.s.unit_bytes = 64ULL << 30;
	r.s.unit_files = 20000;
	if (!scan_settings_init(&r.s.scan)) {
		cli_complain("out of memory");
		return CLI_USAGE;
	}
	n = cli_parse(&cli_command_plan, &r.s, argc, argv);
	if (n == CLI_PARSE_HELP)
		status = CLI_OK;
	else if (n >= 0 && admits(&r.s, n, argv) && make(&r, n, argv))
		status = CLI_OK;
	scan_settings_release(&r.s.scan);
	return status;
}

const struct cli_command cli_command_plan = {
	.name = "plan",
	.args = "[options] PATH... -o PLAN",
	.what = "Lists what many machines are to scan, cut into units of like size.",
	.more = "Standard output gets the units' numbers as a job array takes them: 0-41.  Each\n"
		"is done by 'picket work PLAN --unit N', and 'picket report --plan PLAN' puts\n"
		"the results together.  Files are as they were when the plan was made; what is\n"
		"gone or changed when its unit is done is said.\n",
	.run = plan,
	.options = get_options,
};
