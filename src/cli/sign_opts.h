/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SIGN_OPTS_H
#define PICKET_CLI_SIGN_OPTS_H

#include "cli/tree_opts.h"

/* What signing and verifying have in common. */
enum { SIGN_PEM_MAX = 1 << 20 };

/* "sha256", "blake2b", "blake3"; NULL past the last. */
const char *sign_nth_hash(size_t n);

/* Model Signing leaves out what git keeps at the top of a tree. */
void sign_ignore_git(struct tree_settings *s);

#endif
