/* SPDX-License-Identifier: Apache-2.0 */
/* Values as Python expressions. */
#include <inttypes.h>

#include "analyze/pickle_number.h"
#include "analyze/pickle_source.h"
#include "analyze/torch_storage.h"
#include "core/utf8.h"

enum {
	COLUMNS = 88,
	STR_SHOWN = 4096, /* bytes of a text, or of a byte string */
	BYTES_SHOWN = 256,
	NAME_SHOWN = 200,
};

void pk_source_put(struct pk_source_text *t, const char *text)
{
	pk_buf_puts(t->out, text);
}

/* Between two items: a blank, or a new line where this one is full. */
static void comma(struct pk_source_text *t)
{
	if (t->out->len - t->line < COLUMNS) {
		pk_source_put(t, ", ");
		return;
	}
	pk_source_put(t, ",\n    ");
	t->line = t->out->len;
}

void pk_source_name(struct pk_source_text *t, pk_value v)
{
	struct pk_source_node *n = pk_source_node(t, v);

	if (!n) {
		pk_source_put(t, "_unknown");
		return;
	}
	if (!n->name)
		n->name = ++t->names;
	pk_buf_printf(t->out, "v%u", n->name);
}

/* ---- text ---- */

static bool is_plain(uint32_t cp)
{
	return cp >= ' ' && !pk_utf8_is_trick(cp) &&
	       (cp < 0xd800 || cp >= 0xe000);
}

static void put_char(struct pk_buf *out, int32_t cp, uint8_t byte, char quote,
		     bool bytes)
{
	if (cp == '\\' || cp == quote)
		pk_buf_printf(out, "\\%c", (char)cp);
	else if (cp < 0 || (bytes && byte >= 0x7f))
		pk_buf_printf(out, "\\x%02x", byte);
	else if (cp == '\n')
		pk_buf_puts(out, "\\n");
	else if (is_plain((uint32_t)cp))
		pk_utf8_put(out, (uint32_t)cp);
	else if (cp < 0x100)
		pk_buf_printf(out, "\\x%02x", (unsigned)cp);
	else if (cp < 0x10000)
		pk_buf_printf(out, "\\u%04x", (unsigned)cp);
	else
		pk_buf_printf(out, "\\U%08x", (unsigned)cp);
}

void pk_source_str(struct pk_buf *out, struct pk_span s, bool bytes)
{
	const char quote =
		s.len && memchr(s.p, '\'', s.len) && !memchr(s.p, '"', s.len)
			? '"'
			: '\'';
	size_t i = 0;

	if (bytes)
		pk_buf_putc(out, 'b');
	pk_buf_putc(out, quote);
	while (i < s.len) {
		const uint8_t byte = s.p[i];
		const int32_t cp = bytes ? byte : pk_utf8_next(s, &i);

		i += bytes;
		put_char(out, cp, byte, quote, bytes);
	}
	pk_buf_putc(out, quote);
}

/* A constant of text or bytes; of a long one the beginning. */
static void text_expr(struct pk_source_text *t, pk_value v, bool bytes)
{
	const size_t max = bytes ? BYTES_SHOWN : STR_SHOWN;
	const bool array = pk_value_kind(v) == PK_V_BYTEARRAY;
	struct pk_buf text = { 0 };
	struct pk_piece at = { 0 };
	struct pk_span s;

	(void)pk_vm_text(t->g.vm, v, max + 1, &text);
	(void)pk_vm_bytes_at(t->g.vm, v, &at);
	s = pk_buf_span(&text);
	if (array)
		pk_source_put(t, "bytearray(");
	if (s.len > max) {
		s.len = max;
		while (!bytes && s.len && (s.p[s.len] & 0xc0) == 0x80)
			s.len--;
		pk_source_put(t, "_cut(");
		pk_source_str(t->out, s, bytes);
		pk_buf_printf(t->out, ", %" PRIu64 ")", at.len);
	} else {
		pk_source_str(t->out, s, bytes);
	}
	if (array)
		pk_source_put(t, ")");
	pk_buf_release(&text);
}

/* ---- imports ---- */

static bool is_keyword(struct pk_span word)
{
	static const char *const words[] = {
		"False",  "None",     "True",  "and",    "as",       "assert",
		"async",  "await",    "break", "class",  "continue", "def",
		"del",    "elif",     "else",  "except", "finally",  "for",
		"from",   "global",   "if",    "import", "in",       "is",
		"lambda", "nonlocal", "not",   "or",     "pass",     "raise",
		"return", "try",      "while", "with",   "yield",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word.len == strlen(words[i]) &&
		    memcmp(word.p, words[i], word.len) == 0)
			return true;
	}
	return false;
}

static bool is_identifier(struct pk_span word)
{
	for (size_t i = 0; i < word.len; i++) {
		const uint8_t ch = word.p[i];

		if (!((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') && ch != '_' &&
		    !(ch >= '0' && ch <= '9' && i))
			return false;
	}
	return word.len > 0 && !is_keyword(word);
}

/* "v1" is what this text calls its own; so is what begins with "_". */
static bool is_ours(struct pk_span word)
{
	size_t i = 1;

	if (!word.len || word.p[0] != 'v')
		return false;
	while (i < word.len && word.p[i] >= '0' && word.p[i] <= '9')
		i++;
	return i == word.len && i > 1;
}

bool pk_source_is_dotted(struct pk_span s)
{
	size_t from = 0;

	if (s.len > NAME_SHOWN)
		return false;
	for (size_t i = 0; i <= s.len; i++) {
		const struct pk_span word = { s.p + from, i - from };

		if (i < s.len && s.p[i] != '.')
			continue;
		if (!is_identifier(word) || (!from && is_ours(word)))
			return false;
		from = i + 1;
	}
	return s.len > 0;
}

void pk_source_import_of(const struct pk_vm_global *g, struct pk_span *module,
			 struct pk_span *name)
{
	*module = g->module;
	*name = g->name;
	if (g->mapped)
		(void)pk_global_py3(g->module, g->name, module, name);
}

static void global_expr(struct pk_source_text *t, pk_value v)
{
	const struct pk_vm_global *g = pk_vm_global_of(t->g.vm, v);
	struct pk_span module, name;

	if (g->computed) {
		pk_buf_printf(t->out, "v%u", t->last_name);
		return;
	}
	pk_source_import_of(g, &module, &name);
	if (pk_source_is_dotted(module) && pk_source_is_dotted(name)) {
		if (!pk_span_eq(module, PK_LIT("builtins"))) {
			pk_buf_put(t->out, module.p, module.len);
			pk_buf_putc(t->out, '.');
		}
		pk_buf_put(t->out, name.p, name.len);
		return;
	}
	pk_source_put(t, "_import(");
	pk_source_str(t->out, module, false);
	pk_source_put(t, ", ");
	pk_source_str(t->out, name, false);
	pk_source_put(t, ")");
}

/* ---- displays ---- */

static void items(struct pk_source_text *t, pk_value v, uint64_t from,
		  uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		if (i > from)
			comma(t);
		pk_source_expr(t, pk_vm_kid(t->g.vm, v, i));
	}
}

static void dict_items(struct pk_source_text *t, pk_value v, uint64_t to)
{
	for (uint64_t i = 0; i + 1 < to; i += 2) {
		if (i)
			comma(t);
		pk_source_expr(t, pk_vm_kid(t->g.vm, v, i));
		pk_source_put(t, ": ");
		pk_source_expr(t, pk_vm_kid(t->g.vm, v, i + 1));
	}
}

void pk_source_display(struct pk_source_text *t, pk_value v)
{
	const uint64_t n = pk_source_have(t, v);
	const enum pk_kind kind = pk_value_kind(v);

	if (kind == PK_V_TUPLE) {
		pk_source_put(t, "(");
		items(t, v, 0, n);
		pk_source_put(t, n == 1 ? ",)" : ")");
	} else if (kind == PK_V_LIST) {
		pk_source_put(t, "[");
		items(t, v, 0, n);
		pk_source_put(t, "]");
	} else if (kind == PK_V_DICT) {
		pk_source_put(t, "{");
		dict_items(t, v, n);
		pk_source_put(t, "}");
	} else if (!n) {
		pk_source_put(t, kind == PK_V_SET ? "set()" : "frozenset()");
	} else {
		pk_source_put(t, kind == PK_V_SET ? "{" : "frozenset({");
		items(t, v, 0, n);
		pk_source_put(t, kind == PK_V_SET ? "}" : "})");
	}
}

/* ---- calls ---- */

/* Arguments behind what stands in the parentheses already. */
static void arguments(struct pk_source_text *t, pk_value args, bool first)
{
	const struct pk_source_node *n = pk_source_node(t, args);

	if (pk_value_kind(args) == PK_V_TUPLE && n &&
	    !(n->flags & PK_SOURCE_NAMED)) {
		if (!first && n->have)
			pk_source_put(t, ", ");
		items(t, args, 0, n->have);
		return;
	}
	pk_source_put(t, first ? "*" : ", *");
	pk_source_expr(t, args);
}

/* (storage, offset, size, ...) of torch._utils._rebuild_tensor*, where the
 * storage is ('storage', class, key, device, elements). */
static bool tensor(struct pk_source_text *t, const struct pk_deed *d)
{
	enum { SIZE = 2, CLASS = 1, KEY = 2, ID_PARTS = 5, SUFFIX = 7 };
	const struct pk_vm *vm = t->g.vm;
	const struct pk_vm_global *callee = pk_vm_global_of(vm, d->callee);
	const pk_value storage = pk_vm_kid(vm, d->a, 0);
	const struct pk_deed *from = pk_graph_deed_of(&t->g, storage, 0);
	const struct pk_vm_global *cls;

	if (!callee || !pk_span_eq(callee->module, PK_LIT("torch._utils")) ||
	    !pk_span_starts(callee->name, PK_LIT("_rebuild_tensor")) ||
	    pk_value_kind(storage) != PK_V_PERSISTENT || !from ||
	    pk_value_kind(from->a) != PK_V_TUPLE ||
	    pk_vm_count(vm, from->a) < ID_PARTS)
		return false;
	cls = pk_vm_global_of(vm, pk_vm_kid(vm, from->a, CLASS));
	if (!cls || !pk_storage_item_size(cls->name))
		return false;
	pk_source_put(t, "_tensor('");
	pk_buf_put(t->out, cls->name.p, cls->name.len - SUFFIX);
	pk_source_put(t, "', shape=");
	pk_source_expr(t, pk_vm_kid(vm, d->a, SIZE));
	pk_source_put(t, ", storage=");
	pk_source_expr(t, pk_vm_kid(vm, from->a, KEY));
	pk_source_put(t, ", offset=");
	pk_source_expr(t, pk_vm_kid(vm, d->a, 1));
	pk_source_put(t, ")");
	return true;
}

/* A callee that is no name stands in parentheses. */
static void callee_expr(struct pk_source_text *t, pk_value callee)
{
	const bool name = pk_value_kind(callee) == PK_V_GLOBAL ||
			  pk_source_is_object(callee);

	pk_source_put(t, name ? "" : "(");
	pk_source_expr(t, callee);
	pk_source_put(t, name ? "" : ")");
}

void pk_source_call(struct pk_source_text *t, const struct pk_deed *d)
{
	const bool makes =
		d->call == PK_CALL_NEWOBJ || d->call == PK_CALL_NEWOBJ_EX;

	if (d->kind == PK_DEED_PERSISTENT) {
		pk_source_put(t, "_persistent(");
		pk_source_expr(t, d->a);
		pk_source_put(t, ")");
		return;
	}
	if (tensor(t, d))
		return;
	callee_expr(t, d->callee);
	pk_source_put(t, makes ? ".__new__(" : "(");
	if (makes)
		pk_source_expr(t, d->callee);
	arguments(t, d->a, !makes);
	if (d->call == PK_CALL_NEWOBJ_EX) {
		pk_source_put(t, ", **");
		pk_source_expr(t, d->b);
	}
	pk_source_put(t, ")");
}

/* ---- arrays ---- */

static bool ends_with(struct pk_span s, struct pk_span tail)
{
	return s.len >= tail.len &&
	       memcmp(s.p + s.len - tail.len, tail.p, tail.len) == 0;
}

/* numpy's _reconstruct() with the BUILD of (1, shape, dtype, fortran, bytes),
 * and joblib's wrapper with its attributes. */
bool pk_source_is_array(const struct pk_source_text *t, pk_value v)
{
	enum { PARTS = 5 };
	const struct pk_deed *call = pk_graph_deed_of(&t->g, v, 0);
	const struct pk_deed *build = pk_graph_deed_of(&t->g, v, 1);
	const struct pk_vm_global *g;

	if (!call || !build || build->kind != PK_DEED_BUILD)
		return false;
	g = pk_vm_global_of(t->g.vm, call->callee);
	if (!g)
		return false;
	if (ends_with(g->name, PK_LIT("NumpyArrayWrapper")))
		return pk_value_kind(build->a) == PK_V_DICT;
	return pk_span_starts(g->module, PK_LIT("numpy.")) &&
	       pk_span_eq(g->name, PK_LIT("_reconstruct")) &&
	       pk_value_kind(build->a) == PK_V_TUPLE &&
	       pk_vm_count(t->g.vm, build->a) == PARTS &&
	       pk_value_kind(pk_vm_kid(t->g.vm, build->a, PARTS - 1)) !=
		       PK_V_LIST;
}

/* 'f8' of numpy.dtype('f8', ...), or the expression. */
static void dtype_expr(struct pk_source_text *t, pk_value dtype)
{
	const struct pk_deed *d = pk_graph_deed_of(&t->g, dtype, 0);

	if (d && d->kind == PK_DEED_CALL &&
	    pk_value_kind(pk_vm_kid(t->g.vm, d->a, 0)) == PK_V_STR)
		pk_source_expr(t, pk_vm_kid(t->g.vm, d->a, 0));
	else
		pk_source_expr(t, dtype);
}

bool pk_source_array(struct pk_source_text *t, pk_value v)
{
	enum { SHAPE = 1, DTYPE = 2 };
	const struct pk_source_node *n = pk_source_node(t, v);
	const struct pk_deed *build = pk_graph_deed_of(&t->g, v, 1);
	pk_value shape, dtype;

	if (!n || !(n->flags & PK_SOURCE_ARRAY))
		return false;
	if (pk_value_kind(build->a) == PK_V_DICT) {
		shape = pk_graph_get(&t->g, build->a, "shape");
		dtype = pk_graph_get(&t->g, build->a, "dtype");
	} else {
		shape = pk_vm_kid(t->g.vm, build->a, SHAPE);
		dtype = pk_vm_kid(t->g.vm, build->a, DTYPE);
	}
	pk_source_put(t, "_array(");
	dtype_expr(t, dtype);
	pk_source_put(t, ", shape=");
	pk_source_expr(t, shape);
	pk_source_put(t, ")");
	return true;
}

/* ---- any value ---- */

static void object_expr(struct pk_source_text *t, pk_value v)
{
	const struct pk_source_node *n = pk_source_node(t, v);
	const struct pk_deed *made = pk_graph_deed_of(&t->g, v, 0);

	if (!n || !made || !(n->flags & PK_SOURCE_INLINE))
		pk_source_name(t, v);
	else if (!pk_source_array(t, v))
		pk_source_call(t, made);
}

/* What nothing is known of, but where it came from. */
static void unknown_expr(struct pk_source_text *t, pk_value v)
{
	uint8_t b[5] = { 0 };
	uint32_t code = 0;

	(void)pk_reader_fetch(&t->g.vm->r, pk_value_offset(v), b, sizeof(b));
	for (unsigned i = b[0] == PK_OP_EXT1   ? 1
			  : b[0] == PK_OP_EXT2 ? 2
					       : 4;
	     i > 0; i--)
		code = code << 8 | b[i];
	if (b[0] == PK_OP_EXT1 || b[0] == PK_OP_EXT2 || b[0] == PK_OP_EXT4)
		pk_buf_printf(t->out, "_extension(%" PRIu32 ")", code);
	else if (b[0] == PK_OP_NEXT_BUFFER)
		pk_source_put(t, "_next_buffer()");
	else
		pk_source_put(t, "_unknown");
}

void pk_source_expr(struct pk_source_text *t, pk_value v)
{
	const struct pk_source_node *n = pk_source_node(t, v);

	switch (pk_value_kind(v)) {
	case PK_V_NONE:
		pk_source_put(t, "None");
		return;
	case PK_V_BOOL:
		pk_source_put(t, pk_value_payload(v) ? "True" : "False");
		return;
	case PK_V_INT:
		pk_buf_printf(t->out, "%" PRId64, pk_value_int(v));
		return;
	case PK_V_NUMBER:
		(void)pk_pickle_print_number(t->g.vm, pk_value_offset(v),
					     t->out);
		return;
	case PK_V_STR:
	case PK_V_TEXT:
		text_expr(t, v, false);
		return;
	case PK_V_BYTES:
	case PK_V_BYTEARRAY:
		text_expr(t, v, true);
		return;
	case PK_V_GLOBAL:
		global_expr(t, v);
		return;
	case PK_V_TUPLE:
	case PK_V_LIST:
	case PK_V_DICT:
	case PK_V_SET:
	case PK_V_FROZENSET:
		if (n && n->flags & PK_SOURCE_NAMED)
			pk_source_name(t, v);
		else
			pk_source_display(t, v);
		return;
	case PK_V_OBJECT:
	case PK_V_PERSISTENT:
		object_expr(t, v);
		return;
	case PK_V_UNKNOWN:
	case PK_V_MARK:
		unknown_expr(t, v);
	}
}
