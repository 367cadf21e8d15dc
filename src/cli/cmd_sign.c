/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/read_file.h"
#include "cli/sign_opts.h"
#include "cli/tree_opts.h"

extern const struct cli_command cli_command_sign;

struct settings {
	struct tree_settings common; /* first */
	const char *key;
	const char *certificate;
	const char *chain;
	const char *output;
	bool force;
};

#define SETTER(name)                                                       \
	static bool set_##name(void *settings, const struct cli_option *o, \
			       const char *value)

SETTER(key)
{
	(void)o;
	((struct settings *)settings)->key = value;
	return true;
}

SETTER(certificate)
{
	(void)o;
	((struct settings *)settings)->certificate = value;
	return true;
}

SETTER(chain)
{
	(void)o;
	((struct settings *)settings)->chain = value;
	return true;
}

SETTER(output)
{
	(void)o;
	((struct settings *)settings)->output = value;
	return true;
}

SETTER(force)
{
	(void)o;
	(void)value;
	((struct settings *)settings)->force = true;
	return true;
}

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

/* The password of a key: PICKET_KEY_PASSWORD, or asked for on the terminal. */
static int ask(void *ctx, char *buf, int size)
{
	const char *given = getenv("PICKET_KEY_PASSWORD");
	size_t n;

	(void)ctx;
	if (!given && isatty(STDIN_FILENO))
		given = getpass("Password of the key: ");
	n = given ? strlen(given) : 0;
	if (!given || n > (size_t)size)
		return -1;
	memcpy(buf, given, n);
	return (int)n;
}

static struct picket_key *load_key(const char *path)
{
	struct picket_refusal why;
	struct picket_key *key = NULL;
	struct cli_bytes b;

	if (!cli_read_file(path, SIGN_PEM_MAX, &b))
		return NULL;
	if (picket_key_private(b.p, b.n, ask, NULL, &key, &why) != PICKET_OK)
		cli_complain("cannot sign with %s: %s", cli_show(path),
			     why.text);
	explicit_bzero(b.p, b.n);
	free(b.p);
	return key;
}

/* The last part of the path, with links and dots resolved where needed. */
static const char *model_name(const char *root, char buf[PATH_MAX])
{
	const char *name;

	(void)snprintf(buf, PATH_MAX, "%s", root);
	name = basename(buf);
	if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	    strcmp(name, "/") != 0)
		return name;
	return realpath(root, buf) ? basename(buf) : root;
}

static int write_signature(struct settings *s, const char *root,
			   const struct picket_manifest *m,
			   const struct picket_key *key,
			   const struct picket_pem *pems)
{
	struct cli_output *o = calloc(1, sizeof(*o));
	const struct picket_sink to = { cli_output_write, o };
	char buf[PATH_MAX];
	struct picket_refusal why = { .text = "" };
	enum picket_status status;
	bool ok;

	if (!o || !cli_output_open(o, s->output)) {
		free(o);
		return CLI_USAGE;
	}
	status = picket_sign(m, model_name(root, buf), &s->common.tree, key,
			     pems[0].n ? &pems[0] : NULL,
			     pems[1].n ? &pems[1] : NULL, &to, &why);
	if (status != PICKET_OK)
		cli_complain("cannot sign %s: %s", cli_show(root),
			     *why.text ? why.text : picket_strerror(status));
	ok = status == PICKET_OK && cli_output_commit(o);
	cli_output_close(o);
	free(o);
	if (ok)
		(void)printf("%s: %zu file%s signed, in %s\n", cli_show(root),
			     picket_manifest_count(m),
			     picket_manifest_count(m) == 1 ? "" : "s",
			     cli_show(s->output));
	return ok ? CLI_OK : CLI_USAGE;
}

static int hash_and_sign(struct settings *s, const char *root,
			 const struct picket_key *key,
			 const struct picket_pem *pems)
{
	struct picket_manifest *m = NULL;
	enum picket_status status;
	int ret = CLI_INCOMPLETE;

	status = picket_manifest_create(root, tree_ready(&s->common), NULL, &m);
	tree_done(&s->common);
	if (status != PICKET_OK) {
		cli_complain("cannot read %s: %s", cli_show(root),
			     status == PICKET_ERR_IO ? strerror(errno)
						     : picket_strerror(status));
		return CLI_USAGE;
	}
	if (tree_whole(m))
		ret = write_signature(s, root, m, key, pems);
	else
		cli_complain("nothing is signed that cannot be read whole");
	picket_manifest_free(m);
	return ret;
}

static bool read_pem(const char *path, struct cli_bytes *b,
		     struct picket_pem *ret)
{
	if (!path)
		return true;
	if (!cli_read_file(path, SIGN_PEM_MAX, b))
		return false;
	*ret = (struct picket_pem){ b->p, b->n };
	return true;
}

static int run_sign(struct settings *s, const char *root)
{
	struct cli_bytes files[2] = { { 0 } };
	struct picket_pem pems[2] = { { 0 } };
	struct picket_key *key = NULL;
	int ret = CLI_USAGE;

	if (read_pem(s->certificate, &files[0], &pems[0]) &&
	    read_pem(s->chain, &files[1], &pems[1]))
		key = load_key(s->key);
	if (key && !picket_key_is_standard(key))
		cli_complain("note: only picket verifies Ed25519; Model "
			     "Signing knows P-256, P-384 and P-521");
	if (key)
		ret = hash_and_sign(s, root, key, pems);
	picket_key_free(key);
	free(files[0].p);
	free(files[1].p);
	return ret;
}

static bool complete(const struct settings *s, int n)
{
	if (n != 1)
		cli_complain("sign takes one folder or file");
	else if (!s->key)
		cli_complain("sign needs --key KEY.pem");
	else if (!s->output)
		cli_complain("sign needs --output FILE for the signature");
	else if (s->chain && !s->certificate)
		cli_complain("--chain needs --cert, the key's certificate");
	else if (s->common.tree.shard && s->common.tree.hash == PICKET_BLAKE3)
		cli_complain("blake3 does not go with --shard-size");
	else
		return tree_may_write(s->output, s->force);
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
