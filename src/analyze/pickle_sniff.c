/* SPDX-License-Identifier: Apache-2.0 */
/* Is this a pickle at all?  A short run with nobody watching but this. */
#include "analyze/dotted.h"
#include "analyze/pickle_pool.h"
#include "analyze/pickle_scan.h"

enum {
	OPS_MAX = 4096,    /* as far as the short run goes */
	OPS_BINARY = 3,    /* opcodes that make a PROTO believable */
	OPS_PROMISED = 16, /* opcodes that make a promise believable */
};

struct sniff {
	struct pk_scan *s;
	bool known;  /* an import that the lists know by name */
	bool import; /* any import */
	bool call;   /* a call of something that has a name */
};

static bool is_word(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t ch = s.p[i];

		if (!((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') &&
		    !(ch >= '0' && ch <= '9' && i) && ch != '_' &&
		    !(ch == '.' && i) && ch < 0x80)
			return false;
	}
	return s.len > 0;
}

/* By its own name, not just as something of a listed module: the lines
 * "cos", "sin" of some word list are not the import os.sin.  Reasons are
 * static text, so another reason is another row. */
static bool is_listed(const struct pk_vm_global *g)
{
	const struct pk_global verdict = pk_global_classify(g->module, g->name);

	/* "io.grpc.a", "io.grpc.b": names of Java's, not a walk that starts
	 * in a module nobody knows. */
	if (pk_dotted_has_dot(g->name) && !pk_global_is_known_module(g->module))
		return false;
	if (verdict.class == PK_IMPORT_DANGEROUS)
		return verdict.reason !=
		       pk_global_classify(g->module, PK_LIT("no such name"))
			       .reason;
	return verdict.class == PK_IMPORT_SAFE ||
	       verdict.class == PK_IMPORT_LIBRARY;
}

static bool sniff_global(struct pk_vm *vm, struct pk_vm_global *g, uint64_t off)
{
	struct sniff *n = vm->user;

	(void)off;
	/* "import os" is prose to everybody but INST; nothing that somebody
	 * wrote reads as STACK_GLOBAL with its two strings. */
	n->import |= g->computed || !g->text ||
		     (is_word(g->module) && is_word(g->name));
	n->known |= !g->computed && is_word(g->module) && is_listed(g);
	return !n->known;
}

static bool sniff_call(struct pk_vm *vm, const struct pk_vm_call *c,
		       pk_value *result)
{
	struct sniff *n = vm->user;
	const struct pk_vm_global *g = pk_vm_global_of(vm, c->callee);

	(void)result;
	n->call = g && !g->computed && is_word(g->module) && is_word(g->name);
	return !n->call;
}

static const struct pk_vm_events sniff_events = {
	.global = sniff_global,
	.call = sniff_call,
};

/* Whether nothing but blank space follows; the cursor stays. */
static bool only_blank(struct pk_cursor *c)
{
	const uint64_t off = c->off;

	while (pk_cursor_ready(c, 1) && *c->p <= ' ')
		pk_skip(c, 1);
	if (!pk_cursor_left(c))
		return true;
	pk_seek(c, off);
	return false;
}

static bool decide(struct pk_vm *vm, const struct sniff *n, bool binary,
		   enum pk_load load)
{
	const bool stopped = load == PK_LOAD_STOP;

	if (n->known || n->call || (stopped && n->import))
		return true;
	if (n->s->quiet)
		return false;
	if (binary)
		return stopped || n->import || vm->ops >= OPS_BINARY;
	if (n->s->promises_pickle)
		return stopped || n->import || vm->ops >= OPS_PROMISED;
	return stopped && vm->ops > 1 && only_blank(&vm->r.c);
}

static bool recognise(struct pk_scan *s, uint64_t off, uint64_t stop,
		      unsigned reading)
{
	struct sniff n = { .s = s };
	struct pk_cursor c;
	struct pk_vm *vm;
	enum pk_load load;
	uint8_t first;
	bool yes;

	if (pk_source_read(s->bytes, off, &first, 1) < 1 ||
	    !pk_op_infos[first].name)
		return false;
	vm = pk_vm_borrow(s->job);
	if (!vm)
		return false;
	c = pk_cursor_open(s->bytes, off, stop - off, &s->arena);
	pk_vm_begin(vm, c, reading, &sniff_events, &n);
	vm->ops_max = OPS_MAX;
	do {
		load = pk_vm_load(vm);
		yes = decide(vm, &n, first == PK_OP_PROTO, load);
	} while (!yes && load == PK_LOAD_STOP);
	if (load == PK_LOAD_LIMIT)
		pk_partial(s); /* nobody can say "no pickle" */
	pk_vm_return(s->job, vm);
	return yes;
}

bool pk_pickle_recognise(struct pk_scan *s, uint64_t off, uint64_t stop)
{
	return recognise(s, off, stop, PK_READ_KEEP_MEMO);
}

bool pk_pickle_continues(struct pk_scan *s, uint64_t off, uint64_t stop)
{
	return recognise(s, off, stop, PK_READ_ANY_MEMO);
}
