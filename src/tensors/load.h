/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_LOAD_H
#define PK_TENSORS_LOAD_H

#include "codec/tar.h"
#include "codec/zip.h"
#include "tensors/weights.h"

/* Inside the loader of weights: what its files share. */

/* What a call or a persistent id stands for, where that is no plain
 * container: an object's node holds its number in a. */
enum pk_thing_kind {
	PK_THING_TENSOR,
	PK_THING_STORAGE,
	PK_THING_PARTS,  /* sparse, quantised, nested: parts hold the tensors */
	PK_THING_DEVICE, /* parts: what it was made of */
	PK_THING_LAYOUT,
	PK_THING_BYTES,   /* parts: the text or bytes constant */
	PK_THING_COMPLEX, /* parts: two numbers */
	PK_THING_ARRAY,   /* of NumPy, before its state is known */
	PK_THING_DTYPE,   /* of NumPy */
	PK_THING_OPAQUE,  /* of NumPy, of what is no plain number */
	PK_THING_STUB,    /* an object that nothing is made of */
};

struct pk_thing {
	enum pk_thing_kind kind;
	const char *what; /* "sparse_coo", a class's name */
	struct pk_tensor tensor;
	struct pk_store *store;
	pk_value parts;      /* a container, or PK_V_UNKNOWN */
	pk_value state;      /* a stub's, what BUILD gave it */
	pk_value items;      /* a stub's: a list of what it was filled with */
	enum pk_dtype dtype; /* of PK_THING_DTYPE, and of storages */
	uint64_t item_size;  /* of PK_THING_DTYPE; UINT64_MAX: not known */
	bool big, objects;
	bool pairs;     /* items are keys and values */
	bool parameter; /* torch.nn.Parameter */
	bool visited;   /* by the walk that names things */
};

struct pk_loader {
	struct pk_weights *w;
	struct pk_source *file;
	struct pk_graph g;
	pk_value tree; /* what was named */
	bool failed;   /* w->why is set; the run ends at the next opcode */
	bool numpy;    /* arrays of NumPy are welcome */
	bool legacy;   /* storages are sized by the pickle; views may follow */
	struct pk_thing **things;
	size_t things_n, things_cap;
	struct pk_store **stores; /* by key: open addressing */
	size_t stores_n, stores_cap;
	struct pk_store **listed; /* in the order met */
	size_t listed_n, listed_cap;
	/* Finds the bytes of a storage whose type and size are known. */
	bool (*locate)(struct pk_loader *l, struct pk_store *s);
	/* Resolves ids that are no tuples (the layout of 2016); or NULL. */
	pk_value (*by_number)(struct pk_loader *l, pk_value v, pk_value id);
	struct pk_zip zip;
	const struct pk_members *members; /* of it */
	struct pk_span root;              /* with its slash */
	bool big_endian;
	struct pk_source **owned; /* to free at the end */
	size_t owned_n, owned_cap;
	uint64_t expanded; /* bytes out of decompressors */
};

/* The file cannot be loaded; the first reason counts.  Returns false. */
PK_PRINTF(4, 5)
bool pk_load_fail(struct pk_loader *l, enum pk_weights_end end, uint64_t off,
		  const char *fmt, ...);

/* A text constant, escaped, at most a line of it; never NULL. */
const char *pk_load_show(struct pk_loader *l, pk_value v);
const char *pk_load_show_global(struct pk_loader *l,
				const struct pk_vm_global *g);

/* Keeps a source until the loader is released.  False: no room; it is freed. */
bool pk_load_own(struct pk_loader *l, struct pk_source *src);
/* A source over bytes in the arena; NULL after a failure. */
struct pk_source *pk_load_borrow(struct pk_loader *l, const uint8_t *bytes,
				 size_t n);

/* A new thing in place of the object v; PK_V_UNKNOWN when out of memory. */
pk_value pk_load_thing(struct pk_loader *l, pk_value v,
		       const struct pk_thing *t);
/* The thing that v is, or NULL. */
struct pk_thing *pk_load_thing_of(struct pk_loader *l, pk_value v);
const struct pk_tensor *pk_load_tensor_of(struct pk_loader *l, pk_value v);

/* Whether v is a tuple, a list or a set. */
bool pk_load_is_row(pk_value v);

/* An empty container of the stream's own in place of a call's result. */
pk_value pk_load_container(struct pk_loader *l, enum pk_kind kind,
			   bool ordered);
/* Whether the dict was made by a call of OrderedDict or Counter. */
bool pk_load_is_ordered(struct pk_loader *l, pk_value v);

/* A storage by its key: the one met before, or a new one. *met: whether. */
struct pk_store *pk_load_store(struct pk_loader *l, const char *key, size_t len,
			       bool *met);

/* n sizes or strides of a tuple or list; false when one is no count. */
bool pk_load_dims(struct pk_loader *l, pk_value v, uint64_t *to, uint64_t n);

/* A tensor that is to be checked; its shape and strides are copied.  NULL
 * after a failure. */
struct pk_tensor *pk_load_view(struct pk_loader *l, struct pk_tensor *t,
			       pk_value size, pk_value stride, uint64_t off);

/* What the rules allow, over l->g; set up before a run. */
void pk_rules_watch(struct pk_loader *l);

/* One call's result by the rules; fails where they refuse it. */
pk_value pk_rebuild(struct pk_loader *l, const struct pk_deed *call);
/* The same of a BUILD and of a FILL of what a call returned. */
void pk_rebuild_state(struct pk_loader *l, const struct pk_deed *build);
void pk_rebuild_fill(struct pk_loader *l, const struct pk_deed *fill);

/* NumPy's callables; false when the callee is none of them. */
bool pk_numpy_call(struct pk_loader *l, const struct pk_deed *call,
		   pk_value *ret);
bool pk_numpy_build(struct pk_loader *l, const struct pk_deed *build);

/* For struct pk_streaming, with the loader as its context. */
bool pk_load_spend(void *loader, uint64_t made);

/* A copy of a source's content in memory; NULL after a failure. */
struct pk_source *pk_load_in_memory(struct pk_loader *l, struct pk_source *src);

/* Runs one pickle at [off, end) of a source; *ret_end is set behind STOP. */
bool pk_load_pickle(struct pk_loader *l, struct pk_source *src, uint64_t off,
		    uint64_t end, uint64_t *ret_end);

/* The layouts.  Each fails by pk_load_fail(). */
void pk_load_zip(struct pk_loader *l);
void pk_load_torch_zip(struct pk_loader *l);
void pk_load_torch_legacy(struct pk_loader *l);
void pk_load_torch_tar(struct pk_loader *l);
void pk_load_safetensors(struct pk_loader *l);
void pk_load_numpy(struct pk_loader *l);
bool pk_is_npz(struct pk_loader *l);
void pk_load_npz(struct pk_loader *l);
void pk_load_bare_pickle(struct pk_loader *l, struct pk_source *src);

/* Names and lists what the root holds. */
void pk_flatten(struct pk_loader *l, pk_value root);
void pk_flatten_add(struct pk_loader *l, const char *name, size_t len,
		    const struct pk_tensor *t);
void pk_flatten_skip(struct pk_loader *l, const char *name, size_t len,
		     const char *what, bool tensor);
/* After the last: finds those that are the same. */
void pk_flatten_done(struct pk_loader *l);

#endif
