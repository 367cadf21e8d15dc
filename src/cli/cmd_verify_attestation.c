/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/sign_opts.h"

extern const struct cli_command cli_command_verify_attestation;

struct settings {
	struct tree_settings common; /* first */
	const char *attestation;
	const char *key;
	const char *roots;
	const char *policy;
	uint64_t max_age; /* days; 0: any */
	bool strict;
	bool must_be_valid_now;
};

#define SETTER(name)                                                       \
	static bool set_##name(void *settings, const struct cli_option *o, \
			       const char *value)

CLI_TEXT(struct settings, attestation, attestation)
CLI_TEXT(struct settings, key, key)
CLI_TEXT(struct settings, roots, roots)
CLI_TEXT(struct settings, policy, policy)
CLI_SWITCH(struct settings, strict, strict)
CLI_SWITCH(struct settings, must_be_valid_now, must_be_valid_now)

SETTER(max_age)
{
	return cli_number(o->name, value, 1,
			  &((struct settings *)settings)->max_age);
}

static const struct cli_option options[] = {
	{ 0, "attestation", "FILE", "what 'picket scan --attest' wrote",
	  "Options", set_attestation },
	{ 0, "key", "PUB.pem", "the public key that must have signed", NULL,
	  set_key },
	{ 0, "chain", "ROOTS.pem",
	  "or the root certificates whom its signer must lead to", NULL,
	  set_roots },
	{ 0, "require-valid-now", NULL,
	  "the certificate must not have expired since it was issued", NULL,
	  set_must_be_valid_now },
	{ 0, "policy", "NAME", "the policy that must have been applied", NULL,
	  set_policy },
	{ 0, "max-age", "DAYS", "how long ago the scan may have been", NULL,
	  set_max_age },
	{ 0, "strict", NULL, "nothing may be left out of what was scanned",
	  NULL, set_strict },
	{ 0, "json", NULL, "what differs, as JSON", NULL, tree_set_json },
	TREE_OPTIONS,
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static bool is_fresh(const struct settings *s,
		     const struct picket_attestation *a)
{
	enum { DAY = 24 * 60 * 60, SKEW = 10 * 60 };
	const int64_t age = (int64_t)time(NULL) - picket_attestation_time(a);

	if (age < -SKEW)
		cli_complain("the scan is of the future: one of the clocks is "
			     "wrong");
	else if (s->max_age && age > 0 && (uint64_t)age / DAY >= s->max_age)
		cli_complain("the scan is %llu days old",
			     (unsigned long long)age / DAY);
	else
		return true;
	return false;
}

/* What was attested, whatever is on the disk. */
static bool is_good(const struct settings *s,
		    const struct picket_attestation *a)
{
	const char *policy = picket_attestation_policy(a);
	const char *blocked = picket_attestation_blocked(a);
	bool ok = is_fresh(s, a);

	if (s->policy && strcmp(s->policy, policy) != 0) {
		cli_complain("the policy was %s, not %s", cli_show(policy),
			     cli_show(s->policy));
		ok = false;
	}
	if (blocked)
		cli_complain("the scan blocked %s", cli_show(blocked));
	else if (!picket_attestation_passed(a))
		cli_complain("the scan did not pass: something could not be "
			     "read whole");
	return ok && picket_attestation_passed(a);
}

static bool nothing_hidden(const struct settings *s, const char *root,
			   const struct picket_attestation *a)
{
	struct picket_excluded *e = NULL;
	bool ok = picket_attestation_excluded(a, root, &s->common.tree, &e) ==
			  PICKET_OK &&
		  sign_nothing_hidden(e, s->strict);

	picket_excluded_free(e);
	return ok;
}

static int check(struct settings *s, const char *root,
		 struct picket_attestation *a)
{
	struct picket_differences *d = NULL;
	const bool good = is_good(s, a);
	const bool whole = nothing_hidden(s, root, a);
	enum picket_status status =
		picket_attestation_check(a, root, tree_ready(&s->common), &d);
	int ret;

	tree_done(&s->common);
	if (status != PICKET_OK) {
		cli_complain("cannot read %s: %s", cli_show(root),
			     status == PICKET_ERR_IO ? strerror(errno)
						     : picket_strerror(status));
		return CLI_USAGE;
	}
	if (!s->common.json)
		(void)printf("scanned by policy %s, attested by %s\n",
			     cli_show(picket_attestation_policy(a)),
			     cli_show(picket_attestation_signer(a)));
	ret = tree_judge(d, root, s->common.json, picket_attestation_count(a));
	picket_differences_free(d);
	return good && whole ? ret : CLI_INTEGRITY;
}

static int verify(struct settings *s, const char *root,
		  const struct picket_verifier *v)
{
	struct picket_attestation *a = NULL;
	struct picket_refusal why;
	enum picket_status status;
	struct cli_bytes b;
	int ret;

	if (!cli_read_file(s->attestation, SIGN_BUNDLE_MAX, &b))
		return CLI_USAGE;
	status = picket_attestation_verify(b.p, b.n, v, &a, &why);
	free(b.p);
	if (status != PICKET_OK) {
		cli_complain("%s is no good attestation: %s",
			     cli_show(s->attestation),
			     status == PICKET_ERR_DATA
				     ? why.text
				     : picket_strerror(status));
		return CLI_INTEGRITY;
	}
	ret = check(s, root, a);
	picket_attestation_free(a);
	return ret;
}

static bool complete(const struct settings *s, int n)
{
	if (n != 1)
		cli_complain("verify-attestation takes one folder or file");
	else if (!s->attestation)
		cli_complain("verify-attestation needs --attestation FILE");
	else
		return verifier_named(s->key, s->roots);
	return false;
}

static int verify_attestation(int argc, char **argv)
{
	struct settings s = { 0 };
	const int n =
		cli_parse(&cli_command_verify_attestation, &s, argc, argv);
	struct verifier by = { 0 };
	int ret = CLI_USAGE;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (complete(&s, n) && verifier_load(&by, s.key, s.roots)) {
		by.v.must_be_valid_now = s.must_be_valid_now;
		sign_ignore_git(&s.common);
		tree_leave_out(&s.common, argv[0], s.attestation);
		(void)tree_ready(&s.common);
		ret = verify(&s, argv[0], &by.v);
	}
	verifier_release(&by);
	tree_release(&s.common);
	return ret;
}

const struct cli_command cli_command_verify_attestation = {
	.name = "verify-attestation",
	.args = "DIR --attestation FILE --key PUB.pem | --chain ROOTS.pem",
	.what = "Verifies that a tree is what a signed scan passed.",
	.more = "Takes the place of a second scan: exits with 5 unless the "
		"signature is good, the files are those that were scanned, and "
		"the scan passed.",
	.run = verify_attestation,
	.options = get_options,
};
