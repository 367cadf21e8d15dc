/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SIGN_OPTS_H
#define PICKET_CLI_SIGN_OPTS_H

#include "cli/read_file.h"
#include "cli/tree_opts.h"

/* What signing and verifying have in common. */
enum { SIGN_PEM_MAX = 1 << 20, SIGN_BUNDLE_MAX = 256 << 20 };

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

/* The same of what the scan said of each file. */
bool sign_attestation(const struct signer *s, const struct picket_manifest *m,
		      const char *root, struct picket_scan_facts *facts,
		      const char *path);

/* Who must have signed: a public key, whom roots vouch for, or an identity. */
struct verifier {
	struct picket_verifier v;
	struct picket_key *key;
	struct cli_bytes file;
};

/* The files' names, and the rest as it was given; NULL: not. */
struct verifier_names {
	const char *key;
	const char *roots;
	const char *trusted_root;
	const char *identity;
	const char *issuer;
};

/* Whether one of the three is given, whole; complains. */
bool verifier_named(const struct verifier_names *n);
/* False after a complaint; to be released in any case. */
bool verifier_load(struct verifier *v, const struct verifier_names *n);
void verifier_release(struct verifier *v);

/* Whoever signed may leave things out; who verifies is told.  False when a
 * loader would open one of them, or strict is set and there is any. */
bool sign_nothing_hidden(const struct picket_excluded *e, bool strict);

#endif
