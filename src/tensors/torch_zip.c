/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PyTorch's zip layout, since 1.6 (torch/serialization.py, _load): a pickle
 * ROOT/data.pkl and one stored member ROOT/data/KEY for each storage.  Records
 * are looked up without regard to case, and by the directory alone
 * (caffe2/serialize/inline_container.cc).
 */
#include <stdlib.h>
#include <strings.h>

#include "codec/decomp.h"
#include "source/slice.h"
#include "source/streamed.h"
#include "tensors/members.h"

/* ---- the directory ---- */

static int by_name(const void *a, const void *b)
{
	const struct pk_zip_entry *x = *(struct pk_zip_entry *const *)a;
	const struct pk_zip_entry *y = *(struct pk_zip_entry *const *)b;
	const size_t n = x->name_len < y->name_len ? x->name_len : y->name_len;
	const int order =
		strncasecmp((const char *)x->name, (const char *)y->name, n);

	return order ? order : (int)x->name_len - (int)y->name_len;
}

bool pk_members_open(struct pk_members *m, struct pk_loader *l)
{
	const struct pk_zip_view *v;

	*m = (struct pk_members){ .l = l };
	pk_zip_open(&l->zip, l->file, &l->w->arena);
	if (!l->zip.views || !l->zip.view[0].n)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				    "a zip without a directory");
	v = &l->zip.view[0];
	m->n = v->n;
	m->sorted = pk_arena_alloc(&l->w->arena, m->n,
				   sizeof(struct pk_zip_entry *));
	if (!m->sorted)
		return pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
	for (size_t i = 0; i < m->n; i++)
		m->sorted[i] = &v->v[i];
	qsort(m->sorted, m->n, sizeof(struct pk_zip_entry *), by_name);
	return true;
}

/* Where readers would not agree there is nothing to load. */
static bool members_are_sure(const struct pk_members *m)
{
	struct pk_loader *l = m->l;
	const struct pk_zip_view *v = &l->zip.view[0];

	if (l->zip.views > 1 || v->shift || v->cut || v->count_lies)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, v->end,
				    "a zip whose directory readers see "
				    "differently");
	for (size_t i = 1; i < m->n; i++) {
		if (by_name(&m->sorted[i - 1], &m->sorted[i]) == 0)
			return pk_load_fail(l, PK_WEIGHTS_BROKEN,
					    m->sorted[i]->at,
					    "two members of one name: readers "
					    "differ about which counts");
	}
	return true;
}

struct pk_zip_entry *pk_members_find(const struct pk_members *m,
				     struct pk_span root, const char *record)
{
	struct pk_zip_entry want = { 0 }, *key = &want, **found;
	char name[1024];
	const int n = snprintf(name, sizeof(name), "%.*s%s", (int)root.len,
			       (const char *)root.p, record);

	if (n < 0 || (size_t)n >= sizeof(name))
		return NULL;
	want.name = (const uint8_t *)name;
	want.name_len = (uint16_t)n;
	found = bsearch(&key, m->sorted, m->n, sizeof(struct pk_zip_entry *),
			by_name);
	return found ? *found : NULL;
}

struct pk_source *pk_member_source(struct pk_loader *l,
				   const struct pk_zip_entry *e)
{
	enum { KEEP = 16 << 20, RATIO = 2000 };
	struct pk_streaming how = { .meter = &l->w->meter,
				    .keep = KEEP,
				    .ratio = RATIO,
				    .spend = pk_load_spend,
				    .ctx = l };
	struct pk_streamed got;
	struct pk_zip_local local;
	struct pk_source *src = NULL;

	if (!pk_zip_local(&l->zip, e->header, &local) ||
	    e->flags & (PK_ZIP_ENCRYPTED | PK_ZIP_STRONG | PK_ZIP_MASKED) ||
	    local.data > l->file->size ||
	    e->csize > l->file->size - local.data) {
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, e->header,
				   "a member cannot be read");
		return NULL;
	}
	if (e->method == PK_ZIP_STORED && e->csize == e->usize)
		src = pk_slice_new(l->file, local.data, e->usize);
	how.pull = e->method == PK_ZIP_DEFLATE
			   ? pk_decomp_new(PK_CODEC_DEFLATE, l->file,
					   local.data, e->csize, &l->w->meter)
			   : NULL;
	if (how.pull)
		src = pk_streamed_new(&how, &got);
	if (!src || src->size != e->usize) {
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, e->header,
				   "a member is packed in a way that is not "
				   "read, or lies about its size");
		pk_source_free(src);
		return NULL;
	}
	return src;
}

/* ---- storages ---- */

/* That the record is there and has the size that the pickle says; where its
 * bytes are is found when somebody wants them. */
static bool locate(struct pk_loader *l, struct pk_store *s)
{
	const struct pk_members *m = l->members;
	const size_t n = strlen(s->key) + sizeof("data/");
	char *record = pk_arena_alloc(&l->w->arena, n, 1);
	const struct pk_zip_entry *e = NULL;

	if (record) {
		(void)snprintf(record, n, "data/%s", s->key);
		e = pk_members_find(m, l->root, record);
	}
	if (!e)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				    "storage '%s' is not in the file", s->key);
	if (e->usize != s->len)
		return pk_load_fail(
			l, PK_WEIGHTS_BROKEN, e->header,
			"storage '%s' has %llu bytes, and the pickle says %llu",
			s->key, (unsigned long long)e->usize,
			(unsigned long long)s->len);
	s->data = e;
	return true;
}

bool pk_member_locate(struct pk_loader *l, struct pk_store *s)
{
	const struct pk_zip_entry *e = s->data;
	struct pk_zip_local local;

	if (!e || !pk_zip_local(&l->zip, e->header, &local) ||
	    local.data > l->file->size || e->csize > l->file->size - local.data)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, e ? e->header : 0,
				    "storage '%s' lies beyond the file's end",
				    s->key);
	if (e->method == PK_ZIP_STORED && e->csize == e->usize &&
	    !(e->flags & (PK_ZIP_ENCRYPTED | PK_ZIP_STRONG | PK_ZIP_MASKED))) {
		s->src = l->file;
		s->off = local.data;
		s->in_file = true;
	} else {
		s->src = pk_member_source(l, e);
		if (!s->src || !pk_load_own(l, s->src))
			return false;
	}
	s->known = true;
	return true;
}

/* ---- the archive ---- */

/* A short text record; "" when it is not there. */
static void read_record(struct pk_loader *l, const char *record, char *text,
			size_t cap)
{
	const struct pk_zip_entry *e =
		pk_members_find(l->members, l->root, record);
	struct pk_source *src = e ? pk_member_source(l, e) : NULL;

	text[src ? pk_source_read(src, 0, text, cap - 1) : 0] = '\0';
	pk_source_free(src);
}

static bool read_facts(struct pk_loader *l)
{
	enum { VERSION_MAX = 10 };
	char text[64];
	unsigned long version;

	read_record(l, ".data/version", text, sizeof(text));
	if (!text[0])
		read_record(l, "version", text, sizeof(text));
	version = strtoul(text, NULL, 10);
	if (!l->failed && (version < 1 || version > VERSION_MAX))
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				   "no version of the archive that is known");
	read_record(l, "byteorder", text, sizeof(text));
	l->big_endian = strcmp(text, "big") == 0;
	if (!l->failed && text[0] && !l->big_endian &&
	    strcmp(text, "little") != 0)
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				   "a byte order that is none");
	return !l->failed;
}

static bool find_root(struct pk_loader *l)
{
	const struct pk_span first = pk_zip_name(&l->zip.view[0].v[0]);
	const uint8_t *slash =
		first.len ? memchr(first.p, '/', first.len) : NULL;

	if (!slash)
		return false;
	l->root = (struct pk_span){ first.p, (size_t)(slash - first.p) + 1 };
	return pk_members_find(l->members, l->root, "data.pkl") != NULL;
}

/* The pickle is small beside the tensors, and read here and there. */
static struct pk_source *load_pickle(struct pk_loader *l)
{
	const struct pk_zip_entry *e =
		pk_members_find(l->members, l->root, "data.pkl");
	struct pk_source *src = pk_member_source(l, e), *mem;

	mem = src ? pk_load_in_memory(l, src) : NULL;
	pk_source_free(src);
	return mem && pk_load_own(l, mem) ? mem : NULL;
}

void pk_load_torch_zip(struct pk_loader *l)
{
	struct pk_source *pickle;
	uint64_t end;

	l->w->format = "pytorch-zip";
	if (!read_facts(l))
		return;
	if (pk_members_find(l->members, l->root, "constants.pkl") &&
	    l->w->rules == PK_RULES_NOW) {
		(void)pk_load_fail(l, PK_WEIGHTS_REFUSED, 0,
				   "a TorchScript archive: it holds code");
		return;
	}
	l->locate = locate;
	pickle = load_pickle(l);
	if (pickle && pk_load_pickle(l, pickle, 0, pickle->size, &end))
		pk_flatten(l, l->g.root);
}

void pk_load_zip(struct pk_loader *l)
{
	struct pk_members *m = PK_NEW(&l->w->arena, struct pk_members);

	if (!m) {
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
		return;
	}
	l->members = m;
	if (!pk_members_open(m, l))
		return;
	if (find_root(l)) {
		if (members_are_sure(m))
			pk_load_torch_zip(l);
	} else if (!pk_is_npz(l)) {
		(void)pk_load_fail(l, PK_WEIGHTS_FOREIGN, 0,
				   "a zip without weights");
	} else if (members_are_sure(m)) {
		pk_load_npz(l);
	}
}
