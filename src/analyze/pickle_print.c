/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_print.h"

#include <inttypes.h>

#include "analyze/pickle_number.h"
#include "core/utf8.h"

enum {
	TEXT_SHOWN = 120, /* bytes of one string */
	NAME_SHOWN = 200,
	ITEMS_SHOWN = 6,
	DEPTH_SHOWN = 4,
	TOTAL_SHOWN = 400, /* then nothing more is opened */
};

struct printer {
	struct pk_vm *vm;
	struct pk_buf *out;
	unsigned depth;
};

static void print(struct printer *p, pk_value v);

static void print_text(struct printer *p, pk_value v, const char *prefix)
{
	struct pk_buf text = { 0 };
	char quote = '\'';

	(void)pk_vm_text(p->vm, v, TEXT_SHOWN + 1, &text);
	if (text.len && memchr(text.p, quote, text.len))
		quote = '"'; /* as Python does */
	pk_buf_puts(p->out, prefix);
	pk_buf_putc(p->out, quote);
	pk_utf8_escape(p->out, pk_buf_span(&text), TEXT_SHOWN);
	pk_buf_putc(p->out, quote);
	pk_buf_release(&text);
}

static void print_items(struct printer *p, pk_value v, const char *open,
			const char *close)
{
	const uint64_t n = pk_vm_count(p->vm, v);
	const bool dict = pk_value_kind(v) == PK_V_DICT;

	pk_buf_puts(p->out, open);
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			pk_buf_puts(p->out, dict && i % 2 ? ": " : ", ");
		if (n == UINT64_MAX || i == ITEMS_SHOWN * (dict ? 2 : 1) ||
		    p->out->len > TOTAL_SHOWN) {
			pk_buf_puts(p->out, "...");
			break;
		}
		print(p, pk_vm_kid(p->vm, v, i));
	}
	if (n == 1 && pk_value_kind(v) == PK_V_TUPLE)
		pk_buf_putc(p->out, ',');
	pk_buf_puts(p->out, close);
}

/* A call's arguments in its parentheses. */
static void print_args(struct printer *p, pk_value args)
{
	if (pk_value_kind(args) == PK_V_TUPLE &&
	    pk_vm_count(p->vm, args) == 1) {
		pk_buf_putc(p->out, '(');
		print(p, pk_vm_kid(p->vm, args, 0));
		pk_buf_putc(p->out, ')');
	} else if (pk_value_kind(args) == PK_V_TUPLE) {
		print_items(p, args, "(", ")");
	} else {
		pk_buf_puts(p->out, "(*");
		print(p, args);
		pk_buf_putc(p->out, ')');
	}
}

static void print_object(struct printer *p, pk_value v)
{
	const struct pk_node *node = pk_node_of(&p->vm->nodes, v);
	const struct pk_vm_global *cls = pk_vm_class_of(p->vm, v);

	if (node)
		print(p, node->a);
	else if (cls)
		pk_pickle_print_global(cls, p->out);
	else
		pk_buf_puts(p->out, "<result>");
	if (node && pk_value_kind(node->b) == PK_V_TUPLE)
		print_args(p, node->b);
	else
		pk_buf_puts(p->out, "(...)");
}

static void print_nested(struct printer *p, pk_value v)
{
	switch ((unsigned)pk_value_kind(v)) {
	case PK_V_TUPLE:
		print_items(p, v, "(", ")");
		break;
	case PK_V_LIST:
		print_items(p, v, "[", "]");
		break;
	case PK_V_DICT:
		print_items(p, v, "{", "}");
		break;
	case PK_V_SET:
	case PK_V_FROZENSET:
		print_items(p, v, "set(", ")");
		break;
	case PK_V_OBJECT:
		print_object(p, v);
		break;
	default:
		pk_buf_puts(p->out, "<persistent object>");
	}
}

static void print(struct printer *p, pk_value v)
{
	switch (pk_value_kind(v)) {
	case PK_V_NONE:
		pk_buf_puts(p->out, "None");
		return;
	case PK_V_BOOL:
		pk_buf_puts(p->out, pk_value_payload(v) ? "True" : "False");
		return;
	case PK_V_INT:
		pk_buf_printf(p->out, "%" PRId64, pk_value_int(v));
		return;
	case PK_V_NUMBER:
		(void)pk_pickle_print_number(p->vm, pk_value_offset(v), p->out);
		return;
	case PK_V_STR:
	case PK_V_TEXT:
		print_text(p, v, "");
		return;
	case PK_V_BYTES:
	case PK_V_BYTEARRAY:
		print_text(p, v, "b");
		return;
	case PK_V_GLOBAL:
		pk_pickle_print_global(pk_vm_global_of(p->vm, v), p->out);
		return;
	case PK_V_TUPLE:
	case PK_V_LIST:
	case PK_V_DICT:
	case PK_V_SET:
	case PK_V_FROZENSET:
	case PK_V_OBJECT:
	case PK_V_PERSISTENT:
		if (p->depth == DEPTH_SHOWN || p->out->len > TOTAL_SHOWN) {
			pk_buf_puts(p->out, "...");
			return;
		}
		p->depth++;
		print_nested(p, v);
		p->depth--;
		return;
	case PK_V_UNKNOWN:
	case PK_V_MARK:
		pk_buf_puts(p->out, "<unknown>");
	}
}

void pk_pickle_print(struct pk_vm *vm, pk_value v, struct pk_buf *out)
{
	struct printer p = { .vm = vm, .out = out };

	print(&p, v);
}

void pk_pickle_print_global(const struct pk_vm_global *g, struct pk_buf *out)
{
	if (g->computed) {
		pk_buf_puts(out, "<computed name>");
		return;
	}
	pk_utf8_escape(out, g->module, NAME_SHOWN);
	pk_buf_putc(out, '.');
	pk_utf8_escape(out, g->name, NAME_SHOWN);
}

void pk_pickle_print_call(struct pk_vm *vm, const struct pk_vm_call *c,
			  struct pk_buf *out)
{
	struct printer p = { .vm = vm, .out = out };

	print(&p, c->callee);
	print_args(&p, c->args);
}
