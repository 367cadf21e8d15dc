/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/opts.h"
#include "cli/output.h"
#include "cli/prose.h"
#include "cli/specimen_check.h"

extern const struct cli_command cli_command_specimen;

struct settings {
	bool check;
	bool json;
	bool force;
};

static bool set_flag(void *settings, const struct cli_option *o,
		     const char *value)
{
	struct settings *s = settings;

	(void)value;
	s->check |= strcmp(o->name, "check") == 0;
	s->json |= strcmp(o->name, "json") == 0;
	s->force |= strcmp(o->name, "force") == 0;
	return true;
}

static const struct cli_option options[] = {
	{ 0, "check", NULL, "scan the specimens in DIR and show the score",
	  "Options", set_flag },
	{ 0, "json", NULL, "the score, or the list, as JSON", NULL, set_flag },
	{ 0, "force", NULL, "overwrite files that are there", NULL, set_flag },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

/* "DIR/NAME"; false after a complaint. */
static bool join(char path[PATH_MAX], const char *dir, const char *name)
{
	const int n = snprintf(path, PATH_MAX, "%s/%s", dir, name);

	if (n > 0 && n < PATH_MAX)
		return true;
	cli_complain("%s: the path is too long", cli_show(dir));
	return false;
}

/* The folders of a path, which are there or can be made. */
static bool make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		int failed;

		*slash = '\0';
		failed = mkdir(path, 0777) != 0 && errno != EEXIST;
		if (failed)
			cli_complain("cannot make %s: %s", cli_show(path),
				     strerror(errno));
		*slash = '/';
		if (failed)
			return false;
	}
	return true;
}

typedef enum picket_status writer(const void *what,
				  const struct picket_sink *to);

static enum picket_status write_specimen(const void *what,
					 const struct picket_sink *to)
{
	return picket_specimen_write(what, to);
}

static enum picket_status write_json(const void *what,
				     const struct picket_sink *to)
{
	(void)what;
	return picket_specimens_json(to);
}

static enum picket_status write_csv(const void *what,
				    const struct picket_sink *to)
{
	(void)what;
	return picket_specimens_csv(to);
}

/* Writes one file below DIR, whole or not at all. */
static bool put_file(const char *dir, const char *name, writer *write,
		     const void *what)
{
	static struct cli_output out;
	const struct picket_sink to = { cli_output_write, &out };
	char path[PATH_MAX];
	bool ok;

	if (!join(path, dir, name) || !make_folders(path) ||
	    !cli_output_open(&out, path))
		return false;
	ok = write(what, &to) == PICKET_OK && cli_output_commit(&out);
	cli_output_close(&out);
	return ok;
}

/* Nobody's files are overwritten unasked. */
static bool may_write(const char *dir, const char *name, bool force)
{
	char path[PATH_MAX];

	if (!join(path, dir, name))
		return false;
	if (force || access(path, F_OK) != 0)
		return true;
	cli_complain("%s is there already; --force overwrites it",
		     cli_show(path));
	return false;
}

static bool may_write_all(const char *dir, bool force)
{
	const struct picket_specimen *s;

	for (size_t i = 0; (s = picket_specimen_at(i)) != NULL; i++) {
		if (!may_write(dir, picket_specimen_path(s), force))
			return false;
	}
	return may_write(dir, CLI_SPECIMENS_JSON, force) &&
	       may_write(dir, CLI_SPECIMENS_CSV, force);
}

/* The list comes last: where it is, the files are. */
static bool write_all(const char *dir, bool force)
{
	const struct picket_specimen *s;
	size_t n = 0;

	if (!may_write_all(dir, force))
		return false;
	for (; (s = picket_specimen_at(n)) != NULL; n++) {
		if (!put_file(dir, picket_specimen_path(s), write_specimen, s))
			return false;
	}
	if (!put_file(dir, CLI_SPECIMENS_CSV, write_csv, NULL) ||
	    !put_file(dir, CLI_SPECIMENS_JSON, write_json, NULL))
		return false;
	cli_complain("%zu specimens in %s; loading one prints '%s' and does "
		     "nothing else",
		     n, cli_show(dir), picket_canary());
	return true;
}

static bool is_written(const char *dir)
{
	char path[PATH_MAX];

	return join(path, dir, CLI_SPECIMENS_JSON) && access(path, F_OK) == 0;
}

static int run_in(const char *dir, const struct settings *s)
{
	const struct picket_sink to = { cli_write_stdout, NULL };

	if ((!s->check || !is_written(dir)) && !write_all(dir, s->force))
		return CLI_USAGE;
	if (s->check)
		return cli_specimen_check(dir, s->json);
	if (s->json && picket_specimens_json(&to) != PICKET_OK)
		return CLI_USAGE;
	return CLI_OK;
}

static int specimen(int argc, char **argv)
{
	struct settings s = { 0 };
	const int n = cli_parse(&cli_command_specimen, &s, argc, argv);

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n != 1) {
		cli_complain("specimen needs one DIR");
		return CLI_USAGE;
	}
	return run_in(argv[0], &s);
}

const struct cli_command cli_command_specimen = {
	.name = "specimen",
	.args = "[--check] [--json] [--force] DIR",
	.what = "Writes a harmless file of every attack class, to test a pipeline.",
	.more = "The files are inert: what they run when somebody loads them prints one word.\n"
		"DIR/specimens.json says what each is and what a scan must answer;\n"
		"DIR/specimens.csv is the same for comparing scanners.\n"
		"--check scans DIR (writing it first when it is not there) and shows the\n"
		"score; the exit status is 1 when a specimen is not blocked or gets less\n"
		"than the verdict that is due.\n",
	.run = specimen,
	.options = get_options,
};
