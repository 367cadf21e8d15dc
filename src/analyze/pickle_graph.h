/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_GRAPH_H
#define PK_ANALYZE_PICKLE_GRAPH_H

#include "analyze/pickle_vm.h"

/*
 * The whole object graph of a pickle, and everything that happened on the way
 * in the order in which it did.  The machine is the one that scans; it only
 * forgets nothing, within the meter's ceiling.
 *
 *	struct pk_graph g;
 *
 *	if (pk_graph_init(&g, &meter)) {
 *		pk_graph_begin(&g, cursor, PK_READ_FLAT);
 *		if (pk_graph_load(&g) == PK_LOAD_STOP)
 *			use(&g, g.root);
 *	}
 *	pk_graph_release(&g);
 *
 * Values are looked at as anywhere: pk_value_kind() and its kin for what they
 * are, pk_vm_count(g.vm, v) and pk_vm_kid(g.vm, v, i) for what containers
 * hold (of dicts: key, value, key, ...), pk_vm_text() and pk_vm_bytes_at()
 * for constants, pk_graph_node() for the opcode that made a node.  One node is
 * one object: what is the same in Python is the same value here, and graphs
 * may have cycles.
 *
 * Of an object that a call returned, of a persistent one too, the children are
 * the numbers of the deeds that made and changed it: see pk_graph_deed_of().
 */
enum pk_deed_kind {
	PK_DEED_IMPORT,     /* v: the global */
	PK_DEED_CALL,       /* v: the result; callee, a: arguments, b: keyword
			     * arguments or PK_V_UNKNOWN */
	PK_DEED_BUILD,      /* v: the object; a: its state */
	PK_DEED_FILL,       /* v: what is no list, dict or set of the stream's
			     * own; a: a list of what goes into it */
	PK_DEED_GROW,       /* v: a list, dict or set of the stream's own; its
			     * children [from, from + n) are new */
	PK_DEED_PERSISTENT, /* v: the object; a: its id */
	PK_DEED_EXTENSION,  /* from: the code */
};

struct pk_deed {
	enum pk_deed_kind kind;
	enum pk_call_kind call;
	uint8_t code; /* the opcode */
	uint64_t off; /* of it */
	pk_value v;
	pk_value callee;
	pk_value a, b;
	uint64_t from, n;
};

struct pk_graph {
	struct pk_vm *vm;
	struct pk_deed *deeds; /* their numbers are their order */
	size_t n, cap;
	pk_value root;  /* what the last load returned */
	bool log_grows; /* PK_DEED_GROW too; set before the first load */
	bool forgetful; /* deeds are told, not kept: objects have no children */
	/* Told of each deed when it is done, and of each opcode before it is
	 * executed (g->vm->op); false ends the load with PK_LOAD_ABORTED.
	 * May be NULL. */
	bool (*on_deed)(struct pk_graph *g, const struct pk_deed *d);
	bool (*on_step)(struct pk_graph *g);
	/* What a call returned, when it is better known than an object of its
	 * callee's: the value to use in its place.  May be NULL. */
	pk_value (*on_result)(struct pk_graph *g, const struct pk_deed *call);
	void *user;
};

/* False when out of memory; release it all the same. */
bool pk_graph_init(struct pk_graph *g, struct pk_meter *meter);

/* Over a stream in a source (constants are read again when somebody asks for
 * them), which must live as long; forgets all of the last one. */
void pk_graph_begin(struct pk_graph *g, struct pk_cursor c, unsigned reading);

/* One load, to STOP or to where it ends; the next goes on behind it and adds
 * to the same graph. */
enum pk_load pk_graph_load(struct pk_graph *g);

void pk_graph_release(struct pk_graph *g);

/* The node of a container or object, or NULL for other values. */
const struct pk_node *pk_graph_node(const struct pk_graph *g, pk_value v);

/* What happened to the object, i counted from the call that made it; NULL
 * past the last. */
const struct pk_deed *pk_graph_deed_of(const struct pk_graph *g, pk_value v,
				       uint64_t i);

/* The offset of the opcode that made the value, or 0 for those that carry
 * none: None, booleans, small numbers. */
uint64_t pk_graph_offset(const struct pk_graph *g, pk_value v);

/* Whether v is the global of that name, the old Python 2 ones mapped. */
bool pk_graph_is_global(const struct pk_graph *g, pk_value v,
			const char *module, const char *name);

/* The value under a text key of a dict, the last one as in Python, or
 * PK_V_UNKNOWN. */
pk_value pk_graph_get(const struct pk_graph *g, pk_value dict, const char *key);

/* What a PK_V_NUMBER is. */
enum pk_number_kind {
	PK_NUMBER_FLOAT,
	PK_NUMBER_INT, /* two's complement, little-endian: at */
	PK_NUMBER_TEXT /* as protocol 0 writes it: at; a float or an int */
};

struct pk_number {
	enum pk_number_kind kind;
	double value;
	struct pk_piece at;
};

/* Of a PK_V_NUMBER; false for other values. */
bool pk_graph_number(const struct pk_graph *g, pk_value v,
		     struct pk_number *ret);

#endif
