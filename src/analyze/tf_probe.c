/* SPDX-License-Identifier: Apache-2.0 */
/* Whether bytes are one of TensorFlow's messages: none has a magic, so that
 * nodes must be found in the place where the message has them. */
#include "analyze/tf_graph.h"

enum {
	FIELDS_MAX = 1 << 24, /* of one message */
	LOOKED_MAX = 256,     /* nodes and functions looked at */
	ENOUGH = 4,           /* nodes that settle it */
};

static bool is_op(struct pk_span s)
{
	if (s.len == 0 || s.p[0] <= ' ' || s.p[0] >= 0x7f)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
		      (ch >= '0' && ch <= '9') || ch == '_' || ch == '>' ||
		      ch == '.' || ch == '-' || ch == '/'))
			return false;
	}
	return true;
}

/* A node has a name and an operator, and nothing that a node has not. */
static bool looks_like_node(struct pk_pb *r, const struct pk_pb_field *f)
{
	static const unsigned char texts = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4;
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_text name = { 0 }, op = { 0 };
	struct pk_pb_field in;

	while (pk_pb_next(r, &it, &in)) {
		if (in.number <= 7 && in.wire != PK_PB_LEN)
			return false;
		if (in.number == 1)
			name = pk_pb_text(r, &in);
		if (in.number == 2)
			op = pk_pb_text(r, &in);
		if (in.number <= 4 && (texts >> in.number & 1) && in.len &&
		    pk_pb_bytes(r, &in, 1).p[0] < ' ')
			return false;
	}
	return pk_cursor_ok(&r->c) && name.len && is_op(pk_pb_span(&op));
}

struct look {
	struct pk_pb *r;
	unsigned nodes;
	unsigned others;
};

static void look_at_nodes(struct look *l, const struct pk_pb_field *f,
			  uint32_t number)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;

	for (unsigned n = 0;
	     n < FIELDS_MAX && l->nodes < ENOUGH &&
	     l->nodes + l->others < LOOKED_MAX && pk_pb_next(l->r, &it, &in);
	     n++) {
		if (in.number != number || in.wire != PK_PB_LEN)
			continue;
		if (looks_like_node(l->r, &in))
			l->nodes++;
		else
			l->others++;
	}
}

/* Functions hold nodes in field 3. */
static void look_at_library(struct look *l, const struct pk_pb_field *f)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;

	while (l->nodes < ENOUGH && l->nodes + l->others < LOOKED_MAX &&
	       pk_pb_next(l->r, &it, &in)) {
		if (in.number == 1 && in.wire == PK_PB_LEN)
			look_at_nodes(l, &in, 3);
	}
}

static bool is_graph(struct pk_pb *r, const struct pk_pb_field *f)
{
	struct look l = { .r = r };
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;

	look_at_nodes(&l, f, 1);
	if (!l.nodes && l.others)
		return false;
	for (unsigned n = 0;
	     n < FIELDS_MAX && l.nodes < ENOUGH && pk_pb_next(r, &it, &in);
	     n++) {
		if (in.number == 2 && in.wire == PK_PB_LEN)
			look_at_library(&l, &in);
	}
	return l.nodes && l.nodes >= l.others;
}

/* What the message holds in field 2 is the next inner one. */
static bool is_message(struct pk_pb *r, const struct pk_pb_field *f,
		       enum pk_tf_root root)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;

	if (root == PK_TF_GRAPH_DEF)
		return is_graph(r, f);
	for (unsigned n = 0; n < FIELDS_MAX && pk_pb_next(r, &it, &in); n++) {
		if (in.number == 2 && in.wire == PK_PB_LEN &&
		    is_message(r, &in, (enum pk_tf_root)(root - 1)))
			return true;
	}
	return false;
}

bool pk_tf_is(struct pk_source *src, enum pk_tf_root root)
{
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r = pk_pb_open(src, &arena);
	const struct pk_pb_field all = pk_pb_whole(&r);
	bool is;

	r.clip = true;
	is = is_message(&r, &all, root);
	pk_arena_release(&arena);
	return is;
}
