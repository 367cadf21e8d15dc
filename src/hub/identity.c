/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/identity.h"

#include <stdlib.h>

struct pk_identify {
	enum pk_identity kind;
	char digest[65];
	struct pk_sha256 *sha256;
	struct pk_git_blob *git; /* or NULL */
};

struct pk_identify *pk_identify_new(const struct pk_remote_file *f,
				    uint64_t size)
{
	struct pk_identify *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	i->kind = f->identity;
	memcpy(i->digest, f->digest, sizeof(i->digest));
	i->sha256 = pk_sha256_new();
	if (i->kind == PK_ID_GIT_BLOB)
		i->git = pk_git_blob_new(size);
	return i;
}

void pk_identify_add(struct pk_identify *i, const void *bytes, size_t n)
{
	if (!i)
		return;
	pk_sha256_add(i->sha256, bytes, n);
	pk_git_blob_add(i->git, bytes, n);
}

static bool is(const struct pk_identify *i, const uint8_t *got, size_t n)
{
	const struct pk_span text = { (const uint8_t *)i->digest,
				      strlen(i->digest) };
	uint8_t want[PK_SHA256_LEN];

	return pk_hex_get(text, want, n) && memcmp(want, got, n) == 0;
}

enum pk_known pk_identify_end(struct pk_identify *i,
			      uint8_t sha256[PK_SHA256_LEN])
{
	uint8_t got[PK_SHA256_LEN] = { 0 }, git[PK_GIT_BLOB_LEN] = { 0 };
	enum pk_known ret = PK_NOT_KNOWN;
	bool hashed, named;

	if (!i)
		return PK_NO;
	hashed = pk_sha256_end(i->sha256, got);
	named = pk_git_blob_end(i->git, git);
	if (i->kind == PK_ID_SHA256)
		ret = hashed && is(i, got, sizeof(got)) ? PK_YES : PK_NO;
	else if (i->kind == PK_ID_GIT_BLOB)
		ret = named && is(i, git, sizeof(git)) ? PK_YES : PK_NO;
	if (sha256)
		memcpy(sha256, got, sizeof(got));
	free(i);
	return ret;
}
