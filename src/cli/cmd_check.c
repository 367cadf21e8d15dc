/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cache_place.h"
#include "cli/lock_file.h"
#include "cli/prose.h"
#include "cli/tree_opts.h"

extern const struct cli_command cli_command_check;

struct settings {
	struct tree_settings common; /* first */
	const char *lock;
	bool partial;
};

CLI_TEXT(struct settings, lock, lock)
CLI_SWITCH(struct settings, partial, partial)

static const struct cli_option options[] = {
	{ 0, "lock", "FILE", "the lock file; a cache can do without", "Options",
	  set_lock },
	{ 0, "partial", NULL, "locked files that are not here are fine", NULL,
	  set_partial },
	{ 0, "json", NULL, "as one JSON document", NULL, tree_set_json },
	TREE_OPTIONS,
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static void show_difference(const struct picket_check *c, size_t n)
{
	const char *where = picket_check_where(c, n);
	const char *path = picket_check_path(c, n);

	(void)printf("%-8s  %-22s  %s%s%s: %s\n",
		     picket_severity_name(picket_check_severity(c, n)),
		     picket_check_rule(c, n), where ? cli_show(where) : "",
		     where && path ? "/" : "", path ? cli_show(path) : "",
		     cli_show(picket_check_message(c, n)));
}

static int status_of(const struct picket_check *c)
{
	int status = CLI_OK;

	for (size_t i = 0; i < picket_check_count(c); i++) {
		if (picket_check_is_violation(c, i))
			return CLI_SOURCE;
		status = CLI_INCOMPLETE;
	}
	return status;
}

static void conclude(const struct picket_check *c, const struct settings *s,
		     const char *root)
{
	static const char *const words[] = {
		[CLI_OK] = "as it should be",
		[CLI_INCOMPLETE] = "not everything could be proven",
		[CLI_SOURCE] = "not as it should be",
	};
	const size_t n = picket_check_models(c);

	(void)printf("%s: %s; %zu %s%s, %zu files, %" PRIu64 " bytes read",
		     cli_show(root), words[status_of(c)], n,
		     s->lock ? "model" : "snapshot", n == 1 ? "" : "s",
		     picket_check_files(c), picket_check_bytes(c));
	if (picket_check_others(c))
		(void)printf("; %zu snapshots that the lock does not name were "
			     "not looked at",
			     picket_check_others(c));
	(void)putchar('\n');
}

static int judge(const struct picket_check *c, const struct settings *s,
		 const char *root)
{
	const struct picket_sink to = { cli_write_stdout, NULL };

	if (s->common.json) {
		if (picket_check_json(c, &to) != PICKET_OK)
			return CLI_USAGE;
		return status_of(c);
	}
	for (size_t i = 0; i < picket_check_count(c); i++)
		show_difference(c, i);
	conclude(c, s, root);
	return status_of(c);
}

static int no_answer(const struct settings *s, const char *root,
		     enum picket_status status)
{
	if (status == PICKET_ERR_USAGE && !s->lock)
		cli_complain("%s is no cache of Hugging Face; for another "
			     "folder check needs --lock FILE",
			     cli_show(root));
	else
		cli_complain("cannot check %s: %s", cli_show(root),
			     status == PICKET_ERR_IO ? strerror(errno)
						     : picket_strerror(status));
	return CLI_USAGE;
}

static int check_here(struct settings *s, const char *root)
{
	struct picket_lock *l = NULL;
	struct picket_check *c = NULL;
	enum picket_status status;
	int ret;

	if (s->lock && !cli_lock_read(s->lock, &l))
		return CLI_USAGE;
	tree_leave_out(&s->common, root, s->lock);
	status = picket_check_here(l, root, tree_ready(&s->common), s->partial,
				   &c);
	tree_done(&s->common);
	ret = status == PICKET_OK ? judge(c, s, root)
				  : no_answer(s, root, status);
	picket_check_free(c);
	picket_lock_free(l);
	return ret;
}

static int check(int argc, char **argv)
{
	struct settings s = { 0 };
	const int n = cli_parse(&cli_command_check, &s, argc, argv);
	char *place = NULL;
	int ret = CLI_USAGE;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n == 0)
		place = cli_cache_place();
	if (n > 1)
		cli_complain("check takes one folder");
	else if (n == 0 && !place)
		cli_complain("check needs a folder: there is no home with a "
			     "cache in it");
	else
		ret = check_here(&s, n ? argv[0] : place);
	free(place);
	tree_release(&s.common);
	return ret;
}

const struct cli_command cli_command_check = {
	.name = "check",
	.args = "[DIR] [--lock FILE]",
	.what = "Holds models that lie here against a lock file.",
	.more = "With one model in the lock DIR is its folder; with several each lies in the\n"
		"folder that the lock names, below DIR.  DIR may be a cache of Hugging Face, or\n"
		"a repository or snapshot in one: then every link must lead to a blob and every\n"
		"blob must be what its name says, lock or not.  Without DIR it is the cache that\n"
		"the environment names (HF_HUB_CACHE, HF_HOME).\n"
		"The exit status is 4 when anything is not as it should be, 3 when something\n"
		"could not be read or proven.\n",
	.run = check,
	.options = get_options,
};
