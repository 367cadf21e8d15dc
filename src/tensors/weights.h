/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_WEIGHTS_H
#define PK_TENSORS_WEIGHTS_H

#include "analyze/pickle_graph.h"
#include "tensors/tensor.h"

/*
 * A file of weights, opened without running anything of it: what
 * torch.load(weights_only=True) returns, what is in a .npz, in a pickle of
 * NumPy arrays.
 */
enum pk_weights_end {
	PK_WEIGHTS_OK,
	PK_WEIGHTS_REFUSED, /* it holds what is no weights */
	PK_WEIGHTS_BROKEN,  /* no reader can load it */
	PK_WEIGHTS_FOREIGN, /* no layout that is known here */
	PK_WEIGHTS_LIMIT,   /* out of memory, or over budget */
};

enum pk_weights_rules {
	PK_RULES_NOW,     /* of the newest PyTorch */
	PK_RULES_1_13,    /* of the first that had them, to compare with it */
	PK_RULES_SALVAGE, /* whatever it holds: unknown objects are inert */
};

/* A tensor and its name: where it lies in the containers, joined by dots. */
struct pk_named {
	const char *name; /* bytes, NUL-terminated; without NUL inside */
	size_t name_len;
	const struct pk_tensor *tensor;
	const struct pk_named *same_as; /* the one kept, where this is the
					 * same view of the same storage */
};

/* What was found and is no tensor. */
struct pk_skipped {
	const char *name;
	const char *what; /* "int 3", "str 'adam'", "object of ..." */
	bool tensor;      /* numbers that have no plain form: sparse ... */
	bool stub;        /* an object that nothing was made of */
};

struct pk_weights {
	struct pk_meter meter;
	struct pk_arena arena;
	enum pk_weights_rules rules;
	const char *format;       /* "pytorch-zip", "numpy-npz", ... */
	struct pk_named *named;   /* in the order of the file */
	struct pk_named **sorted; /* by name */
	size_t n, cap;
	struct pk_skipped *skipped;
	size_t skipped_n, skipped_cap;
	/* Why not, and where: an escaped line. */
	enum pk_weights_end end;
	const char *why;
	uint64_t off;
	struct pk_loader *loader; /* what keeps the sources */
};

/*
 * Opens the file; src is borrowed and must live as long.  Always to be
 * released, whatever it returns.
 */
enum pk_weights_end pk_weights_open(struct pk_weights *w, struct pk_source *src,
				    enum pk_weights_rules rules, size_t memory);

void pk_weights_release(struct pk_weights *w);

/* Makes sure that t's storage is found: before its bytes are read.  False:
 * w->why says what is wrong with it. */
bool pk_weights_locate(struct pk_weights *w, const struct pk_tensor *t);

/* The tensor of that name, aliases too; NULL when there is none. */
const struct pk_named *pk_weights_find(const struct pk_weights *w,
				       const char *name);

#endif
