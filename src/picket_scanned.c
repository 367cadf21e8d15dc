/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: manifests of what was scanned. */
#include "picket_attest.h"

enum picket_status picket_manifest_add(struct picket_manifest *m,
				       const char *path,
				       const struct picket_file *f)
{
	const struct pk_span name = { (const uint8_t *)path, strlen(path) };
	const uint8_t *digest = picket_file_sha256(f);
	struct pk_manifest_entry e = {
		.path = path,
		.to = PK_TO_END,
		.size = picket_file_size(f),
		.format = picket_file_format(f),
		.verdict = picket_verdict_name(picket_file_verdict(f)),
		.action = picket_action_name(picket_file_action(f))
	};

	if (!pk_tree_path_ok(name))
		return PICKET_ERR_USAGE;
	if (!digest)
		return PICKET_ERR_DATA;
	memcpy(e.digest, digest, PK_SHA256_LEN);
	return pk_public_status(pk_manifest_add(&m->m, &e));
}

enum picket_status picket_manifest_cover(struct picket_manifest *m,
					 const char *root,
					 const struct picket_tree *how)
{
	const struct pk_tree_options o = pk_tree_options_of(how);

	return pk_public_status(pk_manifest_cover(&m->m, root, &o));
}
