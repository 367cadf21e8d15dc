/* SPDX-License-Identifier: Apache-2.0 */
/* What a call in a pickle means: by what is called, and with what. */
#include "analyze/pickle_args.h"
#include "analyze/pickle_print.h"

static const char *show_call(struct pk_judge *j, const struct pk_vm_call *c)
{
	struct pk_buf text = { 0 };
	const char *shown;

	pk_pickle_print_call(j->vm, c, &text);
	shown = pk_arena_printf(&j->scan->arena, "%s", pk_buf_str(&text));
	pk_buf_release(&text);
	return shown ? shown : "?";
}

static void call_report(struct pk_judge *j, enum pk_rule rule,
			enum pk_severity severity, const struct pk_vm_call *c,
			const char *tail)
{
	const char *shown = show_call(j, c);

	if (severity >= PK_HIGH)
		pk_judge_first(&j->runs_code_at, c->off);
	pk_judge_report(j, rule, severity, c->off, shown,
			"%s is called when the file is loaded%s%s", shown,
			*tail ? ": " : "", tail);
}

static void call_dangerous(struct pk_judge *j, const struct pk_vm_call *c,
			   const struct pk_meaning *m)
{
	const char *names = NULL;

	if (!pk_judge_carries_code(m)) {
		call_report(j, PK_RULE_PICKLE_DANGEROUS_CALL, PK_CRITICAL, c,
			    m->verdict.reason);
		return;
	}
	names = pk_args_name_danger(j, c->args);
	if (names)
		call_report(j, PK_RULE_PICKLE_CODE_BY_VALUE, PK_CRITICAL, c,
			    names);
	else
		call_report(j, PK_RULE_PICKLE_CODE_BY_VALUE, PK_HIGH, c,
			    m->verdict.reason);
}

/* A dtype is made once and used by arrays long after. */
static void pin_dtype(struct pk_judge *j, pk_value *result)
{
	struct pk_node *node;

	*result = pk_node_pin(&j->vm->nodes, *result);
	node = pk_node_of(&j->vm->nodes, *result);
	if (node)
		node->b = pk_node_pin(&j->vm->nodes, node->b);
}

static void call_vouched(struct pk_judge *j, const struct pk_vm_call *c,
			 const struct pk_vm_global *g,
			 const struct pk_meaning *m, pk_value *result)
{
	const enum pk_restrict r = m->verdict.restriction;

	if (pk_span_eq(g->name, PK_LIT("dtype")))
		pin_dtype(j, result);
	if (!pk_args_keep(j, r, c, result))
		call_report(j, PK_RULE_PICKLE_RESTRICTED_USE,
			    pk_restricts[r].breach, c, pk_restricts[r].promise);
}

static void call_global(struct pk_judge *j, const struct pk_vm_call *c,
			const struct pk_vm_global *g, pk_value *result)
{
	struct pk_meaning *m = pk_judge_meaning(j, g);

	if (!m)
		return;
	m->called = true;
	if (m->entry)
		m->entry->called = true;
	switch (m->verdict.class) {
	case PK_IMPORT_DANGEROUS:
		call_dangerous(j, c, m);
		break;
	case PK_IMPORT_COMPUTED:
		call_report(j, PK_RULE_PICKLE_COMPUTED_NAME, PK_CRITICAL, c,
			    "its name is computed while loading");
		break;
	case PK_IMPORT_OUTSIDE:
		call_report(j, PK_RULE_PICKLE_OUTSIDE_CALL, PK_HIGH, c,
			    "no list vouches for it");
		break;
	case PK_IMPORT_UNKNOWN:
		call_report(j, PK_RULE_PICKLE_UNKNOWN_CALL,
			    pk_args_show_intent(j, c->args) ? PK_HIGH
							    : PK_MEDIUM,
			    c, "its module is one nobody knows");
		break;
	case PK_IMPORT_SAFE:
	case PK_IMPORT_LIBRARY:
		call_vouched(j, c, g, m, result);
	}
}

/* What a value that is no import calls when it is called, as far as it is
 * known: the function of a partial, the class that PyTorch's loader returns
 * for ('module', class, file, source). */
static pk_value stands_for(struct pk_judge *j, pk_value callee)
{
	const struct pk_node *node = pk_node_of(&j->vm->nodes, callee);
	const struct pk_vm_global *cls = pk_vm_class_of(j->vm, callee);
	const struct pk_meaning *m = cls ? pk_judge_meaning(j, cls) : NULL;

	if (node && pk_value_kind(callee) == PK_V_PERSISTENT)
		return pk_judge_class_of_id(j, node->a);
	if (node && m && m->verdict.class == PK_IMPORT_SAFE &&
	    m->verdict.restriction == PK_RESTRICT_PARTIAL)
		return pk_vm_kid(j->vm, node->b, 0);
	return pk_value_make(PK_V_UNKNOWN, 0);
}

static void call_object(struct pk_judge *j, const struct pk_vm_call *c,
			pk_value *result)
{
	struct pk_vm_call inner = *c;
	const struct pk_vm_global *g;

	inner.callee = stands_for(j, c->callee);
	g = pk_vm_global_of(j->vm, inner.callee);
	if (!g) {
		call_report(j, PK_RULE_PICKLE_CALL_ON_RESULT, PK_HIGH, c, "");
		return;
	}
	call_global(j, &inner, g, result);
	*result = pk_vm_as_instance(j->vm, *result, inner.callee);
}

void pk_judge_call(struct pk_judge *j, const struct pk_vm_call *c,
		   pk_value *result)
{
	const struct pk_vm_global *g = pk_vm_global_of(j->vm, c->callee);

	switch ((unsigned)pk_value_kind(c->callee)) {
	case PK_V_GLOBAL:
		call_global(j, c, g, result);
		break;
	case PK_V_OBJECT:
	case PK_V_PERSISTENT:
	case PK_V_UNKNOWN:
		call_object(j, c, result);
		break;
	default:
		break; /* constants and containers: every reader fails */
	}
}
