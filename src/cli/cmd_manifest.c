/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/choices.h"
#include "cli/output.h"
#include "cli/prose.h"
#include "cli/read_file.h"
#include "cli/tree_opts.h"

extern const struct cli_command cli_command_manifest;

enum { MANIFEST_MAX = 1 << 30 };

struct settings {
	struct tree_settings common; /* first */
	const char *output;
	const char *manifest;
	bool update;
	bool force;
	bool allow_extra;
};

#define SETTER(name)                                                       \
	static bool set_##name(void *settings, const struct cli_option *o, \
			       const char *value)

CLI_TEXT(struct settings, output, output)
CLI_TEXT(struct settings, manifest, manifest)
CLI_SWITCH(struct settings, update, update)
CLI_SWITCH(struct settings, force, force)
CLI_SWITCH(struct settings, allow_extra, allow_extra)

SETTER(links)
{
	(void)o;
	(void)value;
	((struct tree_settings *)settings)->tree.links = PICKET_LINKS_FOLLOW;
	return true;
}

static const struct cli_option options[] = {
	{ 'o', "output", "FILE", "create: to a file", "Options", set_output },
	{ 0, "json", NULL, "the long form, with sizes; verify: what differs",
	  NULL, tree_set_json },
	{ 0, "update", NULL,
	  "create: hash again only what changed since FILE, a JSON manifest",
	  NULL, set_update },
	{ 0, "force", NULL, "create: replace FILE", NULL, set_force },
	{ 0, "manifest", "FILE", "verify: against this manifest", NULL,
	  set_manifest },
	{ 0, "allow-extra", NULL, "verify: more files than it names are fine",
	  NULL, set_allow_extra },
	TREE_OPTIONS,
	{ 0, "follow-links", NULL, "also links that lead out of DIR", NULL,
	  set_links },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static int no_tree(const char *root, enum picket_status s)
{
	cli_complain("cannot read %s: %s", cli_show(root),
		     s == PICKET_ERR_IO ? strerror(errno) : picket_strerror(s));
	return CLI_USAGE;
}

static struct picket_manifest *load(const char *path, int *ret_status)
{
	struct cli_bytes b;
	struct picket_manifest *m = NULL;
	struct picket_refusal why;
	enum picket_status s;

	*ret_status = CLI_USAGE;
	if (!cli_read_file(path, MANIFEST_MAX, &b))
		return NULL;
	s = picket_manifest_read(b.p, b.n, &m, &why);
	free(b.p);
	if (s == PICKET_OK)
		return m;
	cli_complain("%s is no manifest to go by: %s", cli_show(path),
		     s == PICKET_ERR_DATA ? why.text : picket_strerror(s));
	if (s == PICKET_ERR_DATA && why.escapes)
		*ret_status = CLI_INTEGRITY;
	return NULL;
}

static int write_to(const struct picket_manifest *m, const struct settings *s)
{
	struct cli_output *o = calloc(1, sizeof(*o));
	const struct picket_sink to = { cli_output_write, o };
	bool ok = o && cli_output_open(o, s->output);

	if (ok) {
		ok = picket_manifest_write(m, s->common.json, &to) ==
			     PICKET_OK &&
		     cli_output_commit(o);
		cli_output_close(o);
	}
	free(o);
	return ok ? CLI_OK : CLI_USAGE;
}

static int hash_and_write(struct settings *s, const char *root,
			  const struct picket_manifest *known)
{
	struct picket_manifest *m = NULL;
	enum picket_status status;
	int ret;

	status =
		picket_manifest_create(root, tree_ready(&s->common), known, &m);
	tree_done(&s->common);
	if (status != PICKET_OK)
		return no_tree(root, status);
	if (tree_whole(m)) {
		ret = write_to(m, s);
	} else {
		cli_complain("no manifest is written of what cannot be read");
		ret = CLI_INCOMPLETE;
	}
	picket_manifest_free(m);
	return ret;
}

static int create(struct settings *s, const char *root)
{
	struct picket_manifest *known = NULL;
	int ret = CLI_OK;

	if (s->update && (!s->output || !s->common.json)) {
		cli_complain("--update needs --json and --output FILE, which "
			     "it brings up to date");
		return CLI_USAGE;
	}
	if (s->update) {
		known = load(s->output, &ret);
		if (!known)
			return ret;
	} else if (s->output && !tree_may_write(s->output, s->force)) {
		return CLI_USAGE;
	}
	tree_leave_out(&s->common, root, s->output);
	ret = hash_and_write(s, root, known);
	picket_manifest_free(known);
	return ret;
}

static int verify(struct settings *s, const char *root)
{
	struct picket_manifest *m;
	struct picket_differences *d = NULL;
	enum picket_status status;
	int ret;

	if (!s->manifest) {
		cli_complain("verify needs --manifest FILE");
		return CLI_USAGE;
	}
	m = load(s->manifest, &ret);
	if (!m)
		return ret;
	tree_leave_out(&s->common, root, s->manifest);
	status = picket_manifest_verify(m, root, tree_ready(&s->common),
					s->allow_extra, &d);
	tree_done(&s->common);
	if (status != PICKET_OK)
		ret = no_tree(root, status);
	else
		ret = tree_judge(d, root, s->common.json,
				 picket_manifest_count(m));
	picket_differences_free(d);
	picket_manifest_free(m);
	return ret;
}

static const struct action {
	const char *name;
	int (*run)(struct settings *s, const char *root);
} actions[] = {
	{ "create", create },
	{ "verify", verify },
};

const char *cli_nth_manifest_action(size_t n)
{
	return n < sizeof(actions) / sizeof(actions[0]) ? actions[n].name
							: NULL;
}

static const struct action *action_named(const char *name)
{
	const char *near;

	for (size_t i = 0; cli_nth_manifest_action(i); i++) {
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	}
	near = cli_nearest(name, cli_nth_manifest_action);
	cli_complain("manifest does not know '%s'%s%s%s", cli_show(name),
		     near ? "; did you mean '" : "; it can create and verify",
		     near ? near : "", near ? "'?" : "");
	return NULL;
}

static int manifest(int argc, char **argv)
{
	struct settings s = {
		.common.tree.links = PICKET_LINKS_WITHIN,
	};
	const int n = cli_parse(&cli_command_manifest, &s, argc, argv);
	const struct action *a;
	int ret;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n != 2) {
		cli_complain("manifest takes an action and a folder: "
			     "picket manifest create|verify DIR");
		return CLI_USAGE;
	}
	a = action_named(argv[0]);
	ret = a ? a->run(&s, argv[1]) : CLI_USAGE;
	tree_release(&s.common);
	return ret;
}

const struct cli_command cli_command_manifest = {
	.name = "manifest",
	.args = "create|verify DIR",
	.what = "Writes the SHA-256 of every file of a tree, or checks them.",
	.more = "create prints lines that 'sha256sum -c' checks in DIR, or "
		"with --json sizes and what --update needs.  What format a "
		"file has only a scan knows: 'picket scan DIR --manifest "
		"FILE.json' tells it too, from the same read.  verify tells "
		"files that changed, are missing, extra or renamed, and exits "
		"with 5 when there are any.",
	.run = manifest,
	.options = get_options,
};
