/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/s3_xml.h"

#include "codec/xml.h"
#include "hub/uri.h"
#include "source/memory.h"

enum { TEXT_MAX = 8192, PAGE_MEMORY = 64 << 20 };

/* An object as the page has it; keys are decoded when all of the page is
 * known, since only its end may say how. */
struct object {
	struct object *next;
	const char *key;
	const char *size;
	const char *etag;
};

/* A page being read. */
struct page {
	struct pk_arena *arena;
	struct pk_buf text; /* of the element that is open */
	struct object *objects, **end;
	struct object *now; /* within Contents */
	const char *encoding, *truncated, *next;
	bool is_list; /* its root is what it should be */
	bool bad;
};

/* Where the text of an element goes, by its depth and name. */
static const char **slot(struct page *p, unsigned depth, const char *name)
{
	struct {
		const char *name;
		const char **to;
	} const top[] = {
		{ "EncodingType", &p->encoding },
		{ "IsTruncated", &p->truncated },
		{ "NextContinuationToken", &p->next },
	}, inner[] = {
		{ "Key", p->now ? &p->now->key : NULL },
		{ "Size", p->now ? &p->now->size : NULL },
		{ "ETag", p->now ? &p->now->etag : NULL },
	};

	for (size_t i = 0; i < 3; i++) {
		if (depth == 2 && strcmp(name, top[i].name) == 0)
			return top[i].to;
		if (depth == 3 && strcmp(name, inner[i].name) == 0)
			return inner[i].to;
	}
	return NULL;
}

static bool on_open(struct pk_xml *x, const char *name,
		    const char *const *attributes)
{
	struct page *p = x->user;

	(void)attributes;
	name = pk_xml_local(name);
	p->text.len = 0;
	if (x->depth == 1)
		p->is_list = strcmp(name, "ListBucketResult") == 0;
	if (x->depth == 2 && strcmp(name, "Contents") == 0) {
		p->now = PK_NEW(p->arena, struct object);
		if (!p->now)
			return false;
		*p->end = p->now;
		p->end = &p->now->next;
	}
	return p->is_list;
}

static void on_text(struct pk_xml *x, struct pk_span text)
{
	struct page *p = x->user;

	pk_buf_put(&p->text, text.p, text.len);
}

static void on_close(struct pk_xml *x, const char *name)
{
	struct page *p = x->user;
	/* The reader has left the element already. */
	const unsigned depth = x->depth + 1;
	const char **to = slot(p, depth, pk_xml_local(name));

	if (to && (*to || p->text.failed))
		p->bad = true;
	else if (to)
		*to = pk_arena_copy(p->arena, pk_buf_span(&p->text));
	if (depth == 2)
		p->now = NULL;
	p->text.len = 0;
}

static bool number(const char *s, uint64_t *ret)
{
	uint64_t n = 0;

	if (!s || !*s || strlen(s) > 18)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
	}
	*ret = n;
	return true;
}

/* Unquoted; one that cannot be sent back is left out. */
static void take_etag(struct pk_remote_file *f, const char *s)
{
	size_t n = s ? strlen(s) : 0;

	if (n > 1 && s[0] == '"' && s[n - 1] == '"') {
		s++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof(f->etag))
		return;
	for (size_t i = 0; i < n; i++) {
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '"')
			return;
	}
	memcpy(f->etag, s, n);
}

static enum pk_status refuse(struct pk_remote_trouble *why, const char *what)
{
	return pk_trouble(why, PK_HTTP_BROKEN, "the listing of the bucket %s",
			  what);
}

static enum pk_status add(const struct object *o, struct pk_span key,
			  const char *below, const char *only,
			  struct pk_files *to, struct pk_remote_trouble *why)
{
	struct pk_remote_file f = { 0 };
	const size_t n = strlen(below);

	if (!number(o->size, &f.size))
		return refuse(why, "has no size for an object");
	if (only &&
	    !(key.len == strlen(only) && memcmp(key.p, only, key.len) == 0))
		return PK_OK;
	if (key.len && key.p[key.len - 1] == '/' && f.size == 0)
		return PK_OK;
	if (key.len <= n || memcmp(key.p, below, n) != 0)
		return refuse(why,
			      "has an object outside of what was asked for");
	key.p += n;
	key.len -= n;
	take_etag(&f, o->etag);
	return pk_files_add(to, key, &f, why);
}

static enum pk_status add_decoded(const struct page *p, const struct object *o,
				  const char *below, const char *only,
				  struct pk_files *to,
				  struct pk_remote_trouble *why)
{
	const bool encoded = p->encoding && strcmp(p->encoding, "url") == 0;
	struct pk_span raw = { (const uint8_t *)o->key, 0 };
	struct pk_buf key = { 0 };
	enum pk_status status;

	if (!o->key)
		return refuse(why, "has an object without a key");
	raw.len = strlen(o->key);
	if (!encoded)
		return add(o, raw, below, only, to, why);
	if (!pk_percent_get(&key, raw, true))
		status = refuse(why, "has a key that cannot be decoded");
	else if (key.failed)
		status = pk_trouble_memory(why);
	else
		status = add(o, pk_buf_span(&key), below, only, to, why);
	pk_buf_release(&key);
	return status;
}

static enum pk_xml_end read_page(struct page *p, struct pk_span xml)
{
	struct pk_xml x = {
		.open = on_open, .close = on_close, .text = on_text, .user = p
	};
	struct pk_source *src = pk_memory_borrow(xml);
	enum pk_xml_end end = PK_XML_NOMEM;

	if (src)
		end = pk_xml_read(&x, src);
	pk_source_free(src);
	return end;
}

static enum pk_status finish(const struct page *p, enum pk_xml_end end,
			     struct pk_remote_trouble *why)
{
	if (p->arena->meter->exceeded || end == PK_XML_NOMEM)
		return pk_trouble_memory(why);
	if (end != PK_XML_WHOLE || !p->is_list || p->bad)
		return refuse(why, "is not the XML that was asked for");
	if (p->truncated && strcmp(p->truncated, "true") == 0 &&
	    (!p->next || !*p->next))
		return refuse(why, "goes on, but does not say where");
	return PK_OK;
}

enum pk_status pk_s3_page_read(struct pk_span xml, const char *below,
			       const char *only, struct pk_arena *a,
			       struct pk_files *to, const char **ret_next,
			       struct pk_remote_trouble *why)
{
	struct pk_meter meter = { .ceiling = PAGE_MEMORY };
	struct pk_arena mem = PK_ARENA(&meter);
	struct page p = { .arena = &mem, .text = { .max = TEXT_MAX } };
	enum pk_status status;
	const char *next;

	p.end = &p.objects;
	status = finish(&p, read_page(&p, xml), why);
	for (const struct object *o = p.objects; o && status == PK_OK;
	     o = o->next)
		status = add_decoded(&p, o, below, only, to, why);
	next = p.truncated && strcmp(p.truncated, "true") == 0 ? p.next : NULL;
	*ret_next = NULL;
	if (status == PK_OK && next) {
		*ret_next = pk_arena_copy(
			a, (struct pk_span){ (const uint8_t *)next,
					     strlen(next) });
		if (!*ret_next)
			status = pk_trouble_memory(why);
	}
	pk_buf_release(&p.text);
	pk_arena_release(&mem);
	return status;
}
