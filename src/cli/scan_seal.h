/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SCAN_SEAL_H
#define PICKET_CLI_SCAN_SEAL_H

#include "cli/sign_opts.h"

/*
 * What a scan leaves behind for later stages, over the digests that it took
 * while it read the files: a manifest, a signature, an attestation.
 */
struct seal_settings {
	const char *manifest;
	const char *signature;
	const char *attestation;
	struct sign_names names;
};

struct seal {
	const struct seal_settings *s;
	const char *root;
	struct picket_manifest *m; /* NULL: nothing is wanted */
	bool failed;
};

/* Whether anything of it is wanted. */
bool seal_wanted(const struct seal_settings *s);

/* Whether the settings go together; complains. */
bool seal_settings_ok(const struct seal_settings *s);

/* False when out of memory.  Released in any case. */
bool seal_start(struct seal *l, const struct seal_settings *s,
		const char *root);
void seal_release(struct seal *l);

/* The next result. */
void seal_add(struct seal *l, const struct picket_file *f);

/* How the scan ended. */
struct seal_end {
	const char *unfit; /* why nothing is signed, or NULL */
	const struct picket_policy *policy;
	int64_t time;
	const char *const *ours; /* reports that may lie in the tree */
	size_t ours_count;
};

/*
 * After the last result, and after every process that reads hostile bytes
 * was made: only now is the key read.  An attestation is written whatever the
 * scan said; what it said is in it.  CLI_OK, CLI_INCOMPLETE when the scan did
 * not read the whole tree, CLI_USAGE.
 */
int seal_finish(struct seal *l, const struct seal_end *end);

#endif
