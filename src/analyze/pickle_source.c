/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_source.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyze/pickle_joblib.h"
#include "analyze/pickle_step.h"
#include "core/utf8.h"

enum {
	FLUSH_AT = 32 * 1024,
	TICK = 1 << 16,                /* opcodes between looks at the clock */
	NAMES_SHOWN = 8,               /* of one module, in a remark */
	SOURCE_MAX = 64 * 1024 * 1024, /* of one JSON string */
};

/* ---- statements ---- */

static void flush(struct pk_source_text *t)
{
	struct pk_lister *l = t->l;

	if (l->json || t->out->len < FLUSH_AT)
		return;
	l->failed |=
		!pk_buf_ok(t->out) || !l->write(l->ctx, t->out->p, t->out->len);
	t->out->len = 0;
	t->line = 0;
}

static void begin_line(struct pk_source_text *t)
{
	flush(t);
	t->line = t->out->len;
}

void pk_source_end(struct pk_source_text *t, uint64_t off, const char *remark)
{
	pk_buf_printf(t->out, "  # byte %" PRIu64 "%s%s\n", off,
		      remark ? ": " : "", remark ? remark : "");
	begin_line(t);
}

static void end_plain(struct pk_source_text *t)
{
	pk_source_put(t, "\n");
	begin_line(t);
}

static bool is_named(const struct pk_source_text *t, pk_value v)
{
	const struct pk_source_node *n = pk_source_node(t, v);

	return n && n->flags & PK_SOURCE_NAMED;
}

void pk_source_enter(struct pk_source_text *t, pk_value v)
{
	const enum pk_kind kind = pk_value_kind(v);

	if (!(pk_source_node(t, v)->flags & PK_SOURCE_CYCLE))
		return;
	pk_source_name(t, v);
	pk_source_put(t, kind == PK_V_LIST   ? " = []"
			 : kind == PK_V_DICT ? " = {}"
					     : " = set()");
	end_plain(t);
}

static void fill(struct pk_source_text *t, pk_value v)
{
	const enum pk_kind kind = pk_value_kind(v);

	pk_source_name(t, v);
	pk_source_put(t, kind == PK_V_LIST ? ".extend(" : ".update(");
	pk_source_display(t, v);
	pk_source_put(t, ")");
	end_plain(t);
}

/* What holds itself is filled once all that it holds has a name. */
static void remember_cycle(struct pk_source_text *t, pk_value v)
{
	const size_t cap = t->pending_cap ? t->pending_cap * 2 : 16;
	uint64_t *p = t->pending;

	if (t->pending_n == t->pending_cap) {
		p = realloc(t->pending, cap * sizeof(*p));
		if (!p) {
			t->failed = true;
			return;
		}
		t->pending = p;
		t->pending_cap = cap;
	}
	p[t->pending_n++] = v;
}

void pk_source_leave(struct pk_source_text *t, pk_value v)
{
	if (pk_source_node(t, v)->flags & PK_SOURCE_CYCLE) {
		remember_cycle(t, v);
	} else if (is_named(t, v)) {
		pk_source_name(t, v);
		pk_source_put(t, " = ");
		pk_source_display(t, v);
		end_plain(t);
	}
}

/* Everything that an expression for v refers to is there. */
static void prepare(struct pk_source_text *t, pk_value v)
{
	pk_source_walk(t, v);
	for (size_t i = 0; i < t->pending_n; i++)
		fill(t, t->pending[i]);
	t->pending_n = 0;
}

static const char *remark_of(struct pk_source_text *t, pk_value callee,
			     struct pk_buf *text)
{
	const struct pk_vm_global *g = pk_vm_global_of(t->g.vm, callee);
	struct pk_span module, name;
	struct pk_global verdict;

	if (!g)
		return pk_source_is_object(callee)
			       ? "calls the result of a call"
			       : "calls what is no import";
	if (g->computed)
		return "the name is computed";
	pk_source_import_of(g, &module, &name);
	verdict = pk_global_classify(module, name);
	if (verdict.class == PK_IMPORT_SAFE ||
	    verdict.class == PK_IMPORT_LIBRARY)
		return NULL;
	pk_buf_printf(text, "%s, %s", pk_import_class_name(verdict.class),
		      verdict.reason);
	return pk_buf_str(text);
}

static void call_statement(struct pk_source_text *t, const struct pk_deed *d)
{
	const struct pk_source_node *n = pk_source_node(t, d->v);
	struct pk_buf text = { 0 };

	prepare(t, d->callee);
	prepare(t, d->a);
	prepare(t, d->b);
	if (n && n->flags & (PK_SOURCE_INLINE | PK_SOURCE_ARRAY))
		return;
	if (n && (n->refs || pk_graph_deed_of(&t->g, d->v, 1))) {
		pk_source_name(t, d->v);
		pk_source_put(t, " = ");
	}
	pk_source_call(t, d);
	pk_source_end(t, d->off,
		      d->kind == PK_DEED_PERSISTENT
			      ? "asked of the loader"
			      : remark_of(t, d->callee, &text));
	pk_source_explain_code(t, d);
	begin_line(t);
	pk_buf_release(&text);
}

static void build_statement(struct pk_source_text *t, const struct pk_deed *d)
{
	const struct pk_source_node *n = pk_source_node(t, d->v);
	const bool object = pk_source_is_object(d->v);

	prepare(t, d->v);
	prepare(t, d->a);
	if (n && n->flags & PK_SOURCE_ARRAY) {
		if (n->flags & PK_SOURCE_INLINE)
			return;
		pk_source_name(t, d->v);
		pk_source_put(t, " = ");
		(void)pk_source_array(t, d->v);
		pk_source_end(t, d->off, NULL);
		return;
	}
	pk_source_put(t, "_set_state(");
	pk_source_expr(t, d->v);
	pk_source_put(t, ", ");
	pk_source_expr(t, d->a);
	pk_source_put(t, ")");
	pk_source_end(t, d->off,
		      object ? NULL
			     : "writes into what is no object of its own");
}

/* What an opcode calls on an object that is none of the stream's own
 * containers. */
static void fill_statement(struct pk_source_text *t, const struct pk_deed *d)
{
	const uint64_t n = pk_vm_count(t->g.vm, d->a);
	const bool pairs =
		d->code == PK_OP_SETITEM || d->code == PK_OP_SETITEMS;

	prepare(t, d->v);
	prepare(t, d->a);
	for (uint64_t i = 0; i + pairs < n; i += 1U + pairs) {
		pk_source_expr(t, d->v);
		pk_source_put(t, pairs                       ? "["
				 : d->code == PK_OP_ADDITEMS ? ".add("
							     : ".append(");
		pk_source_expr(t, pk_vm_kid(t->g.vm, d->a, i));
		pk_source_put(t, pairs ? "] = " : ")");
		if (pairs)
			pk_source_expr(t, pk_vm_kid(t->g.vm, d->a, i + 1));
		pk_source_end(t, d->off, NULL);
	}
}

static void grow_statement(struct pk_source_text *t, const struct pk_deed *d)
{
	const enum pk_kind kind = pk_value_kind(d->v);
	struct pk_source_node *n = pk_source_node(t, d->v);

	if (!n)
		return;
	n->have = d->from + d->n;
	if (!(n->flags & PK_SOURCE_WRITTEN))
		return; /* it comes whole, where it is used first */
	for (uint64_t i = d->from; i < n->have; i++)
		prepare(t, pk_vm_kid(t->g.vm, d->v, i));
	for (uint64_t i = d->from; i + (kind == PK_V_DICT) < n->have;
	     i += kind == PK_V_DICT ? 2 : 1) {
		pk_source_name(t, d->v);
		pk_source_put(t, kind == PK_V_DICT  ? "["
				 : kind == PK_V_SET ? ".add("
						    : ".append(");
		pk_source_expr(t, pk_vm_kid(t->g.vm, d->v, i));
		pk_source_put(t, kind == PK_V_DICT ? "] = " : ")");
		if (kind == PK_V_DICT)
			pk_source_expr(t, pk_vm_kid(t->g.vm, d->v, i + 1));
		end_plain(t);
	}
}

/* Only of names that are no constants: the others stand at the top. */
static void import_statement(struct pk_source_text *t, const struct pk_deed *d)
{
	const struct pk_vm_global *g = pk_vm_global_of(t->g.vm, d->v);

	if (!g->computed)
		return;
	prepare(t, d->a);
	prepare(t, d->b);
	t->last_name = ++t->names;
	pk_buf_printf(t->out, "v%u = _import(", t->last_name);
	pk_source_expr(t, d->a);
	pk_source_put(t, ", ");
	pk_source_expr(t, d->b);
	pk_source_put(t, ")");
	pk_source_end(t, d->off, "the name is computed");
}

static void statement(struct pk_source_text *t, const struct pk_deed *d)
{
	switch (d->kind) {
	case PK_DEED_CALL:
	case PK_DEED_PERSISTENT:
		call_statement(t, d);
		return;
	case PK_DEED_BUILD:
		build_statement(t, d);
		return;
	case PK_DEED_FILL:
		fill_statement(t, d);
		return;
	case PK_DEED_GROW:
		grow_statement(t, d);
		return;
	case PK_DEED_IMPORT:
		import_statement(t, d);
		return;
	case PK_DEED_EXTENSION:
		return;
	}
}

void pk_source_statements(struct pk_source_text *t)
{
	t->writing = true;
	for (size_t i = 0; i < t->g.n && !t->failed && !t->l->failed; i++)
		statement(t, &t->g.deeds[i]);
}

static void result_statement(struct pk_source_text *t)
{
	prepare(t, t->g.root);
	pk_source_put(t, "result = ");
	pk_source_expr(t, t->g.root);
	end_plain(t);
}

/* ---- what stands at the top ---- */

static bool same_module(const struct pk_source_text *t, size_t i, size_t k)
{
	struct pk_span a, b, name;

	pk_source_import_of(&t->g.vm->globals[i], &a, &name);
	pk_source_import_of(&t->g.vm->globals[k], &b, &name);
	return !t->g.vm->globals[i].computed && !t->g.vm->globals[k].computed &&
	       pk_span_eq(a, b);
}

static void put_names(struct pk_source_text *t, size_t first)
{
	unsigned shown = 0;

	for (size_t i = first; i < t->g.vm->global_n; i++) {
		struct pk_span module, name;
		struct pk_global verdict;

		if (!same_module(t, first, i))
			continue;
		if (shown++ == NAMES_SHOWN) {
			pk_source_put(t, ", ...");
			return;
		}
		pk_source_import_of(&t->g.vm->globals[i], &module, &name);
		verdict = pk_global_classify(module, name);
		pk_source_put(t, shown == 1 ? "  # " : ", ");
		pk_utf8_escape(t->out, name, 80);
		pk_buf_printf(t->out, " (%s)",
			      pk_import_class_name(verdict.class));
	}
}

static void put_import(struct pk_source_text *t, size_t i)
{
	struct pk_span module, name;

	for (size_t k = 0; k < i; k++) {
		if (same_module(t, i, k))
			return;
	}
	pk_source_import_of(&t->g.vm->globals[i], &module, &name);
	if (pk_source_is_dotted(module)) {
		pk_source_put(t, "import ");
		pk_buf_put(t->out, module.p, module.len);
	} else {
		pk_source_put(t, "# import ");
		pk_utf8_escape(t->out, module, 80);
	}
	put_names(t, i);
	end_plain(t);
}

/* What the text uses and Python does not have. */
static const char import_helper[] =
	"\n\ndef _import(module, name):\n"
	"    import functools, importlib\n"
	"    return functools.reduce(getattr, name.split('.'),\n"
	"                            importlib.import_module(module))\n";
static const char state_helper[] =
	"\n\ndef _set_state(obj, state):\n"
	"    if hasattr(obj, '__setstate__'):\n"
	"        obj.__setstate__(state)\n"
	"        return\n"
	"    slots = None\n"
	"    if isinstance(state, tuple) and len(state) == 2:\n"
	"        state, slots = state\n"
	"    if state:\n"
	"        obj.__dict__.update(state)\n"
	"    for key, value in (slots or {}).items():\n"
	"        setattr(obj, key, value)\n";

/* Whether some import has no name that can be written down. */
static bool needs_import(const struct pk_source_text *t)
{
	for (size_t i = 0; i < t->g.vm->global_n; i++) {
		const struct pk_vm_global *g = &t->g.vm->globals[i];
		struct pk_span module, name;

		pk_source_import_of(g, &module, &name);
		if (g->computed || !pk_source_is_dotted(module) ||
		    !pk_source_is_dotted(name))
			return true;
	}
	return false;
}

/* Whether something but an array, which is one line, has its state set. */
static bool needs_state(const struct pk_source_text *t)
{
	for (size_t i = 0; i < t->g.n; i++) {
		const struct pk_deed *d = &t->g.deeds[i];
		const struct pk_source_node *n = pk_source_node(t, d->v);

		if (d->kind == PK_DEED_BUILD &&
		    !(n && n->flags & PK_SOURCE_ARRAY))
			return true;
	}
	return false;
}

static bool has_deed(const struct pk_source_text *t, enum pk_deed_kind kind)
{
	for (size_t i = 0; i < t->g.n; i++) {
		if (t->g.deeds[i].kind == kind)
			return true;
	}
	return false;
}

static void put_top(struct pk_source_text *t)
{
	enum { IMPORTS_SHOWN = 2000 };
	const size_t n = t->g.vm->global_n;

	for (size_t i = 0; i < n && i < IMPORTS_SHOWN; i++) {
		if (!t->g.vm->globals[i].computed)
			put_import(t, i);
	}
	const bool import = needs_import(t), state = needs_state(t);

	if (import)
		pk_source_put(t, import_helper);
	if (state)
		pk_source_put(t, state_helper);
	pk_source_put(t, import || state ? "\n\n" : n ? "\n" : "");
	if (has_deed(t, PK_DEED_PERSISTENT))
		pk_source_put(t, "# _persistent(id): what the loader returns "
				 "for the id\n"
				 "# _tensor(type, ...): a tensor that PyTorch "
				 "builds over a storage of the file\n");
	begin_line(t);
}

/* ---- a stretch ---- */

/* What a computed import is made of is on the stack only before it. */
static bool on_step(struct pk_graph *g)
{
	struct pk_source_text *t = g->user;
	const struct pk_vm *vm = g->vm;

	if (vm->op.code == PK_OP_STACK_GLOBAL && pk_vm_depth(vm) >= 2) {
		t->module = vm->stack[vm->sp - 2];
		t->attribute = vm->stack[vm->sp - 1];
	}
	return vm->ops % TICK || !pk_out_of_budget(t->judge.scan);
}

static bool on_deed(struct pk_graph *g, const struct pk_deed *d)
{
	struct pk_source_text *t = g->user;
	struct pk_deed *mine = &g->deeds[g->n - 1];

	if (d->kind == PK_DEED_IMPORT &&
	    pk_vm_global_of(g->vm, d->v)->computed) {
		mine->a = t->module;
		mine->b = t->attribute;
	}
	if (d->kind == PK_DEED_BUILD)
		return pk_joblib_on_build(&t->judge, d->v, d->a);
	return true;
}

static const char *why_ended(enum pk_load end)
{
	switch (end) {
	case PK_LOAD_STOP:
		return NULL;
	case PK_LOAD_EOF:
		return "the data end before the STOP";
	case PK_LOAD_LIMIT:
		return "there was no memory for what follows";
	case PK_LOAD_BROKEN:
	case PK_LOAD_ABORTED:
		break;
	}
	return "every unpickler stops here";
}

static void write_pickle(struct pk_source_text *t, enum pk_load end)
{
	pk_source_plan(t);
	put_top(t);
	pk_source_statements(t);
	if (end == PK_LOAD_STOP && !t->failed) {
		result_statement(t);
		return;
	}
	pk_buf_printf(t->out, "# byte %" PRIu64 ": %s\n", t->g.vm->op.off,
		      end == PK_LOAD_STOP ? "no memory for more"
					  : why_ended(end));
}

static void json_imports(struct pk_source_text *t)
{
	pk_json_array(&t->l->j, "imports");
	for (size_t i = 0; i < t->g.vm->global_n; i++) {
		const struct pk_vm_global *g = &t->g.vm->globals[i];
		struct pk_span module, name;

		if (g->computed)
			continue;
		pk_source_import_of(g, &module, &name);
		pk_json_inline(&t->l->j);
		pk_json_object(&t->l->j, NULL);
		pk_json_bytes(&t->l->j, "module", module);
		pk_json_bytes(&t->l->j, "name", name);
		pk_json_str(&t->l->j, "class",
			    pk_import_class_name(
				    pk_global_classify(module, name).class));
		pk_json_close(&t->l->j);
	}
	pk_json_close(&t->l->j);
}

/* One pickle; true when it reached its STOP. */
static bool one_pickle(struct pk_source_text *t)
{
	struct pk_lister *l = t->l;
	const char *member = pk_member(t->judge.scan);
	const uint64_t off = pk_vm_offset(t->g.vm);
	const enum pk_load end = pk_graph_load(&t->g);
	struct pk_buf source = { .max = SOURCE_MAX };

	l->streams++;
	t->out = l->json ? &source : &l->out;
	if (!l->json)
		pk_buf_printf(t->out,
			      "%s# pickle %u%s%s, at byte %" PRIu64 "\n",
			      l->streams > 1 ? "\n" : "", l->streams,
			      member ? " in " : "", member ? member : "", off);
	write_pickle(t, end);
	if (l->json) {
		pk_json_object(&l->j, NULL);
		if (member)
			pk_json_str(&l->j, "member", member);
		else
			pk_json_null(&l->j, "member");
		pk_json_uint(&l->j, "offset", off);
		json_imports(t);
		pk_json_bytes(&l->j, "source", pk_buf_span(&source));
		pk_json_bool(&l->j, "complete", end == PK_LOAD_STOP);
		pk_json_close(&l->j);
		t->failed |= !pk_buf_ok(&source);
	}
	pk_buf_release(&source);
	return end == PK_LOAD_STOP && !t->failed;
}

static void release(struct pk_source_text *t)
{
	struct pk_meter *meter = t->g.vm ? t->g.vm->meter : NULL;

	if (meter) {
		pk_meter_give(meter, t->node_n * sizeof(*t->nodes));
		pk_meter_give(meter, t->walk_cap * sizeof(*t->walk));
	}
	free(t->nodes);
	free(t->walk);
	free(t->pending);
	pk_graph_release(&t->g);
}

/* Each pickle has a graph of its own: a memo lives no longer either. */
static bool write_at(struct pk_lister *l, struct pk_scan *s, uint64_t off,
		     uint64_t stop, uint64_t *ret_end)
{
	struct pk_source_text t = { .l = l, .judge.scan = s };
	bool whole = false;

	if (pk_graph_init(&t.g, &s->job->meter)) {
		t.g.log_grows = true;
		t.g.on_deed = on_deed;
		t.g.on_step = on_step;
		t.g.user = &t;
		t.judge.vm = t.g.vm;
		pk_graph_begin(
			&t.g,
			pk_cursor_open(s->bytes, off, stop - off, &s->arena),
			PK_READ_JOBLIB);
		whole = one_pickle(&t);
		*ret_end = pk_vm_offset(t.g.vm);
	}
	release(&t);
	return whole;
}

bool pk_source_write(struct pk_lister *l, struct pk_scan *s,
		     const struct pk_stretch *where)
{
	uint64_t off = where->off;

	for (unsigned left = where->loads + where->broken; left; left--) {
		if (!write_at(l, s, off, where->stop, &off) || l->failed)
			return false;
	}
	return true;
}
