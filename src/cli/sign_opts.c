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

static enum picket_status put(const struct signer *s,
			      const struct picket_manifest *m, const char *root,
			      const struct picket_tree *how,
			      struct cli_output *o)
{
	const struct picket_sink to = { cli_output_write, o };
	struct picket_refusal why = { .text = "" };
	char buf[PATH_MAX];
	const enum picket_status status =
		picket_sign(m, model_name(root, buf), how, s->key,
			    s->pems[0].n ? &s->pems[0] : NULL,
			    s->pems[1].n ? &s->pems[1] : NULL, &to, &why);

	if (status != PICKET_OK)
		cli_complain("cannot sign %s: %s", cli_show(root),
			     *why.text ? why.text : picket_strerror(status));
	return status;
}

bool sign_write(const struct signer *s, const struct picket_manifest *m,
		const char *root, const struct picket_tree *how,
		const char *path)
{
	struct cli_output *o = calloc(1, sizeof(*o));
	bool ok = o && cli_output_open(o, path);

	if (ok) {
		ok = put(s, m, root, how, o) == PICKET_OK &&
		     cli_output_commit(o);
		cli_output_close(o);
	}
	free(o);
	return ok;
}
