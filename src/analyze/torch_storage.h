/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TORCH_STORAGE_H
#define PK_ANALYZE_TORCH_STORAGE_H

#include "analyze/pickle_judge.h"

/*
 * The storages that a PyTorch pickle refers to by persistent ids
 * ('storage', type, key, location, numel), each key once: as in
 * torch/serialization.py, the first reference decides the type.
 */
struct pk_storages {
	struct pk_storage *slots; /* open addressing by key */
	size_t cap;
	size_t n;
	uint64_t bytes; /* of all together */
	bool unknown;   /* the size of some could not be told */
	struct pk_arena *arena;
};

/* Adds the storage of an id; usable as pk_judge.on_storage, with the
 * storages as its user. */
void pk_storages_add(struct pk_judge *j, pk_value id);

/* Bytes of one element of a storage type such as FloatStorage; 0: no such. */
unsigned pk_storage_item_size(struct pk_span type_name);

#endif
