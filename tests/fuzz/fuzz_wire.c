/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker sends: as it stands, and as it would be for a file that holds
 * the input, first whole and then with bytes of it changed.  A result that
 * was taken must travel again and be the same.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "picket/picket.h"

enum { FILE_MAX = 4096, CHANGES = 48 };

struct bytes {
	unsigned char *p;
	size_t n;
};

static int keep(void *ctx, const void *bytes, size_t n)
{
	struct bytes *b = ctx;
	unsigned char *p = realloc(b->p, b->n + n + 1);

	if (!p)
		return -1;
	b->p = p;
	memcpy(b->p + b->n, bytes, n);
	b->n += n;
	return 0;
}

static struct bytes encode(const struct picket_file *f)
{
	struct bytes b = { NULL, 0 };
	const struct picket_sink sink = { keep, &b };

	if (picket_file_encode(f, &sink) != PICKET_OK)
		abort();
	return b;
}

/* From a block of the very size, so that a read past the end shows. */
static struct picket_file *decode(const struct picket_options *o, const void *p,
				  size_t n)
{
	struct picket_file *f = NULL;
	void *copy = malloc(n ? n : 1);

	if (!copy)
		return NULL;
	if (n)
		memcpy(copy, p, n);
	if (picket_file_decode(o, "fuzz.pt", copy, n, &f) != PICKET_OK)
		f = NULL;
	free(copy);
	return f;
}

static void travels_again(const struct picket_options *o,
			  const struct picket_file *f)
{
	struct bytes once = encode(f), twice;
	struct picket_file *g = decode(o, once.p, once.n);

	if (!g)
		abort();
	twice = encode(g);
	if (picket_file_verdict(f) != picket_file_verdict(g) ||
	    once.n != twice.n || memcmp(once.p, twice.p, once.n) != 0)
		abort();
	picket_file_free(g);
	free(once.p);
	free(twice.p);
}

static void take(const struct picket_options *o, const void *p, size_t n)
{
	struct picket_file *f = decode(o, p, n);

	if (f)
		travels_again(o, f);
	picket_file_free(f);
}

static void take_changed(const struct picket_options *o, struct bytes b,
			 const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + 2 < size && i < 3 * CHANGES; i += 3) {
		const size_t at = (data[i] | (size_t)data[i + 1] << 8) % b.n;
		const unsigned char was = b.p[at];

		b.p[at] ^= data[i + 2];
		take(o, b.p, b.n);
		take(o, b.p, at);
		b.p[at] = was;
	}
}

static void scan_and_send(const struct picket_options *o, const uint8_t *data,
			  size_t size)
{
	struct picket_file *f = NULL;
	struct bytes b;

	if (size > FILE_MAX ||
	    picket_scan_memory(o, data, size, "fuzz.pt", &f) != PICKET_OK)
		return;
	travels_again(o, f);
	b = encode(f);
	take_changed(o, b, data, size);
	free(b.p);
	picket_file_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct picket_options *o = picket_options_new();

	if (!o)
		return 0;
	(void)picket_options_set_limit(o, "memory", 64 << 20);
	(void)picket_options_set_limit(o, "expansion", 16 << 20);
	take(o, data, size);
	scan_and_send(o, data, size);
	picket_options_free(o);
	return 0;
}
