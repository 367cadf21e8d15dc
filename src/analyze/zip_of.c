/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/zip_of.h"

#include "source/slice.h"

struct pk_zip *pk_zip_of(struct pk_scan *s)
{
	static const char key;
	void **slot = pk_shared(s, &key);
	struct pk_zip *z = slot ? *slot : NULL;

	if (z || !slot)
		return z;
	z = PK_NEW(&s->arena, struct pk_zip);
	if (z)
		pk_zip_open(z, s->bytes, &s->arena);
	*slot = z;
	return z;
}

bool pk_zip_begins(const struct pk_head *head)
{
	static const struct pk_span magics[] = {
		PK_LIT_INIT("PK\3\4"), PK_LIT_INIT("PK\5\6"),
		PK_LIT_INIT("PK\7\10PK\3\4"), /* first of several volumes, */
		PK_LIT_INIT("PK00PK\3\4"),    /* and of one after all */
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (pk_span_starts(head->bytes, magics[i]))
			return true;
	}
	return false;
}

enum pk_codec pk_zip_codec(uint16_t method)
{
	switch (method) {
	case PK_ZIP_DEFLATE:
		return PK_CODEC_DEFLATE;
	case PK_ZIP_BZIP2:
		return PK_CODEC_BZIP2;
	case PK_ZIP_LZMA:
		return PK_CODEC_LZMA_RAW;
	case PK_ZIP_ZSTD:
	case PK_ZIP_ZSTD_OLD:
		return PK_CODEC_ZSTD;
	case PK_ZIP_XZ:
		return PK_CODEC_XZ;
	default:
		return PK_CODEC_COUNT;
	}
}

struct pk_source *pk_zip_member(struct pk_scan *s, const struct pk_zip_entry *e)
{
	const enum pk_codec codec = pk_zip_codec(e->method);
	struct pk_zip *z = pk_zip_of(s);
	struct pk_zip_local l;
	struct pk_streamed got;

	if (!z || !pk_zip_local(z, e->header, &l))
		return NULL;
	if (e->method == PK_ZIP_STORED)
		return pk_slice_new(s->bytes, l.data, e->csize);
	if (codec == PK_CODEC_COUNT)
		return NULL;
	return pk_expand(s, codec, l.data, e->csize, &got);
}
