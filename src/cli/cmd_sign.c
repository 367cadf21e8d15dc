/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sign_opts.h"
#include "cli/tree_opts.h"

extern const struct cli_command cli_command_sign;

struct settings {
	struct tree_settings common; /* first */
	struct sign_names names;
	const char *output;
	bool force;
};

#define SETTER(name)                                                       \
	static bool set_##name(void *settings, const struct cli_option *o, \
			       const char *value)

CLI_TEXT(struct settings, key, names.key)
CLI_TEXT(struct settings, certificate, names.certificate)
CLI_TEXT(struct settings, chain, names.chain)
CLI_TEXT(struct settings, output, output)
CLI_SWITCH(struct settings, force, force)

SETTER(links)
{
	(void)o;
	(void)value;
	((struct tree_settings *)settings)->tree.links = PICKET_LINKS_FOLLOW;
	return true;
}

SETTER(hash)
{
	struct tree_settings *s = settings;
	size_t at;

	for (at = 0; sign_nth_hash(at); at++) {
		if (strcmp(sign_nth_hash(at), value) == 0) {
			s->tree.hash = (enum picket_hash)at;
			return true;
		}
	}
	return cli_bad_choice(o->name, value, sign_nth_hash);
}

SETTER(shard)
{
	return cli_size(o->name, value,
			&((struct tree_settings *)settings)->tree.shard);
}

static const struct cli_option options[] = {
	{ 0, "key", "KEY.pem", "the private key: P-256, P-384, P-521, Ed25519",
	  "Options", set_key },
	{ 0, "cert", "CERT.pem", "its certificate", NULL, set_certificate },
	{ 0, "chain", "CHAIN.pem", "certificates between it and a root", NULL,
	  set_chain },
	{ 'o', "output", "FILE", "the signature, mostly model.sig", NULL,
	  set_output },
	{ 0, "force", NULL, "replace FILE", NULL, set_force },
	{ 0, "hash", "NAME", "sha256 (default), blake2b or blake3", NULL,
	  set_hash },
	{ 0, "shard-size", "SIZE",
	  "hash parts of this size, so that large files take all threads", NULL,
	  set_shard },
	TREE_OPTIONS,
	{ 0, "follow-links", NULL, "sign what links lead to", NULL, set_links },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static int write_signature(struct settings *s, const char *root,
			   const struct picket_manifest *m,
			   const struct signer *by)
{
	const size_t n = picket_manifest_count(m);

	if (!tree_whole(m)) {
		cli_complain("nothing is signed that cannot be read whole");
		return CLI_INCOMPLETE;
	}
	if (!sign_write(by, m, root, &s->common.tree, s->output))
		return CLI_USAGE;
	(void)printf("%s: %zu file%s signed, in %s\n", cli_show(root), n,
		     n == 1 ? "" : "s", cli_show(s->output));
	return CLI_OK;
}

static int hash_and_sign(struct settings *s, const char *root,
			 const struct signer *by)
{
	struct picket_manifest *m = NULL;
	enum picket_status status;
	int ret;

	status = picket_manifest_create(root, tree_ready(&s->common), NULL, &m);
	tree_done(&s->common);
	if (status != PICKET_OK) {
		cli_complain("cannot read %s: %s", cli_show(root),
			     status == PICKET_ERR_IO ? strerror(errno)
						     : picket_strerror(status));
		return CLI_USAGE;
	}
	ret = write_signature(s, root, m, by);
	picket_manifest_free(m);
	return ret;
}

static int run_sign(struct settings *s, const char *root)
{
	struct signer by = { 0 };
	const int ret = signer_load(&by, &s->names)
				? hash_and_sign(s, root, &by)
				: CLI_USAGE;

	signer_release(&by);
	return ret;
}

static bool complete(const struct settings *s, int n)
{
	if (n != 1)
		cli_complain("sign takes one folder or file");
	else if (!s->names.key)
		cli_complain("sign needs --key KEY.pem");
	else if (!s->output)
		cli_complain("sign needs --output FILE for the signature");
	else if (s->common.tree.shard && s->common.tree.hash == PICKET_BLAKE3)
		cli_complain("blake3 does not go with --shard-size");
	else
		return sign_names_ok(&s->names) &&
		       tree_may_write(s->output, s->force);
	return false;
}

static int sign(int argc, char **argv)
{
	struct settings s = { 0 };
	const int n = cli_parse(&cli_command_sign, &s, argc, argv);
	int ret = CLI_USAGE;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (complete(&s, n)) {
		sign_ignore_git(&s.common);
		tree_leave_out(&s.common, argv[0], s.output);
		ret = run_sign(&s, argv[0]);
	}
	tree_release(&s.common);
	return ret;
}

const struct cli_command cli_command_sign = {
	.name = "sign",
	.args = "DIR --key KEY.pem -o model.sig",
	.what = "Signs a tree as OpenSSF Model Signing does.",
	.more = "The signature is a Sigstore bundle that "
		"'model_signing verify' takes, too.  .git, .github, "
		".gitattributes and .gitignore at the top of DIR and the "
		"signature itself are left out.  The password of an "
		"encrypted key is asked for, or taken from "
		"PICKET_KEY_PASSWORD.",
	.run = sign,
	.options = get_options,
};
