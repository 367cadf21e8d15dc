/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public API: what changed between two models.  What is worth comparing in
 * a file becomes a list of named items, sorted; two lists are then merged.
 */
#include "picket_types.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/digest.h"
#include "core/json_out.h"
#include "core/utf8.h"
#include "engine/format.h"
#include "engine/note.h"
#include "source/file.h"
#include "tensors/weights.h"

enum group {
	IMPORTS,
	TENSORS,
	TEMPLATES,
	REMOTE_CODE,
	METADATA,
	FINDINGS,
	GROUPS,
};
enum { SHOWN = 160, PIECE = 1 << 18 };

static const struct {
	const char *key;
	const char *title;
	const char *added; /* as JSON calls them */
	const char *removed;
} groups[GROUPS] = {
	[IMPORTS] = { "imports", "imports", "gained", "lost" },
	[TENSORS] = { "tensors", "tensors", "added", "removed" },
	[TEMPLATES] = { "templates", "templates", "added", "removed" },
	[REMOTE_CODE] = { "remote_code", "remote code", "added", "removed" },
	[METADATA] = { "metadata", "metadata", "added", "removed" },
	[FINDINGS] = { "findings", "findings", "gained", "lost" },
};

struct item {
	enum group group;
	const char *key;   /* escaped */
	const char *value; /* escaped; what may change */
	uint8_t digest[PK_SHA256_LEN];
	bool has_digest;
};

struct side {
	struct pk_result r;
	struct pk_source *src;
	struct pk_meter meter; /* of the items */
	struct pk_arena arena;
	struct item *items;
	size_t n, cap;
	bool failed; /* out of memory */
	bool unread; /* tensors whose bytes could not be compared */
};

/* ---- items ---- */

static struct item *add(struct side *s, enum group group)
{
	const size_t cap = s->cap ? s->cap * 2 : 64;
	struct item *p;

	if (s->n == s->cap) {
		p = realloc(s->items, cap * sizeof(*p));
		if (!p) {
			s->failed = true;
			return NULL;
		}
		s->items = p;
		s->cap = cap;
	}
	p = &s->items[s->n++];
	*p = (struct item){ .group = group, .key = "", .value = "" };
	return p;
}

/* The text of a buffer, which is emptied. */
static const char *keep(struct side *s, struct pk_buf *b)
{
	const char *text = pk_arena_printf(&s->arena, "%s", pk_buf_str(b));

	s->failed |= !text || !pk_buf_ok(b);
	b->len = 0;
	return text ? text : "";
}

static const char *shown(struct side *s, struct pk_span bytes)
{
	struct pk_buf b = { 0 };
	const char *text;

	pk_utf8_escape(&b, bytes, SIZE_MAX);
	text = keep(s, &b);
	pk_buf_release(&b);
	return text;
}

static void add_imports(struct side *s)
{
	struct pk_buf b = { 0 };

	for (const struct pk_import *im = s->r.job.imports; im; im = im->next) {
		struct item *i = add(s, IMPORTS);

		if (!i)
			break;
		pk_utf8_escape(&b, im->module, SIZE_MAX);
		pk_buf_putc(&b, '.');
		pk_utf8_escape(&b, im->name, SIZE_MAX);
		i->key = keep(s, &b);
		pk_buf_printf(&b, "%s%s", pk_import_class_name(im->class),
			      im->called ? ", called" : "");
		i->value = keep(s, &b);
	}
	pk_buf_release(&b);
}

static bool holds(struct pk_span s, const char *word)
{
	return s.len && memmem(s.p, s.len, word, strlen(word)) != NULL;
}

static void add_properties(struct side *s)
{
	for (const struct pk_value_note *v = s->r.job.values; v; v = v->next) {
		struct item *i =
			add(s, holds(v->key, "template")   ? TEMPLATES
			       : holds(v->key, "auto_map") ? REMOTE_CODE
							   : METADATA);

		if (!i)
			return;
		i->key = shown(s, v->key);
		i->value = shown(s, v->value);
	}
}

static void add_references(struct side *s)
{
	for (const struct pk_ref *ref = s->r.job.refs; ref; ref = ref->next) {
		const bool code = ref->kind == PK_REF_CODE ||
				  ref->kind == PK_REF_REPOSITORY;
		struct item *i = code ? add(s, REMOTE_CODE) : NULL;

		if (!i)
			continue;
		i->key = shown(s, ref->path);
		if (ref->revision.len)
			i->value = shown(s, ref->revision);
	}
}

/* What a finding says is its name; where it stands moves with every byte
 * before it. */
static void add_findings(struct side *s)
{
	struct pk_buf b = { 0 };

	for (const struct pk_finding *f = s->r.job.findings; f; f = f->next) {
		struct item *i = add(s, FINDINGS);

		if (!i)
			break;
		pk_buf_printf(&b, "%s: %s", pk_rules[f->rule].id, f->message);
		i->key = keep(s, &b);
		i->value = pk_severity_name(f->severity);
		if (strncmp(pk_rules[f->rule].id, "template.", 9) == 0) {
			i = add(s, TEMPLATES);
			if (i)
				i->key = s->items[s->n - 2].key;
		} else if (strcmp(pk_rules[f->rule].id, "repo.remote-code") ==
			   0) {
			i = add(s, REMOTE_CODE);
			if (i)
				i->key = s->items[s->n - 2].key;
		}
	}
	pk_buf_release(&b);
}

/* ---- tensors ---- */

static void put_shape(struct pk_buf *b, const uint64_t *shape, size_t rank)
{
	pk_buf_puts(b, " (");
	for (size_t d = 0; d < rank; d++)
		pk_buf_printf(b, "%s%" PRIu64, d ? ", " : "", shape[d]);
	pk_buf_putc(b, ')');
}

static bool digest_tensor(struct pk_weights *w, const struct pk_tensor *t,
			  uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t *buf = malloc(PIECE);
	struct pk_gather *g = NULL;
	bool ok;
	size_t n;

	if (t->store && pk_weights_locate(w, t))
		g = pk_gather_new(t);
	while (g && buf && (n = pk_gather_next(g, buf, PIECE)) > 0)
		pk_sha256_add(h, buf, n);
	ok = g && buf && !pk_gather_failed(g);
	pk_gather_free(g);
	free(buf);
	return pk_sha256_end(h, ret) && ok;
}

/* As a weights-only loader sees them; false when the file is none for it. */
static bool add_weights(struct side *s, size_t memory)
{
	struct pk_weights w = { 0 };
	struct pk_buf b = { 0 };
	const bool ok = pk_weights_open(&w, s->src, PK_RULES_SALVAGE, memory) ==
			PK_WEIGHTS_OK;

	for (size_t k = 0; ok && k < w.n; k++) {
		const struct pk_tensor *t = w.named[k].tensor;
		struct item *i = add(s, TENSORS);

		if (!i)
			break;
		i->key = shown(
			s, (struct pk_span){ (const uint8_t *)w.named[k].name,
					     w.named[k].name_len });
		pk_buf_puts(&b, pk_dtypes[t->dtype].safetensors
					? pk_dtypes[t->dtype].safetensors
					: "?");
		put_shape(&b, t->shape, t->rank);
		i->value = keep(s, &b);
		i->has_digest = digest_tensor(&w, t, i->digest);
		s->unread |= !i->has_digest;
	}
	pk_buf_release(&b);
	pk_weights_release(&w);
	return ok;
}

static bool digest_range(struct pk_source *src, uint64_t off, uint64_t len,
			 uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t *buf = malloc(PIECE);
	size_t n = buf ? PIECE : 0;

	while (n && len) {
		n = pk_source_read(src, off, buf,
				   len < PIECE ? (size_t)len : PIECE);
		pk_sha256_add(h, buf, n);
		off += n;
		len -= n;
	}
	free(buf);
	return pk_sha256_end(h, ret) && len == 0;
}

/* Of other formats, as the scan noted them. */
static void add_noted_tensors(struct side *s)
{
	struct pk_buf b = { 0 };

	for (const struct pk_tensor_note *t = s->r.job.tensors; t;
	     t = t->next) {
		struct item *i = add(s, TENSORS);

		if (!i)
			break;
		i->key = shown(s, t->name);
		pk_utf8_escape(&b, t->dtype, SHOWN);
		put_shape(&b, t->shape, t->rank);
		i->value = keep(s, &b);
		i->has_digest =
			t->placed && !t->member &&
			digest_range(s->src, t->off, t->bytes, i->digest);
		s->unread |= !i->has_digest;
	}
	pk_buf_release(&b);
}

/* ---- one side ---- */

static int by_name(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	const int names = strcmp(x->key, y->key);

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return names ? names : strcmp(x->value, y->value);
}

static enum pk_status read_side(struct side *s, const struct picket_options *o,
				int fd, const char *path)
{
	enum pk_status status = pk_result_init(&s->r, path, &o->limits);

	s->meter.ceiling = (size_t)o->limits.memory;
	s->arena = PK_ARENA(&s->meter);
	s->src = pk_file_new(fd);
	if (!s->src)
		return PK_ERR_IO;
	s->r.job.wants_notes = true;
	if (status == PK_OK)
		status = pk_result_scan(&s->r, s->src);
	if (status != PK_OK)
		return status;
	add_imports(s);
	add_properties(s);
	add_references(s);
	add_findings(s);
	if (!add_weights(s, (size_t)o->limits.memory))
		add_noted_tensors(s);
	if (s->n)
		qsort(s->items, s->n, sizeof(*s->items), by_name);
	return s->failed ? PK_ERR_NOMEM : PK_OK;
}

static void release_side(struct side *s)
{
	pk_result_release(&s->r);
	pk_source_free(s->src);
	pk_arena_release(&s->arena);
	free(s->items);
}

/* ---- merging ---- */

enum change { ADDED, REMOVED, CHANGED };

struct difference {
	enum change how;
	const struct item *old, *new;
};

struct differences {
	struct difference *v;
	size_t n;
	bool failed;
};

static bool is_changed(const struct item *a, const struct item *b)
{
	return strcmp(a->value, b->value) != 0 ||
	       (a->has_digest && b->has_digest &&
		memcmp(a->digest, b->digest, sizeof(a->digest)) != 0);
}

static int order(const struct item *a, const struct item *b)
{
	if (!a || !b)
		return !a ? 1 : -1;
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return strcmp(a->key, b->key);
}

static struct differences compare(const struct side *old,
				  const struct side *new)
{
	struct differences d = { 0 };
	size_t i = 0, k = 0;

	d.v = calloc(old->n + new->n + 1, sizeof(*d.v));
	d.failed = !d.v;
	while (d.v && (i < old->n || k < new->n)) {
		const struct item *a = i < old->n ? &old->items[i] : NULL;
		const struct item *b = k < new->n ? &new->items[k] : NULL;
		const int which = order(a, b);

		i += which <= 0;
		k += which >= 0;
		if (which < 0)
			d.v[d.n++] = (struct difference){ REMOVED, a, NULL };
		else if (which > 0)
			d.v[d.n++] = (struct difference){ ADDED, NULL, b };
		else if (is_changed(a, b))
			d.v[d.n++] = (struct difference){ CHANGED, a, b };
	}
	return d;
}

/* ---- for a person ---- */

static void cut(struct pk_buf *b, const char *text)
{
	size_t n = strlen(text);

	if (n > SHOWN) {
		n = SHOWN;
		while (n && ((uint8_t)text[n] & 0xc0) == 0x80)
			n--;
	}
	pk_buf_put(b, text, n);
	if (text[n])
		pk_buf_puts(b, "...");
}

static void text_side(struct pk_buf *b, const char *word, const struct side *s)
{
	pk_buf_printf(b, "%-8s ", word);
	pk_utf8_escape(b,
		       (struct pk_span){ (const uint8_t *)s->r.path,
					 strlen(s->r.path) },
		       SIZE_MAX);
	pk_buf_printf(b, "  %s, %s, %" PRIu64 " bytes\n",
		      pk_verdict_name(s->r.verdict),
		      s->r.job.primary ? s->r.job.primary->name : "no format",
		      s->r.job.size);
}

static void text_difference(struct pk_buf *b, const struct difference *d)
{
	const struct item *i = d->new ? d->new : d->old;

	pk_buf_puts(b, d->how == ADDED     ? "  + "
		       : d->how == REMOVED ? "  - "
					   : "  ~ ");
	cut(b, i->key);
	if (d->how == CHANGED && strcmp(d->old->value, d->new->value) == 0) {
		pk_buf_puts(b, ": other content, ");
		cut(b, i->value);
	} else if (d->how == CHANGED) {
		pk_buf_puts(b, ": ");
		cut(b, d->old->value);
		pk_buf_puts(b, " -> ");
		cut(b, d->new->value);
	} else if (*i->value) {
		pk_buf_puts(b, "  ");
		cut(b, i->value);
	}
	pk_buf_putc(b, '\n');
}

static void put_text(struct pk_buf *b, const struct side *old,
		     const struct side *new, const struct differences *d)
{
	enum group last = GROUPS;

	text_side(b, "old", old);
	text_side(b, "new", new);
	for (size_t i = 0; i < d->n; i++) {
		const struct item *item =
			d->v[i].new ? d->v[i].new : d->v[i].old;

		if (item->group != last)
			pk_buf_printf(b, "%s\n", groups[item->group].title);
		last = item->group;
		text_difference(b, &d->v[i]);
	}
	if (!d->n)
		pk_buf_puts(b, "nothing of it changed\n");
	if (old->unread || new->unread)
		pk_buf_puts(b, "the bytes of some tensors could not be "
			       "compared\n");
}

/* ---- JSON ---- */

static void json_side(struct pk_json *j, const char *key, const struct side *s)
{
	pk_json_inline(j);
	pk_json_object(j, key);
	pk_json_bytes(j, "path",
		      (struct pk_span){ (const uint8_t *)s->r.path,
					strlen(s->r.path) });
	pk_json_uint(j, "size", s->r.job.size);
	if (s->r.job.primary)
		pk_json_str(j, "format", s->r.job.primary->name);
	else
		pk_json_null(j, "format");
	pk_json_str(j, "verdict", pk_verdict_name(s->r.verdict));
	pk_json_bool(j, "complete", !s->r.job.partial);
	pk_json_close(j);
}

static void json_digest(struct pk_json *j, const char *key,
			const struct item *i)
{
	if (i->has_digest)
		pk_json_hex(j, key, "",
			    (struct pk_span){ i->digest, sizeof(i->digest) });
}

static void json_difference(struct pk_json *j, const struct difference *d)
{
	const struct item *i = d->new ? d->new : d->old;

	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_str(j, "name", i->key);
	if (d->how == CHANGED) {
		pk_json_str(j, "old", d->old->value);
		pk_json_str(j, "new", d->new->value);
		json_digest(j, "old_sha256", d->old);
		json_digest(j, "new_sha256", d->new);
	} else {
		if (*i->value)
			pk_json_str(j, "value", i->value);
		json_digest(j, "sha256", i);
	}
	pk_json_close(j);
}

static void json_list(struct pk_json *j, const char *key,
		      const struct differences *d, enum group group,
		      enum change how)
{
	pk_json_array(j, key);
	for (size_t i = 0; i < d->n; i++) {
		const struct item *item =
			d->v[i].new ? d->v[i].new : d->v[i].old;

		if (item->group == group && d->v[i].how == how)
			json_difference(j, &d->v[i]);
	}
	pk_json_close(j);
}

static void put_json(struct pk_buf *b, const struct side *old,
		     const struct side *new, const struct differences *d)
{
	struct pk_json j = { .out = b, .pretty = true };

	pk_json_object(&j, NULL);
	pk_json_str(&j, "schema", "picket.diff/1");
	json_side(&j, "old", old);
	json_side(&j, "new", new);
	pk_json_bool(&j, "same", d->n == 0);
	pk_json_bool(&j, "compared_whole", !old->unread && !new->unread);
	for (size_t g = 0; g < GROUPS; g++) {
		pk_json_object(&j, groups[g].key);
		json_list(&j, groups[g].added, d, (enum group)g, ADDED);
		json_list(&j, groups[g].removed, d, (enum group)g, REMOVED);
		json_list(&j, "changed", d, (enum group)g, CHANGED);
		pk_json_close(&j);
	}
	pk_json_close(&j);
}

/* ---- both ---- */

static enum picket_status show(const struct side *old, const struct side *new,
			       bool json, const struct picket_sink *to,
			       struct picket_difference *ret)
{
	struct differences d = compare(old, new);
	enum picket_status s = PICKET_OK;
	struct pk_buf b = { 0 };

	if (json)
		put_json(&b, old, new, &d);
	else
		put_text(&b, old, new, &d);
	if (d.failed || !pk_buf_ok(&b))
		s = PICKET_ERR_NOMEM;
	else if (to->write(to->ctx, b.p, b.len) != 0)
		s = PICKET_ERR_IO;
	if (s == PICKET_OK)
		*ret = (struct picket_difference){
			.same = d.n == 0,
			.complete = !old->r.job.partial && !new->r.job.partial,
			.old_verdict = (enum picket_verdict)old->r.verdict,
			.new_verdict = (enum picket_verdict) new->r.verdict,
		};
	pk_buf_release(&b);
	free(d.v);
	return s;
}

enum picket_status picket_diff(const struct picket_options *o,
			       const struct picket_open_file *old,
			       const struct picket_open_file *now, bool json,
			       const struct picket_sink *to,
			       struct picket_difference *ret)
{
	struct side a = { 0 }, b = { 0 };
	enum picket_status s =
		pk_public_status(read_side(&a, o, old->fd, old->path));

	if (s == PICKET_OK)
		s = pk_public_status(read_side(&b, o, now->fd, now->path));
	if (s == PICKET_OK)
		s = show(&a, &b, json, to, ret);
	release_side(&a);
	release_side(&b);
	return s;
}
