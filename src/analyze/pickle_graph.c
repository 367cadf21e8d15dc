/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_graph.h"

#include <stdlib.h>

#include "analyze/globals.h"
#include "analyze/pickle_step.h"

enum { DEEDS_FIRST = 256, GLOBALS_MAX = 1 << 16 };

/* ---- the log ---- */

static bool make_room(struct pk_graph *g)
{
	const size_t cap = g->cap ? g->cap + g->cap / 2 : DEEDS_FIRST;
	struct pk_meter *meter = g->vm->meter;
	struct pk_deed *d;

	if (!pk_meter_take(meter, (cap - g->cap) * sizeof(*d)))
		return false;
	d = realloc(g->deeds, cap * sizeof(*d));
	if (!d) {
		pk_meter_give(meter, (cap - g->cap) * sizeof(*d));
		meter->exceeded = true;
		return false;
	}
	g->deeds = d;
	g->cap = cap;
	return true;
}

/* An object remembers the numbers of its deeds. */
static void remember(struct pk_graph *g, pk_value v, uint64_t number)
{
	const enum pk_kind kind = pk_value_kind(v);
	const pk_value kid = pk_value_make(PK_V_INT, number);

	if (kind == PK_V_OBJECT || kind == PK_V_PERSISTENT)
		pk_node_add(&g->vm->nodes, pk_node_of(&g->vm->nodes, v), &kid,
			    1);
}

static bool add(struct pk_graph *g, struct pk_deed d)
{
	d.code = g->vm->op.code;
	if (g->forgetful)
		return !g->on_deed || g->on_deed(g, &d);
	if (g->n == g->cap && !make_room(g)) {
		g->vm->nodes.failed = true;
		return true; /* the machine stops by itself */
	}
	g->deeds[g->n] = d;
	remember(g, d.v, g->n++);
	return !g->on_deed || g->on_deed(g, &g->deeds[g->n - 1]);
}

/* ---- what the machine tells ---- */

static bool on_global(struct pk_vm *vm, struct pk_vm_global *global,
		      uint64_t off)
{
	const pk_value v =
		pk_value_make(PK_V_GLOBAL, (uint64_t)(global - vm->globals));

	return add(vm->user,
		   (struct pk_deed){ PK_DEED_IMPORT, .off = off, .v = v });
}

static bool on_call(struct pk_vm *vm, const struct pk_vm_call *call,
		    pk_value *result)
{
	struct pk_graph *g = vm->user;
	const struct pk_deed d = { .kind = PK_DEED_CALL,
				   .call = call->kind,
				   .off = call->off,
				   .v = *result,
				   .callee = call->callee,
				   .a = call->args,
				   .b = call->kwargs };

	if (!add(g, d))
		return false;
	if (g->on_result)
		*result = g->on_result(g, &d);
	return true;
}

static bool on_build(struct pk_vm *vm, pk_value obj, pk_value state,
		     uint64_t off)
{
	return add(vm->user, (struct pk_deed){ PK_DEED_BUILD, .off = off,
					       .v = obj, .a = state });
}

static bool on_fill(struct pk_vm *vm, pk_value into, pk_value items,
		    uint64_t off)
{
	return add(vm->user, (struct pk_deed){ PK_DEED_FILL, .off = off,
					       .v = into, .a = items });
}

static bool on_grow(struct pk_vm *vm, pk_value into, size_t n, uint64_t off)
{
	const struct pk_graph *g = vm->user;

	if (!g->log_grows)
		return true;
	return add(vm->user,
		   (struct pk_deed){ PK_DEED_GROW, .off = off, .v = into,
				     .from = pk_vm_count(vm, into) - n,
				     .n = n });
}

static bool on_persistent(struct pk_vm *vm, pk_value v, pk_value id,
			  uint64_t off)
{
	return add(vm->user, (struct pk_deed){ PK_DEED_PERSISTENT, .off = off,
					       .v = v, .a = id });
}

static bool on_extension(struct pk_vm *vm, uint64_t code, uint64_t off)
{
	return add(vm->user, (struct pk_deed){ PK_DEED_EXTENSION, .off = off,
					       .from = code });
}

static bool on_step(struct pk_vm *vm)
{
	struct pk_graph *g = vm->user;

	return !g->on_step || g->on_step(g);
}

static const struct pk_vm_events events = {
	.global = on_global,
	.call = on_call,
	.build = on_build,
	.fill = on_fill,
	.persistent = on_persistent,
	.extension = on_extension,
	.grow = on_grow,
	.step = on_step,
};

/* ---- life ---- */

bool pk_graph_init(struct pk_graph *g, struct pk_meter *meter)
{
	*g = (struct pk_graph){ .vm = pk_vm_new_whole(meter, GLOBALS_MAX) };
	return g->vm != NULL;
}

void pk_graph_begin(struct pk_graph *g, struct pk_cursor c, unsigned reading)
{
	g->n = 0;
	g->root = pk_unknown;
	pk_vm_begin(g->vm, c, reading, &events, g);
}

enum pk_load pk_graph_load(struct pk_graph *g)
{
	const enum pk_load end = pk_vm_load(g->vm);

	g->root = end == PK_LOAD_STOP ? *pk_vm_top(g->vm) : pk_unknown;
	return end;
}

void pk_graph_release(struct pk_graph *g)
{
	if (g->vm && g->vm->meter)
		pk_meter_give(g->vm->meter, g->cap * sizeof(*g->deeds));
	pk_vm_free(g->vm);
	free(g->deeds);
	*g = (struct pk_graph){ 0 };
}

/* ---- looking ---- */

const struct pk_node *pk_graph_node(const struct pk_graph *g, pk_value v)
{
	return pk_node_of(&g->vm->nodes, v);
}

const struct pk_deed *pk_graph_deed_of(const struct pk_graph *g, pk_value v,
				       uint64_t i)
{
	const enum pk_kind kind = pk_value_kind(v);
	pk_value number;

	if (kind != PK_V_OBJECT && kind != PK_V_PERSISTENT)
		return NULL;
	number = pk_vm_kid(g->vm, v, i);
	return pk_value_kind(number) == PK_V_INT
		       ? &g->deeds[pk_value_payload(number)]
		       : NULL;
}

uint64_t pk_graph_offset(const struct pk_graph *g, pk_value v)
{
	const struct pk_node *node = pk_graph_node(g, v);

	switch (pk_value_kind(v)) {
	case PK_V_NUMBER:
	case PK_V_STR:
	case PK_V_BYTES:
	case PK_V_BYTEARRAY:
	case PK_V_UNKNOWN:
		return pk_value_offset(v);
	case PK_V_GLOBAL:
		return pk_vm_global_of(g->vm, v)->off;
	case PK_V_MARK:
	case PK_V_NONE:
	case PK_V_BOOL:
	case PK_V_INT:
		return 0;
	case PK_V_TUPLE:
	case PK_V_LIST:
	case PK_V_DICT:
	case PK_V_SET:
	case PK_V_FROZENSET:
	case PK_V_OBJECT:
	case PK_V_PERSISTENT:
	case PK_V_TEXT:
		break;
	}
	return node ? node->off : 0;
}

bool pk_graph_is_global(const struct pk_graph *g, pk_value v,
			const char *module, const char *name)
{
	const struct pk_span want_module = { (const uint8_t *)module,
					     strlen(module) };
	const struct pk_span want_name = { (const uint8_t *)name,
					   strlen(name) };
	const struct pk_vm_global *is = pk_vm_global_of(g->vm, v);
	struct pk_span now_module, now_name;

	if (!is || is->computed)
		return false;
	if (pk_span_eq(is->module, want_module) &&
	    pk_span_eq(is->name, want_name))
		return true;
	return is->mapped &&
	       pk_global_py3(is->module, is->name, &now_module, &now_name) &&
	       pk_span_eq(now_module, want_module) &&
	       pk_span_eq(now_name, want_name);
}

pk_value pk_graph_get(const struct pk_graph *g, pk_value dict, const char *key)
{
	struct pk_buf text = { 0 };
	pk_value found = pk_unknown;
	const size_t len = strlen(key);
	uint64_t n =
		pk_value_kind(dict) == PK_V_DICT ? pk_vm_count(g->vm, dict) : 0;

	for (n &= ~1ULL; n >= 2; n -= 2) {
		if (!pk_vm_text(g->vm, pk_vm_kid(g->vm, dict, n - 2), len + 1,
				&text) ||
		    text.len != len || memcmp(text.p, key, len) != 0)
			continue;
		found = pk_vm_kid(g->vm, dict, n - 1);
		break;
	}
	pk_buf_release(&text);
	return found;
}

static double big_endian_double(const uint8_t *p)
{
	uint64_t bits = 0;
	double d;

	for (int i = 0; i < 8; i++)
		bits = bits << 8 | p[i];
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static struct pk_piece counted(const struct pk_graph *g, uint64_t off,
			       const uint8_t *head, unsigned width)
{
	struct pk_piece at = { off + 1 + width, 0 };
	const uint64_t stop = g->vm->r.c.stop;

	for (unsigned i = width; i > 0; i--)
		at.len = at.len << 8 | head[i];
	if (at.off > stop)
		at.len = 0;
	else if (at.len > stop - at.off)
		at.len = stop - at.off;
	return at;
}

/* Up to the \n, which the reader found when it came by. */
static struct pk_piece line(const struct pk_graph *g, uint64_t off)
{
	struct pk_piece at = { off + 1, 0 };
	uint8_t chunk[64];
	size_t n;

	while ((n = pk_reader_fetch(&g->vm->r, at.off + at.len, chunk,
				    sizeof(chunk))) > 0) {
		const uint8_t *nl = memchr(chunk, '\n', n);

		at.len += nl ? (uint64_t)(nl - chunk) : n;
		if (nl)
			break;
	}
	return at;
}

bool pk_graph_number(const struct pk_graph *g, pk_value v,
		     struct pk_number *ret)
{
	const uint64_t off = pk_value_offset(v);
	uint8_t head[9] = { 0 };

	if (pk_value_kind(v) != PK_V_NUMBER)
		return false;
	(void)pk_reader_fetch(&g->vm->r, off, head, sizeof(head));
	*ret = (struct pk_number){ .kind = PK_NUMBER_INT };
	if (head[0] == PK_OP_BINFLOAT) {
		ret->kind = PK_NUMBER_FLOAT;
		ret->value = big_endian_double(head + 1);
	} else if (head[0] == PK_OP_LONG1 || head[0] == PK_OP_LONG4) {
		ret->at = counted(g, off, head, head[0] == PK_OP_LONG1 ? 1 : 4);
	} else {
		ret->kind = PK_NUMBER_TEXT;
		ret->at = line(g, off);
	}
	return true;
}
