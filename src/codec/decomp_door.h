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
	/* Ready for a member that starts with these bytes, in at most so much
	 * memory; called again for each.  False when it cannot be. */
	bool (*begin)(void *state, struct pk_span bytes, size_t memory);
	/* Decodes some.  END is the end of one member. */
	enum pk_flow (*step)(void *state, struct pk_io *io);
	/* Bytes of memory in use now. */
	size_t (*cost)(void *state);
	void (*end)(void *state);
};

extern const struct pk_door pk_door_deflate;
extern const struct pk_door pk_door_zlib;
extern const struct pk_door pk_door_gzip;
extern const struct pk_door pk_door_bzip2;
extern const struct pk_door pk_door_xz;
extern const struct pk_door pk_door_lzma_raw;
extern const struct pk_door pk_door_zstd;
extern const struct pk_door pk_door_lz4;

#endif
