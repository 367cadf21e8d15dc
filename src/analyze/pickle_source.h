/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_SOURCE_H
#define PK_ANALYZE_PICKLE_SOURCE_H

#include "analyze/pickle_graph.h"
#include "analyze/pickle_lister.h"

/*
 * What loading a pickle does, as Python source that a person reads and Python
 * parses: imports, then a statement for each call, attribute write and item
 * that goes into an object, in the order in which an unpickler does them, then
 * the result.
 *
 * What is used once is written where it is used; what is shared, or grows
 * after it was used, or would nest too deep, gets a name and a statement.  So
 * the text is as long as the pickle, whatever the object graph unfolds to, and
 * evaluating it gives an equal object where nothing but plain constructors is
 * called.
 */
struct pk_source_node {
	uint32_t refs; /* places that it is used at */
	uint32_t name; /* its number; 0: none yet */
	uint64_t have; /* children at this point of the story */
	uint8_t height;
	uint8_t flags; /* enum pk_source_flag */
};

enum pk_source_flag {
	PK_SOURCE_PLANNED = 1 << 0, /* met by the plan */
	PK_SOURCE_WRITTEN = 1 << 1, /* met by the writer */
	PK_SOURCE_OPEN = 1 << 2,    /* being walked through */
	PK_SOURCE_NAMED = 1 << 3,   /* has a statement of its own */
	PK_SOURCE_CYCLE = 1 << 4,   /* holds itself: made empty, then filled */
	PK_SOURCE_INLINE = 1 << 5,  /* an object that stands where it is used */
	PK_SOURCE_ARRAY = 1 << 6,   /* a NumPy array: summed up in one line */
	PK_SOURCE_GROWS = 1 << 7,   /* its first growth was seen */
};

/* A container that is being walked through. */
struct pk_source_frame {
	pk_value v;
	uint64_t next;
	uint8_t height; /* of the highest child so far */
};

struct pk_source_text {
	struct pk_graph g;
	struct pk_judge judge; /* for joblib's arrays */
	struct pk_lister *l;
	struct pk_buf *out;
	struct pk_source_node *nodes; /* by the node's number */
	size_t node_n;
	struct pk_source_frame *walk;
	size_t depth, walk_cap;
	uint64_t *pending; /* cycles to be filled: values */
	size_t pending_n, pending_cap;
	pk_value module, attribute; /* that STACK_GLOBAL takes */
	uint32_t names;             /* given so far */
	uint32_t last_name;         /* of a computed import */
	size_t line;                /* where the line began in out */
	unsigned results;
	bool writing; /* the second walk, which writes */
	bool failed;  /* out of memory */
};

/* Writes the pickles of a stretch to the lister; false when one breaks off or
 * there was no memory for all of it. */
bool pk_source_write(struct pk_lister *l, struct pk_scan *s,
		     const struct pk_stretch *where);

/* ---- inside ---- */

static inline struct pk_source_node *
pk_source_node(const struct pk_source_text *t, pk_value v)
{
	const struct pk_node *node = pk_graph_node(&t->g, v);

	return node && node->id < t->node_n ? &t->nodes[node->id] : NULL;
}

static inline bool pk_source_is_container(pk_value v)
{
	return pk_value_kind(v) >= PK_V_TUPLE &&
	       pk_value_kind(v) <= PK_V_FROZENSET;
}

static inline bool pk_source_is_object(pk_value v)
{
	return pk_value_kind(v) == PK_V_OBJECT ||
	       pk_value_kind(v) == PK_V_PERSISTENT;
}

/* Children that a container has at this point. */
uint64_t pk_source_have(const struct pk_source_text *t, pk_value v);

/* Decides what gets a name. */
void pk_source_plan(struct pk_source_text *t);

/* Statements for all that v needs and that has a name. */
void pk_source_walk(struct pk_source_text *t, pk_value v);

/* Asked by the walk when it writes: what to do with a container on the way
 * in, on the way out. */
void pk_source_enter(struct pk_source_text *t, pk_value v);
void pk_source_leave(struct pk_source_text *t, pk_value v);

/* The statements themselves. */
void pk_source_statements(struct pk_source_text *t);

/* An expression for a value; what has a name is written by it. */
void pk_source_expr(struct pk_source_text *t, pk_value v);
/* A container's display, whether or not it has a name. */
void pk_source_display(struct pk_source_text *t, pk_value v);
/* "callee(a, b)", "cls.__new__(cls, a)" */
void pk_source_call(struct pk_source_text *t, const struct pk_deed *d);
/* The one line of an array whose BUILD is known; false when it is none. */
bool pk_source_array(struct pk_source_text *t, pk_value v);
/* Whether an object is such an array. */
bool pk_source_is_array(const struct pk_source_text *t, pk_value v);

/* Remarks about compiled code among a call's arguments. */
void pk_source_explain_code(struct pk_source_text *t, const struct pk_deed *d);

void pk_source_put(struct pk_source_text *t, const char *text);
/* Ends the statement, with a remark about its offset. */
void pk_source_end(struct pk_source_text *t, uint64_t off, const char *remark);
/* "v7", giving the node a number when it has none. */
void pk_source_name(struct pk_source_text *t, pk_value v);

/* Whether the bytes are a dotted name that Python reads as such. */
bool pk_source_is_dotted(struct pk_span s);
/* A str literal of UTF-8 text. */
void pk_source_str(struct pk_buf *out, struct pk_span text, bool bytes);
/* The module and name that Python 3 would import. */
void pk_source_import_of(const struct pk_vm_global *g, struct pk_span *module,
			 struct pk_span *name);

#endif
