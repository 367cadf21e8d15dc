/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cache_place.h"
#include "cli/check_show.h"
#include "cli/courier.h"
#include "cli/lock_file.h"
#include "cli/prose.h"
#include "cli/remote_opts.h"
#include "cli/tree_opts.h"

extern const struct cli_command cli_command_check;

struct settings {
	struct tree_settings common; /* first */
	struct remote_settings remote;
	const char *lock;
	bool partial;
	bool online;
};

CLI_TEXT(struct settings, lock, lock)
CLI_SWITCH(struct settings, partial, partial)
CLI_SWITCH(struct settings, online, online)
CLI_SWITCH(struct settings, no_token, remote.client.no_token)
CLI_TEXT(struct settings, ca_file, remote.client.ca_file)
CLI_SWITCH(struct settings, private_hosts, remote.client.private_hosts)

static bool set_timeout(void *settings, const struct cli_option *o,
			const char *value)
{
	return remote_set_timeout(&((struct settings *)settings)->remote, o,
				  value);
}

static bool set_retries(void *settings, const struct cli_option *o,
			const char *value)
{
	return remote_set_retries(&((struct settings *)settings)->remote, o,
				  value);
}

static const struct cli_option options[] = {
	{ 0, "lock", "FILE", "the lock file; a cache can do without", "Options",
	  set_lock },
	{ 0, "partial", NULL, "locked files that are not here are fine", NULL,
	  set_partial },
	{ 0, "json", NULL, "as one JSON document", NULL, tree_set_json },
	TREE_OPTIONS,
	{ 0, "online", NULL,
	  "ask the sources, too, whether they still have what was locked",
	  "Sources", set_online },
	{ 0, "no-token", NULL, "send no credentials", NULL, set_no_token },
	{ 0, "ca-file", "FILE", "certificates to trust (default: the system's)",
	  NULL, set_ca_file },
	{ 0, "private-hosts", NULL, "names may lead to private networks", NULL,
	  set_private_hosts },
	{ 0, "network-timeout", "SECONDS",
	  "how long to wait for the next byte (30)", NULL, set_timeout },
	{ 0, "retries", "N", "of what may pass, with growing pauses (4)", NULL,
	  set_retries },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

/* root: NULL when only sources were asked */
static void conclude(const struct picket_check *c, const struct settings *s,
		     const char *root)
{
	static const char *const words[] = {
		[CLI_OK] = "as it should be",
		[CLI_INCOMPLETE] = "not everything could be proven",
		[CLI_SOURCE] = "not as it should be",
	};
	const size_t n = picket_check_models(c);

	(void)printf("%s: %s", cli_show(root ? root : s->lock),
		     words[check_status(c)]);
	if (root)
		(void)printf("; %zu %s%s, %zu files, %" PRIu64 " bytes read", n,
			     s->lock ? "model" : "snapshot", n == 1 ? "" : "s",
			     picket_check_files(c), picket_check_bytes(c));
	if (s->online)
		(void)printf("; %zu source%s asked", picket_check_sources(c),
			     picket_check_sources(c) == 1 ? "" : "s");
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
		return check_status(c);
	}
	for (size_t i = 0; i < picket_check_count(c); i++)
		check_show(stdout, c, i);
	conclude(c, s, root);
	return check_status(c);
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

/* ---- sources ---- */

/* Whether the listing has another commit than the lock. */
static bool has_moved(const struct picket_lock *l, size_t n,
		      const struct picket_remote *r)
{
	const char *commit = picket_lock_commit(l, n);

	return commit && !picket_remote_trouble(r) &&
	       !strstr(picket_remote_pinned_uri(r), commit);
}

static bool ask(struct courier *co, struct picket_lock *l, size_t n,
		struct picket_check *c)
{
	const struct picket_remote *r =
		courier_list(co, picket_lock_source(l, n));
	const char *pinned;

	if (!r || picket_check_source(c, l, n, r, false) != PICKET_OK)
		return false;
	if (!has_moved(l, n, r))
		return true;
	pinned = picket_lock_pinned(l, n);
	r = pinned ? courier_list(co, pinned) : NULL;
	return r && picket_check_source(c, l, n, r, true) == PICKET_OK;
}

static bool ask_all(const struct settings *s, struct picket_lock *l,
		    struct picket_check *c)
{
	static const volatile sig_atomic_t never;
	struct courier_settings how = { .client = s->remote.client,
					.stop = &never };
	struct courier *co;
	bool ok;

	how.client.ask_tags = true;
	co = courier_start(&how);
	ok = co != NULL;

	for (size_t i = 0; ok && i < picket_lock_count(l); i++)
		ok = ask(co, l, i, c);
	if (co && !ok)
		cli_complain("the process that talks to the network was lost");
	courier_end(co);
	return ok;
}

/* ---- the whole ---- */

static int check_with(struct settings *s, const char *root,
		      struct picket_lock *l)
{
	struct picket_check *c = NULL;
	enum picket_status status = PICKET_OK;
	int ret;

	tree_leave_out(&s->common, root ? root : ".", s->lock);
	if (root)
		status = picket_check_here(l, root, tree_ready(&s->common),
					   s->partial, &c);
	else
		c = picket_check_new();
	tree_done(&s->common);
	if (status != PICKET_OK)
		ret = no_answer(s, root, status);
	else if (!c || (s->online && !ask_all(s, l, c)))
		ret = CLI_USAGE;
	else
		ret = judge(c, s, root);
	picket_check_free(c);
	return ret;
}

static int check_here(struct settings *s, const char *root)
{
	struct picket_lock *l = NULL;
	int ret;

	if (s->lock && !cli_lock_read(s->lock, &l))
		return CLI_USAGE;
	ret = check_with(s, root, l);
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
	if (n == 0 && !s.online)
		place = cli_cache_place();
	if (n > 1)
		cli_complain("check takes one folder");
	else if (s.online && !s.lock)
		cli_complain("--online needs --lock FILE");
	else if (n == 0 && !s.online && !place)
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
	.args = "[DIR] [--lock FILE] [--online]",
	.what = "Holds models that lie here, and their sources, against a lock file.",
	.more = "With one model in the lock DIR is its folder; with several each lies in the\n"
		"folder that the lock names, below DIR.  DIR may be a cache of Hugging Face, or\n"
		"a repository or snapshot in one: then every link must lead to a blob and every\n"
		"blob must be what its name says, lock or not.  Without DIR it is the cache that\n"
		"the environment names (HF_HUB_CACHE, HF_HOME).  --online asks the sources;\n"
		"without DIR nothing else is looked at.  Otherwise no connection is opened.\n"
		"\n"
		"exit status: 4 anything is not as it should be, 3 something could not be read,\n"
		"proven or asked.\n",
	.run = check,
	.options = get_options,
};
