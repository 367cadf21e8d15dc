/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_vm.h"

#include <stdlib.h>

#include "analyze/pickle_names.h"
#include "analyze/pickle_step.h"

enum { TICK = 1 << 16 }; /* opcodes between looks at the clock */

/* ---- life ---- */

static struct pk_vm *new_machine(struct pk_meter *meter, size_t globals_max,
				 bool whole)
{
	struct pk_vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	vm->meter = meter;
	vm->names = PK_ARENA(meter);
	vm->globals_max = globals_max;
	pk_memo_init(&vm->memo, meter);
	if (!pk_nodes_init(&vm->nodes, meter, whole)) {
		pk_vm_free(vm);
		return NULL;
	}
	return vm;
}

struct pk_vm *pk_vm_new(struct pk_meter *meter, size_t globals_max)
{
	return new_machine(meter, globals_max, false);
}

struct pk_vm *pk_vm_new_whole(struct pk_meter *meter, size_t globals_max)
{
	return new_machine(meter, globals_max, true);
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

/* ---- running ---- */

void pk_vm_begin_load(struct pk_vm *vm)
{
	vm->sp = 0;
	vm->mark = 0;
	vm->proto = 0;
	if (vm->r.reading & PK_READ_KEEP_MEMO)
		return;
	vm->explicit_puts = false;
	pk_memo_clear(&vm->memo);
}

static enum pk_load finish(struct pk_vm *vm, enum pk_step s)
{
	static const enum pk_load load_of[] = {
		[PK_STEP_ON] = PK_LOAD_BROKEN,
		[PK_STEP_STOPPED] = PK_LOAD_STOP,
		[PK_STEP_FAILED] = PK_LOAD_BROKEN,
		[PK_STEP_ABORTED] = PK_LOAD_ABORTED,
		[PK_STEP_NO_ROOM] = PK_LOAD_LIMIT,
	};

	if (vm->r.odd_frames)
		pk_vm_note_odd(vm, PK_ODD_FRAME);
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

static enum pk_step step(struct pk_vm *vm)
{
	enum pk_step s;

	if (!tick(vm))
		return vm->ops_max && vm->ops > vm->ops_max ? PK_STEP_ABORTED
							    : PK_STEP_NO_ROOM;
	if (vm->events->step && !vm->events->step(vm))
		return PK_STEP_ABORTED;
	s = pk_vm_step(vm);
	return vm->nodes.failed ? PK_STEP_NO_ROOM : s;
}

enum pk_load pk_vm_load(struct pk_vm *vm)
{
	enum pk_step s = PK_STEP_ON;

	pk_vm_begin_load(vm);
	while (s == PK_STEP_ON) {
		if (!pk_reader_next(&vm->r, &vm->op)) {
			vm->op.off = vm->r.c.off;
			vm->end = vm->r.end == PK_READ_EOF ? PK_LOAD_EOF
							   : PK_LOAD_BROKEN;
			(void)finish(vm, PK_STEP_FAILED);
			return vm->end;
		}
		vm->ops++;
		s = step(vm);
		if (vm->op.cut)
			pk_vm_note_odd(vm, PK_ODD_CUT);
	}
	vm->end = finish(vm, s);
	return vm->end;
}

/* ---- looking at values ---- */

pk_value pk_vm_kid(const struct pk_vm *vm, pk_value v, uint64_t i)
{
	const struct pk_node *node = pk_node_of(&vm->nodes, v);

	return node ? pk_node_kid(&vm->nodes, node, i) : pk_unknown;
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
	if (pk_vm_push_import(vm, want) != PK_STEP_ON)
		return pk_unknown;
	return vm->stack[--vm->sp];
}
