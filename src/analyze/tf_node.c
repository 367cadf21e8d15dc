/* SPDX-License-Identifier: Apache-2.0 */
/* What a node reaches: operators by their table, and the paths that stand as
 * constants at their inputs. */
#include <stdio.h>

#include "analyze/ref_path.h"
#include "analyze/tf_graph.h"

enum {
	HOPS_MAX = 8,            /* nodes that hand a value on */
	LOOKED_AT_MAX = 1 << 23, /* nodes looked at to find others */
	SHOWN = 160,
};

/* Reads AttrValue field want of the attribute key, the last of them. */
static bool get_attr(struct pk_pb *r, const struct pk_pb_field *node,
		     const char *key, uint32_t want, struct pk_pb_field *ret)
{
	struct pk_pb_iter it = { node->off, node->off + node->len };
	struct pk_pb_field f, in, value;
	bool found = false;

	while (pk_pb_next(r, &it, &f)) {
		struct pk_pb_iter entry = { f.off, f.off + f.len };
		struct pk_pb_text name = { 0 };
		const struct pk_pb_pick picks[] = { { 1, &name } };

		if (f.number != 5 || f.wire != PK_PB_LEN)
			continue;
		pk_pb_pick(r, &f, picks, 1);
		while (pk_pb_is(&name, key) && pk_pb_next(r, &entry, &in)) {
			struct pk_pb_iter held = { in.off, in.off + in.len };

			if (in.number != 2 || in.wire != PK_PB_LEN)
				continue;
			while (pk_pb_next(r, &held, &value)) {
				if (value.number != want)
					continue;
				*ret = value;
				found = true;
			}
		}
	}
	return found;
}

/* The nth input that carries a value, or an empty text. */
static struct pk_pb_text nth_input(struct pk_pb *r,
				   const struct pk_pb_field *node, int nth)
{
	struct pk_pb_iter it = { node->off, node->off + node->len };
	struct pk_pb_field f;

	while (pk_pb_next(r, &it, &f)) {
		struct pk_pb_text name;

		if (f.number != 3 || f.wire != PK_PB_LEN)
			continue;
		name = pk_pb_text(r, &f);
		if (name.len && name.head[0] != '^' && nth-- == 0)
			return name;
	}
	return (struct pk_pb_text){ 0 };
}

/* "node", "node:0", "node:out:0": the node. */
static struct pk_span node_of(const struct pk_pb_text *input)
{
	struct pk_span s = pk_pb_span(input);
	const uint8_t *colon = s.len ? memchr(s.p, ':', s.len) : NULL;

	if (colon)
		s.len = (size_t)(colon - s.p);
	return s;
}

/* More names to look up than any model has; what stands there is not known
 * then. */
static void give_up(struct pk_tf *t)
{
	if (!t->lost) {
		pk_partial(t->file.s);
		pk_report(t->file.s, PK_RULE_TENSORFLOW_MALFORMED, t->scope.off,
			  "the inputs of more nodes than any model has had to "
			  "be looked up");
	}
	t->lost = true;
}

static void search(struct pk_tf *t, struct pk_span name,
		   struct pk_tf_known *ret)
{
	struct pk_pb *r = &t->file.r;
	struct pk_pb_iter it = { t->scope.off, t->scope.off + t->scope.len };
	struct pk_pb_field f;

	ret->found = false;
	while (!ret->found && pk_pb_next(r, &it, &f)) {
		struct pk_pb_text is = { 0 }, op = { 0 };
		const struct pk_pb_pick picks[] = { { 1, &is }, { 2, &op } };

		if (f.number != t->scope_nodes || f.wire != PK_PB_LEN)
			continue;
		if (++t->looked_at > LOOKED_AT_MAX) {
			give_up(t);
			return;
		}
		pk_pb_pick(r, &f, picks, 2);
		ret->found = pk_span_eq(pk_pb_span(&is), name);
		ret->node = f;
		ret->op = op;
	}
}

/* The node of that name in the graph or function. */
static bool find_node(struct pk_tf *t, const struct pk_pb_text *input,
		      struct pk_pb_field *ret, struct pk_pb_text *ret_op)
{
	const struct pk_span name = node_of(input);
	struct pk_tf_known *k = &t->known[0];
	uint32_t h = (uint32_t)t->scope.off;

	if (!name.len || t->lost)
		return false;
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ name.p[i]) * 16777619U; /* FNV-1a */
	k += h % PK_TF_KNOWN;
	if (!k->name.len || k->scope != t->scope.off ||
	    !pk_span_eq(pk_pb_span(&k->name), pk_pb_span(input))) {
		search(t, name, k);
		k->scope = t->scope.off;
		k->name = *input;
	}
	*ret = k->node;
	*ret_op = k->op;
	return k->found;
}

/* The field of a constant's first string. */
static bool constant_of(struct pk_pb *r, const struct pk_pb_field *node,
			struct pk_pb_field *ret)
{
	struct pk_pb_field tensor, f;
	struct pk_pb_iter it;

	if (!get_attr(r, node, "value", 8, &tensor) || tensor.wire != PK_PB_LEN)
		return false;
	it = (struct pk_pb_iter){ tensor.off, tensor.off + tensor.len };
	while (pk_pb_next(r, &it, &f)) {
		if (f.number == 8 && f.wire == PK_PB_LEN) {
			*ret = f;
			return true;
		}
	}
	return false;
}

/* The string that stands at that input, when it is a constant. */
static bool constant_input(struct pk_tf *t, const struct pk_pb_field *node,
			   int nth, struct pk_pb_field *ret)
{
	struct pk_pb *r = &t->file.r;
	struct pk_pb_field at = *node;
	struct pk_pb_text op;

	for (unsigned hop = 0; hop < HOPS_MAX; hop++) {
		const struct pk_pb_text input = nth_input(r, &at, nth);

		if (!find_node(t, &input, &at, &op))
			return false;
		if (pk_pb_is(&op, "Const") || pk_pb_is(&op, "HostConst"))
			return constant_of(r, &at, ret);
		if (!pk_pb_is(&op, "Identity") && !pk_pb_is(&op, "Snapshot") &&
		    !pk_pb_is(&op, "StringJoin") &&
		    !pk_pb_is(&op, "ExpandDims") && !pk_pb_is(&op, "Reshape") &&
		    !pk_pb_is(&op, "Pack") && !pk_pb_is(&op, "AsString") &&
		    !pk_pb_is(&op, "PlaceholderWithDefault"))
			return false;
		nth = 0;
	}
	return false;
}

/* The path or address that the operator is given in the file itself. */
static bool target_of(struct pk_tf *t, const struct pk_pb_field *node,
		      const struct pk_tf_op *is, struct pk_pb_field *ret)
{
	struct pk_pb *r = &t->file.r;
	struct pk_pb_field list, f;
	struct pk_pb_iter it;

	if (is->path >= 0)
		return constant_input(t, node, is->path, ret);
	if (!is->attr)
		return false;
	if (get_attr(r, node, is->attr, 2, ret))
		return ret->len != 0;
	if (!get_attr(r, node, is->attr, 1, &list) || list.wire != PK_PB_LEN)
		return false;
	it = (struct pk_pb_iter){ list.off, list.off + list.len };
	while (pk_pb_next(r, &it, &f)) {
		if (f.number == 2 && f.wire == PK_PB_LEN && f.len) {
			*ret = f;
			return true;
		}
	}
	return false;
}

/* Places that no data set and no vocabulary of a model lies in. */
static bool is_system_path(struct pk_span p)
{
	static const char *const places[] = {
		"/etc/",  "/proc/",    "/root/", "/sys/",       "/dev/",
		"/boot/", "/var/run/", "/run/",  "C:\\Windows", "file:///etc/",
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const size_t n = strlen(places[i]);

		if (p.len >= n && memcmp(p.p, places[i], n) == 0)
			return true;
	}
	return false;
}

struct target {
	struct pk_pb_text text;
	struct pk_path_flaw flaw;
	bool known;
};

/* How bad the operator is with that target; false: nothing to say. */
static bool weigh(const struct pk_tf_op *is, const struct target *to,
		  enum pk_severity *ret)
{
	const struct pk_span path = pk_pb_span(&to->text);
	const bool outside = to->known && to->flaw.outside;
	const bool system =
		to->known &&
		(is_system_path(path) ||
		 (to->flaw.what && !outside && to->flaw.severity == PK_HIGH));

	*ret = is->severity;
	switch (is->reach) {
	case PK_TF_SAVED:
		/* Absolute names are left over from where a model was
		 * trained; climbing ones and those of the system are not. */
		if (is->writes ? outside
			       : system || (outside && path.len &&
					    path.p[0] == '.'))
			return true;
		*ret = PK_LOW;
		return outside;
	case PK_TF_INPUTS:
		if (system)
			*ret = PK_HIGH;
		return true;
	case PK_TF_FILES:
		if (outside && is->writes)
			*ret = PK_CRITICAL;
		return true;
	case PK_TF_DEBUG:
		return to->known;
	case PK_TF_PRINT:
		return to->known && pk_span_starts(path, PK_LIT("file://"));
	case PK_TF_PYTHON:
	case PK_TF_NETWORK:
	case PK_TF_PROCESS:
	case PK_TF_GRAPH:
	case PK_TF_ENGINE:
		break;
	}
	return true;
}

static bool is_new(struct pk_tf *t, const struct pk_tf_op *is,
		   const struct target *to)
{
	uint64_t h = (uint64_t)(uintptr_t)is;
	const struct pk_span s = pk_pb_span(&to->text);

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 1099511628211ULL; /* FNV-1a */
	return pk_set64_add(&t->said, h);
}

static void say(struct pk_tf *t, const struct pk_pb_field *node,
		const struct pk_tf_op *is, const struct target *to,
		enum pk_severity severity)
{
	struct pk_scan *s = t->file.s;
	const struct pk_report report = { .rule = is->rule,
					  .severity = severity,
					  .off = node->at };
	const char *where = t->scope_nodes == 3 ? "a function" : "the graph";

	if (!to->known || is->reach == PK_TF_ENGINE || is->reach == PK_TF_GRAPH)
		pk_report_full(s, &report, "%s in %s %s", is->name, where,
			       is->what);
	else
		pk_report_full(s, &report, "%s in %s %s: %s%s%s", is->name,
			       where, is->what,
			       pk_show(s, pk_pb_span(&to->text), SHOWN),
			       to->flaw.what ? ", which " : "",
			       to->flaw.what ? to->flaw.what : "");
}

void pk_tf_judge_node(struct pk_tf *t, const struct pk_pb_field *node,
		      const struct pk_pb_text *op)
{
	const struct pk_tf_op *is = pk_tf_op(pk_pb_span(op));
	struct target to = { .known = false };
	struct pk_pb_field found;
	enum pk_severity severity;

	if (!is)
		return;
	to.known = target_of(t, node, is, &found);
	if (to.known) {
		to.text = pk_pb_text(&t->file.r, &found);
		to.flaw = pk_path_flaw(pk_pb_span(&to.text));
	}
	if (weigh(is, &to, &severity) && is_new(t, is, &to))
		say(t, node, is, &to, severity);
}
