/* SPDX-License-Identifier: Apache-2.0 */
/* The pickle machine's stack, and what is made of what lies on it. */
#include "analyze/pickle_step.h"

#include <stdlib.h>

#include "analyze/pickle_names.h"

enum { STACK_FIRST = 1024 };

void pk_vm_note_odd(struct pk_vm *vm, enum pk_oddity what)
{
	if (!vm->odd_off && what != PK_ODD_GET)
		vm->odd_off = vm->op.off;
	vm->odd |= (unsigned)what;
}

bool pk_vm_grow_stack(struct pk_vm *vm)
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

enum pk_step pk_vm_push_mark(struct pk_vm *vm)
{
	enum pk_step s = pk_vm_push(vm, pk_value_make(PK_V_MARK, vm->mark));

	if (s == PK_STEP_ON)
		vm->mark = vm->sp;
	return s;
}

/* Removes the newest mark and all above it. */
void pk_vm_drop_mark(struct pk_vm *vm)
{
	vm->sp = vm->mark - 1;
	vm->mark = (size_t)pk_value_payload(vm->stack[vm->sp]);
}

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

pk_value pk_vm_gather(struct pk_vm *vm, enum pk_kind kind, size_t from,
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
enum pk_step pk_vm_gather_mark(struct pk_vm *vm, enum pk_kind kind)
{
	pk_value v;

	if (!vm->mark)
		return PK_STEP_FAILED;
	v = pk_vm_gather(vm, kind, vm->mark, pk_vm_depth(vm));
	pk_vm_drop_mark(vm);
	return pk_vm_push(vm, v);
}

enum pk_step pk_vm_gather_top(struct pk_vm *vm, size_t n)
{
	pk_value v;

	if (pk_vm_depth(vm) < n)
		return PK_STEP_FAILED;
	v = pk_vm_gather(vm, PK_V_TUPLE, vm->sp - n, n);
	vm->sp -= n;
	return pk_vm_push(vm, v);
}

/*
 * n values at from go into a container below them.  Into the stream's own
 * list, dict or set that is all; into anything else it calls its methods.
 */
static enum pk_step fill(struct pk_vm *vm, pk_value into, size_t from, size_t n)
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
		return !vm->events->grow ||
				       vm->events->grow(vm, into, n, vm->op.off)
			       ? PK_STEP_ON
			       : PK_STEP_ABORTED;
	}
	if (!vm->events->fill)
		return PK_STEP_ON;
	items = pk_vm_gather(vm, PK_V_LIST, from, n);
	return vm->events->fill(vm, into, items, vm->op.off) ? PK_STEP_ON
							     : PK_STEP_ABORTED;
}

/* The container lies just below the newest mark, and no deeper fence. */
enum pk_step pk_vm_fill_mark(struct pk_vm *vm)
{
	const size_t from = vm->mark, n = pk_vm_depth(vm);
	pk_value into;

	if (!from)
		return PK_STEP_FAILED;
	pk_vm_drop_mark(vm);
	if (pk_vm_depth(vm) < 1)
		return PK_STEP_FAILED;
	into = *pk_vm_top(vm);
	return n ? fill(vm, into, from, n) : PK_STEP_ON;
}

enum pk_step pk_vm_fill_top(struct pk_vm *vm, size_t n)
{
	if (pk_vm_depth(vm) < n + 1)
		return PK_STEP_FAILED;
	vm->sp -= n;
	return fill(vm, *pk_vm_top(vm), vm->sp, n);
}

enum pk_step pk_vm_push_import(struct pk_vm *vm,
			       const struct pk_vm_global *want)
{
	struct pk_vm_global *g = pk_names_intern(vm, want);
	enum pk_step s;

	if (!g)
		return PK_STEP_NO_ROOM;
	s = pk_vm_push(vm,
		       pk_value_make(PK_V_GLOBAL, (uint64_t)(g - vm->globals)));
	if (s != PK_STEP_ON || !vm->events->global)
		return s;
	return vm->events->global(vm, g, vm->op.off) ? PK_STEP_ON
						     : PK_STEP_ABORTED;
}

enum pk_step pk_vm_push_call(struct pk_vm *vm, struct pk_vm_call *c)
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
		return PK_STEP_ABORTED;
	return pk_vm_push(vm, result);
}
