/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/read_file.h"
#include "cli/sign_opts.h"

extern const struct cli_command cli_command_verify_signature;

struct settings {
	struct tree_settings common; /* first */
	const char *signature;
	const char *key;
	const char *roots;
	bool allow_extra;
	bool legacy;
	bool strict;
	bool must_be_valid_now;
};

CLI_TEXT(struct settings, signature, signature)
CLI_TEXT(struct settings, key, key)
CLI_TEXT(struct settings, roots, roots)
CLI_SWITCH(struct settings, allow_extra, allow_extra)
CLI_SWITCH(struct settings, legacy, legacy)
CLI_SWITCH(struct settings, strict, strict)
CLI_SWITCH(struct settings, must_be_valid_now, must_be_valid_now)

static const struct cli_option options[] = {
	{ 0, "signature", "FILE", "the signature: model.sig", "Options",
	  set_signature },
	{ 0, "key", "PUB.pem", "the public key that must have signed", NULL,
	  set_key },
	{ 0, "chain", "ROOTS.pem",
	  "or the root certificates whom its signer must lead to", NULL,
	  set_roots },
	{ 0, "require-valid-now", NULL,
	  "the certificate must not have expired since it was issued", NULL,
	  set_must_be_valid_now },
	{ 0, "strict", NULL, "nothing may be left out of what was signed", NULL,
	  set_strict },
	{ 0, "allow-extra", NULL, "more files than were signed are fine", NULL,
	  set_allow_extra },
	{ 0, "legacy", NULL, "take the encoding of version 0.2.0, too", NULL,
	  set_legacy },
	{ 0, "json", NULL, "what differs, as JSON", NULL, tree_set_json },
	TREE_OPTIONS,
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static bool nothing_hidden(const struct settings *s, const char *root,
			   const struct picket_signature *sig)
{
	struct picket_excluded *e = NULL;
	bool ok = picket_signature_excluded(sig, root, &s->common.tree, &e) ==
			  PICKET_OK &&
		  sign_nothing_hidden(e, s->strict);

	picket_excluded_free(e);
	return ok;
}

static int check_tree(struct settings *s, const char *root,
		      const struct picket_signature *sig)
{
	struct picket_differences *d = NULL;
	enum picket_status status;
	bool whole;
	int ret;

	if (picket_signature_has_no_hint(sig))
		cli_complain("note: the signature does not say which key made "
			     "it; it is the given one's all the same");
	whole = nothing_hidden(s, root, sig);
	status = picket_signature_check(sig, root, tree_ready(&s->common),
					s->allow_extra, &d);
	tree_done(&s->common);
	if (status != PICKET_OK) {
		cli_complain("cannot read %s: %s", cli_show(root),
			     status == PICKET_ERR_IO ? strerror(errno)
						     : picket_strerror(status));
		return CLI_USAGE;
	}
	if (!s->common.json)
		(void)printf("signed by %s\n",
			     cli_show(picket_signature_signer(sig)));
	ret = tree_judge(d, root, s->common.json, picket_signature_count(sig));
	picket_differences_free(d);
	return whole ? ret : CLI_INTEGRITY;
}

static int verify(struct settings *s, const char *root,
		  const struct picket_verifier *v)
{
	struct picket_signature *sig = NULL;
	struct picket_refusal why;
	enum picket_status status;
	struct cli_bytes b;
	int ret;

	if (!cli_read_file(s->signature, SIGN_BUNDLE_MAX, &b))
		return CLI_USAGE;
	status = picket_signature_verify(b.p, b.n, v, &sig, &why);
	free(b.p);
	if (status != PICKET_OK) {
		cli_complain(
			"%s is no good signature: %s", cli_show(s->signature),
			status == PICKET_ERR_DATA ? why.text
						  : picket_strerror(status));
		return CLI_INTEGRITY;
	}
	ret = check_tree(s, root, sig);
	picket_signature_free(sig);
	return ret;
}

static bool complete(const struct settings *s, int n)
{
	if (n != 1)
		cli_complain("verify-signature takes one folder or file");
	else if (!s->signature)
		cli_complain("verify-signature needs --signature FILE");
	else
		return verifier_named(s->key, s->roots);
	return false;
}

static int verify_signature(int argc, char **argv)
{
	struct settings s = { 0 };
	const int n = cli_parse(&cli_command_verify_signature, &s, argc, argv);
	struct verifier by = { 0 };
	int ret = CLI_USAGE;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (complete(&s, n) && verifier_load(&by, s.key, s.roots)) {
		by.v.legacy = s.legacy;
		by.v.must_be_valid_now = s.must_be_valid_now;
		sign_ignore_git(&s.common);
		tree_leave_out(&s.common, argv[0], s.signature);
		(void)tree_ready(&s.common);
		ret = verify(&s, argv[0], &by.v);
	}
	verifier_release(&by);
	tree_release(&s.common);
	return ret;
}

const struct cli_command cli_command_verify_signature = {
	.name = "verify-signature",
	.args = "DIR --signature model.sig --key PUB.pem | --chain ROOTS.pem",
	.what = "Verifies a Model Signing bundle over a tree.",
	.more = "Exits with 5 when the signature is not good, when the tree is "
		"not what was signed, or when a file that a loader opens was "
		"left out by its signer.  Certificates count as of when "
		"they were issued, as the reference does.",
	.run = verify_signature,
	.options = get_options,
};
