/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_VM_H
#define PK_ANALYZE_PICKLE_VM_H

#include "analyze/pickle_memo.h"
#include "analyze/pickle_read.h"
#include "analyze/pickle_value.h"
#include "core/buf.h"

/*
 * The pickle machine: runs the opcodes of one stream on abstract values,
 * following stack, marks, memo and frames as CPython's unpicklers do, and
 * tells its user of every import, call and attribute write.  It executes
 * nothing and allocates for nothing that the stream merely claims.
 *
 * Where readers agree that a stream fails, it stops; where any of them goes
 * on, so does it.
 */
struct pk_vm;

/* A distinct (module, name) that a stream asks for. */
struct pk_vm_global {
	struct pk_span module; /* raw bytes; NULL when not a constant */
	struct pk_span name;
	bool computed;     /* module or name is not a constant of the stream */
	bool mapped;       /* under protocol < 3: Python 2 names are mapped */
	bool dotted;       /* under protocol >= 4: dots in the name walk */
	bool latin_module; /* has another reading in Latin-1 */
	bool latin_name;   /* so has the name */
	bool text;         /* it came from GLOBAL or INST: never str objects */
	uint64_t off;      /* of the first opcode that asked */
	void *meaning;     /* the user's own, NULL at first */
};

enum pk_call_kind {
	PK_CALL_REDUCE, /* callee(*args) */
	PK_CALL_INST,   /* the same; args are a list value */
	PK_CALL_OBJ,
	PK_CALL_NEWOBJ,    /* callee.__new__(callee, *args) */
	PK_CALL_NEWOBJ_EX, /* and **kwargs */
};

struct pk_vm_call {
	enum pk_call_kind kind;
	uint64_t off; /* of the opcode */
	pk_value callee;
	pk_value args; /* mostly a tuple */
	pk_value kwargs;
};

/* What differs from how picklers write; each may fool one reader. */
enum pk_oddity {
	PK_ODD_FRAME = 1 << 0,      /* frames straddled or nested */
	PK_ODD_MEMO = 1 << 1,       /* MEMOIZE after PUTs with gaps */
	PK_ODD_CUT = 1 << 2,        /* an operand ends with the data */
	PK_ODD_PROTO = 1 << 3,      /* PROTO above 5: readers stop there */
	PK_ODD_LENGTH = 1 << 4,     /* a length with the sign bit set */
	PK_ODD_NUMBER = 1 << 5,     /* number text that readers read apart */
	PK_ODD_MEMO_MISS = 1 << 6,  /* GET of what was never put */
	PK_ODD_GET = 1 << 7,        /* not odd: the memo was read at all */
	PK_ODD_BIG_FRAME = 1 << 8,  /* not odd either */
	PK_ODD_LONG_FRAME = 1 << 9, /* a frame claims more than the data */
	PK_ODD_REST = 1 << 10,      /* a frame goes on behind STOP */
};

/* What happens in the stream.  Any may be NULL.  Returning false ends the
 * run with PK_LOAD_ABORTED. */
struct pk_vm_events {
	/* An import; g is new when g->meaning is NULL. */
	bool (*global)(struct pk_vm *vm, struct pk_vm_global *g, uint64_t off);
	/* A call; the result may be set to something better known than the
	 * plain object it is. */
	bool (*call)(struct pk_vm *vm, const struct pk_vm_call *call,
		     pk_value *result);
	bool (*build)(struct pk_vm *vm, pk_value obj, pk_value state,
		      uint64_t off);
	/* Items go into something that is no list, dict or set of the
	 * stream's own: methods of it are called.  items: a list value. */
	bool (*fill)(struct pk_vm *vm, pk_value into, pk_value items,
		     uint64_t off);
	/* v: what stands for the object that the id names */
	bool (*persistent)(struct pk_vm *vm, pk_value v, pk_value id,
			   uint64_t off);
	bool (*extension)(struct pk_vm *vm, uint64_t code, uint64_t off);
	/* A byte string that begins as pickles and archives do. */
	bool (*carrier)(struct pk_vm *vm, pk_value bytes);
	/* The stream's own list, dict or set has got n more children. */
	bool (*grow)(struct pk_vm *vm, pk_value into, size_t n, uint64_t off);
	/* vm->op is about to be executed. */
	bool (*step)(struct pk_vm *vm);
};

enum pk_load {
	PK_LOAD_STOP,    /* STOP was reached; the stream goes on behind it */
	PK_LOAD_BROKEN,  /* every reader fails here */
	PK_LOAD_EOF,     /* the data ended before STOP */
	PK_LOAD_ABORTED, /* the user wanted no more */
	PK_LOAD_LIMIT,   /* out of memory or out of budget */
};

struct pk_vm {
	struct pk_reader r;
	pk_value *stack;
	size_t sp, cap;
	size_t mark; /* one past the newest mark, 0: none */
	struct pk_memo memo;
	struct pk_nodes nodes;
	struct pk_vm_global *globals;
	size_t global_n, global_cap;
	uint32_t *global_index; /* open addressing: index + 1 */
	size_t global_index_cap;
	struct pk_arena names; /* of the globals */
	struct pk_buf scratch_module, scratch_name;
	struct pk_meter *meter;
	size_t globals_max;
	const struct pk_vm_events *events;
	void *user;
	uint64_t ops;     /* executed since pk_vm_begin() */
	uint64_t ops_max; /* then PK_LOAD_ABORTED; 0: no limit */
	unsigned proto;
	unsigned odd;     /* enum pk_oddity */
	uint64_t odd_off; /* of the first oddity worth a word */
	bool explicit_puts;
	bool hook_seen; /* a key like __setstate__ went into some dict */
	bool (*over_time)(void *user);
	struct pk_op op; /* being executed */
	enum pk_load end;
};

/* NULL when out of memory. */
struct pk_vm *pk_vm_new(struct pk_meter *meter, size_t globals_max);
/* One that forgets nothing until pk_vm_begin(): see analyze/pickle_graph.h. */
struct pk_vm *pk_vm_new_whole(struct pk_meter *meter, size_t globals_max);
void pk_vm_free(struct pk_vm *vm);

/* Makes ready to run over a stream: forgets everything of the last one. */
void pk_vm_begin(struct pk_vm *vm, struct pk_cursor c, unsigned reading,
		 const struct pk_vm_events *events, void *user);

/*
 * One load(): runs to STOP or to where it ends.  After PK_LOAD_STOP the next
 * call goes on behind it, as loaders of several pickles do; the memo is new
 * unless the reading is PK_READ_KEEP_MEMO.
 */
enum pk_load pk_vm_load(struct pk_vm *vm);

/* Offset of the next byte to be read. */
uint64_t pk_vm_offset(const struct pk_vm *vm);

const struct pk_vm_global *pk_vm_global_of(const struct pk_vm *vm, pk_value v);
/* The global whose call returned the object v, or NULL. */
const struct pk_vm_global *pk_vm_class_of(const struct pk_vm *vm, pk_value v);
/* Says that the object v is an instance of the global cls. */
pk_value pk_vm_as_instance(struct pk_vm *vm, pk_value v, pk_value cls);

/* The global of that name, as if the stream had imported it; PK_V_UNKNOWN
 * when over budget.  Calls the global event. */
pk_value pk_vm_import(struct pk_vm *vm, const struct pk_vm_global *want);

/* A text or bytes constant's content, decoded, at most max bytes of it, into
 * buf (emptied first).  False when v is no such constant. */
bool pk_vm_text(struct pk_vm *vm, pk_value v, size_t max, struct pk_buf *buf);

/* Where the raw bytes of a bytes constant lie; false when it is none. */
bool pk_vm_bytes_at(struct pk_vm *vm, pk_value v, struct pk_piece *ret);

/* Kid i of a tuple, list, dict... value, or PK_V_UNKNOWN. */
pk_value pk_vm_kid(const struct pk_vm *vm, pk_value v, uint64_t i);
/* Kids of it; UINT64_MAX when it is forgotten. */
uint64_t pk_vm_count(const struct pk_vm *vm, pk_value v);

#endif
