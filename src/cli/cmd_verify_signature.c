/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/verify_opts.h"

extern const struct cli_command cli_command_verify_signature;

struct settings {
	struct verify_settings common; /* first */
	bool allow_extra;
	bool legacy;
};

CLI_SWITCH(struct settings, allow_extra, allow_extra)
CLI_SWITCH(struct settings, legacy, legacy)

static const struct cli_option options[] = {
	{ 0, "signature", "FILE", "the signature: model.sig", "Options",
	  verify_set_bundle },
	{ 0, "allow-extra", NULL, "more files than were signed are fine", NULL,
	  set_allow_extra },
	{ 0, "legacy", NULL, "take the encoding of version 0.2.0, too", NULL,
	  set_legacy },
	VERIFY_OPTIONS,
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static void demand(const struct verify_settings *s, struct picket_verifier *v)
{
	v->legacy = ((const struct settings *)s)->legacy;
}

static enum picket_status open_signature(const struct cli_bytes *b,
					 const struct picket_verifier *v,
					 void **ret, struct picket_refusal *why)
{
	struct picket_signature *sig = NULL;
	enum picket_status s =
		picket_signature_verify(b->p, b->n, v, &sig, why);

	*ret = sig;
	return s;
}

static void free_signature(void *opened)
{
	picket_signature_free(opened);
}

/* Whatever is signed is; but some bundles do not say with which key. */
static bool is_good(const struct verify_settings *s, void *opened)
{
	(void)s;
	if (picket_signature_has_no_hint(opened))
		cli_complain("note: the signature does not say which key made "
			     "it; it is the given one's all the same");
	return true;
}

static enum picket_status excluded(const void *opened, const char *root,
				   const struct picket_tree *how,
				   struct picket_excluded **ret)
{
	return picket_signature_excluded(opened, root, how, ret);
}

static enum picket_status check(const struct verify_settings *s,
				const void *opened, const char *root,
				struct picket_differences **ret)
{
	return picket_signature_check(opened, root, &s->common.tree,
				      ((const struct settings *)s)->allow_extra,
				      ret);
}

static size_t count(const void *opened)
{
	return picket_signature_count(opened);
}

static void tell(void *opened)
{
	(void)printf("signed by %s\n",
		     cli_show(picket_signature_signer(opened)));
}

static int verify_signature(int argc, char **argv)
{
	static const struct verify_kind kind = {
		.command = &cli_command_verify_signature,
		.what = "signature",
		.option = "--signature FILE",
		.demand = demand,
		.open = open_signature,
		.free = free_signature,
		.is_good = is_good,
		.excluded = excluded,
		.check = check,
		.count = count,
		.tell = tell,
	};
	struct settings s = { 0 };

	return verify_run(&kind, &s.common, argc, argv);
}

const struct cli_command cli_command_verify_signature = {
	.name = "verify-signature",
	.args = "DIR --signature model.sig --key PUB.pem | --chain ROOTS.pem | --trusted-root FILE",
	.what = "Verifies a Model Signing bundle over a tree.",
	.more = "Exits with 5 when the signature is not good, when the tree is "
		"not what was signed, or when a file that a loader opens was "
		"left out by its signer.  Certificates count as of when "
		"they were issued, as the reference does.",
	.run = verify_signature,
	.options = get_options,
};
