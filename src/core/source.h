/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CORE_SOURCE_H
#define PK_CORE_SOURCE_H

#include "core/span.h"

/*
 * Where bytes come from: a file, memory, a slice of either, a decompressed
 * member.  Random access, of known size, never mapped: a file that shrinks
 * under us is a short read, not a signal.
 */
struct pk_source {
	const struct pk_source_ops *ops;
	uint64_t size;
	const uint8_t *mem; /* the whole content when it lies in memory */
	bool broken;        /* a read failed or came up short of size */
	/* Reading is dear: so many bytes at a time, and more only when it goes
	 * on in order.  0: whatever fits. */
	uint32_t grain;
	uint64_t waited_ns; /* for others: time that is not the reader's own */
};

/* Bytes [off, off + len) of a source; where one is put together from parts of
 * another, the place that they have there. */
struct pk_extent {
	uint64_t at;
	uint64_t off;
	uint64_t len;
};

struct pk_source_ops {
	/* Up to n bytes at off; fewer only at the end or on failure. */
	size_t (*read)(struct pk_source *s, uint64_t off, void *buf, size_t n);
	void (*free)(struct pk_source *s);
	/* Or NULL: see pk_source_zeros(), pk_source_changed(),
	 * pk_source_expect(). */
	uint64_t (*zeros)(struct pk_source *s, uint64_t off);
	bool (*changed)(struct pk_source *s);
	void (*expect)(struct pk_source *s, const struct pk_extent *v,
		       size_t n);
};

/*
 * Reads up to n bytes at off and returns how many; asking past the end is
 * fine and returns fewer.  Coming up short of the promised size marks the
 * source broken: what was scanned is then not what the file is.
 */
size_t pk_source_read(struct pk_source *s, uint64_t off, void *buf, size_t n);

/*
 * How many bytes from off on are zero without anybody having to read them: a
 * hole of a sparse file.  0 when that is not known; perhaps more than there
 * are bytes.
 */
uint64_t pk_source_zeros(struct pk_source *s, uint64_t off);

/* Whether the bytes are known to have changed since the source was made. */
bool pk_source_changed(struct pk_source *s);

/*
 * Tells a dear source what will be read soon, about in this order, so that it
 * can fetch several at once.  Costs nothing with others, and promises
 * nothing.
 */
void pk_source_expect(struct pk_source *s, const struct pk_extent *v, size_t n);

/* Releases the source; what it was made over stays. NULL is fine. */
void pk_source_free(struct pk_source *s);

#endif
