/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify_opts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SETTER(name, member, as)                                           \
	bool verify_set_##name(void *settings, const struct cli_option *o, \
			       const char *value)                          \
	{                                                                  \
		(void)o;                                                   \
		(void)value;                                               \
		((struct verify_settings *)settings)->member = (as);       \
		return true;                                               \
	}
SETTER(bundle, bundle, value)
SETTER(key, by.key, value)
SETTER(roots, by.roots, value)
SETTER(trusted_root, by.trusted_root, value)
SETTER(identity, by.identity, value)
SETTER(issuer, by.issuer, value)
SETTER(must_be_valid_now, must_be_valid_now, true)
SETTER(strict, strict, true)
#undef SETTER

static bool nothing_hidden(const struct verify_kind *k,
			   const struct verify_settings *s, const char *root,
			   const void *opened)
{
	struct picket_excluded *e = NULL;
	bool ok = k->excluded(opened, root, &s->common.tree, &e) == PICKET_OK &&
		  sign_nothing_hidden(e, s->strict);

	picket_excluded_free(e);
	return ok;
}

static int check(const struct verify_kind *k, struct verify_settings *s,
		 const char *root, void *opened)
{
	struct picket_differences *d = NULL;
	const bool good = k->is_good(s, opened);
	const bool whole = nothing_hidden(k, s, root, opened);
	enum picket_status status;
	int ret;

	(void)tree_ready(&s->common);
	status = k->check(s, opened, root, &d);
	tree_done(&s->common);
	if (status != PICKET_OK) {
		cli_complain("cannot read %s: %s", cli_show(root),
			     status == PICKET_ERR_IO ? strerror(errno)
						     : picket_strerror(status));
		return CLI_USAGE;
	}
	if (!s->common.json)
		k->tell(opened);
	ret = tree_judge(d, root, s->common.json, k->count(opened));
	picket_differences_free(d);
	return good && whole ? ret : CLI_INTEGRITY;
}

static int verify(const struct verify_kind *k, struct verify_settings *s,
		  const char *root, const struct picket_verifier *v)
{
	struct picket_refusal why;
	enum picket_status status;
	struct cli_bytes b;
	void *opened = NULL;
	int ret;

	if (!cli_read_file(s->bundle, SIGN_BUNDLE_MAX, &b))
		return CLI_USAGE;
	status = k->open(&b, v, &opened, &why);
	free(b.p);
	if (status != PICKET_OK) {
		cli_complain(
			"%s is no good %s: %s", cli_show(s->bundle), k->what,
			status == PICKET_ERR_DATA ? why.text
						  : picket_strerror(status));
		return CLI_INTEGRITY;
	}
	ret = check(k, s, root, opened);
	k->free(opened);
	return ret;
}

static bool complete(const struct verify_kind *k,
		     const struct verify_settings *s, int n)
{
	if (n != 1)
		cli_complain("%s takes one folder or file", k->command->name);
	else if (!s->bundle)
		cli_complain("%s needs %s", k->command->name, k->option);
	else if (s->by.trusted_root && s->must_be_valid_now)
		cli_complain("--require-valid-now does not go with "
			     "--trusted-root: such certificates live for "
			     "minutes");
	else
		return verifier_named(&s->by);
	return false;
}

int verify_run(const struct verify_kind *k, struct verify_settings *s, int argc,
	       char **argv)
{
	const int n = cli_parse(k->command, s, argc, argv);
	struct verifier by = { 0 };
	int ret = CLI_USAGE;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (complete(k, s, n) && verifier_load(&by, &s->by)) {
		by.v.must_be_valid_now = s->must_be_valid_now;
		if (k->demand)
			k->demand(s, &by.v);
		sign_ignore_git(&s->common);
		tree_leave_out(&s->common, argv[0], s->bundle);
		(void)tree_ready(&s->common);
		ret = verify(k, s, argv[0], &by.v);
	}
	verifier_release(&by);
	tree_release(&s->common);
	return ret;
}
