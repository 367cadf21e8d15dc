/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which a lister shows opcodes. */
#include <inttypes.h>
#include <stdio.h>

#include "analyze/pickle_lister.h"
#include "analyze/pickle_number.h"
#include "analyze/pickle_print.h"
#include "analyze/pickle_step.h"
#include "core/utf8.h"

enum {
	TEXT_SHOWN = 72,    /* bytes of an operand in a listing */
	TEXT_JSON = 4096,   /* the same in JSON */
	REMARK_SHOWN = 160, /* of a remark */
	INDENT_MAX = 16,    /* marks that indent */
	VALUE_SHOWN = 48,   /* of a value on the stack */
	VALUES_SHOWN = 8,   /* of the stack, from its top */
	NAME_COLUMN = 18,   /* wide enough for all but two names */
};

#define DIM  "\033[2m"
#define BOLD "\033[1m"
#define RED  "\033[31m"
#define OFF  "\033[0m"

static void paint(struct pk_lister *l, const char *how)
{
	if (l->color)
		pk_buf_puts(&l->out, how);
}

void pk_list_cut(struct pk_buf *out, const struct pk_buf *text, size_t max)
{
	size_t n = text->len;

	if (n <= max) {
		pk_buf_put(out, text->p, n);
		return;
	}
	n = max;
	while (n && ((uint8_t)text->p[n] & 0xc0) == 0x80)
		n--; /* not within a character */
	pk_buf_put(out, text->p, n);
	pk_buf_puts(out, "...");
}

/* ---- operands ---- */

/* Bytes of the stream, at most max of them; true when that is all. */
static bool fetch(struct pk_vm *vm, const struct pk_piece *at, size_t max,
		  struct pk_buf *to)
{
	uint8_t chunk[256];
	uint64_t done = 0;
	const uint64_t want = at->len < max ? at->len : max;

	while (done < want) {
		size_t n = want - done < sizeof(chunk) ? (size_t)(want - done)
						       : sizeof(chunk);

		n = pk_reader_fetch(&vm->r, at->off + done, chunk, n);
		if (n == 0)
			break;
		pk_buf_put(to, chunk, n);
		done += n;
	}
	return done == at->len;
}

static void put_text(struct pk_vm *vm, const struct pk_piece *at,
		     const char *quote, struct pk_buf *out)
{
	struct pk_buf text = { 0 };

	(void)fetch(vm, at, TEXT_SHOWN + 1, &text);
	if (*quote && text.len && memchr(text.p, '\'', text.len))
		quote = "\"";
	pk_buf_puts(out, quote);
	pk_utf8_escape(out, pk_buf_span(&text), TEXT_SHOWN);
	pk_buf_puts(out, quote);
	pk_buf_release(&text);
}

static bool is_number(const struct pk_op *op)
{
	return op->code == PK_OP_LONG1 || op->code == PK_OP_LONG4 ||
	       op->code == PK_OP_BINFLOAT;
}

static bool is_bytes(const struct pk_op *op)
{
	return op->code == PK_OP_BINBYTES || op->code == PK_OP_SHORT_BINBYTES ||
	       op->code == PK_OP_BINBYTES8 || op->code == PK_OP_BYTEARRAY8;
}

static void put_counted(struct pk_vm *vm, const struct pk_op *op,
			struct pk_buf *out)
{
	if (is_bytes(op))
		pk_buf_putc(out, 'b');
	put_text(vm, &op->data, "'", out);
	if (op->data.len > TEXT_SHOWN || op->cut)
		pk_buf_printf(out, " (%" PRIu64 " bytes)", op->value);
}

void pk_list_operand(struct pk_vm *vm, const struct pk_op *op,
		     struct pk_buf *out)
{
	if (is_number(op)) {
		(void)pk_pickle_print_number(vm, op->off, out);
		return;
	}
	switch (pk_op_infos[op->code].operand) {
	case PK_OPERAND_NONE:
	case PK_OPERAND_B8:
		return;
	case PK_OPERAND_U1:
	case PK_OPERAND_U2:
	case PK_OPERAND_U4:
	case PK_OPERAND_U8:
		pk_buf_printf(out, "%" PRIu64, op->value);
		return;
	case PK_OPERAND_I4:
		pk_buf_printf(out, "%" PRId64, (int64_t)op->value);
		return;
	case PK_OPERAND_N1:
	case PK_OPERAND_N4:
	case PK_OPERAND_N8:
		put_counted(vm, op, out);
		return;
	case PK_OPERAND_LINE:
		put_text(vm, &op->data, "", out);
		return;
	case PK_OPERAND_LINE2:
		put_text(vm, &op->data, "", out);
		pk_buf_putc(out, ' ');
		put_text(vm, &op->second, "", out);
		return;
	}
}

/* ---- a line of text ---- */

static bool has_remark(const struct pk_listed_op *line)
{
	return line->what.len || line->mark_known || line->stops;
}

void pk_list_line(struct pk_lister *l, struct pk_vm *vm,
		  const struct pk_listed_op *line)
{
	const unsigned depth = line->depth - line->depth_less;
	struct pk_buf operand = { 0 };

	paint(l, DIM);
	pk_buf_printf(&l->out, "%8" PRIu64, line->op->off);
	paint(l, OFF);
	pk_buf_printf(&l->out, "  %*s",
		      2 * (int)(depth < INDENT_MAX ? depth : INDENT_MAX), "");
	pk_list_operand(vm, line->op, &operand);
	paint(l, BOLD);
	pk_buf_printf(&l->out, "%-*s",
		      operand.len || has_remark(line) ? NAME_COLUMN : 0,
		      pk_op_infos[line->op->code].name);
	paint(l, OFF);
	if (operand.len)
		pk_buf_putc(&l->out, ' ');
	pk_buf_put(&l->out, operand.p, operand.len);
	pk_buf_release(&operand);
}

void pk_list_remark(struct pk_lister *l, const struct pk_listed_op *line)
{
	const bool bad = line->stops ||
			 (line->class && strcmp(line->class, "safe") != 0 &&
			  strcmp(line->class, "library") != 0);

	if (!has_remark(line))
		return;
	paint(l, bad ? RED : DIM);
	pk_buf_puts(&l->out, "  ;");
	if (line->mark_known)
		pk_buf_printf(&l->out, " MARK at %" PRIu64 "%s", line->mark,
			      line->what.len || line->stops ? "," : "");
	if (line->what.len) {
		pk_buf_putc(&l->out, ' ');
		pk_list_cut(&l->out, &line->what, REMARK_SHOWN);
	}
	if (line->stops)
		pk_buf_printf(&l->out, "%s %s", line->what.len ? ";" : "",
			      line->stops);
	paint(l, OFF);
}

/* ---- JSON ---- */

static void json_operand(struct pk_lister *l, struct pk_vm *vm,
			 const struct pk_op *op)
{
	const enum pk_operand kind = pk_op_infos[op->code].operand;
	struct pk_buf text = { 0 };
	bool all = true;

	if (kind >= PK_OPERAND_U1 && kind <= PK_OPERAND_U8) {
		pk_json_uint(&l->j, "operand", op->value);
	} else if (kind >= PK_OPERAND_N1 && !is_number(op)) {
		all = fetch(vm, &op->data, TEXT_JSON, &text);
		if (kind == PK_OPERAND_LINE2) {
			pk_buf_putc(&text, ' ');
			all = fetch(vm, &op->second, TEXT_JSON, &text) && all;
		}
		pk_json_bytes(&l->j, "operand", pk_buf_span(&text));
	} else if (kind != PK_OPERAND_NONE) {
		pk_list_operand(vm, op, &text);
		pk_json_bytes(&l->j, "operand", pk_buf_span(&text));
	}
	if (kind >= PK_OPERAND_N1 && kind <= PK_OPERAND_N8)
		pk_json_uint(&l->j, "length", op->value);
	if (!all)
		pk_json_bool(&l->j, "cut", true);
	pk_buf_release(&text);
}

static void json_import(struct pk_lister *l, const struct pk_listed_op *line)
{
	const struct pk_vm_global *g = line->import;

	pk_json_object(&l->j, "import");
	if (!g->computed) {
		pk_json_bytes(&l->j, "module", g->module);
		pk_json_bytes(&l->j, "name", g->name);
	}
	pk_json_str(&l->j, "class", line->class);
	pk_json_close(&l->j);
}

void pk_list_json(struct pk_lister *l, struct pk_vm *vm,
		  const struct pk_listed_op *line)
{
	pk_json_uint(&l->j, "offset", line->op->off);
	pk_json_str(&l->j, "opcode", pk_op_infos[line->op->code].name);
	json_operand(l, vm, line->op);
	pk_json_uint(&l->j, "depth", line->depth - line->depth_less);
	if (line->mark_known)
		pk_json_uint(&l->j, "mark", line->mark);
	if (line->import)
		json_import(l, line);
	if (line->what.len)
		pk_json_bytes(&l->j, "does", pk_buf_span(&line->what));
	if (line->stops)
		pk_json_str(&l->j, "stops", line->stops);
}

/* ---- opcodes ---- */

static void opcodes_op(struct pk_lister *l, struct pk_vm *vm,
		       const struct pk_listed_op *line)
{
	if (l->json) {
		pk_json_inline(&l->j);
		pk_json_object(&l->j, NULL);
		pk_list_json(l, vm, line);
		pk_json_close(&l->j);
		return;
	}
	pk_list_line(l, vm, line);
	pk_list_remark(l, line);
	pk_buf_putc(&l->out, '\n');
}

const struct pk_list_view pk_list_opcodes = {
	.schema = "picket.disasm/1",
	.op = opcodes_op,
};

/* ---- steps ---- */

static void put_value(struct pk_vm *vm, pk_value v, struct pk_buf *out)
{
	struct pk_buf text = { 0 };

	if (pk_value_kind(v) == PK_V_MARK)
		pk_buf_puts(&text, "MARK");
	else
		pk_pickle_print(vm, v, &text);
	pk_list_cut(out, &text, VALUE_SHOWN);
	pk_buf_release(&text);
}

static size_t first_shown(const struct pk_vm *vm)
{
	return vm->sp > VALUES_SHOWN ? vm->sp - VALUES_SHOWN : 0;
}

static void text_stack(struct pk_lister *l, struct pk_vm *vm)
{
	pk_buf_printf(&l->out, "%10sstack %zu: ", "", vm->sp);
	if (first_shown(vm))
		pk_buf_puts(&l->out, "... | ");
	for (size_t i = first_shown(vm); i < vm->sp; i++) {
		if (i > first_shown(vm))
			pk_buf_puts(&l->out, " | ");
		put_value(vm, vm->stack[i], &l->out);
	}
	pk_buf_putc(&l->out, '\n');
}

/* The memo's entries are numbered as they come: the last few of them. */
static uint64_t first_entry(const struct pk_vm *vm)
{
	return vm->memo.count > VALUES_SHOWN ? vm->memo.count - VALUES_SHOWN
					     : 0;
}

static void text_memo(struct pk_lister *l, struct pk_vm *vm)
{
	pk_value v;

	pk_buf_printf(&l->out, "%10smemo  %" PRIu64 ":", "", vm->memo.count);
	for (uint64_t i = first_entry(vm); i < vm->memo.count; i++) {
		if (!pk_memo_get(&vm->memo, i, &v))
			continue;
		pk_buf_printf(&l->out, " [%" PRIu64 "] ", i);
		put_value(vm, v, &l->out);
	}
	pk_buf_putc(&l->out, '\n');
}

static void json_value(struct pk_lister *l, struct pk_vm *vm, const char *key,
		       pk_value v)
{
	struct pk_buf text = { 0 };

	put_value(vm, v, &text);
	pk_json_bytes(&l->j, key, pk_buf_span(&text));
	pk_buf_release(&text);
}

static void json_state(struct pk_lister *l, struct pk_vm *vm)
{
	char key[24];
	pk_value v;

	pk_json_uint(&l->j, "stack_size", vm->sp);
	pk_json_array(&l->j, "stack");
	for (size_t i = first_shown(vm); i < vm->sp; i++)
		json_value(l, vm, NULL, vm->stack[i]);
	pk_json_close(&l->j);
	pk_json_uint(&l->j, "memo_size", vm->memo.count);
	pk_json_object(&l->j, "memo");
	for (uint64_t i = first_entry(vm); i < vm->memo.count; i++) {
		(void)snprintf(key, sizeof(key), "%" PRIu64, i);
		if (pk_memo_get(&vm->memo, i, &v))
			json_value(l, vm, key, v);
	}
	pk_json_close(&l->j);
}

static void steps_op(struct pk_lister *l, struct pk_vm *vm,
		     const struct pk_listed_op *line)
{
	if (l->json) {
		pk_json_inline(&l->j);
		pk_json_object(&l->j, NULL);
		pk_list_json(l, vm, line);
		json_state(l, vm);
		pk_json_close(&l->j);
		return;
	}
	opcodes_op(l, vm, line);
	text_stack(l, vm);
	if (vm->memo.count)
		text_memo(l, vm);
}

const struct pk_list_view pk_list_steps = {
	.schema = "picket.trace/1",
	.op = steps_op,
};
