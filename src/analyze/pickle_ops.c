/* SPDX-License-Identifier: Apache-2.0 */
/* The 68 opcodes of the pickle machine: one function each. */
#include "analyze/pickle_names.h"
#include "analyze/pickle_step.h"

static enum pk_step op_MARK(struct pk_vm *vm)
{
	return pk_vm_push_mark(vm);
}

static enum pk_step op_STOP(struct pk_vm *vm)
{
	if (!pk_vm_depth(vm))
		return PK_STEP_FAILED;
	if (pk_reader_stop(&vm->r))
		vm->odd |= PK_ODD_REST;
	return PK_STEP_STOPPED;
}

static enum pk_step op_POP(struct pk_vm *vm)
{
	if (pk_vm_depth(vm)) {
		vm->sp--;
		return PK_STEP_ON;
	}
	if (!vm->mark)
		return PK_STEP_FAILED;
	pk_vm_drop_mark(vm);
	return PK_STEP_ON;
}

static enum pk_step op_POP_MARK(struct pk_vm *vm)
{
	if (!vm->mark)
		return PK_STEP_FAILED;
	pk_vm_drop_mark(vm);
	return PK_STEP_ON;
}

static enum pk_step op_DUP(struct pk_vm *vm)
{
	return pk_vm_depth(vm) ? pk_vm_push(vm, *pk_vm_top(vm))
			       : PK_STEP_FAILED;
}

static enum pk_step push_number(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_value_make(PK_V_NUMBER, vm->op.off));
}

static enum pk_step push_int(struct pk_vm *vm, uint64_t v)
{
	return pk_vm_push(vm, pk_value_make(PK_V_INT, v));
}

static enum pk_step op_INT(struct pk_vm *vm)
{
	return pk_vm_push_int_line(vm);
}

#define op_LONG op_INT

static enum pk_step op_FLOAT(struct pk_vm *vm)
{
	return pk_vm_push_float_line(vm);
}

static enum pk_step op_BINFLOAT(struct pk_vm *vm)
{
	return push_number(vm);
}

static enum pk_step op_BININT(struct pk_vm *vm)
{
	return push_int(vm, vm->op.value);
}

#define op_BININT1 op_BININT
#define op_BININT2 op_BININT

static enum pk_step op_LONG1(struct pk_vm *vm)
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

static enum pk_step op_LONG4(struct pk_vm *vm)
{
	if (vm->op.value > INT32_MAX)
		return PK_STEP_FAILED;
	return op_LONG1(vm);
}

static enum pk_step op_NONE(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_value_make(PK_V_NONE, 0));
}

static enum pk_step op_NEWTRUE(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_value_make(PK_V_BOOL, 1));
}

static enum pk_step op_NEWFALSE(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_value_make(PK_V_BOOL, 0));
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
static enum pk_step push_text(struct pk_vm *vm, enum pk_kind kind)
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
		return pk_vm_push(vm, v);
	}
	v = pk_node_new(&vm->nodes, PK_V_TEXT, op->off);
	node = pk_node_of(&vm->nodes, v);
	node->a = op->data.off;
	node->b = op->data.len;
	return pk_vm_push(vm, v);
}

static enum pk_step op_STRING(struct pk_vm *vm)
{
	uint8_t edge[2];
	const struct pk_piece *d = &vm->op.data;

	/* A short line can be judged whole; of a long one, its quote. */
	if (pk_reader_fetch(&vm->r, d->off, edge, 1) < 1 || d->len < 2 ||
	    (edge[0] != '\'' && edge[0] != '"'))
		return PK_STEP_FAILED;
	return push_text(vm, PK_V_STR);
}

static enum pk_step op_UNICODE(struct pk_vm *vm)
{
	return push_text(vm, PK_V_STR);
}

static enum pk_step op_BINSTRING(struct pk_vm *vm)
{
	if (vm->op.value > INT32_MAX)
		pk_vm_note_odd(vm, PK_ODD_LENGTH);
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

static enum pk_step push_bytes(struct pk_vm *vm, enum pk_kind kind)
{
	enum pk_step s = push_text(vm, kind);

	if (s == PK_STEP_ON && vm->events->carrier && begins_as_file(vm) &&
	    !vm->events->carrier(vm, *pk_vm_top(vm)))
		return PK_STEP_ABORTED;
	return s;
}

static enum pk_step op_BINBYTES(struct pk_vm *vm)
{
	return push_bytes(vm, PK_V_BYTES);
}

#define op_SHORT_BINBYTES op_BINBYTES
#define op_BINBYTES8      op_BINBYTES

static enum pk_step op_BYTEARRAY8(struct pk_vm *vm)
{
	return push_bytes(vm, PK_V_BYTEARRAY);
}

/* Unknown, but where it came from. */
static enum pk_step push_unknown(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_value_make(PK_V_UNKNOWN, vm->op.off));
}

static enum pk_step op_NEXT_BUFFER(struct pk_vm *vm)
{
	return push_unknown(vm);
}

static enum pk_step op_READONLY_BUFFER(struct pk_vm *vm)
{
	return pk_vm_depth(vm) ? PK_STEP_ON : PK_STEP_FAILED;
}

static enum pk_step persistent(struct pk_vm *vm, pk_value id)
{
	pk_value v = pk_node_new(&vm->nodes, PK_V_PERSISTENT, vm->op.off);

	pk_node_of(&vm->nodes, v)->a = id;
	if (vm->events->persistent &&
	    !vm->events->persistent(vm, v, id, vm->op.off))
		return PK_STEP_ABORTED;
	return pk_vm_push(vm, v);
}

static enum pk_step op_PERSID(struct pk_vm *vm)
{
	return persistent(vm, pk_value_make(PK_V_STR, vm->op.off));
}

static enum pk_step op_BINPERSID(struct pk_vm *vm)
{
	if (!pk_vm_depth(vm))
		return PK_STEP_FAILED;
	return persistent(vm, vm->stack[--vm->sp]);
}

static enum pk_step op_GLOBAL(struct pk_vm *vm)
{
	struct pk_vm_global g;
	enum pk_step s = PK_STEP_NO_ROOM;

	if (pk_names_from_lines(vm, &g))
		s = pk_vm_push_import(vm, &g);
	/* A line without its end: Python readers import, then see the end. */
	if (vm->op.cut)
		pk_vm_note_odd(vm, PK_ODD_CUT);
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

static enum pk_step op_STACK_GLOBAL(struct pk_vm *vm)
{
	struct pk_vm_global g;
	pk_value module, name;

	if (pk_vm_depth(vm) < 2)
		return PK_STEP_FAILED;
	name = vm->stack[--vm->sp];
	module = vm->stack[--vm->sp];
	if (!may_be_str(module) || !may_be_str(name))
		return PK_STEP_FAILED;
	if (!pk_names_from_stack(vm, module, name, &g))
		return PK_STEP_NO_ROOM;
	return pk_vm_push_import(vm, &g);
}

static enum pk_step op_INST(struct pk_vm *vm)
{
	struct pk_vm_call c = { .kind = PK_CALL_INST };
	enum pk_step s = op_GLOBAL(vm);

	if (s != PK_STEP_ON)
		return s;
	c.callee = vm->stack[--vm->sp];
	if (!vm->mark)
		return PK_STEP_FAILED; /* pickle.py has imported by now */
	c.args = pk_vm_gather(vm, PK_V_TUPLE, vm->mark, pk_vm_depth(vm));
	pk_vm_drop_mark(vm);
	return pk_vm_push_call(vm, &c);
}

static enum pk_step op_OBJ(struct pk_vm *vm)
{
	struct pk_vm_call c = { .kind = PK_CALL_OBJ };

	if (!vm->mark || !pk_vm_depth(vm))
		return PK_STEP_FAILED;
	c.callee = vm->stack[vm->mark];
	c.args =
		pk_vm_gather(vm, PK_V_TUPLE, vm->mark + 1, pk_vm_depth(vm) - 1);
	pk_vm_drop_mark(vm);
	return pk_vm_push_call(vm, &c);
}

static enum pk_step call_top(struct pk_vm *vm, enum pk_call_kind kind, size_t n)
{
	struct pk_vm_call c = { .kind = kind, .kwargs = pk_unknown };

	if (pk_vm_depth(vm) < n)
		return PK_STEP_FAILED;
	c.callee = vm->stack[vm->sp - n];
	c.args = vm->stack[vm->sp - n + 1];
	if (n > 2)
		c.kwargs = vm->stack[vm->sp - 1];
	vm->sp -= n;
	return pk_vm_push_call(vm, &c);
}

static enum pk_step op_REDUCE(struct pk_vm *vm)
{
	return call_top(vm, PK_CALL_REDUCE, 2);
}

static enum pk_step op_NEWOBJ(struct pk_vm *vm)
{
	return call_top(vm, PK_CALL_NEWOBJ, 2);
}

static enum pk_step op_NEWOBJ_EX(struct pk_vm *vm)
{
	return call_top(vm, PK_CALL_NEWOBJ_EX, 3);
}

static enum pk_step op_BUILD(struct pk_vm *vm)
{
	pk_value state;

	if (pk_vm_depth(vm) < 2)
		return PK_STEP_FAILED;
	state = vm->stack[--vm->sp];
	if (vm->events->build &&
	    !vm->events->build(vm, *pk_vm_top(vm), state, vm->op.off))
		return vm->r.end ? PK_STEP_FAILED : PK_STEP_ABORTED;
	return PK_STEP_ON;
}

static enum pk_step op_EMPTY_DICT(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_node_new(&vm->nodes, PK_V_DICT, vm->op.off));
}

static enum pk_step op_EMPTY_LIST(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_node_new(&vm->nodes, PK_V_LIST, vm->op.off));
}

static enum pk_step op_EMPTY_TUPLE(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_vm_gather(vm, PK_V_TUPLE, vm->sp, 0));
}

static enum pk_step op_EMPTY_SET(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_node_new(&vm->nodes, PK_V_SET, vm->op.off));
}

static enum pk_step op_DICT(struct pk_vm *vm)
{
	return pk_vm_gather_mark(vm, PK_V_DICT);
}

static enum pk_step op_LIST(struct pk_vm *vm)
{
	return pk_vm_gather_mark(vm, PK_V_LIST);
}

static enum pk_step op_TUPLE(struct pk_vm *vm)
{
	return pk_vm_gather_mark(vm, PK_V_TUPLE);
}

static enum pk_step op_FROZENSET(struct pk_vm *vm)
{
	return pk_vm_gather_mark(vm, PK_V_FROZENSET);
}

static enum pk_step op_TUPLE1(struct pk_vm *vm)
{
	return pk_vm_gather_top(vm, 1);
}

static enum pk_step op_TUPLE2(struct pk_vm *vm)
{
	return pk_vm_gather_top(vm, 2);
}

static enum pk_step op_TUPLE3(struct pk_vm *vm)
{
	return pk_vm_gather_top(vm, 3);
}

static enum pk_step op_APPEND(struct pk_vm *vm)
{
	return pk_vm_fill_top(vm, 1);
}

static enum pk_step op_SETITEM(struct pk_vm *vm)
{
	return pk_vm_fill_top(vm, 2);
}

static enum pk_step op_APPENDS(struct pk_vm *vm)
{
	return pk_vm_fill_mark(vm);
}

#define op_SETITEMS op_APPENDS
#define op_ADDITEMS op_APPENDS

static enum pk_step memo_put(struct pk_vm *vm, uint64_t index)
{
	if (!pk_vm_depth(vm))
		return PK_STEP_FAILED;
	return pk_memo_put(&vm->memo, index, *pk_vm_top(vm)) ? PK_STEP_ON
							     : PK_STEP_NO_ROOM;
}

static enum pk_step explicit_put(struct pk_vm *vm, uint64_t index)
{
	/* Stock picklers number without gaps, and never mix both ways. */
	vm->explicit_puts = true;
	return memo_put(vm, index);
}

static enum pk_step memo_get(struct pk_vm *vm, uint64_t index)
{
	pk_value v;

	vm->odd |= PK_ODD_GET;
	if (pk_memo_get(&vm->memo, index, &v))
		return pk_vm_push(vm, v);
	if (vm->r.reading & PK_READ_ANY_MEMO)
		return pk_vm_push(vm, pk_unknown);
	pk_vm_note_odd(vm, PK_ODD_MEMO_MISS);
	return PK_STEP_FAILED;
}

static enum pk_step op_PUT(struct pk_vm *vm)
{
	uint64_t index;

	return pk_vm_index_line(vm, &index) ? explicit_put(vm, index)
					    : PK_STEP_FAILED;
}

static enum pk_step op_BINPUT(struct pk_vm *vm)
{
	return explicit_put(vm, vm->op.value);
}

#define op_LONG_BINPUT op_BINPUT

static enum pk_step op_MEMOIZE(struct pk_vm *vm)
{
	uint64_t index = vm->memo.count;

	if (vm->explicit_puts)
		pk_vm_note_odd(vm, PK_ODD_MEMO);
	if (vm->r.reading & PK_READ_DENSE_MEMO)
		index = vm->memo.array_n;
	return memo_put(vm, index);
}

static enum pk_step op_GET(struct pk_vm *vm)
{
	uint64_t index;

	return pk_vm_index_line(vm, &index) ? memo_get(vm, index)
					    : PK_STEP_FAILED;
}

static enum pk_step op_BINGET(struct pk_vm *vm)
{
	return memo_get(vm, vm->op.value);
}

#define op_LONG_BINGET op_BINGET

static enum pk_step op_PROTO(struct pk_vm *vm)
{
	enum { PROTO_MAX = 5 };

	if (vm->op.value > PROTO_MAX) {
		pk_vm_note_odd(vm, PK_ODD_PROTO);
		/* PyTorch's own unpickler takes any. */
	}
	vm->proto = (unsigned)vm->op.value;
	return PK_STEP_ON;
}

static enum pk_step op_FRAME(struct pk_vm *vm)
{
	return pk_reader_frame(&vm->r, vm->op.value) ? PK_STEP_ON
						     : PK_STEP_FAILED;
}

/* What the number stands for is decided elsewhere. */
static enum pk_step op_EXT1(struct pk_vm *vm)
{
	if (vm->events->extension &&
	    !vm->events->extension(vm, vm->op.value, vm->op.off))
		return PK_STEP_ABORTED;
	return push_unknown(vm);
}

#define op_EXT2 op_EXT1
#define op_EXT4 op_EXT1

static enum pk_step (*const handlers[256])(struct pk_vm *) = {
#define PK_OP(code, name, operand, protocol) [code] = op_##name,
#include "analyze/pickle_ops.def"
#undef PK_OP
};

enum pk_step pk_vm_step(struct pk_vm *vm)
{
	return handlers[vm->op.code](vm);
}
