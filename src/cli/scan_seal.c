/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scan_seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"

bool seal_wanted(const struct seal_settings *s)
{
	return s->manifest || s->signature || s->attestation || s->names.key ||
	       s->names.certificate || s->names.chain;
}

bool seal_settings_ok(const struct seal_settings *s)
{
	if (s->names.key && !s->signature && !s->attestation)
		cli_complain("--sign needs --signature FILE or --attest FILE");
	else if (s->signature && !s->names.key)
		cli_complain("--signature needs --sign KEY.pem");
	else if (s->attestation && !s->names.key)
		cli_complain("--attest needs --sign KEY.pem");
	else if (s->names.certificate && !s->names.key)
		cli_complain("--cert needs --sign KEY.pem");
	else if (s->names.key && access(s->names.key, R_OK) != 0)
		cli_complain("cannot read %s: %s", cli_show(s->names.key),
			     strerror(errno));
	else
		return sign_names_ok(&s->names);
	return false;
}

bool seal_start(struct seal *l, const struct seal_settings *s, const char *root)
{
	*l = (struct seal){ .s = s, .root = root };
	if (seal_wanted(s))
		l->m = picket_manifest_new();
	return l->m || !seal_wanted(s);
}

void seal_release(struct seal *l)
{
	picket_manifest_free(l->m);
	l->m = NULL;
}

/* "models//a/b" below "models/" is "a/b"; the root itself is ".". */
static const char *below(const char *path, const char *root)
{
	const size_t n = strlen(root);

	if (strncmp(path, root, n) != 0)
		return path;
	path += n;
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

void seal_add(struct seal *l, const struct picket_file *f)
{
	enum picket_status s;

	if (!l->m)
		return;
	s = picket_manifest_add(l->m, below(picket_file_path(f), l->root), f);
	if (s != PICKET_OK && s != PICKET_ERR_DATA)
		l->failed = true;
}

static bool is_json(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".json") == 0;
}

static bool write_manifest(const struct picket_manifest *m, const char *path)
{
	struct cli_output *o = calloc(1, sizeof(*o));
	const struct picket_sink to = { cli_output_write, o };
	bool ok = o && cli_output_open(o, path);

	if (ok) {
		ok = picket_manifest_write(m, is_json(path), &to) ==
			     PICKET_OK &&
		     cli_output_commit(o);
		cli_output_close(o);
	}
	free(o);
	return ok;
}

/* Whether the results are those of the tree as it is, all of it. */
static int cover(struct seal *l, const struct picket_tree *how)
{
	if (picket_manifest_cover(l->m, l->root, how) != PICKET_OK) {
		cli_complain("cannot read %s: %s", cli_show(l->root),
			     strerror(errno));
		return CLI_USAGE;
	}
	return tree_whole(l->m) ? CLI_OK : CLI_INCOMPLETE;
}

static bool sign_both(struct seal *l, const struct seal_end *end,
		      const struct picket_tree *how)
{
	const struct seal_settings *s = l->s;
	struct picket_scan_facts facts = { .how = how,
					   .policy = end->policy,
					   .time = end->time,
					   .passed = !end->unfit };
	struct signer by;
	bool ok = signer_load(&by, &s->names);

	if (ok && s->attestation)
		ok = sign_attestation(&by, l->m, l->root, &facts,
				      s->attestation);
	if (ok && s->signature && !end->unfit)
		ok = sign_write(&by, l->m, l->root, how, s->signature);
	signer_release(&by);
	return ok;
}

static int cover_and_write(struct seal *l, const struct seal_end *end,
			   struct tree_settings *t)
{
	const struct seal_settings *s = l->s;
	int ret = CLI_OK;

	/* What git keeps is part of a manifest, and of no signature. */
	if (s->manifest) {
		ret = cover(l, tree_ready(t));
		if (ret == CLI_OK && !write_manifest(l->m, s->manifest))
			ret = CLI_USAGE;
	}
	if (ret != CLI_OK || !(s->attestation || (s->signature && !end->unfit)))
		return ret;
	sign_ignore_git(t);
	ret = cover(l, tree_ready(t));
	if (ret == CLI_OK && !sign_both(l, end, &t->tree))
		ret = CLI_USAGE;
	return ret;
}

int seal_finish(struct seal *l, const struct seal_end *end)
{
	struct tree_settings t = { .no_progress = true };
	int ret;

	if (!l->m)
		return CLI_OK;
	for (size_t i = 0; i < end->ours_count; i++)
		tree_leave_out(&t, l->root, end->ours[i]);
	tree_leave_out(&t, l->root, l->s->manifest);
	tree_leave_out(&t, l->root, l->s->signature);
	tree_leave_out(&t, l->root, l->s->attestation);
	ret = l->failed ? CLI_USAGE : cover_and_write(l, end, &t);
	tree_release(&t);
	if (ret == CLI_INCOMPLETE)
		cli_complain("no manifest and no signature of what was not "
			     "read whole");
	else if (l->s->signature && end->unfit)
		cli_complain("%s is not signed: %s", cli_show(l->root),
			     end->unfit);
	return ret;
}
