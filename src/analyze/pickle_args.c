/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_args.h"

#include <strings.h>

#include "analyze/scipy_args.h"

enum {
	DEPTH_MAX = 6,
	TEXT_MAX = 512,
	WORD_MAX = 64,
	PATTERN_MAX = 4096,
};

typedef const struct pk_vm_call *call_ref;

static pk_value arg(const struct pk_judge *j, call_ref c, uint64_t i)
{
	return pk_vm_kid(j->vm, c->args, i);
}

static uint64_t arg_count(const struct pk_judge *j, call_ref c)
{
	return pk_vm_count(j->vm, c->args);
}

static bool arg_text(struct pk_judge *j, pk_value v, struct pk_buf *text)
{
	return pk_vm_text(j->vm, v, TEXT_MAX, text) &&
	       pk_value_kind(v) != PK_V_BYTES;
}

/* ---- data ---- */

static bool is_vouched(struct pk_judge *j, const struct pk_vm_global *g)
{
	const struct pk_meaning *m = g ? pk_judge_meaning(j, g) : NULL;

	return m && m->verdict.class <= PK_IMPORT_LIBRARY;
}

/* A constant that is named rather than written: torch.float32. */
static bool is_named_constant(struct pk_judge *j, pk_value v)
{
	const struct pk_vm_global *g = pk_vm_global_of(j->vm, v);
	const struct pk_meaning *m = g ? pk_judge_meaning(j, g) : NULL;

	return m && m->verdict.class <= PK_IMPORT_LIBRARY &&
	       (m->verdict.restriction == PK_RESTRICT_VALUE ||
		m->verdict.restriction == PK_RESTRICT_STORAGE);
}

/*
 * Data, with objects that vouched-for classes built when objects is set.
 * What a container held and the machine has forgotten is let pass: anything
 * harmful in it came from an import, which was judged by itself.
 */
static bool is_data(struct pk_judge *j, pk_value v, bool objects,
		    unsigned depth)
{
	const enum pk_kind kind = pk_value_kind(v);
	const struct pk_node *node;

	if (kind == PK_V_GLOBAL)
		return is_named_constant(j, v);
	if (kind < PK_V_TUPLE)
		return kind >= PK_V_NONE || objects;
	if (kind == PK_V_PERSISTENT)
		return objects;
	if (kind == PK_V_OBJECT)
		return objects && is_vouched(j, pk_vm_class_of(j->vm, v));
	node = pk_node_of(&j->vm->nodes, v);
	for (uint64_t i = 0; node && depth < DEPTH_MAX && i < node->kept; i++) {
		pk_value kid = pk_node_kid(&j->vm->nodes, node, i);

		if (pk_value_kind(kid) != PK_V_UNKNOWN &&
		    !is_data(j, kid, objects, depth + 1))
			return false;
	}
	return true;
}

static bool all_data(struct pk_judge *j, call_ref c, uint64_t from,
		     bool objects)
{
	const uint64_t n = arg_count(j, c);

	if (n == UINT64_MAX)
		return true; /* forgotten */
	for (uint64_t i = from; i < n && i < PK_NODE_KIDS; i++) {
		if (!is_data(j, arg(j, c, i), objects, 0))
			return false;
	}
	return c->kind != PK_CALL_NEWOBJ_EX ||
	       is_data(j, c->kwargs, objects, 0);
}

/* Whatever it is given was judged where it was imported. */
static bool keep_none(struct pk_judge *j, call_ref c, pk_value *result)
{
	(void)j;
	(void)c;
	(void)result;
	return true;
}

static bool keep_data(struct pk_judge *j, call_ref c, pk_value *result)
{
	(void)result;
	return all_data(j, c, 0, true);
}

static bool keep_plain(struct pk_judge *j, call_ref c, pk_value *result)
{
	(void)result;
	return all_data(j, c, 0, false);
}

static bool keep_never(struct pk_judge *j, call_ref c, pk_value *result)
{
	(void)j;
	(void)c;
	(void)result;
	return false;
}

/* ---- classes ---- */

static bool is_newobj(call_ref c)
{
	return c->kind == PK_CALL_NEWOBJ || c->kind == PK_CALL_NEWOBJ_EX;
}

static bool is_word_or_number(struct pk_judge *j, pk_value v)
{
	struct pk_buf text = { 0 };
	bool ok = pk_value_kind(v) >= PK_V_NONE &&
		  pk_value_kind(v) <= PK_V_NUMBER;

	if (!ok && arg_text(j, v, &text))
		ok = text.len <= WORD_MAX;
	pk_buf_release(&text);
	return ok;
}

static bool keep_state(struct pk_judge *j, call_ref c, pk_value *result)
{
	const uint64_t n = arg_count(j, c);

	(void)result;
	if (is_newobj(c))
		return all_data(j, c, 0, true);
	return n == 0 || n == UINT64_MAX ||
	       (n == 1 && is_word_or_number(j, arg(j, c, 0)));
}

/* The class is instantiated: as NEWOBJ would, which is judged by itself. */
static bool construct(struct pk_judge *j, call_ref c, pk_value cls,
		      pk_value *result)
{
	struct pk_vm_call made = { .kind = PK_CALL_NEWOBJ,
				   .off = c->off,
				   .callee = cls,
				   .args = pk_value_make(PK_V_TUPLE, 0),
				   .kwargs = c->kwargs };

	/* A tuple value of no known node: forgotten arguments. */
	made.args = pk_value_with_word(
		pk_value_make(PK_V_TUPLE, (1ULL << (PK_NODE_BITS - 1)) - 1), 1);
	if (pk_value_kind(cls) != PK_V_GLOBAL)
		return false;
	pk_judge_call(j, &made, &made.kwargs);
	*result = pk_vm_as_instance(j->vm, *result, cls);
	return true;
}

/* Classes among the other arguments are instantiated, too. */
static bool keep_class_arg0(struct pk_judge *j, call_ref c, pk_value *result)
{
	const uint64_t n = arg_count(j, c);
	bool ok = construct(j, c, arg(j, c, 0), result);

	for (uint64_t i = 1; n != UINT64_MAX && i < n && i < PK_NODE_KIDS;
	     i++) {
		const pk_value v = arg(j, c, i);
		pk_value made = v;

		ok &= is_data(j, v, true, 0) || construct(j, c, v, &made);
	}
	return ok;
}

static bool keep_newobj(struct pk_judge *j, call_ref c, pk_value *result)
{
	return keep_class_arg0(j, c, result);
}

static bool keep_reconstructor(struct pk_judge *j, call_ref c, pk_value *result)
{
	const struct pk_vm_global *base = pk_vm_global_of(j->vm, arg(j, c, 1));

	return construct(j, c, arg(j, c, 0), result) && is_vouched(j, base) &&
	       is_data(j, arg(j, c, 2), true, 0);
}

/* ---- what is called in turn ---- */

static bool keep_callable_arg0(struct pk_judge *j, call_ref c, pk_value *result)
{
	struct pk_vm_call inner = { .kind = PK_CALL_REDUCE, .off = c->off };

	inner.callee = arg(j, c, 0);
	/* _rebuild_from_type_v2(func, type, args, state) */
	inner.args = arg(j, c, 2);
	if (pk_value_kind(inner.callee) != PK_V_GLOBAL)
		return false;
	pk_judge_call(j, &inner, result);
	*result = pk_vm_as_instance(j->vm, *result, inner.callee);
	return true;
}

static bool keep_partial(struct pk_judge *j, call_ref c, pk_value *result)
{
	const pk_value f = arg(j, c, 0);
	const struct pk_vm_global *g = pk_vm_global_of(j->vm, f);

	(void)result;
	return g && is_vouched(j, g) && all_data(j, c, 1, true);
}

static bool join_names(struct pk_judge *j, const struct pk_vm_global *of,
		       pk_value name, struct pk_buf *joined)
{
	struct pk_buf text = { 0 };
	bool ok = arg_text(j, name, &text);

	if (ok) {
		pk_buf_put(joined, of->name.p, of->name.len);
		pk_buf_putc(joined, '.');
		pk_buf_put(joined, text.p, text.len);
	}
	pk_buf_release(&text);
	return ok && pk_buf_ok(joined);
}

/* getattr(X, 'name') is the import of X.name. */
static bool walk_attribute(struct pk_judge *j, const struct pk_vm_global *of,
			   pk_value name, pk_value *result)
{
	struct pk_vm_global want = *of;
	struct pk_buf joined = { 0 };
	bool ok = join_names(j, of, name, &joined);

	if (ok) {
		want.name = pk_buf_span(&joined);
		want.dotted = true;
		want.meaning = NULL;
		want.off = j->vm->op.off;
		*result = pk_vm_import(j->vm, &want);
	}
	pk_buf_release(&joined);
	return ok;
}

static bool is_dunder(struct pk_judge *j, pk_value name)
{
	struct pk_buf text = { 0 };
	bool dunder = !arg_text(j, name, &text) ||
		      (text.len > 2 && memcmp(text.p, "__", 2) == 0);

	pk_buf_release(&text);
	return dunder;
}

static bool keep_getattr(struct pk_judge *j, call_ref c, pk_value *result)
{
	const pk_value of = arg(j, c, 0), name = arg(j, c, 1);
	const struct pk_vm_global *g = pk_vm_global_of(j->vm, of);

	if (g)
		return walk_attribute(j, g, name, result);
	/* A method of an object that the stream made: a bound method. */
	return is_data(j, of, true, 0) && !is_dunder(j, name);
}

static bool keep_imports(struct pk_judge *j, call_ref c, pk_value *result)
{
	struct pk_buf module = { 0 }, name = { 0 };
	struct pk_vm_global want = { .off = c->off, .dotted = true };
	bool ok = arg_text(j, arg(j, c, 0), &module) &&
		  arg_text(j, arg(j, c, 1), &name);

	if (ok) {
		want.module = pk_buf_span(&module);
		want.name = pk_buf_span(&name);
		*result = pk_vm_import(j->vm, &want);
	}
	pk_buf_release(&module);
	pk_buf_release(&name);
	return ok;
}

static bool keep_factory(struct pk_judge *j, call_ref c, pk_value *result)
{
	const pk_value f = arg(j, c, 0);

	(void)result;
	if (arg_count(j, c) == 0 || pk_value_kind(f) == PK_V_NONE)
		return true;
	return is_vouched(j, pk_vm_global_of(j->vm, f)) &&
	       all_data(j, c, 1, true);
}

/* ---- words ---- */

static bool is_one_of(struct pk_judge *j, pk_value v, const char *const *words)
{
	struct pk_buf text = { 0 };
	bool found = false;

	if (arg_text(j, v, &text)) {
		for (; *words && !found; words++)
			found = strcasecmp(pk_buf_str(&text), *words) == 0;
	}
	pk_buf_release(&text);
	return found;
}

static bool keep_codec(struct pk_judge *j, call_ref c, pk_value *result)
{
	static const char *const codecs[] = {
		"latin1", "latin-1", "latin_1", "iso-8859-1", "iso8859-1",
		"ascii",  "utf-8",   "utf8",    NULL
	};

	(void)result;
	return arg_count(j, c) < 2 || is_one_of(j, arg(j, c, 1), codecs);
}

/* The bytes of an array: joblib's lie raw in the file, NumPy's are the last
 * part of the state that it was built with. */
static bool array_bytes(struct pk_judge *j, pk_value v, struct pk_piece *ret)
{
	enum { STATE_BYTES = 4 };
	const struct pk_node *node = pk_node_of(&j->vm->nodes, v);

	if (!node || pk_value_kind(v) != PK_V_OBJECT)
		return false;
	for (size_t i = 0; i < sizeof(j->raw) / sizeof(j->raw[0]); i++) {
		if (j->raw[i].at.len && j->raw[i].node == node->id) {
			*ret = j->raw[i].at;
			return true;
		}
	}
	return pk_vm_bytes_at(j->vm,
			      pk_vm_kid(j->vm,
					pk_node_kid(&j->vm->nodes, node, 0),
					STATE_BYTES),
			      ret);
}

static bool keep_nested(struct pk_judge *j, call_ref c, pk_value *result)
{
	const unsigned max = sizeof(j->carriers) / sizeof(j->carriers[0]);
	struct pk_piece at;

	(void)result;
	if ((!pk_vm_bytes_at(j->vm, arg(j, c, 0), &at) &&
	     !array_bytes(j, arg(j, c, 0), &at)) ||
	    j->carrier_n == max)
		return false;
	j->carriers[j->carrier_n++] = at;
	return true;
}

static bool starts_with(const struct pk_vm_global *g, const char *module)
{
	return pk_span_starts(
		g->module,
		(struct pk_span){ (const uint8_t *)module, strlen(module) });
}

static bool keep_bitgen(struct pk_judge *j, call_ref c, pk_value *result)
{
	const pk_value first = arg(j, c, 0), second = arg(j, c, 1);
	const struct pk_vm_global *g = pk_vm_global_of(j->vm, first);
	const struct pk_vm_global *ctor = pk_vm_global_of(j->vm, second);
	const uint64_t n = arg_count(j, c);

	(void)result;
	if (g ? !starts_with(g, "numpy.random") : !is_data(j, first, true, 0))
		return false;
	return n < 2 ||
	       (ctor && starts_with(ctor, "numpy.random._pickle") &&
		pk_span_eq(ctor->name, PK_LIT("__bit_generator_ctor")));
}

static bool keep_empty(struct pk_judge *j, call_ref c, pk_value *result)
{
	(void)result;
	return arg_count(j, c) == 0;
}

static bool keep_joblib(struct pk_judge *j, call_ref c, pk_value *result)
{
	return is_newobj(c) || keep_empty(j, c, result);
}

static bool is_zone_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	       (ch >= '0' && ch <= '9') || ch == '+' || ch == '-' ||
	       ch == '_' || ch == '/';
}

static bool keep_zone(struct pk_judge *j, call_ref c, pk_value *result)
{
	struct pk_buf text = { 0 };
	bool ok = arg_text(j, arg(j, c, 0), &text) && text.len <= WORD_MAX;

	for (size_t i = 0; ok && i < text.len; i++)
		ok = is_zone_char(text.p[i]) &&
		     !(text.p[i] == '/' && (i == 0 || text.p[i - 1] == '/'));
	pk_buf_release(&text);
	return arg_count(j, c) == 0 || (ok && keep_plain(j, c, result));
}

static bool keep_pattern(struct pk_judge *j, call_ref c, pk_value *result)
{
	struct pk_piece at;

	if (pk_vm_bytes_at(j->vm, arg(j, c, 0), &at) && at.len > PATTERN_MAX)
		return false;
	return keep_plain(j, c, result);
}

static bool keep_one_constant(struct pk_judge *j, call_ref c, pk_value *result)
{
	const uint64_t n = arg_count(j, c);

	(void)result;
	return n == UINT64_MAX ||
	       (n == 1 && is_data(j, arg(j, c, 0), false, 0));
}

/* A number that asks for memory is held against the file's own size. */
static bool keep_bounded(struct pk_judge *j, call_ref c, pk_value *result)
{
	enum { GENEROUS = 1 << 24 };
	const uint64_t n = arg_count(j, c);

	for (uint64_t i = 0; n != UINT64_MAX && i < n; i++) {
		const pk_value v = arg(j, c, i);

		if (pk_value_kind(v) == PK_V_INT &&
		    pk_value_int(v) > GENEROUS &&
		    (uint64_t)pk_value_int(v) > j->scan->job->size)
			return false;
	}
	return keep_data(j, c, result);
}

static bool keep_logger(struct pk_judge *j, call_ref c, pk_value *result)
{
	const uint64_t n = arg_count(j, c);

	return (n <= 1 || n == UINT64_MAX) && keep_plain(j, c, result);
}

static bool (*const keepers[PK_RESTRICT_COUNT])(struct pk_judge *, call_ref,
						pk_value *) = {
	[PK_RESTRICT_NONE] = keep_none,
	[PK_RESTRICT_VALUE] = keep_never,
	[PK_RESTRICT_STATE] = keep_state,
	[PK_RESTRICT_PLAIN_ARGS] = keep_plain,
	[PK_RESTRICT_DATA_ARGS] = keep_data,
	[PK_RESTRICT_BOUNDED_SIZE] = keep_bounded,
	[PK_RESTRICT_CLASS_ARG0] = keep_class_arg0,
	[PK_RESTRICT_CALLABLE_ARG0] = keep_callable_arg0,
	[PK_RESTRICT_BITGEN] = keep_bitgen,
	[PK_RESTRICT_CODEC] = keep_codec,
	[PK_RESTRICT_FACTORY] = keep_factory,
	[PK_RESTRICT_NESTED_PICKLE] = keep_nested,
	[PK_RESTRICT_BYTES_CONTENT] = keep_data,
	[PK_RESTRICT_GETATTR] = keep_getattr,
	[PK_RESTRICT_PARTIAL] = keep_partial,
	[PK_RESTRICT_IMPORTS] = keep_imports,
	[PK_RESTRICT_DISTRIBUTION] = keep_state,
	[PK_RESTRICT_RECONSTRUCTOR] = keep_reconstructor,
	[PK_RESTRICT_NEWOBJ] = keep_newobj,
	[PK_RESTRICT_REBUILD_TENSOR] = keep_data,
	[PK_RESTRICT_STORAGE] = keep_empty,
	[PK_RESTRICT_JOBLIB_ARRAY] = keep_joblib,
	[PK_RESTRICT_SIBLING_FILE] = keep_state,
	[PK_RESTRICT_ZONE] = keep_zone,
	[PK_RESTRICT_PATTERN] = keep_pattern,
	[PK_RESTRICT_ONE_CONSTANT] = keep_one_constant,
	[PK_RESTRICT_LOGGER] = keep_logger,
	[PK_RESTRICT_FORMULA] = keep_state,
};

bool pk_args_keep(struct pk_judge *j, enum pk_restrict restriction,
		  const struct pk_vm_call *c, pk_value *result)
{
	return keepers[restriction](j, c, result);
}

/* ---- what BUILD puts in ---- */

static bool build_distribution(struct pk_judge *j, pk_value state)
{
	const pk_value v = pk_judge_attribute(j, state, "_parse_arg_template");
	struct pk_buf text = { 0 };
	bool own = pk_value_kind(v) == PK_V_UNKNOWN;

	if (!own && pk_vm_text(j->vm, v, PATTERN_MAX, &text))
		own = pk_scipy_template_is_own(pk_buf_span(&text));
	pk_buf_release(&text);
	return own;
}

static bool build_formula(struct pk_judge *j, pk_value state)
{
	const pk_value v = pk_judge_attribute(j, state, "formula");

	return pk_value_kind(v) == PK_V_UNKNOWN ||
	       pk_value_kind(v) == PK_V_NONE;
}

static bool build_sibling(struct pk_judge *j, pk_value state)
{
	const pk_value v = pk_judge_attribute(j, state, "filename");
	struct pk_buf text = { 0 };
	bool plain = pk_value_kind(v) == PK_V_UNKNOWN;

	if (!plain && arg_text(j, v, &text))
		plain = text.len && text.p[0] != '.' &&
			!memchr(text.p, '/', text.len) &&
			!memchr(text.p, '\\', text.len);
	pk_buf_release(&text);
	return plain;
}

/* functools.partial: (function, args, keywords, attributes) */
static bool build_partial(struct pk_judge *j, pk_value state)
{
	const pk_value f = pk_vm_kid(j->vm, state, 0);

	return pk_value_kind(f) == PK_V_UNKNOWN ||
	       is_vouched(j, pk_vm_global_of(j->vm, f));
}

bool pk_args_keep_state(struct pk_judge *j, enum pk_restrict restriction,
			pk_value state)
{
	static bool (*const builders[PK_RESTRICT_COUNT])(struct pk_judge *,
							 pk_value) = {
		[PK_RESTRICT_DISTRIBUTION] = build_distribution,
		[PK_RESTRICT_FORMULA] = build_formula,
		[PK_RESTRICT_SIBLING_FILE] = build_sibling,
		[PK_RESTRICT_PARTIAL] = build_partial,
	};

	return !builders[restriction] || builders[restriction](j, state);
}
