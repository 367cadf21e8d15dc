/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: a lock made of sources that were listed, and held against
 * them. */
#include "picket_check.h"
#include "picket_remote.h"
#include "picket_types.h"

#include <stdio.h>
#include <stdlib.h>

#include "hub/place.h"

struct picket_lock *picket_lock_new(void)
{
	struct picket_lock *l = calloc(1, sizeof(*l));

	if (l)
		pk_lock_init(&l->l);
	return l;
}

/* Where the model of that source goes: its old place, or a new one. */
static struct pk_lock_model *place_for(struct picket_lock *l, const char *uri)
{
	struct pk_lock_model *old = pk_lock_model_of(&l->l, uri), *v;

	if (old)
		return old;
	v = pk_arena_alloc(&l->l.arena, l->l.count + 1, sizeof(*v));
	if (!v)
		return NULL;
	if (l->l.count)
		memcpy(v, l->l.models, l->l.count * sizeof(*v));
	l->l.models = v;
	return &v[l->l.count++];
}

struct copier {
	struct pk_arena *arena;
	bool failed;
};

static const char *copy(struct copier *c, const char *text)
{
	const char *to =
		text && *text ? pk_arena_printf(c->arena, "%s", text) : NULL;

	c->failed |= text && *text && !to;
	return to;
}

static struct pk_origin copy_origin(struct copier *c, const struct pk_origin *o)
{
	return (struct pk_origin){
		.uri = copy(c, o->uri),
		.host = copy(c, o->host),
		.owner = copy(c, o->owner),
		.repository = copy(c, o->repository),
		.revision = copy(c, o->revision),
		.commit = copy(c, o->commit),
		.licence = copy(c, o->licence),
		.pinned = o->pinned,
		.verified = o->verified,
		.gated = o->gated,
	};
}

static struct pk_span span_of(const char *text)
{
	return (struct pk_span){ (const uint8_t *)text, strlen(text) };
}

static void take_file(struct copier *c, struct pk_lock_file *to,
		      const struct pk_remote_file *f)
{
	*to = (struct pk_lock_file){ .path = copy(c, f->path),
				     .size = f->size };
	to->has_git_blob =
		f->identity == PK_ID_GIT_BLOB &&
		pk_hex_get(span_of(f->digest), to->git_blob, PK_GIT_BLOB_LEN);
}

static bool ends_in(const char *text, const char *end)
{
	const size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

static void take_signature(struct pk_lock_model *m)
{
	for (size_t i = 0; i < m->count && !m->signature.path; i++) {
		if (ends_in(m->files[i].path, ".sig")) {
			m->signature.path = m->files[i].path;
			m->signature.verified = PK_NO;
		}
	}
}

enum picket_status picket_lock_add(struct picket_lock *l,
				   const struct picket_remote *r)
{
	struct pk_lock_model *m = place_for(l, r->r.origin.uri);
	struct copier c = { .arena = &l->l.arena };
	const char *folder = m ? m->folder : NULL;

	if (!m)
		return PICKET_ERR_NOMEM;
	*m = (struct pk_lock_model){
		.from = copy_origin(&c, &r->r.origin),
		.folder = folder,
		.advice = copy(&c, pk_remote_advice(&r->r)),
		.files = pk_arena_alloc(c.arena, r->r.count + 1,
					sizeof(*m->files)),
	};
	if (!m->files || c.failed)
		return PICKET_ERR_NOMEM;
	for (size_t i = 0; i < r->r.count; i++)
		take_file(&c, &m->files[m->count++], &r->r.files[i]);
	if (c.failed)
		return PICKET_ERR_NOMEM;
	take_signature(m);
	return PICKET_OK;
}

enum picket_status picket_lock_set_file(struct picket_lock *l,
					const struct picket_remote *r, size_t i,
					const struct picket_fetched *whole,
					const struct picket_file *f)
{
	const struct pk_remote_file *from = &r->r.files[i];
	struct pk_lock_model *m = pk_lock_model_of(&l->l, r->r.origin.uri);
	struct pk_lock_file *to = m && i < m->count ? &m->files[i] : NULL;
	struct copier c = { .arena = &l->l.arena };

	if (!to)
		return PICKET_ERR_USAGE;
	if (whole) {
		memcpy(to->sha256, whole->sha256, PK_SHA256_LEN);
		to->size = whole->size;
	} else if (from->identity != PK_ID_SHA256 ||
		   from->size == PK_SIZE_UNKNOWN ||
		   !pk_hex_get(span_of(from->digest), to->sha256,
			       PK_SHA256_LEN)) {
		return PICKET_ERR_USAGE;
	}
	to->known = true;
	to->format = copy(&c, picket_file_format(f));
	to->verdict = copy(&c, picket_verdict_name(picket_file_verdict(f)));
	return c.failed ? PICKET_ERR_NOMEM : PICKET_OK;
}

/* Of all that tells one version from another. */
void picket_remote_id(const struct picket_remote *r, char ret[PICKET_REMOTE_ID])
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t digest[PK_SHA256_LEN];

	pk_sha256_add(h, r->pinned, strlen(r->pinned) + 1);
	for (size_t i = 0; i < r->r.count; i++) {
		const struct pk_remote_file *f = &r->r.files[i];

		pk_sha256_add(h, f->path, strlen(f->path) + 1);
		pk_sha256_add(h, &f->size, sizeof(f->size));
		pk_sha256_add(h, f->digest, strlen(f->digest) + 1);
		pk_sha256_add(h, f->etag, strlen(f->etag) + 1);
	}
	(void)pk_sha256_end(h, digest);
	for (size_t i = 0; i < (PICKET_REMOTE_ID - 1) / 2; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

bool picket_remote_can_resume(const struct picket_remote *r, size_t i)
{
	return r->r.files[i].identity != PK_ID_NONE;
}

bool picket_remote_needs_fetch(const struct picket_remote *r, size_t i)
{
	return r->r.files[i].identity != PK_ID_SHA256 ||
	       r->r.files[i].size == PK_SIZE_UNKNOWN;
}

static void drop_unknown(struct pk_lock_model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (m->files[i].known)
			m->files[n++] = m->files[i];
	}
	m->count = n;
}

enum picket_status picket_lock_settle(struct picket_lock *l,
				      struct picket_refusal *why)
{
	const char *twice;

	*why = (struct picket_refusal){ 0 };
	for (size_t i = 0; i < l->l.count; i++)
		drop_unknown(&l->l.models[i]);
	if (pk_lock_settle(&l->l, &twice))
		return PICKET_OK;
	(void)snprintf(why->text, sizeof(why->text),
		       "two models or files would be '%s'", twice);
	return PICKET_ERR_DATA;
}

const char *picket_lock_source(const struct picket_lock *l, size_t n)
{
	return n < l->l.count ? l->l.models[n].from.uri : NULL;
}

const char *picket_lock_commit(const struct picket_lock *l, size_t n)
{
	return n < l->l.count ? l->l.models[n].from.commit : NULL;
}

const char *picket_lock_path(const struct picket_lock *l, size_t n, size_t i)
{
	return n < l->l.count && i < l->l.models[n].count
		       ? l->l.models[n].files[i].path
		       : NULL;
}

const uint8_t *picket_lock_digest(const struct picket_lock *l, size_t n,
				  const char *path)
{
	const struct pk_lock_file *f =
		n < l->l.count ? pk_lock_find(&l->l.models[n], path) : NULL;

	return f ? f->sha256 : NULL;
}

const char *picket_lock_pinned(struct picket_lock *l, size_t n)
{
	const struct pk_origin *o = &l->l.models[n].from;
	struct pk_buf b = { 0 };
	const char *uri = NULL;

	if (!o->commit || strncmp(o->uri, "hf://", 5) != 0)
		return o->uri;
	pk_place_pin(&b, o->uri, o->commit);
	if (pk_buf_ok(&b))
		uri = pk_arena_copy(&l->l.arena, pk_buf_span(&b));
	pk_buf_release(&b);
	return uri;
}

/* ---- held against sources ---- */

struct picket_check *picket_check_new(void)
{
	struct picket_check *c = calloc(1, sizeof(*c));

	if (c)
		pk_drifts_init(&c->d);
	return c;
}

enum picket_status picket_check_source(struct picket_check *c,
				       const struct picket_lock *l, size_t n,
				       const struct picket_remote *now,
				       bool at_commit)
{
	const struct pk_lock_model *m = &l->l.models[n];

	if (!*now->trouble.text) {
		if (at_commit)
			pk_lock_drift_files(m, &now->r, &c->d);
		else
			pk_lock_drift(m, &now->r, &c->d);
		c->sources += !at_commit;
	} else if (!pk_lock_drift_trouble(m, &now->trouble, at_commit, &c->d)) {
		pk_drifts_add(&c->d, PK_RULE_DRIFT_UNCHECKED, m->from.uri, NULL,
			      "%s", now->trouble.text);
	}
	return pk_drifts_ok(&c->d) ? PICKET_OK : PICKET_ERR_NOMEM;
}
