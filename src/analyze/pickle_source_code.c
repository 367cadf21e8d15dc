/* SPDX-License-Identifier: Apache-2.0 */
/* Code that a pickle carries in marshal form: what it is called, which names
 * and constants it uses, as remarks under the call that takes it. */
#include <inttypes.h>

#include "analyze/pickle_source.h"
#include "codec/marshal.h"
#include "core/utf8.h"

enum {
	BYTES_READ = 1 << 20, /* of one constant */
	CODES_SHOWN = 32,
	ITEMS_SHOWN = 24, /* names, constants */
	TEXT_SHOWN = 60,
};

static void put_item(struct pk_buf *out, const struct pk_mvalue *v, bool quoted)
{
	struct pk_span s = v->text;
	const bool cut = s.len > TEXT_SHOWN;

	if (cut)
		s.len = TEXT_SHOWN;
	if (!quoted)
		pk_utf8_escape(out, v->text, TEXT_SHOWN);
	else
		pk_source_str(out, s, v->kind == PK_M_BYTES);
	if (cut && quoted)
		pk_buf_puts(out, "...");
}

static void put_items(struct pk_source_text *t, const char *what,
		      const struct pk_mvalue *list, bool quoted)
{
	unsigned shown = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct pk_mvalue *v = &list->items[i];

		if (v->kind != PK_M_TEXT && v->kind != PK_M_BYTES)
			continue;
		if (shown++ == ITEMS_SHOWN) {
			pk_source_put(t, ", ...");
			break;
		}
		pk_buf_printf(t->out, "%s%s", shown == 1 ? "#   " : ", ",
			      shown == 1 ? what : "");
		put_item(t->out, v, quoted);
	}
	pk_source_put(t, shown ? "\n" : "");
}

static void put_codes(struct pk_source_text *t, const struct pk_marshal *m)
{
	unsigned shown = 0;

	for (const struct pk_code *c = m->codes; c; c = c->next) {
		if (shown++ == CODES_SHOWN) {
			pk_source_put(t, "# ... and more code\n");
			return;
		}
		pk_source_put(t, "# code ");
		pk_utf8_escape(t->out, c->name, TEXT_SHOWN);
		pk_source_put(t, " of ");
		pk_utf8_escape(t->out, c->file, TEXT_SHOWN);
		pk_buf_printf(t->out, ", line %" PRIu32 ", for Python %s\n",
			      c->line, m->python ? m->python : "?");
		put_items(t, "names: ", &c->names, false);
		put_items(t, "constants: ", &c->consts, true);
	}
}

static void explain(struct pk_source_text *t, pk_value v)
{
	struct pk_buf bytes = { 0 };
	struct pk_marshal m;

	if (pk_value_kind(v) != PK_V_BYTES ||
	    !pk_vm_text(t->g.vm, v, BYTES_READ, &bytes))
		return;
	if (pk_marshal_may_be_code(pk_buf_span(&bytes)) &&
	    pk_marshal_read(pk_buf_span(&bytes), &t->judge.scan->arena, &m))
		put_codes(t, &m);
	pk_buf_release(&bytes);
}

void pk_source_explain_code(struct pk_source_text *t, const struct pk_deed *d)
{
	const uint64_t n = pk_value_kind(d->a) == PK_V_TUPLE
				   ? pk_vm_count(t->g.vm, d->a)
				   : 0;

	for (uint64_t i = 0; i < n && i < ITEMS_SHOWN; i++)
		explain(t, pk_vm_kid(t->g.vm, d->a, i));
}
