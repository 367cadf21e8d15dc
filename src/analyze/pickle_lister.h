/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_LISTER_H
#define PK_ANALYZE_PICKLE_LISTER_H

#include "analyze/pickle_judge.h"
#include "core/json_out.h"
#include "engine/watch.h"

/*
 * Lays open the pickles of a file for a person: every opcode of every stream,
 * with what it makes the unpickler do.  It is a watch: the file is scanned as
 * always, and each pickle that the scan meets is written out.  A stream that
 * breaks is shown up to the break and, where opcodes can be made out again,
 * past it.  Memory is flat, whatever the file's size.
 */
enum pk_listing {
	PK_LIST_OPCODES,
	PK_LIST_STEPS,  /* each with the stack and the memo after it */
	PK_LIST_SOURCE, /* what they do, as Python source */
	PK_LISTINGS,
};

enum { PK_LISTED_MAX = 64 };

struct pk_lister {
	struct pk_watch watch; /* for the job */
	enum pk_listing kind;
	const char *member; /* only this one, or one that ends so; or NULL */
	const char *path;   /* what the file is called */
	bool json;
	bool color;
	/* Where the text goes, piece by piece; false: nobody reads on. */
	bool (*write)(void *ctx, const void *bytes, size_t n);
	void *ctx;

	/* What came out. */
	unsigned streams; /* shown */
	unsigned others;  /* stretches left out, for another member */
	bool broken;      /* one of those shown breaks off */
	bool failed;      /* nobody read on, or no memory */

	/* Inside. */
	struct pk_buf out;
	struct pk_json j;
	struct {
		char member[96]; /* the end of its path */
		uint64_t off, end;
	} listed[PK_LISTED_MAX]; /* the last of them */
};

/* Before the scan: sets the watch and writes what comes first. */
void pk_lister_begin(struct pk_lister *l);

/* After it; releases what the lister holds. */
void pk_lister_end(struct pk_lister *l);

/* Lists bytes that no scan took for a pickle as one all the same. */
void pk_lister_force(struct pk_lister *l, struct pk_scan *s);

/* One opcode that was read, and what became of it. */
struct pk_listed_op {
	const struct pk_op *op;
	unsigned depth;      /* marks that were open before it */
	unsigned depth_less; /* of them closed by it: 0 or 1 */
	uint64_t mark;       /* where the mark that it closes was made */
	bool mark_known;
	struct pk_buf what; /* what it does beyond the stack: "calls ..." */
	const struct pk_vm_global *import; /* that it makes, or NULL */
	const char *class;                 /* of the import */
	const char *stops; /* why every unpickler stops here, or NULL */
};

/* One form of listing; streams and opcodes come in order. */
struct pk_list_view {
	const char *schema;
	void (*op)(struct pk_lister *l, struct pk_vm *vm,
		   const struct pk_listed_op *line);
};
extern const struct pk_list_view pk_list_opcodes;
extern const struct pk_list_view pk_list_steps;

/* ---- for the views ---- */

/* The operand as a person reads it: 'text', 17, os system. */
void pk_list_operand(struct pk_vm *vm, const struct pk_op *op,
		     struct pk_buf *out);

/* Appends text, at most max columns of it, then "...". */
void pk_list_cut(struct pk_buf *out, const struct pk_buf *text, size_t max);

/* The offset, the opcode and its operand, indented by marks: one line up to
 * where a remark may follow. */
void pk_list_line(struct pk_lister *l, struct pk_vm *vm,
		  const struct pk_listed_op *line);
/* A remark behind it. */
void pk_list_remark(struct pk_lister *l, const struct pk_listed_op *line);

/* The same as members of a JSON object that is open. */
void pk_list_json(struct pk_lister *l, struct pk_vm *vm,
		  const struct pk_listed_op *line);

#endif
