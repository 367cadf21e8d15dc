/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_HDF5_PARTS_H
#define PK_CODEC_HDF5_PARTS_H

#include "codec/hdf5.h"
#include "core/cursor.h"
#include "core/set64.h"

/*
 * A walk at work.  There is one cursor; whoever needs another place goes
 * there (pk_h5_go) and comes back by its offset.
 */
struct pk_h5 {
	struct pk_cursor c;
	struct pk_source *src;
	struct pk_arena *a;
	const struct pk_h5_events *events;
	void *user;
	uint64_t base;
	uint8_t o, l;         /* bytes of an offset and of a length */
	struct pk_set64 seen; /* object headers and nodes */
	uint64_t steps;
};

enum {
	PK_H5_STEPS_MAX = 4 << 20, /* messages, links, records together */
	PK_H5_DEPTH_MAX = 64,
	PK_H5_NAME_MAX = 4096,
};

/* One message of an object header. */
struct pk_h5_message {
	unsigned type;
	uint64_t off;
	uint64_t len;
};

uint64_t pk_h5_number(struct pk_h5 *h, unsigned bytes);
uint64_t pk_h5_offset(struct pk_h5 *h);
uint64_t pk_h5_length(struct pk_h5 *h);
bool pk_h5_defined(const struct pk_h5 *h, uint64_t address);

/* Forgets a fault and stands at an address of the file. */
void pk_h5_go(struct pk_h5 *h, uint64_t address);
/* The same at an offset of the source. */
void pk_h5_at(struct pk_h5 *h, uint64_t off);
bool pk_h5_signature(struct pk_h5 *h, const char *four);
/* A NUL-terminated string, copied. */
struct pk_span pk_h5_string(struct pk_h5 *h);
/* Counts; false when enough was done. */
bool pk_h5_step(struct pk_h5 *h);
/* After a fault: says so, and forgets it. */
bool pk_h5_sound(struct pk_h5 *h, const char *what);

/* A string in a local heap. */
struct pk_span pk_h5_heap_string(struct pk_h5 *h, uint64_t heap, uint64_t at);

/* An object of a global heap: where its bytes lie. */
bool pk_h5_global(struct pk_h5 *h, uint64_t collection, uint32_t index,
		  uint64_t *ret_off, uint64_t *ret_len);

/* Calls each for every object of dense storage: a fractal heap whose objects
 * are found by a B-tree of the second kind.  skip: bytes of a record before the
 * heap's id. */
void pk_h5_dense(struct pk_h5 *h, uint64_t heap, uint64_t tree, unsigned skip,
		 void (*each)(struct pk_h5 *h, uint64_t off, uint64_t len,
			      void *user),
		 void *user);

/* An attribute message at off. */
void pk_h5_attribute(struct pk_h5 *h, const char *object, uint64_t off,
		     uint64_t len);

/* The messages that make a dataset. */
void pk_h5_dataset(struct pk_h5 *h, const char *object, uint64_t header,
		   const struct pk_h5_message *m, size_t n);

#endif
