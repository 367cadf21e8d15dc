/* SPDX-License-Identifier: Apache-2.0 */
#include "tensors/values.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1 << 18 };

/*
 * IEEE 754 and its kin: without the sign, the infinity is the one value at the
 * top, and what lies above it is NaN.  Types without an infinity have a top
 * that is a number.  The eight-bit types are those of the OCP formats (E5M2,
 * E4M3, E8M0), and of "8-bit Numerical Formats for Deep Neural Networks"
 * (FNUZ), where 0x80 alone, the negative zero, is NaN: turned, it is 0xff.
 */
static const struct kind {
	const char *dtype;
	unsigned bytes;
	uint64_t turn, mask, top;
	bool infinite;
} kinds[] = {
	{ "BF16", 2, 0, 0x7fff, 0x7f80, true },
	{ "C64", 4, 0, 0x7fffffff, 0x7f800000, true },
	{ "F16", 2, 0, 0x7fff, 0x7c00, true },
	{ "F32", 4, 0, 0x7fffffff, 0x7f800000, true },
	{ "F64", 8, 0, INT64_MAX, 0x7ff0000000000000, true },
	{ "F8_E4M3", 1, 0, 0x7f, 0x7e, false },
	{ "F8_E4M3FNUZ", 1, 0x7f, 0xff, 0xfe, false },
	{ "F8_E5M2", 1, 0, 0x7f, 0x7c, true },
	{ "F8_E5M2FNUZ", 1, 0x7f, 0xff, 0xfe, false },
	{ "F8_E8M0", 1, 0, 0xff, 0xfe, false },
};

static const struct kind *kind_of(struct pk_span dtype)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (dtype.len == strlen(kinds[i].dtype) &&
		    memcmp(dtype.p, kinds[i].dtype, dtype.len) == 0)
			return &kinds[i];
	return NULL;
}

/* Without branches, so that the compiler counts several at once. */
#define COUNTER(bits, host)                                                 \
	static void count##bits(const struct kind *k, const void *window,   \
				size_t n, struct pk_value_counts *c)        \
	{                                                                   \
		const uint##bits##_t *v = window;                           \
		const uint##bits##_t turn = (uint##bits##_t)k->turn;        \
		const uint##bits##_t mask = (uint##bits##_t)k->mask;        \
		const uint##bits##_t top = (uint##bits##_t)k->top;          \
		size_t nan = 0, tops = 0;                                   \
                                                                            \
		for (size_t i = 0; i < n; i++) {                            \
			const uint##bits##_t x =                            \
				(uint##bits##_t)(host(v[i]) + turn) & mask; \
			nan += x > top;                                     \
			tops += x == top;                                   \
		}                                                           \
		c->nan += nan;                                              \
		c->inf += k->infinite ? tops : 0;                           \
	}

COUNTER(8, )
COUNTER(16, le16toh)
COUNTER(32, le32toh)
COUNTER(64, le64toh)

static void count(const struct kind *k, const void *window, size_t bytes,
		  struct pk_value_counts *c)
{
	switch (k->bytes) {
	case 1:
		count8(k, window, bytes, c);
		break;
	case 2:
		count16(k, window, bytes / 2, c);
		break;
	case 4:
		count32(k, window, bytes / 4, c);
		break;
	default:
		count64(k, window, bytes / 8, c);
		break;
	}
}

bool pk_values_countable(struct pk_span dtype)
{
	return kind_of(dtype) != NULL;
}

bool pk_count_values(struct pk_source *src, uint64_t off, uint64_t len,
		     struct pk_span dtype, struct pk_value_counts *ret)
{
	const struct kind *k = kind_of(dtype);
	struct pk_value_counts c = { 0 };
	void *window = k ? malloc(WINDOW) : NULL;
	bool ok = window != NULL;

	while (ok && len) {
		const size_t n = len < WINDOW ? (size_t)len : WINDOW;

		ok = pk_source_read(src, off, window, n) == n;
		if (ok)
			count(k, window, n, &c);
		off += n;
		len -= n;
	}
	free(window);
	if (ok)
		*ret = c;
	return ok;
}
