/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/verify_opts.h"

extern const struct cli_command cli_command_verify_attestation;

struct settings {
	struct verify_settings common; /* first */
	const char *policy;
	uint64_t max_age; /* days; 0: any */
};

CLI_TEXT(struct settings, policy, policy)

static bool set_max_age(void *settings, const struct cli_option *o,
			const char *value)
{
	return cli_number(o->name, value, 1,
			  &((struct settings *)settings)->max_age);
}

static const struct cli_option options[] = {
	{ 0, "attestation", "FILE", "what 'picket scan --attest' wrote",
	  "Options", verify_set_bundle },
	{ 0, "policy", "NAME", "the policy that must have been applied", NULL,
	  set_policy },
	{ 0, "max-age", "DAYS", "how long ago the scan may have been", NULL,
	  set_max_age },
	VERIFY_OPTIONS,
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
static bool is_good(const struct verify_settings *common, void *opened)
{
	const struct settings *s = (const struct settings *)common;
	const struct picket_attestation *a = opened;
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

static enum picket_status open_attestation(const struct cli_bytes *b,
					   const struct picket_verifier *v,
					   void **ret,
					   struct picket_refusal *why)
{
	struct picket_attestation *a = NULL;
	enum picket_status s =
		picket_attestation_verify(b->p, b->n, v, &a, why);

	*ret = a;
	return s;
}

static void free_attestation(void *opened)
{
	picket_attestation_free(opened);
}

static enum picket_status excluded(const void *opened, const char *root,
				   const struct picket_tree *how,
				   struct picket_excluded **ret)
{
	return picket_attestation_excluded(opened, root, how, ret);
}

static enum picket_status check(const struct verify_settings *s,
				const void *opened, const char *root,
				struct picket_differences **ret)
{
	return picket_attestation_check(opened, root, &s->common.tree, ret);
}

static size_t count(const void *opened)
{
	return picket_attestation_count(opened);
}

static void tell(void *opened)
{
	(void)printf("scanned by policy %s, attested by %s\n",
		     cli_show(picket_attestation_policy(opened)),
		     cli_show(picket_attestation_signer(opened)));
}

static int verify_attestation(int argc, char **argv)
{
	static const struct verify_kind kind = {
		.command = &cli_command_verify_attestation,
		.what = "attestation",
		.option = "--attestation FILE",
		.open = open_attestation,
		.free = free_attestation,
		.is_good = is_good,
		.excluded = excluded,
		.check = check,
		.count = count,
		.tell = tell,
	};
	struct settings s = { 0 };

	return verify_run(&kind, &s.common, argc, argv);
}

const struct cli_command cli_command_verify_attestation = {
	.name = "verify-attestation",
	.args = "DIR --attestation FILE --key PUB.pem | --chain ROOTS.pem | --trusted-root FILE",
	.what = "Verifies that a tree is what a signed scan passed.",
	.more = "Takes the place of a second scan: exits with 5 unless the "
		"signature is good, the files are those that were scanned, and "
		"the scan passed.",
	.run = verify_attestation,
	.options = get_options,
};
