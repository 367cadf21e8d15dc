/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SIGN_OPTS_H
#define PICKET_CLI_SIGN_OPTS_H

#include "cli/read_file.h"
#include "cli/tree_opts.h"

/* What signing and verifying have in common. */
enum { SIGN_PEM_MAX = 1 << 20 };

/* "sha256", "blake2b", "blake3"; NULL past the last. */
const char *sign_nth_hash(size_t n);

/* Model Signing leaves out what git keeps at the top of a tree. */
void sign_ignore_git(struct tree_settings *s);

/* Files with PEM text; the last two may be NULL. */
struct sign_names {
	const char *key;
	const char *certificate;
	const char *chain;
};

/* Whether they go together; complains. */
bool sign_names_ok(const struct sign_names *n);

/* Who signs. */
struct signer {
	struct picket_key *key;
	struct cli_bytes files[2];
	struct picket_pem pems[2];
};

/* False after a complaint; to be released in any case.  The password of an
 * encrypted key is PICKET_KEY_PASSWORD, or asked for on the terminal. */
bool signer_load(struct signer *s, const struct sign_names *n);
void signer_release(struct signer *s);

/* Writes the signature over the tree that the manifest is of; false after a
 * complaint. */
bool sign_write(const struct signer *s, const struct picket_manifest *m,
		const char *root, const struct picket_tree *how,
		const char *path);

#endif
