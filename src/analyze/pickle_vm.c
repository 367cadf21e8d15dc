/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_vm.h"

#include <stdlib.h>

#include "analyze/pickle_names.h"
#include "analyze/pickle_text.h"

enum {
	STACK_FIRST = 1024,
	TICK = 1 << 16,      /* opcodes between looks at the clock */
	LINE_MAX_READ = 512, /* of a number's text that is looked at */
};

/* What an opcode's handler says about going on. */
enum step {
	GO_ON,
	STOPPED, /* STOP was executed */
	FAILED,  /* no reader survives this */
	ABORTED, /* the user wants no more */
	NO_ROOM, /* out of memory or budget */
};

static const pk_value unknown = (uint64_t)PK_V_UNKNOWN << PK_VALUE_BITS;

/* ---- life ---- */

struct pk_vm *pk_vm_new(struct pk_meter *meter, size_t globals_max)
{
	struct pk_vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	vm->meter = meter;
	vm->names = PK_ARENA(meter);
	vm->globals_max = globals_max;
	pk_memo_init(&vm->memo, meter);
	if (!pk_nodes_init(&vm->nodes, meter)) {
		pk_vm_free(vm);
		return NULL;
	}
	return vm;
}

void pk_vm_free(struct pk_vm *vm)
{
	if (!vm)
		return;
	pk_memo_release(&vm->memo);
	pk_nodes_release(&vm->nodes);
	pk_names_clear(vm);
	free(vm->globals);
	free(vm->global_index);
	free(vm->stack);
	free(vm);
}

void pk_vm_begin(struct pk_vm *vm, struct pk_cursor c, unsigned reading,
		 const struct pk_vm_events *events, void *user)
{
	vm->r = pk_reader_open(c, reading);
	vm->events = events;
	vm->user = user;
	vm->ops = 0;
	vm->ops_max = 0;
	vm->odd = 0;
	vm->odd_off = 0;
	vm->hook_seen = false;
	vm->explicit_puts = false;
	pk_memo_clear(&vm->memo);
	pk_nodes_reset(&vm->nodes);
	pk_names_clear(vm);
}

uint64_t pk_vm_offset(const struct pk_vm *vm)
{
	return vm->r.c.off;
}

static void note_odd(struct pk_vm *vm, enum pk_oddity what)
{
	if (!vm->odd_off && what != PK_ODD_GET)
		vm->odd_off = vm->op.off;
	vm->odd |= (unsigned)what;
}

/* ---- stack ---- */

static bool grow_stack(struct pk_vm *vm)
{
	size_t cap = vm->cap ? vm->cap + vm->cap / 2 : STACK_FIRST;
	pk_value *s;

	if (!pk_meter_take(vm->meter, (cap - vm->cap) * sizeof(*s)))
		return false;
	s = realloc(vm->stack, cap * sizeof(*s));
	if (!s) {
		pk_meter_give(vm->meter, (cap - vm->cap) * sizeof(*s));
		vm->meter->exceeded = true;
		return false;
	}
	vm->stack = s;
	vm->cap = cap;
	return true;
}

static enum step push(struct pk_vm *vm, pk_value v)
{
	if (vm->sp == vm->cap && !grow_stack(vm))
		return NO_ROOM;
	vm->stack[vm->sp++] = v;
	return GO_ON;
}

/* Values above the newest mark: nothing may reach below it. */
static size_t depth(const struct pk_vm *vm)
{
	return vm->sp - vm->mark;
}

static pk_value *top(const struct pk_vm *vm)
{
	return &vm->stack[vm->sp - 1];
}

static enum step push_mark(struct pk_vm *vm)
{
	enum step s = push(vm, pk_value_make(PK_V_MARK, vm->mark));

	if (s == GO_ON)
		vm->mark = vm->sp;
	return s;
}

/* Removes the newest mark and all above it. */
static void drop_to_mark(struct pk_vm *vm)
{
	vm->sp = vm->mark - 1;
	vm->mark = (size_t)pk_value_payload(vm->stack[vm->sp]);
}

/* ---- containers ---- */

/* Keys of dicts matter where a BUILD may plant them as attributes. */
static void note_key(struct pk_vm *vm, struct pk_node *dict, pk_value key)
{
	const enum pk_kind kind = pk_value_kind(key);

	if (kind == PK_V_OBJECT || kind == PK_V_UNKNOWN) {
		if (dict)
			dict->flags |= PK_NODE_COMPUTED;
	} else if ((kind == PK_V_STR || kind == PK_V_TEXT) &&
		   pk_names_is_hook_key(vm, key)) {
		vm->hook_seen = true;
		if (dict)
			dict->flags |= PK_NODE_HOOK;
	}
}

static void note_keys(struct pk_vm *vm, struct pk_node *dict, size_t from,
		      size_t n)
{
	for (size_t i = 0; i < n; i += 2)
		note_key(vm, dict, vm->stack[from + i]);
}

static bool is_constant(pk_value v)
{
	const enum pk_kind kind = pk_value_kind(v);

	return (kind >= PK_V_NONE && kind <= PK_V_BYTEARRAY) ||
	       (kind == PK_V_TUPLE && pk_value_word(v));
}

static bool all_constant(const struct pk_vm *vm, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_constant(vm->stack[from + i]))
			return false;
	}
	return true;
}

static pk_value gather(struct pk_vm *vm, enum pk_kind kind, size_t from,
		       size_t n)
{
	pk_value v = pk_node_new(&vm->nodes, kind, vm->op.off);
	struct pk_node *node = pk_node_of(&vm->nodes, v);

	pk_node_add(&vm->nodes, node, n ? vm->stack + from : NULL, n);
	if (kind == PK_V_DICT)
		note_keys(vm, node, from, n);
	if (kind == PK_V_TUPLE && all_constant(vm, from, n))
		v = pk_value_with_word(v, 1);
	return v;
}

/* The newest mark's items become one container. */
static enum step gather_mark(struct pk_vm *vm, enum pk_kind kind)
{
	pk_value v;

	if (!vm->mark)
		return FAILED;
	v = gather(vm, kind, vm->mark, depth(vm));
	drop_to_mark(vm);
	return push(vm, v);
}

static enum step gather_top(struct pk_vm *vm, size_t n)
{
	pk_value v;

	if (depth(vm) < n)
		return FAILED;
	v = gather(vm, PK_V_TUPLE, vm->sp - n, n);
	vm->sp -= n;
	return push(vm, v);
}

/*
 * n values at from go into a container below them.  Into the stream's own
 * list, dict or set that is all; into anything else it calls its methods.
 */
static enum step fill(struct pk_vm *vm, pk_value into, size_t from, size_t n)
{
	const enum pk_kind kind = pk_value_kind(into);
	struct pk_node *node = pk_node_of(&vm->nodes, into);
	pk_value items;

	if (vm->op.code == PK_OP_SETITEM || vm->op.code == PK_OP_SETITEMS)
		note_keys(vm, kind == PK_V_DICT ? node : NULL, from, n);
	if (kind >= PK_V_LIST && kind <= PK_V_SET) {
		if (node)
			pk_node_add(&vm->nodes, node,
				    n ? vm->stack + from : NULL, n);
		return GO_ON;
	}
	if (!vm->events->fill)
		return GO_ON;
	items = gather(vm, PK_V_LIST, from, n);
	return vm->events->fill(vm, into, items, vm->op.off) ? GO_ON : ABORTED;
}

/* The container lies just below the newest mark, and no deeper fence. */
static enum step fill_mark(struct pk_vm *vm)
{
	const size_t from = vm->mark, n = depth(vm);
	pk_value into;

	if (!from)
		return FAILED;
	drop_to_mark(vm);
	if (depth(vm) < 1)
		return FAILED;
	into = *top(vm);
	return n ? fill(vm, into, from, n) : GO_ON;
}

static enum step fill_top(struct pk_vm *vm, size_t n)
{
	if (depth(vm) < n + 1)
		return FAILED;
	vm->sp -= n;
	return fill(vm, *top(vm), vm->sp, n);
}

/* ---- imports and calls ---- */

static enum step import(struct pk_vm *vm, const struct pk_vm_global *want)
{
	struct pk_vm_global *g = pk_names_intern(vm, want);
	enum step s;

	if (!g)
		return NO_ROOM;
	s = push(vm, pk_value_make(PK_V_GLOBAL, (uint64_t)(g - vm->globals)));
	if (s != GO_ON || !vm->events->global)
		return s;
	return vm->events->global(vm, g, vm->op.off) ? GO_ON : ABORTED;
}

static enum step call(struct pk_vm *vm, struct pk_vm_call *c)
{
	pk_value result = pk_node_new(&vm->nodes, PK_V_OBJECT, vm->op.off);
	struct pk_node *node = pk_node_of(&vm->nodes, result);

	c->off = vm->op.off;
	node->a = c->callee;
	node->b = c->args;
	if (pk_value_kind(c->callee) == PK_V_GLOBAL)
		result = pk_value_with_word(result,
					    pk_value_payload(c->callee) + 1);
	if (vm->events->call && !vm->events->call(vm, c, &result))
		return ABORTED;
	return push(vm, result);
}

/* ---- the opcodes ---- */

static enum step op_MARK(struct pk_vm *vm)
{
	return push_mark(vm);
}

static enum step op_STOP(struct pk_vm *vm)
{
	if (!depth(vm))
		return FAILED;
	if (pk_reader_stop(&vm->r))
		vm->odd |= PK_ODD_REST;
	return STOPPED;
}

static enum step op_POP(struct pk_vm *vm)
{
	if (depth(vm)) {
		vm->sp--;
		return GO_ON;
	}
	if (!vm->mark)
		return FAILED;
	drop_to_mark(vm);
	return GO_ON;
}

static enum step op_POP_MARK(struct pk_vm *vm)
{
	if (!vm->mark)
		return FAILED;
	drop_to_mark(vm);
	return GO_ON;
}

static enum step op_DUP(struct pk_vm *vm)
{
	return depth(vm) ? push(vm, *top(vm)) : FAILED;
}

static enum step push_number(struct pk_vm *vm)
{
	return push(vm, pk_value_make(PK_V_NUMBER, vm->op.off));
}

static enum step push_int(struct pk_vm *vm, uint64_t v)
{
	return push(vm, pk_value_make(PK_V_INT, v));
}

/* The text of a number; a longer one is left to the readers. */
static size_t number_text(struct pk_vm *vm, uint8_t *buf)
{
	size_t n = vm->op.data.len < LINE_MAX_READ ? (size_t)vm->op.data.len
						   : LINE_MAX_READ;

	return pk_reader_fetch(&vm->r, vm->op.data.off, buf, n);
}

static enum step op_INT(struct pk_vm *vm)
{
	uint8_t buf[LINE_MAX_READ];
	struct pk_span text = { buf, number_text(vm, buf) };
	int64_t v;

	if (pk_pickle_plain_int(text, &v))
		return push_int(vm, (uint64_t)v);
	if (!pk_pickle_is_int(text) && vm->op.data.len <= sizeof(buf))
		return FAILED;
	if (memchr(buf, '\0', text.len) || memchr(buf, 'x', text.len))
		note_odd(vm, PK_ODD_NUMBER);
	return push_number(vm);
}

static enum step op_LONG(struct pk_vm *vm)
{
	return op_INT(vm);
}

static enum step op_FLOAT(struct pk_vm *vm)
{
	uint8_t buf[LINE_MAX_READ];
	struct pk_span text = { buf, number_text(vm, buf) };

	if (!pk_pickle_is_float(text) && vm->op.data.len <= sizeof(buf))
		return FAILED;
	return push_number(vm);
}

static enum step op_BINFLOAT(struct pk_vm *vm)
{
	return push_number(vm);
}

static enum step op_BININT(struct pk_vm *vm)
{
	return push_int(vm, vm->op.value);
}

#define op_BININT1 op_BININT
#define op_BININT2 op_BININT

static enum step op_LONG1(struct pk_vm *vm)
{
	uint8_t b[8];
	uint64_t v = 0;
	size_t n;

	if (vm->op.data.len >= sizeof(b))
		return push_number(vm);
	n = pk_reader_fetch(&vm->r, vm->op.data.off, b, sizeof(b) - 1);
	if (n > vm->op.data.len)
		n = (size_t)vm->op.data.len;
	if (n && b[n - 1] & 0x80)
		v = ~0ULL << (8 * n);
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return push_int(vm, v);
}

static enum step op_LONG4(struct pk_vm *vm)
{
	if (vm->op.value > INT32_MAX)
		return FAILED;
	return op_LONG1(vm);
}

static enum step op_NONE(struct pk_vm *vm)
{
	return push(vm, pk_value_make(PK_V_NONE, 0));
}

static enum step op_NEWTRUE(struct pk_vm *vm)
{
	return push(vm, pk_value_make(PK_V_BOOL, 1));
}

static enum step op_NEWFALSE(struct pk_vm *vm)
{
	return push(vm, pk_value_make(PK_V_BOOL, 0));
}

/* Whether the text begins with "__", or with what may spell that: looked at
 * while it is at hand, because dicts ask it of every key. */
static bool may_be_dunder(struct pk_vm *vm)
{
	const bool line = pk_op_infos[vm->op.code].operand == PK_OPERAND_LINE;
	uint8_t b[2];

	if (vm->op.data.len < 2 || (!line && vm->op.data.len > PK_DUNDER_MAX) ||
	    pk_reader_fetch(&vm->r, vm->op.data.off, b, 2) < 2)
		return false;
	if (!line)
		return b[0] == '_' && b[1] == '_';
	return b[0] == '_' || b[0] == '\\' || b[1] == '_' || b[1] == '\\';
}

/* A constant whose bytes do not follow its opcode gets a node. */
static enum step push_text(struct pk_vm *vm, enum pk_kind kind)
{
	static const uint8_t prefix[] = { [PK_OPERAND_N1] = 1,
					  [PK_OPERAND_N4] = 4,
					  [PK_OPERAND_N8] = 8,
					  [PK_OPERAND_LINE] = 0 };
	const struct pk_op *op = &vm->op;
	struct pk_node *node;
	pk_value v;

	if (op->data.off ==
	    op->off + 1 + prefix[pk_op_infos[op->code].operand]) {
		v = pk_value_make(kind, op->off);
		if (kind == PK_V_STR && may_be_dunder(vm))
			v |= PK_VALUE_DUNDER;
		return push(vm, v);
	}
	v = pk_node_new(&vm->nodes, PK_V_TEXT, op->off);
	node = pk_node_of(&vm->nodes, v);
	node->a = op->data.off;
	node->b = op->data.len;
	return push(vm, v);
}

static enum step op_STRING(struct pk_vm *vm)
{
	uint8_t edge[2];
	const struct pk_piece *d = &vm->op.data;

	/* A short line can be judged whole; of a long one, its quote. */
	if (pk_reader_fetch(&vm->r, d->off, edge, 1) < 1 || d->len < 2 ||
	    (edge[0] != '\'' && edge[0] != '"'))
		return FAILED;
	return push_text(vm, PK_V_STR);
}

static enum step op_UNICODE(struct pk_vm *vm)
{
	return push_text(vm, PK_V_STR);
}

static enum step op_BINSTRING(struct pk_vm *vm)
{
	if (vm->op.value > INT32_MAX)
		note_odd(vm, PK_ODD_LENGTH);
	return push_text(vm, PK_V_STR);
}

#define op_SHORT_BINSTRING  op_UNICODE
#define op_BINUNICODE       op_UNICODE
#define op_SHORT_BINUNICODE op_UNICODE
#define op_BINUNICODE8      op_UNICODE

/* Byte strings are data, unless they begin as a file of their own. */
static bool begins_as_file(struct pk_vm *vm)
{
	uint8_t b[2];

	if (vm->op.data.len < 4 ||
	    pk_reader_fetch(&vm->r, vm->op.data.off, b, 2) < 2)
		return false;
	return (b[0] == 0x80 && b[1] <= 5) || (b[0] == 'P' && b[1] == 'K') ||
	       (b[0] == 0x1f && b[1] == 0x8b) || (b[0] == 'B' && b[1] == 'Z') ||
	       (b[0] == 0xfd && b[1] == '7') || (b[0] == 'c' && b[1] < 0x80) ||
	       (b[0] == 0x78 && (b[0] * 256 + b[1]) % 31 == 0);
}

static enum step push_bytes(struct pk_vm *vm, enum pk_kind kind)
{
	enum step s = push_text(vm, kind);

	if (s == GO_ON && vm->events->carrier && begins_as_file(vm) &&
	    !vm->events->carrier(vm, *top(vm)))
		return ABORTED;
	return s;
}

static enum step op_BINBYTES(struct pk_vm *vm)
{
	return push_bytes(vm, PK_V_BYTES);
}

#define op_SHORT_BINBYTES op_BINBYTES
#define op_BINBYTES8      op_BINBYTES

static enum step op_BYTEARRAY8(struct pk_vm *vm)
{
	return push_bytes(vm, PK_V_BYTEARRAY);
}

static enum step op_NEXT_BUFFER(struct pk_vm *vm)
{
	return push(vm, unknown);
}

static enum step op_READONLY_BUFFER(struct pk_vm *vm)
{
	return depth(vm) ? GO_ON : FAILED;
}

static enum step persistent(struct pk_vm *vm, pk_value id)
{
	pk_value v = pk_node_new(&vm->nodes, PK_V_PERSISTENT, vm->op.off);

	pk_node_of(&vm->nodes, v)->a = id;
	if (vm->events->persistent &&
	    !vm->events->persistent(vm, id, vm->op.off))
		return ABORTED;
	return push(vm, v);
}

static enum step op_PERSID(struct pk_vm *vm)
{
	return persistent(vm, pk_value_make(PK_V_STR, vm->op.off));
}

static enum step op_BINPERSID(struct pk_vm *vm)
{
	if (!depth(vm))
		return FAILED;
	return persistent(vm, vm->stack[--vm->sp]);
}

static enum step op_GLOBAL(struct pk_vm *vm)
{
	struct pk_vm_global g;
	enum step s = NO_ROOM;

	if (pk_names_from_lines(vm, &g))
		s = import(vm, &g);
	/* A line without its end: Python readers import, then see the end. */
	if (vm->op.cut)
		note_odd(vm, PK_ODD_CUT);
	return s;
}

/* Every reader wants two strings; a call or an import may have made one. */
static bool may_be_str(pk_value v)
{
	switch ((unsigned)pk_value_kind(v)) {
	case PK_V_STR:
	case PK_V_TEXT:
	case PK_V_GLOBAL:
	case PK_V_OBJECT:
	case PK_V_PERSISTENT:
	case PK_V_UNKNOWN:
		return true;
	default:
		return false;
	}
}

static enum step op_STACK_GLOBAL(struct pk_vm *vm)
{
	struct pk_vm_global g;
	pk_value module, name;

	if (depth(vm) < 2)
		return FAILED;
	name = vm->stack[--vm->sp];
	module = vm->stack[--vm->sp];
	if (!may_be_str(module) || !may_be_str(name))
		return FAILED;
	if (!pk_names_from_stack(vm, module, name, &g))
		return NO_ROOM;
	return import(vm, &g);
}

static enum step op_INST(struct pk_vm *vm)
{
	struct pk_vm_call c = { .kind = PK_CALL_INST };
	enum step s = op_GLOBAL(vm);

	if (s != GO_ON)
		return s;
	c.callee = vm->stack[--vm->sp];
	if (!vm->mark)
		return FAILED; /* pickle.py has imported by now */
	c.args = gather(vm, PK_V_TUPLE, vm->mark, depth(vm));
	drop_to_mark(vm);
	return call(vm, &c);
}

static enum step op_OBJ(struct pk_vm *vm)
{
	struct pk_vm_call c = { .kind = PK_CALL_OBJ };

	if (!vm->mark || !depth(vm))
		return FAILED;
	c.callee = vm->stack[vm->mark];
	c.args = gather(vm, PK_V_TUPLE, vm->mark + 1, depth(vm) - 1);
	drop_to_mark(vm);
	return call(vm, &c);
}

static enum step call_top(struct pk_vm *vm, enum pk_call_kind kind, size_t n)
{
	struct pk_vm_call c = { .kind = kind, .kwargs = unknown };

	if (depth(vm) < n)
		return FAILED;
	c.callee = vm->stack[vm->sp - n];
	c.args = vm->stack[vm->sp - n + 1];
	if (n > 2)
		c.kwargs = vm->stack[vm->sp - 1];
	vm->sp -= n;
	return call(vm, &c);
}

static enum step op_REDUCE(struct pk_vm *vm)
{
	return call_top(vm, PK_CALL_REDUCE, 2);
}

static enum step op_NEWOBJ(struct pk_vm *vm)
{
	return call_top(vm, PK_CALL_NEWOBJ, 2);
}

static enum step op_NEWOBJ_EX(struct pk_vm *vm)
{
	return call_top(vm, PK_CALL_NEWOBJ_EX, 3);
}

static enum step op_BUILD(struct pk_vm *vm)
{
	pk_value state;

	if (depth(vm) < 2)
		return FAILED;
	state = vm->stack[--vm->sp];
	if (vm->events->build &&
	    !vm->events->build(vm, *top(vm), state, vm->op.off))
		return vm->r.end ? FAILED : ABORTED;
	return GO_ON;
}

static enum step op_EMPTY_DICT(struct pk_vm *vm)
{
	return push(vm, pk_node_new(&vm->nodes, PK_V_DICT, vm->op.off));
}

static enum step op_EMPTY_LIST(struct pk_vm *vm)
{
	return push(vm, pk_node_new(&vm->nodes, PK_V_LIST, vm->op.off));
}

static enum step op_EMPTY_TUPLE(struct pk_vm *vm)
{
	return push(vm, gather(vm, PK_V_TUPLE, vm->sp, 0));
}

static enum step op_EMPTY_SET(struct pk_vm *vm)
{
	return push(vm, pk_node_new(&vm->nodes, PK_V_SET, vm->op.off));
}

static enum step op_DICT(struct pk_vm *vm)
{
	return gather_mark(vm, PK_V_DICT);
}

static enum step op_LIST(struct pk_vm *vm)
{
	return gather_mark(vm, PK_V_LIST);
}

static enum step op_TUPLE(struct pk_vm *vm)
{
	return gather_mark(vm, PK_V_TUPLE);
}

static enum step op_FROZENSET(struct pk_vm *vm)
{
	return gather_mark(vm, PK_V_FROZENSET);
}

static enum step op_TUPLE1(struct pk_vm *vm)
{
	return gather_top(vm, 1);
}

static enum step op_TUPLE2(struct pk_vm *vm)
{
	return gather_top(vm, 2);
}

static enum step op_TUPLE3(struct pk_vm *vm)
{
	return gather_top(vm, 3);
}

static enum step op_APPEND(struct pk_vm *vm)
{
	return fill_top(vm, 1);
}

static enum step op_SETITEM(struct pk_vm *vm)
{
	return fill_top(vm, 2);
}

static enum step op_APPENDS(struct pk_vm *vm)
{
	return fill_mark(vm);
}

#define op_SETITEMS op_APPENDS
#define op_ADDITEMS op_APPENDS

static enum step memo_put(struct pk_vm *vm, uint64_t index)
{
	if (!depth(vm))
		return FAILED;
	return pk_memo_put(&vm->memo, index, *top(vm)) ? GO_ON : NO_ROOM;
}

static enum step explicit_put(struct pk_vm *vm, uint64_t index)
{
	/* Stock picklers number without gaps, and never mix both ways. */
	vm->explicit_puts = true;
	return memo_put(vm, index);
}

static enum step memo_get(struct pk_vm *vm, uint64_t index)
{
	pk_value v;

	vm->odd |= PK_ODD_GET;
	if (pk_memo_get(&vm->memo, index, &v))
		return push(vm, v);
	if (vm->r.reading & PK_READ_ANY_MEMO)
		return push(vm, unknown);
	note_odd(vm, PK_ODD_MEMO_MISS);
	return FAILED;
}

/* The index of a PUT or GET line.  A huge one works for pickle.py, whose
 * memo is a dict; any number will do that no other index has. */
static bool index_text(struct pk_vm *vm, uint64_t *ret)
{
	struct pk_index_text t = { 0 };
	uint8_t buf[LINE_MAX_READ];
	uint64_t at = 0;

	while (at < vm->op.data.len && !t.nul && !t.bad) {
		size_t n = sizeof(buf);

		if (n > vm->op.data.len - at)
			n = (size_t)(vm->op.data.len - at);
		n = pk_reader_fetch(&vm->r, vm->op.data.off + at, buf, n);
		if (n == 0)
			break;
		pk_index_feed(&t, (struct pk_span){ buf, n });
		at += n;
	}
	if (t.nul || t.huge)
		note_odd(vm, PK_ODD_NUMBER);
	*ret = t.huge ? t.value | 1ULL << 63 : t.value;
	return pk_index_ok(&t) || t.nul;
}

static enum step op_PUT(struct pk_vm *vm)
{
	uint64_t index;

	return index_text(vm, &index) ? explicit_put(vm, index) : FAILED;
}

static enum step op_BINPUT(struct pk_vm *vm)
{
	return explicit_put(vm, vm->op.value);
}

#define op_LONG_BINPUT op_BINPUT

static enum step op_MEMOIZE(struct pk_vm *vm)
{
	uint64_t index = vm->memo.count;

	if (vm->explicit_puts)
		note_odd(vm, PK_ODD_MEMO);
	if (vm->r.reading & PK_READ_DENSE_MEMO)
		index = vm->memo.array_n;
	return memo_put(vm, index);
}

static enum step op_GET(struct pk_vm *vm)
{
	uint64_t index;

	return index_text(vm, &index) ? memo_get(vm, index) : FAILED;
}

static enum step op_BINGET(struct pk_vm *vm)
{
	return memo_get(vm, vm->op.value);
}

#define op_LONG_BINGET op_BINGET

static enum step op_PROTO(struct pk_vm *vm)
{
	enum { PROTO_MAX = 5 };

	if (vm->op.value > PROTO_MAX) {
		note_odd(vm, PK_ODD_PROTO);
		/* PyTorch's own unpickler takes any. */
	}
	vm->proto = (unsigned)vm->op.value;
	return GO_ON;
}

static enum step op_FRAME(struct pk_vm *vm)
{
	return pk_reader_frame(&vm->r, vm->op.value) ? GO_ON : FAILED;
}

/* What the number stands for is decided elsewhere. */
static enum step op_EXT1(struct pk_vm *vm)
{
	if (vm->events->extension &&
	    !vm->events->extension(vm, vm->op.value, vm->op.off))
		return ABORTED;
	return push(vm, unknown);
}

#define op_EXT2 op_EXT1
#define op_EXT4 op_EXT1

static enum step (*const handlers[256])(struct pk_vm *) = {
#define PK_OP(code, name, operand, protocol) [code] = op_##name,
#include "analyze/pickle_ops.def"
#undef PK_OP
};

/* ---- running ---- */

static void begin_load(struct pk_vm *vm)
{
	vm->sp = 0;
	vm->mark = 0;
	vm->proto = 0;
	if (vm->r.reading & PK_READ_KEEP_MEMO)
		return;
	vm->explicit_puts = false;
	pk_memo_clear(&vm->memo);
}

static enum pk_load finish(struct pk_vm *vm, enum step s)
{
	static const enum pk_load load_of[] = {
		[GO_ON] = PK_LOAD_BROKEN,  [STOPPED] = PK_LOAD_STOP,
		[FAILED] = PK_LOAD_BROKEN, [ABORTED] = PK_LOAD_ABORTED,
		[NO_ROOM] = PK_LOAD_LIMIT,
	};

	if (vm->r.odd_frames)
		note_odd(vm, PK_ODD_FRAME);
	if (vm->r.big_frames)
		vm->odd |= PK_ODD_BIG_FRAME;
	if (vm->r.long_frame)
		vm->odd |= PK_ODD_LONG_FRAME;
	return load_of[s];
}

static bool tick(struct pk_vm *vm)
{
	if (vm->ops_max && vm->ops > vm->ops_max)
		return false;
	if (vm->ops % TICK || !vm->over_time)
		return true;
	return !vm->over_time(vm->user);
}

enum pk_load pk_vm_load(struct pk_vm *vm)
{
	enum step s = GO_ON;

	begin_load(vm);
	while (s == GO_ON) {
		if (!pk_reader_next(&vm->r, &vm->op)) {
			vm->op.off = vm->r.c.off;
			vm->end = vm->r.end == PK_READ_EOF ? PK_LOAD_EOF
							   : PK_LOAD_BROKEN;
			(void)finish(vm, FAILED);
			return vm->end;
		}
		vm->ops++;
		if (!tick(vm))
			s = vm->ops_max && vm->ops > vm->ops_max ? ABORTED
								 : NO_ROOM;
		else
			s = handlers[vm->op.code](vm);
		if (vm->op.cut)
			note_odd(vm, PK_ODD_CUT);
	}
	vm->end = finish(vm, s);
	return vm->end;
}

/* ---- looking at values ---- */

pk_value pk_vm_kid(const struct pk_vm *vm, pk_value v, uint64_t i)
{
	const struct pk_node *node = pk_node_of(&vm->nodes, v);

	return node ? pk_node_kid(&vm->nodes, node, i) : unknown;
}

uint64_t pk_vm_count(const struct pk_vm *vm, pk_value v)
{
	const struct pk_node *node = pk_node_of(&vm->nodes, v);

	return node ? node->count : UINT64_MAX;
}

const struct pk_vm_global *pk_vm_global_of(const struct pk_vm *vm, pk_value v)
{
	return pk_value_kind(v) == PK_V_GLOBAL
		       ? &vm->globals[pk_value_payload(v)]
		       : NULL;
}

const struct pk_vm_global *pk_vm_class_of(const struct pk_vm *vm, pk_value v)
{
	uint64_t word = pk_value_kind(v) == PK_V_OBJECT ? pk_value_word(v) : 0;

	return word ? &vm->globals[word - 1] : NULL;
}

pk_value pk_vm_as_instance(struct pk_vm *vm, pk_value v, pk_value cls)
{
	struct pk_node *node = pk_node_of(&vm->nodes, v);

	if (pk_value_kind(v) != PK_V_OBJECT ||
	    pk_value_kind(cls) != PK_V_GLOBAL)
		return v;
	if (node)
		node->a = cls;
	return pk_value_with_word(v, pk_value_payload(cls) + 1);
}

pk_value pk_vm_import(struct pk_vm *vm, const struct pk_vm_global *want)
{
	if (import(vm, want) != GO_ON)
		return unknown;
	return vm->stack[--vm->sp];
}
