/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: a signature among the files of a model that is being locked,
 * held against the digests that the lock has. */
#include "picket_attest.h"
#include "picket_check.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/utf8.h"

const char *picket_lock_signature(const struct picket_lock *l, const char *uri)
{
	const struct pk_lock_model *m = pk_lock_model_of(&l->l, uri);

	return m ? m->signature.path : NULL;
}

/* "'path' what", the path as it may be shown. */
static bool refuse(struct picket_refusal *why, const char *path,
		   const char *what)
{
	struct pk_buf b = { 0 };

	pk_utf8_escape(&b,
		       (struct pk_span){ (const uint8_t *)path, strlen(path) },
		       120);
	(void)snprintf(why->text, sizeof(why->text), "%s %s", pk_buf_str(&b),
		       what);
	pk_buf_release(&b);
	return false;
}

static bool is_signed(const struct pk_signed *s, const struct pk_lock_model *m,
		      const struct pk_lock_file *f, struct picket_refusal *why)
{
	const struct pk_manifest_entry *e =
		pk_manifest_find(&s->files, f->path);

	if (strcmp(f->path, m->signature.path) == 0)
		return true;
	if (e)
		return memcmp(e->digest, f->sha256, PK_SHA256_LEN) == 0 ||
		       refuse(why, f->path, "is not what was signed");
	if (!pk_left_out(&s->statement, f->path))
		return refuse(why, f->path, "is not signed");
	return !pk_is_artefact(f->path) ||
	       refuse(why, f->path,
		      "was left out by the signer, and loaders open such files");
}

/* Both ways: every file of the model, and every file that was signed. */
static bool all_signed(const struct pk_signed *s, const struct pk_lock_model *m,
		       struct picket_refusal *why)
{
	if (s->files.hash != PK_HASH_SHA256 || s->files.shard)
		return refuse(why, m->signature.path,
			      "is over other digests than SHA-256 of whole "
			      "files: fetch the model and use 'picket "
			      "verify-signature'");
	for (size_t i = 0; i < m->count; i++) {
		if (m->files[i].known && !is_signed(s, m, &m->files[i], why))
			return false;
	}
	for (size_t i = 0; i < s->files.count; i++) {
		const char *path = s->files.entries[i].path;

		if (!pk_lock_find(m, path))
			return refuse(why, path, "is signed and not there");
	}
	return true;
}

enum picket_status picket_lock_set_signature(struct picket_lock *l,
					     const char *uri,
					     const struct picket_signature *s,
					     struct picket_refusal *why)
{
	struct pk_lock_model *m = pk_lock_model_of(&l->l, uri);
	struct pk_buf b = { 0 };

	*why = (struct picket_refusal){ 0 };
	if (!m || !m->signature.path)
		return PICKET_ERR_USAGE;
	if (!all_signed(&s->s, m, why))
		return PICKET_ERR_DATA;
	pk_utf8_escape(&b,
		       (struct pk_span){ (const uint8_t *)s->s.signer,
					 strlen(s->s.signer) },
		       SIZE_MAX);
	m->signature.signer = pk_arena_copy(&l->l.arena, pk_buf_span(&b));
	m->signature.verified = PK_YES;
	pk_buf_release(&b);
	return m->signature.signer ? PICKET_OK : PICKET_ERR_NOMEM;
}
