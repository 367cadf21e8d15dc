/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: manifests and signatures. */
#include "picket_attest.h"

#include <stdio.h>
#include <stdlib.h>

#include "attest/manifest_text.h"
#include "attest/signing.h"
#include "core/json_out.h"

_Static_assert(PICKET_BLAKE3 == (int)PK_HASH_BLAKE3, "pinned");
_Static_assert(PICKET_LINKS_FOLLOW == (int)PK_LINKS_FOLLOW, "pinned");

struct picket_differences {
	struct pk_manifest actual; /* the diffs' texts are in it */
	struct pk_diffs d;
};

const char *picket_hash_name(enum picket_hash h)
{
	return (unsigned)h < PK_HASHES ? pk_hash_name((enum pk_hash)h) : NULL;
}

/* What cannot be done with the data is PICKET_ERR_DATA outside. */
enum picket_status pk_public_refused(enum pk_status s, const char *text,
				     struct picket_refusal *why)
{
	if (s != PK_ERR_USAGE)
		return pk_public_status(s);
	(void)snprintf(why->text, sizeof(why->text), "%s", text ? text : "");
	return PICKET_ERR_DATA;
}

static struct pk_manifest_options
manifest_options(const struct picket_tree *how)
{
	return (struct pk_manifest_options){
		.tree = pk_tree_options_of(how),
		.hashing = { .hash = (enum pk_hash)how->hash,
			     .threads = how->threads,
			     .progress = how->progress,
			     .ctx = how->ctx },
		.shard = how->shard,
	};
}

struct picket_manifest *picket_manifest_new(void)
{
	struct picket_manifest *m = calloc(1, sizeof(*m));

	if (m)
		pk_manifest_init(&m->m, PK_HASH_SHA256);
	return m;
}

void picket_manifest_free(struct picket_manifest *m)
{
	if (m)
		pk_manifest_release(&m->m);
	free(m);
}

enum picket_status picket_manifest_create(const char *root,
					  const struct picket_tree *how,
					  const struct picket_manifest *known,
					  struct picket_manifest **ret)
{
	struct pk_manifest_options o = manifest_options(how);
	struct picket_manifest *m = picket_manifest_new();
	enum picket_status s;

	if (!m)
		return PICKET_ERR_NOMEM;
	o.known = known ? &known->m : NULL;
	s = pk_public_status(pk_manifest_of_tree(&m->m, root, &o));
	if (s == PICKET_OK)
		*ret = m;
	else
		picket_manifest_free(m);
	return s;
}

static void explain(struct picket_refusal *to, const struct pk_refusal *from)
{
	if (from->line)
		(void)snprintf(to->text, sizeof(to->text), "line %llu: %s",
			       (unsigned long long)from->line, from->text);
	else
		(void)snprintf(to->text, sizeof(to->text), "%s", from->text);
	to->escapes = from->escapes;
}

enum picket_status picket_manifest_read(const void *bytes, size_t n,
					struct picket_manifest **ret,
					struct picket_refusal *why)
{
	struct picket_manifest *m = picket_manifest_new();
	struct pk_refusal refusal;
	enum pk_status s;

	*why = (struct picket_refusal){ 0 };
	if (!m)
		return PICKET_ERR_NOMEM;
	s = pk_manifest_read(&m->m, (struct pk_span){ bytes, n }, &refusal);
	if (s == PK_OK) {
		*ret = m;
		return PICKET_OK;
	}
	picket_manifest_free(m);
	if (s != PK_ERR_USAGE)
		return pk_public_status(s);
	explain(why, &refusal);
	return PICKET_ERR_DATA;
}

enum picket_status pk_public_send(struct pk_buf *b,
				  const struct picket_sink *to)
{
	enum picket_status s = PICKET_OK;

	if (!pk_buf_ok(b))
		s = PICKET_ERR_NOMEM;
	else if (b->len && to->write(to->ctx, b->p, b->len) != 0)
		s = PICKET_ERR_IO;
	pk_buf_release(b);
	return s;
}

enum picket_status picket_manifest_write(const struct picket_manifest *m,
					 bool json,
					 const struct picket_sink *to)
{
	struct pk_buf b = { 0 };

	if (json)
		pk_manifest_put_json(&m->m, &b);
	else if (m->m.hash != PK_HASH_SHA256)
		return PICKET_ERR_USAGE;
	else
		pk_manifest_put_lines(&m->m, &b);
	return pk_public_send(&b, to);
}

size_t picket_manifest_count(const struct picket_manifest *m)
{
	return m->m.count;
}

uint64_t picket_manifest_bytes(const struct picket_manifest *m)
{
	uint64_t total = 0;

	for (size_t i = 0; i < m->m.count; i++) {
		if (m->m.entries[i].size != PK_NO_SIZE)
			total += m->m.entries[i].size;
	}
	return total;
}

const char *picket_manifest_trouble(const struct picket_manifest *m, size_t n,
				    const char **ret_why)
{
	const struct pk_tree_trouble *t = m->m.troubles;

	while (t && n-- > 0)
		t = t->next;
	*ret_why = t ? t->why : NULL;
	return t ? t->path : NULL;
}

static void drop_extra(struct pk_diffs *d)
{
	size_t to = 0;

	for (size_t i = 0; i < d->count; i++) {
		if (d->v[i].kind != PK_DIFF_EXTRA)
			d->v[to++] = d->v[i];
	}
	d->count = to;
}

static enum picket_status compare(const struct pk_manifest *expected,
				  const char *root,
				  struct pk_manifest_options *o,
				  bool allow_extra,
				  struct picket_differences **ret)
{
	struct picket_differences *d = calloc(1, sizeof(*d));
	enum pk_status s;

	if (!d)
		return PICKET_ERR_NOMEM;
	o->hashing.hash = expected->hash;
	o->shard = expected->shard;
	o->only = allow_extra ? expected : NULL;
	pk_manifest_init(&d->actual, expected->hash);
	s = pk_manifest_of_tree(&d->actual, root, o);
	if (s == PK_OK)
		s = pk_compare(expected, &d->actual, &d->d);
	if (s != PK_OK) {
		picket_differences_free(d);
		return pk_public_status(s);
	}
	if (allow_extra)
		drop_extra(&d->d);
	*ret = d;
	return PICKET_OK;
}

enum picket_status picket_manifest_verify(const struct picket_manifest *m,
					  const char *root,
					  const struct picket_tree *how,
					  bool allow_extra,
					  struct picket_differences **ret)
{
	struct pk_manifest_options o = manifest_options(how);

	return compare(&m->m, root, &o, allow_extra, ret);
}

void picket_differences_free(struct picket_differences *d)
{
	if (!d)
		return;
	pk_diffs_release(&d->d);
	pk_manifest_release(&d->actual);
	free(d);
}

size_t picket_differences_count(const struct picket_differences *d)
{
	return d->d.count;
}

const char *picket_difference_kind(const struct picket_differences *d, size_t n)
{
	return n < d->d.count ? pk_difference_name(d->d.v[n].kind) : NULL;
}

const char *picket_difference_path(const struct picket_differences *d, size_t n)
{
	return n < d->d.count ? d->d.v[n].path : NULL;
}

const char *picket_difference_other(const struct picket_differences *d,
				    size_t n)
{
	return n < d->d.count ? d->d.v[n].other : NULL;
}

static void put_text(struct pk_json *j, const char *key, const char *bytes)
{
	pk_json_bytes(
		j, key,
		(struct pk_span){ (const uint8_t *)bytes, strlen(bytes) });
}

enum picket_status picket_differences_json(const struct picket_differences *d,
					   const struct picket_sink *to)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b, .pretty = true };

	pk_json_object(&j, NULL);
	pk_json_str(&j, "schema", "picket.differences/1");
	pk_json_bool(&j, "pass", d->d.count == 0);
	pk_json_array(&j, "differences");
	for (size_t i = 0; i < d->d.count; i++) {
		const struct pk_diff *v = &d->d.v[i];

		pk_json_inline(&j);
		pk_json_object(&j, NULL);
		pk_json_str(&j, "kind", pk_difference_name(v->kind));
		put_text(&j, "path", v->path);
		if (v->other)
			put_text(&j, v->kind == PK_DIFF_UNREAD ? "why" : "was",
				 v->other);
		pk_json_close(&j);
	}
	pk_json_close(&j);
	pk_json_close(&j);
	pk_buf_putc(&b, '\n');
	return pk_public_send(&b, to);
}

static enum picket_status take_key(struct pk_key *k, const char *text,
				   struct picket_key **ret,
				   struct picket_refusal *why)
{
	struct picket_key *key = k ? calloc(1, sizeof(*key)) : NULL;

	*why = (struct picket_refusal){ 0 };
	if (!k)
		return pk_public_refused(PK_ERR_USAGE, text, why);
	if (!key) {
		pk_key_free(k);
		return PICKET_ERR_NOMEM;
	}
	key->k = k;
	*ret = key;
	return PICKET_OK;
}

enum picket_status
picket_key_private(const void *pem, size_t n,
		   int (*ask)(void *ctx, char *buf, int size), void *ctx,
		   struct picket_key **ret, struct picket_refusal *why)
{
	const char *text = NULL;
	struct pk_key *k =
		pk_key_private((struct pk_span){ pem, n }, ask, ctx, &text);

	return take_key(k, text, ret, why);
}

enum picket_status picket_key_public(const void *pem, size_t n,
				     struct picket_key **ret,
				     struct picket_refusal *why)
{
	const char *text = NULL;
	struct pk_key *k = pk_key_public((struct pk_span){ pem, n }, &text);

	return take_key(k, text, ret, why);
}

void picket_key_free(struct picket_key *k)
{
	if (k)
		pk_key_free(k->k);
	free(k);
}

bool picket_key_is_standard(const struct picket_key *k)
{
	return pk_key_is_standard(k->k);
}

static struct pk_span span_of(const struct picket_pem *p)
{
	return p ? (struct pk_span){ p->bytes, p->n } : (struct pk_span){ 0 };
}

struct pk_chain *pk_public_chain(const struct picket_pem *certificate,
				 const struct picket_pem *chain,
				 const char **why)
{
	*why = NULL;
	return certificate ? pk_chain_from_pem(span_of(certificate),
					       span_of(chain), why)
			   : NULL;
}

enum picket_status picket_sign(const struct picket_manifest *m,
			       const char *name, const struct picket_tree *how,
			       const struct picket_key *key,
			       const struct picket_pem *certificate,
			       const struct picket_pem *chain,
			       const struct picket_sink *to,
			       struct picket_refusal *why)
{
	struct pk_manifest files = m->m; /* borrowed, and not changed */
	const struct pk_statement s = { .files = &files,
					.links = (enum pk_links)how->links,
					.ignore = how->ignore,
					.ignore_count = how->ignore_count,
					.name = name };
	struct pk_chain *c = NULL;
	struct pk_buf b = { 0 };
	const char *text = NULL;
	enum pk_status made;
	enum picket_status status;

	*why = (struct picket_refusal){ 0 };
	c = pk_public_chain(certificate, chain, &text);
	if (text)
		return pk_public_refused(PK_ERR_USAGE, text, why);
	made = pk_sign(&s, key->k, c, &b, &text);
	status = pk_public_refused(made, text, why);
	pk_chain_free(c);
	if (status == PICKET_OK)
		return pk_public_send(&b, to);
	pk_buf_release(&b);
	return status;
}

enum pk_status pk_public_verifier_open(struct pk_public_verifier *p,
				       const struct picket_verifier *v,
				       const char **why)
{
	const struct pk_span root = { v->trusted_root.bytes,
				      v->trusted_root.n };

	*p = (struct pk_public_verifier){ 0 };
	p->trust = (struct pk_trust){ { v->roots.bytes, v->roots.n },
				      v->must_be_valid_now };
	p->fulcio = (struct pk_fulcio){ .trust = &p->root,
					.identity = v->identity,
					.issuer = v->issuer };
	p->by = (struct pk_verifier){ .key = v->key ? v->key->k : NULL,
				      .trust = &p->trust,
				      .legacy = v->legacy };
	if (!root.len)
		return PK_OK;
	p->by.fulcio = &p->fulcio;
	if (v->identity && *v->identity && v->issuer && *v->issuer)
		return pk_trusted_root_read(&p->root, root, why);
	*why = "a trusted root without an identity and its issuer would trust "
	       "everybody";
	return PK_ERR_USAGE;
}

void pk_public_verifier_release(struct pk_public_verifier *p)
{
	pk_trusted_root_release(&p->root);
}

enum picket_status picket_signature_verify(const void *bundle, size_t n,
					   const struct picket_verifier *v,
					   struct picket_signature **ret,
					   struct picket_refusal *why)
{
	struct pk_public_verifier p;
	struct picket_signature *s = calloc(1, sizeof(*s));
	const char *text = NULL;
	enum pk_status found;
	enum picket_status status;

	*why = (struct picket_refusal){ 0 };
	if (!s)
		return PICKET_ERR_NOMEM;
	found = pk_public_verifier_open(&p, v, &text);
	if (found == PK_OK)
		found = pk_verify_bundle(&s->s, (struct pk_span){ bundle, n },
					 &p.by, &text);
	pk_public_verifier_release(&p);
	status = pk_public_refused(found, text, why);
	if (status == PICKET_OK)
		*ret = s;
	else
		picket_signature_free(s);
	return status;
}

void picket_signature_free(struct picket_signature *s)
{
	if (s)
		pk_signed_release(&s->s);
	free(s);
}

const char *picket_signature_signer(const struct picket_signature *s)
{
	return s->s.signer;
}

bool picket_signature_has_no_hint(const struct picket_signature *s)
{
	return s->s.old_hint;
}

size_t picket_signature_count(const struct picket_signature *s)
{
	return s->s.files.count;
}

/* The verifier's own list and the signer's. */
static const char **both_lists(const struct picket_tree *how,
			       const struct pk_left_out *out, size_t *ret_count)
{
	const size_t own = how->ignore_count;
	const char **all = calloc(own + out->count + 1, sizeof(const char *));

	if (!all)
		return NULL;
	for (size_t i = 0; i < own; i++)
		all[i] = how->ignore[i];
	for (size_t i = 0; i < out->count; i++)
		all[own + i] = out->ignore[i];
	*ret_count = own + out->count;
	return all;
}

enum picket_status pk_public_compare(const struct pk_manifest *expected,
				     const struct pk_left_out *out,
				     const char *root,
				     const struct picket_tree *how,
				     bool allow_extra,
				     struct picket_differences **ret)
{
	struct pk_manifest_options o = manifest_options(how);
	const char **all;
	enum picket_status status;

	all = both_lists(how, out, &o.tree.ignore_count);
	if (!all)
		return PICKET_ERR_NOMEM;
	o.tree.ignore = all;
	o.tree.links = out->links;
	status = compare(expected, root, &o, allow_extra, ret);
	free(all);
	return status;
}

enum picket_status picket_signature_check(const struct picket_signature *s,
					  const char *root,
					  const struct picket_tree *how,
					  bool allow_extra,
					  struct picket_differences **ret)
{
	const struct pk_statement *t = &s->s.statement;
	const struct pk_left_out out = { t->links, t->ignore, t->ignore_count };

	return pk_public_compare(&s->s.files, &out, root, how, allow_extra,
				 ret);
}

enum picket_status pk_public_excluded(const struct pk_left_out *out,
				      const char *root,
				      const struct picket_tree *how,
				      struct picket_excluded **ret)
{
	const struct pk_statement s = { .links = out->links,
					.ignore = out->ignore,
					.ignore_count = out->count };
	struct pk_tree_options own = pk_tree_options_of(how);
	struct picket_excluded *e = calloc(1, sizeof(*e));
	enum pk_status status;

	if (!e)
		return PICKET_ERR_NOMEM;
	own.links = out->links;
	status = pk_excluded_find(&e->e, root, &s, &own);
	if (status == PK_OK)
		*ret = e;
	else
		picket_excluded_free(e);
	return pk_public_status(status);
}

enum picket_status picket_signature_excluded(const struct picket_signature *s,
					     const char *root,
					     const struct picket_tree *how,
					     struct picket_excluded **ret)
{
	const struct pk_statement *t = &s->s.statement;
	const struct pk_left_out out = { t->links, t->ignore, t->ignore_count };

	return pk_public_excluded(&out, root, how, ret);
}

void picket_excluded_free(struct picket_excluded *e)
{
	if (e)
		pk_excluded_release(&e->e);
	free(e);
}

const char *picket_excluded_path(const struct picket_excluded *e, size_t n)
{
	return n < e->e.tree.count ? e->e.tree.files[n].path : NULL;
}

const char *picket_excluded_artefact(const struct picket_excluded *e)
{
	return e->e.artefact;
}
