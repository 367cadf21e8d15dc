/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_judge.h"

#include <stdarg.h>
#include <stdio.h>

#include "analyze/pickle_args.h"
#include "analyze/pickle_names.h"
#include "analyze/pickle_print.h"
#include "analyze/pickle_text.h"
#include "analyze/torch_zip.h"
#include "core/utf8.h"

/* ---- reporting ---- */

void pk_judge_report(struct pk_judge *j, enum pk_rule rule,
		     enum pk_severity severity, uint64_t off,
		     const char *evidence, const char *fmt, ...)
{
	struct pk_report r = { .rule = rule,
			       .severity = severity,
			       .off = off,
			       .len = 1,
			       .evidence = evidence };
	char message[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (!j->unlikely) {
		pk_report_full(j->scan, &r, "%s", message);
	} else if (severity == PK_CRITICAL &&
		   rule != PK_RULE_PICKLE_COMPUTED_NAME) {
		/* A memo that is not the reader's own mixes up what is on the
		 * stack: an odd operand is no sign of intent there. */
		r.rule = PK_RULE_PICKLE_HIDDEN_PAYLOAD;
		pk_report_full(j->scan, &r, "in another reading: %s", message);
	}
}

/* ---- what names mean ---- */

static bool is_odd_char(uint32_t cp)
{
	return pk_utf8_is_trick(cp) || cp == '/' || cp == '\\' || cp == ':';
}

static bool is_odd_name(struct pk_span s)
{
	if (s.len && (s.p[0] == ' ' || s.p[s.len - 1] == ' '))
		return true;
	for (size_t i = 0; i < s.len;) {
		int32_t cp = pk_utf8_next(s, &i);

		if (cp < 0 || is_odd_char((uint32_t)cp))
			return true;
	}
	return false;
}

static struct pk_global judge_name(const struct pk_vm_global *g,
				   struct pk_import *im)
{
	struct pk_global verdict = pk_global_classify(im->module, im->name);

	if (g->mapped &&
	    pk_global_py3(im->module, im->name, &im->py3_module, &im->py3_name))
		verdict = pk_global_worse(
			verdict,
			pk_global_classify(im->py3_module, im->py3_name));
	if (g->computed)
		verdict.class = PK_IMPORT_COMPUTED;
	return verdict;
}

/* The types of a TorchScript archive are defined by its own code, and its
 * pickles are read by a reader that imports nothing. */
static bool is_own_type(struct pk_judge *j, struct pk_span module)
{
	return j->scan->parent && pk_global_is_torchscript(module) &&
	       pk_torch_zip_of(j->scan->parent).constants;
}

static void note_import(struct pk_judge *j, const struct pk_vm_global *g,
			struct pk_span module, struct pk_span name,
			struct pk_meaning *m)
{
	struct pk_import im = { .module = module,
				.name = name,
				.member = pk_member(j->scan),
				.off = g->off };
	struct pk_global verdict = judge_name(g, &im);

	if (verdict.class == PK_IMPORT_UNKNOWN && is_own_type(j, module))
		verdict.class = PK_IMPORT_LIBRARY;
	im.class = verdict.class;
	m->verdict = m->judged ? pk_global_worse(m->verdict, verdict) : verdict;
	m->judged = true;
	m->entry = pk_job_import(j->scan->job, &im);
}

/* The name as a loader sees it that was told encoding="latin1". */
static void note_latin_reading(struct pk_judge *j, const struct pk_vm_global *g,
			       struct pk_meaning *m)
{
	struct pk_buf module = { 0 }, name = { 0 };

	pk_pickle_latin1(g->module, &module);
	pk_pickle_latin1(g->name, &name);
	if (pk_buf_ok(&module) && pk_buf_ok(&name))
		note_import(j, g,
			    g->latin_module ? pk_buf_span(&module) : g->module,
			    g->latin_name ? pk_buf_span(&name) : g->name, m);
	pk_buf_release(&module);
	pk_buf_release(&name);
}

static const char *show_global(struct pk_judge *j, const struct pk_vm_global *g)
{
	struct pk_buf text = { 0 };
	const char *shown;

	pk_pickle_print_global(g, &text);
	shown = pk_arena_printf(&j->scan->arena, "%s", pk_buf_str(&text));
	pk_buf_release(&text);
	return shown ? shown : "?";
}

struct pk_meaning *pk_judge_meaning(struct pk_judge *j,
				    const struct pk_vm_global *g)
{
	/* The machine's globals are its user's to annotate. */
	struct pk_vm_global *mine = &j->vm->globals[g - j->vm->globals];
	struct pk_meaning *m = mine->meaning;

	if (m)
		return m;
	m = PK_NEW(&j->scan->arena, struct pk_meaning);
	if (!m)
		return NULL;
	mine->meaning = m;
	m->shown = show_global(j, g);
	note_import(j, g, g->module, g->name, m);
	if (g->latin_module || g->latin_name)
		note_latin_reading(j, g, m);
	if (!pk_weights_only_allows(g->module, g->name))
		pk_judge_first(&j->refuses_at, g->off);
	return m;
}

static void say_odd_name(struct pk_judge *j, const struct pk_vm_global *g,
			 const struct pk_meaning *m)
{
	if (!g->computed && (is_odd_name(g->module) || is_odd_name(g->name)))
		pk_judge_report(j, PK_RULE_PICKLE_ODD_NAME, PK_HIGH, g->off,
				m->shown,
				"the imported name %s is not one "
				"that Python code could spell",
				m->shown);
}

static bool on_global(struct pk_vm *vm, struct pk_vm_global *g, uint64_t off)
{
	struct pk_judge *j = vm->user;
	const bool is_new = !g->meaning;
	const struct pk_meaning *m = pk_judge_meaning(j, g);

	j->imports++;
	if (!m)
		return false;
	if (m->entry && m->entry->class > PK_IMPORT_LIBRARY)
		pk_judge_first(&j->imports_at, off);
	if (is_new)
		say_odd_name(j, g, m);
	return true;
}

/* ---- imports that were never called ---- */

bool pk_judge_carries_code(const struct pk_meaning *m)
{
	return m->verdict.category &&
	       strcmp(m->verdict.category, "code-carrier") == 0;
}

static void say_reference(struct pk_judge *j, const struct pk_vm_global *g,
			  const struct pk_meaning *m)
{
	switch (m->verdict.class) {
	case PK_IMPORT_DANGEROUS:
		pk_judge_report(j, PK_RULE_PICKLE_DANGEROUS_IMPORT,
				pk_judge_carries_code(m) ? PK_HIGH
							 : PK_CRITICAL,
				g->off, m->shown,
				"%s is imported when the file is loaded: %s",
				m->shown, m->verdict.reason);
		break;
	case PK_IMPORT_COMPUTED:
		pk_judge_report(j, PK_RULE_PICKLE_COMPUTED_NAME, PK_CRITICAL,
				g->off, NULL,
				"what is imported is computed while loading");
		break;
	case PK_IMPORT_OUTSIDE:
		if (!m->verdict.class_like)
			pk_judge_report(j, PK_RULE_PICKLE_OUTSIDE_IMPORT,
					PK_MEDIUM, g->off, m->shown,
					"%s is imported; no list vouches for "
					"it",
					m->shown);
		break;
	case PK_IMPORT_UNKNOWN:
		pk_judge_report(j, PK_RULE_PICKLE_UNKNOWN_IMPORT, PK_MEDIUM,
				g->off, m->shown,
				"%s is imported from a module nobody knows",
				m->shown);
		break;
	case PK_IMPORT_SAFE:
	case PK_IMPORT_LIBRARY:
		break;
	}
}

void pk_judge_finish(struct pk_judge *j)
{
	for (size_t i = 0; i < j->vm->global_n; i++) {
		const struct pk_vm_global *g = &j->vm->globals[i];
		struct pk_meaning *m = g->meaning;

		if (!m || m->said)
			continue;
		m->said = true;
		if (!m->called)
			say_reference(j, g, m);
	}
}

/* ---- events ---- */

static bool on_call(struct pk_vm *vm, const struct pk_vm_call *c,
		    pk_value *result)
{
	struct pk_judge *j = vm->user;

	j->calls++;
	pk_judge_call(j, c, result);
	return !j->scan->job->meter.exceeded;
}

static const char *show_value(struct pk_judge *j, pk_value v)
{
	struct pk_buf text = { 0 };
	const char *shown;

	pk_pickle_print(j->vm, v, &text);
	shown = pk_arena_printf(&j->scan->arena, "%s", pk_buf_str(&text));
	pk_buf_release(&text);
	return shown ? shown : "?";
}

/* The parts of a BUILD state that become attributes. */
static bool plants_hook(struct pk_judge *j, pk_value state)
{
	const struct pk_node *node = pk_node_of(&j->vm->nodes, state);
	const enum pk_kind kind = pk_value_kind(state);

	if (kind == PK_V_TUPLE && node && node->count == 2)
		return plants_hook(j, pk_vm_kid(j->vm, state, 0)) ||
		       plants_hook(j, pk_vm_kid(j->vm, state, 1));
	if (kind == PK_V_DICT && node)
		return node->flags & PK_NODE_HOOK;
	/* Forgotten, or an object that may be a dict: then any such key in
	 * the stream counts. */
	if (kind == PK_V_DICT || kind == PK_V_OBJECT || kind == PK_V_UNKNOWN)
		return j->vm->hook_seen;
	return false;
}

static bool has_computed_keys(struct pk_judge *j, pk_value state)
{
	const struct pk_node *node = pk_node_of(&j->vm->nodes, state);

	return pk_value_kind(state) == PK_V_DICT && node &&
	       node->flags & PK_NODE_COMPUTED;
}

pk_value pk_judge_attribute(struct pk_judge *j, pk_value state, const char *key)
{
	const uint64_t n = pk_vm_count(j->vm, state);
	pk_value found = pk_value_make(PK_V_UNKNOWN, 0);
	struct pk_buf text = { 0 };

	for (uint64_t i = 0; n != UINT64_MAX && i + 1 < n && i < PK_NODE_KIDS;
	     i += 2) {
		if (pk_vm_text(j->vm, pk_vm_kid(j->vm, state, i), 64, &text) &&
		    strcmp(pk_buf_str(&text), key) == 0)
			found = pk_vm_kid(j->vm, state, i + 1);
	}
	pk_buf_release(&text);
	return found;
}

/* What its class promises of the state that an object is filled with. */
static void judge_state(struct pk_judge *j, pk_value obj, pk_value state,
			uint64_t off)
{
	const struct pk_vm_global *cls = pk_vm_class_of(j->vm, obj);
	const struct pk_meaning *m = cls ? pk_judge_meaning(j, cls) : NULL;
	const struct pk_restrict_info *r;

	if (!m || m->verdict.class > PK_IMPORT_LIBRARY)
		return;
	r = &pk_restricts[m->verdict.restriction];
	if (!pk_args_keep_state(j, m->verdict.restriction, state))
		pk_judge_report(j, PK_RULE_PICKLE_RESTRICTED_USE, r->breach,
				off, show_value(j, state),
				"an object of %s is filled with what it should "
				"not hold: %s",
				m->shown, r->promise);
}

static void judge_build(struct pk_judge *j, pk_value obj, pk_value state,
			uint64_t off)
{
	if (pk_value_kind(obj) == PK_V_GLOBAL)
		pk_judge_report(j, PK_RULE_PICKLE_ATTRIBUTE_WRITE, PK_CRITICAL,
				off, show_value(j, state),
				"attributes of %s are rewritten when the file "
				"is loaded",
				show_value(j, obj));
	judge_state(j, obj, state, off);
	if (plants_hook(j, state) || has_computed_keys(j, state))
		pk_judge_first(&j->runs_code_at, off);
	if (plants_hook(j, state))
		pk_judge_report(j, PK_RULE_PICKLE_PLANTED_HOOK, PK_CRITICAL,
				off, show_value(j, state),
				"an object is given a method that Python calls "
				"by itself");
	else if (has_computed_keys(j, state))
		pk_judge_report(j, PK_RULE_PICKLE_PLANTED_HOOK, PK_HIGH, off,
				show_value(j, state),
				"an object is given attributes whose names are "
				"computed");
}

static bool on_build(struct pk_vm *vm, pk_value obj, pk_value state,
		     uint64_t off)
{
	struct pk_judge *j = vm->user;
	struct pk_node *node = pk_node_of(&vm->nodes, obj);

	judge_build(j, obj, state, off);
	/* What an object was built with may matter later: dtypes, wrappers. */
	if (node && node->flags & PK_NODE_PINNED)
		state = pk_node_pin(&vm->nodes, state);
	else if (node && (pk_value_kind(obj) != PK_V_OBJECT || node->kept))
		node = NULL;
	if (node)
		pk_node_add(&vm->nodes, node, &state, 1);
	return !j->on_build || j->on_build(j, obj, state);
}

static bool on_fill(struct pk_vm *vm, pk_value into, pk_value items,
		    uint64_t off)
{
	struct pk_judge *j = vm->user;
	const struct pk_vm_global *cls = pk_vm_class_of(vm, into);
	const struct pk_meaning *m = cls ? pk_judge_meaning(j, cls) : NULL;

	if (pk_value_kind(into) == PK_V_GLOBAL) {
		pk_judge_report(j, PK_RULE_PICKLE_ATTRIBUTE_WRITE, PK_CRITICAL,
				off, show_value(j, items),
				"items are put into %s when the file is loaded",
				show_value(j, into));
		return true;
	}
	if (m && m->verdict.class <= PK_IMPORT_UNKNOWN)
		return true; /* its class was judged when it was made */
	pk_judge_report(j, PK_RULE_PICKLE_FOREIGN_FILL, PK_HIGH, off,
			show_value(j, items),
			"items are handed to methods of %s",
			show_value(j, into));
	return true;
}

static bool text_is(struct pk_vm *vm, pk_value v, const char *want)
{
	struct pk_buf text = { 0 };
	bool same;

	same = pk_vm_text(vm, v, 64, &text) &&
	       strcmp(pk_buf_str(&text), want) == 0;
	pk_buf_release(&text);
	return same;
}

pk_value pk_judge_class_of_id(struct pk_judge *j, pk_value id)
{
	const pk_value first = pk_vm_kid(j->vm, id, 0);

	if (pk_value_kind(first) == PK_V_GLOBAL && pk_vm_count(j->vm, id) == 3)
		return first;
	if (text_is(j->vm, first, "module"))
		return pk_vm_kid(j->vm, id, 1);
	return pk_value_make(PK_V_UNKNOWN, 0);
}

/* torch: ('storage', type, key, location, numel[, view]) */
static bool is_storage_type(struct pk_judge *j, pk_value v)
{
	const struct pk_vm_global *g = pk_vm_global_of(j->vm, v);
	const struct pk_meaning *m = g ? pk_judge_meaning(j, g) : NULL;

	return m && (m->verdict.class == PK_IMPORT_SAFE ||
		     m->verdict.class == PK_IMPORT_LIBRARY);
}

static bool on_persistent(struct pk_vm *vm, pk_value v, pk_value id,
			  uint64_t off)
{
	struct pk_judge *j = vm->user;
	const pk_value word = pk_vm_kid(vm, id, 0);
	struct pk_vm_call c = { .kind = PK_CALL_REDUCE, .off = off };

	(void)v;
	if (pk_value_kind(id) == PK_V_INT || pk_value_kind(id) == PK_V_STR ||
	    pk_value_kind(id) == PK_V_NUMBER)
		return true; /* a plain key: what it names is elsewhere */
	if (text_is(vm, word, "storage") &&
	    is_storage_type(j, pk_vm_kid(vm, id, 1))) {
		if (j->on_storage)
			j->on_storage(j, id);
		return true;
	}
	if (text_is(vm, word, "reduce_package")) {
		const uint64_t n = pk_vm_count(vm, id);

		c.callee = pk_vm_kid(vm, id, n > 3 ? 2 : 1);
		c.args = pk_vm_kid(vm, id, n > 3 ? 3 : 2);
		pk_judge_call(j, &c, &(pk_value){ 0 });
		return true;
	}
	pk_judge_report(j, PK_RULE_PICKLE_PERSISTENT_ID,
			pk_value_kind(pk_judge_class_of_id(j, id)) ==
					PK_V_GLOBAL
				? PK_LOW
				: PK_HIGH,
			off, show_value(j, id),
			"the loader is asked for something by the id %s",
			show_value(j, id));
	return true;
}

static bool on_extension(struct pk_vm *vm, uint64_t code, uint64_t off)
{
	pk_judge_report(vm->user, PK_RULE_PICKLE_EXTENSION_CODE, PK_HIGH, off,
			NULL, "extension code %lld is imported",
			(long long)code);
	return true;
}

static bool on_carrier(struct pk_vm *vm, pk_value bytes)
{
	struct pk_judge *j = vm->user;
	const unsigned max = sizeof(j->carriers) / sizeof(j->carriers[0]);
	struct pk_piece at;

	if (j->carrier_n < max && pk_vm_bytes_at(vm, bytes, &at))
		j->carriers[j->carrier_n++] = at;
	return true;
}

const struct pk_vm_events pk_judge_events = {
	.global = on_global,
	.call = on_call,
	.build = on_build,
	.fill = on_fill,
	.persistent = on_persistent,
	.extension = on_extension,
	.carrier = on_carrier,
};
