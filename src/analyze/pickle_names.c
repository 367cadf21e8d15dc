/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_names.h"

#include <stdlib.h>

#include "analyze/pickle_text.h"

enum { INDEX_FIRST = 256 };

/* Looked up on instances or classes by unpicklers, copy, and the
 * interpreter itself: an attribute of that name is a call to come. */
static const struct pk_span hooks[] = {
	PK_LIT_INIT("__setstate__"),      PK_LIT_INIT("__reduce__"),
	PK_LIT_INIT("__reduce_ex__"),     PK_LIT_INIT("__class__"),
	PK_LIT_INIT("__dict__"),          PK_LIT_INIT("__code__"),
	PK_LIT_INIT("__globals__"),       PK_LIT_INIT("__builtins__"),
	PK_LIT_INIT("__getattr__"),       PK_LIT_INIT("__getattribute__"),
	PK_LIT_INIT("__call__"),          PK_LIT_INIT("__del__"),
	PK_LIT_INIT("__init_subclass__"), PK_LIT_INIT("__bases__"),
	PK_LIT_INIT("__import__"),        PK_LIT_INIT("__loader__"),
	PK_LIT_INIT("__defaults__"),      PK_LIT_INIT("__kwdefaults__"),
	PK_LIT_INIT("__closure__"),
};

bool pk_names_is_hook_key(struct pk_vm *vm, pk_value key)
{
	struct pk_buf text = { 0 };
	bool hook;

	if (pk_value_kind(key) == PK_V_STR &&
	    !(pk_value_payload(key) & PK_VALUE_DUNDER))
		return false;
	hook = pk_vm_text(vm, key, PK_DUNDER_MAX, &text) &&
	       pk_name_is_hook(pk_buf_span(&text));
	pk_buf_release(&text);
	return hook;
}

bool pk_name_is_hook(struct pk_span name)
{
	if (name.len < 5 || name.p[0] != '_' || name.p[1] != '_')
		return false;
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		if (pk_span_eq(name, hooks[i]))
			return true;
	}
	return false;
}

/* ---- reading ---- */

/* Where the operand of the constant at an offset lies. */
static struct pk_piece piece_at(struct pk_vm *vm, uint64_t off, uint8_t *code)
{
	struct pk_piece ret = { off + 1, 0 };
	uint8_t head[9] = { 0 };
	unsigned width = 0;

	(void)pk_reader_fetch(&vm->r, off, head, sizeof(head));
	*code = head[0];
	if (pk_op_infos[*code].operand == PK_OPERAND_N1)
		width = 1;
	else if (pk_op_infos[*code].operand == PK_OPERAND_N4)
		width = 4;
	else if (pk_op_infos[*code].operand == PK_OPERAND_N8)
		width = 8;
	for (unsigned i = 0; i < width; i++)
		ret.len |= (uint64_t)head[1 + i] << (8 * i);
	ret.off += width;
	if (ret.off > vm->r.c.stop)
		ret.len = 0;
	else if (ret.len > vm->r.c.stop - ret.off)
		ret.len = vm->r.c.stop - ret.off;
	return ret;
}

/* A line's content, found again by its \n; at most max bytes of it. */
static void line_at(struct pk_vm *vm, uint64_t off, size_t max,
		    struct pk_buf *line)
{
	uint8_t chunk[512];
	const uint8_t *nl = NULL;

	while (!nl && line->len < max && pk_buf_ok(line)) {
		size_t n = max - line->len < sizeof(chunk) ? max - line->len
							   : sizeof(chunk);

		n = pk_reader_fetch(&vm->r, off + line->len, chunk, n);
		if (n == 0)
			break;
		nl = memchr(chunk, '\n', n);
		pk_buf_put(line, chunk, nl ? (size_t)(nl - chunk) : n);
	}
}

/* Memory that malloc refused is memory that was not there. */
static bool held(struct pk_vm *vm, const struct pk_buf *buf)
{
	vm->meter->exceeded |= !pk_buf_ok(buf);
	return pk_buf_ok(buf);
}

static bool text_line(struct pk_vm *vm, uint8_t code, struct pk_piece at,
		      size_t max, struct pk_buf *buf)
{
	/* Six bytes of \uXXXX may spell one character. */
	const size_t most = max > SIZE_MAX / 8 ? SIZE_MAX : max * 6 + 2;
	struct pk_buf line = { 0 };
	bool ok;

	line_at(vm, at.off, most, &line);
	ok = pk_buf_ok(&line);
	if (!ok)
		buf->failed = true;
	else if (code == PK_OP_STRING)
		(void)pk_pickle_unquote(pk_buf_span(&line), buf);
	else if (code == PK_OP_UNICODE)
		pk_pickle_unescape(pk_buf_span(&line), buf);
	else
		pk_buf_put(buf, line.p, line.len);
	pk_buf_release(&line);
	return held(vm, buf) && ok;
}

/* The bytes of a piece, at most max of them. */
static bool copy_piece(struct pk_vm *vm, struct pk_piece at, size_t max,
		       struct pk_buf *buf)
{
	uint8_t chunk[256];
	uint64_t done = 0;

	if (at.len > max)
		at.len = max;
	while (done < at.len) {
		size_t n = sizeof(chunk);

		if (n > at.len - done)
			n = (size_t)(at.len - done);
		n = pk_reader_fetch(&vm->r, at.off + done, chunk, n);
		if (n == 0)
			break;
		pk_buf_put(buf, chunk, n);
		done += n;
	}
	return held(vm, buf);
}

/* The constant's opcode and where its bytes lie. */
static bool locate(struct pk_vm *vm, pk_value v, uint8_t *code,
		   struct pk_piece *at)
{
	const struct pk_node *node;

	switch ((unsigned)pk_value_kind(v)) {
	case PK_V_STR:
	case PK_V_BYTES:
	case PK_V_BYTEARRAY:
		*at = piece_at(vm, pk_value_offset(v), code);
		return true;
	case PK_V_TEXT:
		node = pk_node_of(&vm->nodes, v);
		if (!node)
			return false;
		(void)pk_reader_fetch(&vm->r, node->off, code, 1);
		*at = (struct pk_piece){ node->a, node->b };
		return true;
	default:
		return false;
	}
}

bool pk_vm_text(struct pk_vm *vm, pk_value v, size_t max, struct pk_buf *buf)
{
	struct pk_piece at;
	uint8_t code;

	buf->len = 0;
	if (!locate(vm, v, &code, &at))
		return false;
	if (pk_op_infos[code].operand == PK_OPERAND_LINE)
		return text_line(vm, code, at, max, buf);
	return copy_piece(vm, at, max, buf);
}

bool pk_vm_bytes_at(struct pk_vm *vm, pk_value v, struct pk_piece *ret)
{
	uint8_t code;

	return locate(vm, v, &code, ret) &&
	       pk_op_infos[code].operand != PK_OPERAND_LINE;
}

/* ---- making globals ---- */

bool pk_names_from_lines(struct pk_vm *vm, struct pk_vm_global *ret)
{
	struct pk_buf *module = &vm->scratch_module, *name = &vm->scratch_name;

	module->len = name->len = 0;
	if (!copy_piece(vm, vm->op.data, PK_NAME_MAX_READ, module) ||
	    !copy_piece(vm, vm->op.second, PK_NAME_MAX_READ, name))
		return false;
	*ret = (struct pk_vm_global){ .module = pk_buf_span(module),
				      .name = pk_buf_span(name),
				      .mapped = vm->proto < 3,
				      .dotted = vm->proto >= 4,
				      .text = true,
				      .off = vm->op.off };
	return true;
}

static bool read_text(struct pk_vm *vm, pk_value v, struct pk_vm_global *g,
		      struct pk_buf *buf, struct pk_span *ret)
{
	if (!pk_vm_text(vm, v, PK_NAME_MAX_READ, buf)) {
		g->computed = true;
		buf->len = 0;
	}
	*ret = pk_buf_span(buf);
	return pk_buf_ok(buf);
}

/* Python 2 string opcodes are decoded as the caller of the reader says. */
static bool has_encodings(struct pk_vm *vm, pk_value v, struct pk_span text)
{
	struct pk_piece at;
	uint8_t code = 0;
	bool high = false;

	for (size_t i = 0; i < text.len; i++)
		high |= text.p[i] >= 0x80;
	return high && locate(vm, v, &code, &at) &&
	       (code == PK_OP_STRING || code == PK_OP_BINSTRING ||
		code == PK_OP_SHORT_BINSTRING);
}

bool pk_names_from_stack(struct pk_vm *vm, pk_value module, pk_value name,
			 struct pk_vm_global *ret)
{
	*ret = (struct pk_vm_global){ .off = vm->op.off };
	if (!read_text(vm, module, ret, &vm->scratch_module, &ret->module) ||
	    !read_text(vm, name, ret, &vm->scratch_name, &ret->name))
		return false;
	ret->mapped = vm->proto < 3;
	ret->dotted = vm->proto >= 4;
	ret->latin_module = has_encodings(vm, module, ret->module);
	ret->latin_name = has_encodings(vm, name, ret->name);
	return true;
}

/* ---- one entry each ---- */

static uint32_t hash(uint32_t h, struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 16777619U; /* FNV-1a */
	return (h ^ 0xff) * 16777619U;
}

static size_t place_of(const struct pk_vm *vm, const struct pk_vm_global *g)
{
	const size_t mask = vm->global_index_cap - 1;
	size_t i = hash(hash(2166136261U, g->module), g->name) & mask;

	while (vm->global_index[i]) {
		const struct pk_vm_global *have =
			&vm->globals[vm->global_index[i] - 1];

		if (pk_span_eq(have->module, g->module) &&
		    pk_span_eq(have->name, g->name) &&
		    have->mapped == g->mapped && have->dotted == g->dotted &&
		    have->computed == g->computed &&
		    have->latin_module == g->latin_module &&
		    have->latin_name == g->latin_name)
			break;
		i = (i + 1) & mask;
	}
	return i;
}

static bool grow_index(struct pk_vm *vm)
{
	size_t cap =
		vm->global_index_cap ? vm->global_index_cap * 2 : INDEX_FIRST;
	uint32_t *index = calloc(cap, sizeof(*index));

	if (!index) {
		vm->meter->exceeded = true;
		return false;
	}
	free(vm->global_index);
	vm->global_index = index;
	vm->global_index_cap = cap;
	for (size_t i = 0; i < vm->global_n; i++)
		index[place_of(vm, &vm->globals[i])] = (uint32_t)i + 1;
	return true;
}

static bool grow_globals(struct pk_vm *vm)
{
	size_t cap = vm->global_cap ? vm->global_cap * 2 : INDEX_FIRST / 4;
	struct pk_vm_global *g = realloc(vm->globals, cap * sizeof(*g));

	if (!g) {
		vm->meter->exceeded = true;
		return false;
	}
	vm->globals = g;
	vm->global_cap = cap;
	return true;
}

static bool keep(struct pk_vm *vm, const struct pk_vm_global *want,
		 struct pk_vm_global *to)
{
	char *module = pk_arena_copy(&vm->names, want->module);
	char *name = pk_arena_copy(&vm->names, want->name);

	*to = *want;
	to->module.p = (const uint8_t *)module;
	to->name.p = (const uint8_t *)name;
	return module && name;
}

struct pk_vm_global *pk_names_intern(struct pk_vm *vm,
				     const struct pk_vm_global *want)
{
	size_t i;

	if (vm->global_n >= vm->global_index_cap / 2 && !grow_index(vm))
		return NULL;
	i = place_of(vm, want);
	if (vm->global_index[i])
		return &vm->globals[vm->global_index[i] - 1];
	if (vm->global_n == vm->globals_max ||
	    (vm->global_n == vm->global_cap && !grow_globals(vm)))
		return NULL;
	if (!keep(vm, want, &vm->globals[vm->global_n]))
		return NULL;
	vm->global_index[i] = (uint32_t)++vm->global_n;
	return &vm->globals[vm->global_n - 1];
}

void pk_names_clear(struct pk_vm *vm)
{
	if (vm->global_n && vm->global_index)
		memset(vm->global_index, 0,
		       vm->global_index_cap * sizeof(*vm->global_index));
	vm->global_n = 0;
	pk_arena_release(&vm->names);
	pk_buf_release(&vm->scratch_module);
	pk_buf_release(&vm->scratch_name);
}
