/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sign_opts.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"

const char *sign_nth_hash(size_t n)
{
	return picket_hash_name((enum picket_hash)n);
}

void sign_ignore_git(struct tree_settings *s)
{
	static const char *const paths[] = { ".git", ".gitattributes",
					     ".github", ".gitignore" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		s->ignores[s->ignore_count++] = paths[i];
}

bool sign_names_ok(const struct sign_names *n)
{
	if (!n->chain || n->certificate)
		return true;
	cli_complain("--chain needs --cert, the key's certificate");
	return false;
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

bool signer_load(struct signer *s, const struct sign_names *n)
{
	*s = (struct signer){ 0 };
	if (!read_pem(n->certificate, &s->files[0], &s->pems[0]) ||
	    !read_pem(n->chain, &s->files[1], &s->pems[1]))
		return false;
	s->key = load_key(n->key);
	if (s->key && !picket_key_is_standard(s->key))
		cli_complain("note: only picket verifies Ed25519; Model "
			     "Signing knows P-256, P-384 and P-521");
	return s->key != NULL;
}

void signer_release(struct signer *s)
{
	picket_key_free(s->key);
	free(s->files[0].p);
	free(s->files[1].p);
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

/* One of the two is made. */
struct making {
	const struct signer *by;
	const struct picket_manifest *m;
	const struct picket_tree *how;         /* a signature */
	const struct picket_scan_facts *facts; /* an attestation */
	const char *name;
};

static enum picket_status put(const struct making *k,
			      const struct picket_sink *to,
			      struct picket_refusal *why)
{
	const struct picket_pem *pems = k->by->pems;
	const struct picket_pem *leaf = pems[0].n ? &pems[0] : NULL;
	const struct picket_pem *chain = pems[1].n ? &pems[1] : NULL;

	return k->facts ? picket_attest(k->m, k->facts, k->by->key, leaf, chain,
					to, why)
			: picket_sign(k->m, k->name, k->how, k->by->key, leaf,
				      chain, to, why);
}

static bool make(const struct making *k, const char *root, const char *path)
{
	struct cli_output *o = calloc(1, sizeof(*o));
	const struct picket_sink to = { cli_output_write, o };
	struct picket_refusal why = { .text = "" };
	enum picket_status s;
	bool ok = o && cli_output_open(o, path);

	if (ok) {
		s = put(k, &to, &why);
		if (s != PICKET_OK)
			cli_complain("cannot sign %s: %s", cli_show(root),
				     *why.text ? why.text : picket_strerror(s));
		ok = s == PICKET_OK && cli_output_commit(o);
		cli_output_close(o);
	}
	free(o);
	return ok;
}

bool sign_write(const struct signer *s, const struct picket_manifest *m,
		const char *root, const struct picket_tree *how,
		const char *path)
{
	char buf[PATH_MAX];
	const struct making k = {
		.by = s, .m = m, .how = how, .name = model_name(root, buf)
	};

	return make(&k, root, path);
}

bool sign_attestation(const struct signer *s, const struct picket_manifest *m,
		      const char *root, struct picket_scan_facts *facts,
		      const char *path)
{
	char buf[PATH_MAX];
	const struct making k = { .by = s, .m = m, .facts = facts };

	facts->name = model_name(root, buf);
	return make(&k, root, path);
}

bool verifier_named(const struct verifier_names *n)
{
	const bool keyless = n->trusted_root || n->identity || n->issuer;

	if (!!n->key + !!n->roots + keyless != 1)
		cli_complain("who must have signed: --key PUB.pem, --chain "
			     "ROOTS.pem, or --trusted-root FILE with "
			     "--identity and --issuer");
	else if (keyless && !(n->trusted_root && n->identity && n->issuer))
		cli_complain("--trusted-root FILE, --identity NAME and "
			     "--issuer URL go together");
	else
		return true;
	return false;
}

bool verifier_load(struct verifier *v, const struct verifier_names *n)
{
	const char *path = n->key     ? n->key
			   : n->roots ? n->roots
				      : n->trusted_root;
	struct picket_refusal why;

	*v = (struct verifier){ 0 };
	if (!cli_read_file(path, SIGN_PEM_MAX, &v->file))
		return false;
	v->v.identity = n->identity;
	v->v.issuer = n->issuer;
	if (n->roots)
		v->v.roots = (struct picket_pem){ v->file.p, v->file.n };
	if (n->trusted_root)
		v->v.trusted_root = (struct picket_pem){ v->file.p, v->file.n };
	if (!n->key)
		return true;
	if (picket_key_public(v->file.p, v->file.n, &v->key, &why) !=
	    PICKET_OK) {
		cli_complain("cannot verify with %s: %s", cli_show(n->key),
			     why.text);
		return false;
	}
	v->v.key = v->key;
	return true;
}

void verifier_release(struct verifier *v)
{
	picket_key_free(v->key);
	free(v->file.p);
}

bool sign_nothing_hidden(const struct picket_excluded *e, bool strict)
{
	const char *path, *artefact = picket_excluded_artefact(e);
	bool any = false;

	for (size_t i = 0; (path = picket_excluded_path(e, i)) != NULL; i++) {
		cli_complain("%s is not signed: its signer left it out",
			     cli_show(path));
		any = true;
	}
	if (artefact)
		cli_complain("%s is one that a loader opens; to accept it "
			     "unsigned: --ignore %s",
			     cli_show(artefact), cli_show(artefact));
	return !artefact && !(any && strict);
}
