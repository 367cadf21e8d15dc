/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_DECOMP_DOOR_H
#define PK_CODEC_DECOMP_DOOR_H

#include "codec/decomp.h"

/* What a decompression library is handed; it moves all of these. */
struct pk_io {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
};

/* How picket talks to one decompression library: one file behind each. */
struct pk_door {
	size_t size; /* of the state, zeroed before the first begin */
	/* Zero bytes may lie between members. */
	bool padded;
	/* Whether one more member starts here. */
	bool (*begins)(struct pk_span bytes);
	/* Where, from its start, a member holds bytes that decoding passes
	 * over, and how many; NULL when none can.  Few bytes are no room. */
	size_t (*aside)(struct pk_span bytes, size_t *ret_at);
	/* Ready for a member that starts with these bytes, in at most so much
	 * memory; called again for each.  False when it cannot be. */
	bool (*begin)(void *state, struct pk_span bytes, size_t memory);
	/* Decodes some.  END is the end of one member. */
	enum pk_flow (*step)(void *state, struct pk_io *io);
	/* Bytes of memory in use now. */
	size_t (*cost)(void *state);
	void (*end)(void *state);
};

enum { PK_ASIDE_MIN = 64 };

/* Of a skippable frame, which Zstandard and LZ4 share (RFC 8878, 3.1.2). */
static inline bool pk_is_skippable(struct pk_span b)
{
	return b.len >= 8 && (b.p[0] & 0xf0) == 0x50 && b.p[1] == 0x2a &&
	       b.p[2] == 0x4d && b.p[3] == 0x18;
}

static inline size_t pk_aside_of_skippable(struct pk_span b, size_t *ret_at)
{
	if (!pk_is_skippable(b))
		return 0;
	*ret_at = 8;
	return b.p[4] | (size_t)b.p[5] << 8 | (size_t)b.p[6] << 16 |
	       (size_t)b.p[7] << 24;
}

extern const struct pk_door pk_door_deflate;
extern const struct pk_door pk_door_zlib;
extern const struct pk_door pk_door_gzip;
extern const struct pk_door pk_door_bzip2;
extern const struct pk_door pk_door_xz;
extern const struct pk_door pk_door_lzma_raw;
extern const struct pk_door pk_door_zstd;
extern const struct pk_door pk_door_lz4;

#endif
