/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/sigv4.h"

#include <stdlib.h>

#include "core/digest.h"

enum { DATE_LEN = 8, PARAMETERS_MAX = 32 };

static struct pk_span span(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static int by_name(const void *a, const void *b)
{
	const struct pk_signed_header *ha = a, *hb = b;

	return strcmp(ha->name, hb->name);
}

/* Bytewise, which for encoded "name=value" is the order of names and then of
 * values, '=' being less than any letter or digit, but not than '-' and '.'
 * nor '%': so names are compared alone first. */
static int by_parameter(const void *a, const void *b)
{
	const struct pk_span *pa = a, *pb = b;
	struct pk_span na = *pa, nb = *pb;
	const uint8_t *ea = na.len ? memchr(na.p, '=', na.len) : NULL;
	const uint8_t *eb = nb.len ? memchr(nb.p, '=', nb.len) : NULL;
	size_t least;
	int order;

	na.len = ea ? (size_t)(ea - na.p) : na.len;
	nb.len = eb ? (size_t)(eb - nb.p) : nb.len;
	least = na.len < nb.len ? na.len : nb.len;
	order = least ? memcmp(na.p, nb.p, least) : 0;
	if (order || na.len != nb.len)
		return order ? order : na.len < nb.len ? -1 : 1;
	least = pa->len < pb->len ? pa->len : pb->len;
	order = least ? memcmp(pa->p, pb->p, least) : 0;
	return order ? order : (pa->len > pb->len) - (pa->len < pb->len);
}

static bool put_query(struct pk_buf *b, struct pk_span query)
{
	struct pk_span v[PARAMETERS_MAX];
	size_t n = 0;

	while (query.len) {
		const uint8_t *amp = memchr(query.p, '&', query.len);
		const size_t len = amp ? (size_t)(amp - query.p) : query.len;

		if (n == PARAMETERS_MAX)
			return false;
		v[n++] = (struct pk_span){ query.p, len };
		query.p += amp ? len + 1 : len;
		query.len -= amp ? len + 1 : len;
	}
	if (n)
		qsort(v, n, sizeof(v[0]), by_parameter);
	for (size_t i = 0; i < n; i++) {
		if (i)
			pk_buf_putc(b, '&');
		pk_buf_put(b, v[i].p, v[i].len);
		if (!memchr(v[i].p, '=', v[i].len))
			pk_buf_putc(b, '=');
	}
	return true;
}

static void put_names(struct pk_buf *b, const struct pk_signed_header *h,
		      size_t n)
{
	for (size_t i = 0; i < n; i++)
		pk_buf_printf(b, "%s%s", i ? ";" : "", h[i].name);
}

/* The canonical request; h: the headers in order. */
static bool put_canonical(struct pk_buf *b, const struct pk_sigv4 *r,
			  const struct pk_signed_header *h)
{
	pk_buf_printf(b, "%s\n", r->method);
	if (r->path.len)
		pk_buf_put(b, r->path.p, r->path.len);
	else
		pk_buf_putc(b, '/');
	pk_buf_putc(b, '\n');
	if (!put_query(b, r->query))
		return false;
	pk_buf_putc(b, '\n');
	for (size_t i = 0; i < r->header_count; i++)
		pk_buf_printf(b, "%s:%s\n", h[i].name, h[i].value);
	pk_buf_putc(b, '\n');
	put_names(b, h, r->header_count);
	pk_buf_printf(b, "\n%s", r->payload);
	return pk_buf_ok(b);
}

/* "20130524/us-east-1/s3/aws4_request" */
static void put_scope(struct pk_buf *b, const struct pk_sigv4 *r)
{
	pk_buf_printf(b, "%.*s/%s/s3/aws4_request", DATE_LEN, r->when,
		      r->who->region);
}

static bool put_string_to_sign(struct pk_buf *b, const struct pk_sigv4 *r,
			       struct pk_span canonical)
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t digest[PK_SHA256_LEN];

	pk_sha256_add(h, canonical.p, canonical.len);
	if (!pk_sha256_end(h, digest))
		return false;
	pk_buf_printf(b, "AWS4-HMAC-SHA256\n%s\n", r->when);
	put_scope(b, r);
	pk_buf_putc(b, '\n');
	pk_hex_put(b, (struct pk_span){ digest, sizeof(digest) });
	return pk_buf_ok(b);
}

static bool sign(const struct pk_sigv4 *r, struct pk_span text,
		 uint8_t ret[PK_SHA256_LEN])
{
	struct pk_buf first = { 0 };
	const struct pk_span date = { (const uint8_t *)r->when, DATE_LEN };
	const struct pk_span key = { ret, PK_SHA256_LEN };
	bool ok;

	pk_buf_printf(&first, "AWS4%s", r->who->secret);
	ok = pk_buf_ok(&first) &&
	     pk_hmac_sha256(pk_buf_span(&first), date, ret) &&
	     pk_hmac_sha256(key, span(r->who->region), ret) &&
	     pk_hmac_sha256(key, PK_LIT("s3"), ret) &&
	     pk_hmac_sha256(key, PK_LIT("aws4_request"), ret) &&
	     pk_hmac_sha256(key, text, ret);
	pk_buf_release(&first);
	return ok;
}

bool pk_sigv4_put(const struct pk_sigv4 *r, struct pk_buf *to)
{
	struct pk_signed_header h[PK_SIGNED_HEADERS_MAX];
	struct pk_buf canonical = { 0 }, text = { 0 };
	uint8_t signature[PK_SHA256_LEN];
	bool ok;

	if (r->header_count > PK_SIGNED_HEADERS_MAX ||
	    strlen(r->when) < DATE_LEN)
		return false;
	if (r->header_count) {
		memcpy(h, r->headers, r->header_count * sizeof(h[0]));
		qsort(h, r->header_count, sizeof(h[0]), by_name);
	}
	ok = put_canonical(&canonical, r, h) &&
	     put_string_to_sign(&text, r, pk_buf_span(&canonical)) &&
	     sign(r, pk_buf_span(&text), signature);
	if (ok) {
		pk_buf_printf(to, "AWS4-HMAC-SHA256 Credential=%s/",
			      r->who->key);
		put_scope(to, r);
		pk_buf_puts(to, ", SignedHeaders=");
		put_names(to, h, r->header_count);
		pk_buf_puts(to, ", Signature=");
		pk_hex_put(to,
			   (struct pk_span){ signature, sizeof(signature) });
	}
	pk_buf_release(&canonical);
	pk_buf_release(&text);
	return ok && pk_buf_ok(to);
}
