/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_VERIFY_OPTS_H
#define PICKET_CLI_VERIFY_OPTS_H

#include "cli/sign_opts.h"

/*
 * What the commands that verify a bundle over a tree have in common: who must
 * have signed, what may be left out, and the way from the options to the exit
 * status.  The settings of such a command begin with this struct, and its
 * table of options has the ones here.
 */
struct verify_settings {
	struct tree_settings common; /* first */
	const char *bundle;          /* the file */
	struct verifier_names by;
	bool strict;
	bool must_be_valid_now;
};

#define VERIFY_OPTIONS                                                                        \
	{ 0,         "key",                                                                   \
	  "PUB.pem", "the public key that must have signed",                                  \
	  NULL,      verify_set_key },                                                        \
		{ 0,                                                                          \
		  "chain",                                                                    \
		  "ROOTS.pem",                                                                \
		  "or the root certificates whom its signer must lead to",                    \
		  NULL,                                                                       \
		  verify_set_roots },                                                         \
		{ 0,                                                                          \
		  "trusted-root",                                                             \
		  "FILE",                                                                     \
		  "or whom an identity without a key leads to: Sigstore's trusted_root.json", \
		  NULL,                                                                       \
		  verify_set_trusted_root },                                                  \
		{ 0,      "identity",                                                         \
		  "NAME", "that identity: an e-mail address, a URI",                          \
		  NULL,   verify_set_identity },                                              \
		{ 0,    "issuer",         "URL", "and who vouched for it",                    \
		  NULL, verify_set_issuer },                                                  \
		{ 0,                                                                          \
		  "require-valid-now",                                                        \
		  NULL,                                                                       \
		  "the certificate must not have expired since it was issued",                \
		  NULL,                                                                       \
		  verify_set_must_be_valid_now },                                             \
		{ 0,    "strict",                                                             \
		  NULL, "nothing may be left out by its signer",                              \
		  NULL, verify_set_strict },                                                  \
		{ 0, "json", NULL, "what differs, as JSON", NULL, tree_set_json },            \
		TREE_OPTIONS

bool verify_set_bundle(void *settings, const struct cli_option *o,
		       const char *value);
bool verify_set_key(void *settings, const struct cli_option *o,
		    const char *value);
bool verify_set_roots(void *settings, const struct cli_option *o,
		      const char *value);
bool verify_set_trusted_root(void *settings, const struct cli_option *o,
			     const char *value);
bool verify_set_identity(void *settings, const struct cli_option *o,
			 const char *value);
bool verify_set_issuer(void *settings, const struct cli_option *o,
		       const char *value);
bool verify_set_must_be_valid_now(void *settings, const struct cli_option *o,
				  const char *value);
bool verify_set_strict(void *settings, const struct cli_option *o,
		       const char *value);

/* What a command does with its kind of bundle. */
struct verify_kind {
	const struct cli_command *command;
	const char *what;   /* "signature" */
	const char *option; /* "--signature FILE" */
	/* What only this command says of a verifier; may be NULL. */
	void (*demand)(const struct verify_settings *s,
		       struct picket_verifier *v);
	enum picket_status (*open)(const struct cli_bytes *b,
				   const struct picket_verifier *v, void **ret,
				   struct picket_refusal *why);
	void (*free)(void *opened);
	/* Whether what it says is good, whatever the tree is; complains. */
	bool (*is_good)(const struct verify_settings *s, void *opened);
	enum picket_status (*excluded)(const void *opened, const char *root,
				       const struct picket_tree *how,
				       struct picket_excluded **ret);
	enum picket_status (*check)(const struct verify_settings *s,
				    const void *opened, const char *root,
				    struct picket_differences **ret);
	size_t (*count)(const void *opened);
	/* Prints by whom it is. */
	void (*tell)(void *opened);
};

/* The whole command; settings are zeroed but for its own defaults. */
int verify_run(const struct verify_kind *k, struct verify_settings *s, int argc,
	       char **argv);

#endif
