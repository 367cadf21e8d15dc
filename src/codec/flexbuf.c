/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/flexbuf.h"

enum {
	TYPE_STRING = 5,
	TYPE_MAP = 9,
	TYPE_VECTOR = 10,
	TYPE_BLOB = 25,
};

/* A value: where it stands, how wide it is, and its packed type. */
struct value {
	size_t at;
	unsigned width;
	uint8_t type;
	unsigned wide; /* of what it leads to */
};

static bool get(struct pk_span b, size_t at, unsigned width, uint64_t *ret)
{
	uint64_t v = 0;

	if (at > b.len || width > b.len - at)
		return false;
	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)b.p[at + i] << (8 * i);
	*ret = v;
	return true;
}

static bool root_of(struct pk_span b, struct value *ret)
{
	const unsigned width = b.len ? b.p[b.len - 1] : 0;

	if ((width != 1 && width != 2 && width != 4 && width != 8) ||
	    b.len < 2 + (size_t)width)
		return false;
	*ret = (struct value){ .at = b.len - 2 - width,
			       .width = width,
			       .type = b.p[b.len - 2] >> 2,
			       .wide = 1U << (b.p[b.len - 2] & 3) };
	return true;
}

/* Where a value leads, and the length that stands before that. */
static bool follow(struct pk_span b, const struct value *v, size_t *ret_at,
		   size_t *ret_len)
{
	uint64_t back, len;

	if (!get(b, v->at, v->width, &back) || back > v->at ||
	    v->at - back < v->wide ||
	    !get(b, v->at - (size_t)back - v->wide, v->wide, &len) ||
	    len > b.len - (v->at - back))
		return false;
	*ret_at = v->at - (size_t)back;
	*ret_len = (size_t)len;
	return true;
}

bool pk_flex_text(struct pk_span bytes, unsigned i, struct pk_span *ret)
{
	struct value v;
	size_t at, n;
	uint64_t type;

	if (!root_of(bytes, &v) ||
	    (v.type != TYPE_VECTOR && v.type != TYPE_MAP) ||
	    !follow(bytes, &v, &at, &n) || i >= n || n > bytes.len / v.wide ||
	    !get(bytes, at + n * v.wide + i, 1, &type))
		return false;
	v = (struct value){ .at = at + i * v.wide,
			    .width = v.wide,
			    .type = (uint8_t)type >> 2,
			    .wide = 1U << (type & 3) };
	if ((v.type != TYPE_STRING && v.type != TYPE_BLOB) ||
	    !follow(bytes, &v, &at, &n))
		return false;
	*ret = (struct pk_span){ bytes.p + at, n };
	return true;
}
