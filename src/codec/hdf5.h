/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_HDF5_H
#define PK_CODEC_HDF5_H

#include "core/arena.h"
#include "core/source.h"
#include "core/span.h"

/*
 * HDF5 (the file format specification, version 3.0): superblocks 0 to 3,
 * object headers of both kinds, groups of both kinds, dense storage.  The
 * structure is walked and told; data of datasets are only located.  Hostile
 * structure, loops included, ends the part it is in, never the walk.
 *
 * Strings that events are given live in the arena.
 */
enum { PK_H5_RANK_MAX = 32 };

struct pk_h5_attribute {
	const char *object; /* "/", "/layers/dense" */
	struct pk_span name;
	bool text;    /* one string, of either kind */
	bool opaque;  /* or one value that is bytes to HDF5 */
	uint64_t off; /* of its content in the source */
	uint64_t len;
};

enum pk_h5_leaves {
	PK_H5_SOFT,     /* a path in the same file */
	PK_H5_EXTERNAL, /* an object of another file */
	PK_H5_USER,     /* resolved by a plugin */
	PK_H5_STORAGE,  /* data of a dataset in another file */
	PK_H5_VIRTUAL,  /* a dataset made of those of other files */
};

/* Something that is not in its place but elsewhere. */
struct pk_h5_link {
	enum pk_h5_leaves kind;
	const char *object;
	struct pk_span target; /* a file, or a path for PK_H5_SOFT */
	uint64_t off;
};

struct pk_h5_dataset {
	const char *object;
	const char *type; /* "F32"; NULL: none that has a word */
	unsigned rank;
	uint64_t dims[PK_H5_RANK_MAX];
	uint64_t item; /* bytes of one value */
	bool placed;   /* off and len say where its data lies, as it is */
	uint64_t off;
	uint64_t len;
	bool pointers;   /* values are references into heaps */
	unsigned filter; /* the first that HDF5 itself does not have, or 0 */
	uint64_t header; /* of the object, for findings */
};

struct pk_h5_events {
	void (*attribute)(void *user, const struct pk_h5_attribute *a);
	void (*link)(void *user, const struct pk_h5_link *l);
	void (*dataset)(void *user, const struct pk_h5_dataset *d);
	/* What could not be read, and where. */
	void (*doubt)(void *user, uint64_t off, const char *what);
	bool (*over)(void *user); /* out of time or memory: stop */
};

struct pk_h5_file {
	uint64_t base; /* of the signature: behind a user block */
	uint64_t end;  /* as the superblock has it */
	unsigned version;
};

/* Where the signature stands, at 0, 512, 1024, ...; false: nowhere. */
bool pk_h5_find(struct pk_source *src, uint64_t *ret_base);

/* Walks all that can be reached from the root.  False when the superblock
 * cannot be read. */
bool pk_h5_walk(struct pk_source *src, struct pk_arena *a,
		const struct pk_h5_events *events, void *user,
		struct pk_h5_file *ret);

#endif
