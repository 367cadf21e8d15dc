/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_STEP_H
#define PK_ANALYZE_PICKLE_STEP_H

#include "analyze/pickle_vm.h"

/* Inside the pickle machine: what its opcodes are made of. */

/* What an opcode says about going on. */
enum pk_step {
	PK_STEP_ON,
	PK_STEP_STOPPED, /* STOP was executed */
	PK_STEP_FAILED,  /* no reader survives this */
	PK_STEP_ABORTED, /* the user wants no more */
	PK_STEP_NO_ROOM, /* out of memory or budget */
};

/* Makes ready for the next pickle of the stream: for those who step through
 * it themselves, with pk_reader_next() and pk_vm_step(). */
void pk_vm_begin_load(struct pk_vm *vm);

/* Executes the opcode that vm->op holds. */
enum pk_step pk_vm_step(struct pk_vm *vm);

static const pk_value pk_unknown = (uint64_t)PK_V_UNKNOWN << PK_VALUE_BITS;

void pk_vm_note_odd(struct pk_vm *vm, enum pk_oddity what);
bool pk_vm_grow_stack(struct pk_vm *vm);

static inline enum pk_step pk_vm_push(struct pk_vm *vm, pk_value v)
{
	if (vm->sp == vm->cap && !pk_vm_grow_stack(vm))
		return PK_STEP_NO_ROOM;
	vm->stack[vm->sp++] = v;
	return PK_STEP_ON;
}

/* Values above the newest mark: nothing may reach below it. */
static inline size_t pk_vm_depth(const struct pk_vm *vm)
{
	return vm->sp - vm->mark;
}

static inline pk_value *pk_vm_top(const struct pk_vm *vm)
{
	return &vm->stack[vm->sp - 1];
}

enum pk_step pk_vm_push_mark(struct pk_vm *vm);

/* Removes the newest mark and all above it. */
void pk_vm_drop_mark(struct pk_vm *vm);

/* A new container of n values that lie on the stack from a place on; they
 * stay there. */
pk_value pk_vm_gather(struct pk_vm *vm, enum pk_kind kind, size_t from,
		      size_t n);
/* The same of all above the newest mark, or of the n topmost, which it
 * replaces. */
enum pk_step pk_vm_gather_mark(struct pk_vm *vm, enum pk_kind kind);
enum pk_step pk_vm_gather_top(struct pk_vm *vm, size_t n);

/* Puts what lies above the newest mark, or the n topmost, into the container
 * below. */
enum pk_step pk_vm_fill_mark(struct pk_vm *vm);
enum pk_step pk_vm_fill_top(struct pk_vm *vm, size_t n);

/* Pushes what the line of an INT or LONG, or of a FLOAT, says. */
enum pk_step pk_vm_push_int_line(struct pk_vm *vm);
enum pk_step pk_vm_push_float_line(struct pk_vm *vm);
/* The index that the line of a PUT or GET says; false when it says none. */
bool pk_vm_index_line(struct pk_vm *vm, uint64_t *ret);

/* Pushes an import, or the result of a call, and tells the user. */
enum pk_step pk_vm_push_import(struct pk_vm *vm,
			       const struct pk_vm_global *want);
enum pk_step pk_vm_push_call(struct pk_vm *vm, struct pk_vm_call *c);

#endif
