/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XGBoost models: JSON or UBJSON with "learner" and "version", or, before 2.0, a
 * binary dump of structures:
 *
 *   ["binf"] | 136 bytes of parameters | u64 objective | u64 booster |
 *   160 bytes of parameters | { 148 bytes | nodes of 20 | stats of 16 }...
 *
 * Nothing in them names code.  What can hurt: children of a node beyond its
 * tree, counts beyond the file.
 */
#include "codec/json_read.h"
#include "codec/ubjson.h"
#include "engine/format.h"
#include "engine/note.h"

enum {
	LEARNER = 136, /* bytes of parameters */
	BOOSTER = 160,
	TREE = 148,
	NODE = 20,
	STAT = 16,
	NAME_MAX_LEN = 64,
};

static void bad_child(struct pk_scan *s, uint64_t off, int64_t child,
		      uint64_t nodes)
{
	pk_partial(s);
	pk_report(s, PK_RULE_XGBOOST_TREE, off,
		  "a node's child is %lld in a tree of %llu nodes",
		  (long long)child, (unsigned long long)nodes);
}

/* JSON */

/* The arrays of one tree, as they come. */
struct tree {
	uint64_t left, right, parents;
	bool seen;
};

static void finish_tree(struct pk_scan *s, struct tree *t, uint64_t off)
{
	if (t->seen && t->left != t->right) {
		pk_partial(s);
		pk_report(s, PK_RULE_XGBOOST_TREE, off,
			  "a tree has %llu left and %llu right children",
			  (unsigned long long)t->left,
			  (unsigned long long)t->right);
	}
	*t = (struct tree){ 0 };
}

static bool is_key(struct pk_span key, const char *name)
{
	return key.len == strlen(name) && memcmp(key.p, name, key.len) == 0;
}

/* An array of numbers: how many they are, and the greatest. */
static uint64_t count_numbers(struct pk_jreader *r, uint64_t *ret_max)
{
	uint64_t n = 0, v;

	*ret_max = 0;
	while (pk_jread_next(r) == PK_JT_NUMBER) {
		n++;
		if (pk_json_u64(r->text, &v) && v > *ret_max)
			*ret_max = v;
	}
	return n;
}

static void read_children(struct pk_scan *s, struct pk_jreader *r,
			  struct tree *t, bool left)
{
	const uint64_t off = r->off;
	uint64_t max, n;

	if (pk_jread_next(r) != PK_JT_ARRAY)
		return;
	n = count_numbers(r, &max);
	*(left ? &t->left : &t->right) = n;
	t->seen = true;
	if (n && max >= n && max != INT32_MAX)
		bad_child(s, off, (int64_t)max, n);
}

static void scan_json(struct pk_scan *s, struct pk_cursor *c)
{
	struct tree t = { 0 };
	struct pk_jreader r;

	pk_jread_open(&r, c, &s->arena, NULL);
	while (pk_jread_next(&r) != PK_JT_END) {
		if (r.token == PK_JT_KEY && is_key(r.text, "left_children"))
			read_children(s, &r, &t, true);
		else if (r.token == PK_JT_KEY &&
			 is_key(r.text, "right_children"))
			read_children(s, &r, &t, false);
		else if (r.token == PK_JT_OBJECT_END)
			finish_tree(s, &t, r.off);
		if (pk_out_of_budget(s))
			return;
	}
	if (pk_cursor_ok(c))
		(void)pk_jread_at_end(&r);
}

/* UBJSON */

struct ubj {
	struct pk_scan *s;
	struct pk_cursor look;
};

static void check_numbers(void *user, struct pk_span key, uint8_t type,
			  uint64_t off, uint64_t count)
{
	struct ubj *u = user;

	if (type != 'l' ||
	    (!is_key(key, "left_children") && !is_key(key, "right_children")))
		return;
	pk_seek(&u->look, off);
	for (uint64_t i = 0; i < count && pk_cursor_ok(&u->look); i++) {
		const int32_t child = (int32_t)pk_get_u32be(&u->look);

		if (child < -1 || (child >= 0 && (uint32_t)child >= count &&
				   child != INT32_MAX)) {
			bad_child(u->s, off, child, count);
			return;
		}
	}
}

static void scan_ubjson(struct pk_scan *s, struct pk_cursor *c)
{
	struct ubj u = { .s = s };
	const struct pk_ubjson_events e = { check_numbers, &u };

	u.look = pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	pk_ubjson_walk(c, &e);
}

/* Binary */

static bool get_name(struct pk_cursor *c, struct pk_span *ret)
{
	const uint64_t n = pk_get_u64le(c);

	if (n > NAME_MAX_LEN)
		pk_cursor_fail(c, PK_FAULT_VALUE);
	*ret = pk_get_bytes(c, pk_cursor_ok(c) ? n : 0);
	return pk_cursor_ok(c);
}

static bool is_trees(struct pk_span booster)
{
	return is_key(booster, "gbtree") || is_key(booster, "dart");
}

/* Past the head; whether trees follow. */
static bool read_head(struct pk_cursor *c, bool *trees)
{
	struct pk_span objective, booster;

	if (pk_cursor_ready(c, 4) && memcmp(c->p, "binf", 4) == 0)
		pk_skip(c, 4);
	pk_skip(c, LEARNER);
	if (!get_name(c, &objective) || !objective.len)
		return false;
	for (size_t i = 0; i < objective.len; i++) {
		if (objective.p[i] < 0x21 || objective.p[i] > 0x7e)
			return false;
	}
	if (!get_name(c, &booster))
		return false;
	*trees = is_trees(booster);
	return *trees || is_key(booster, "gblinear");
}

static bool is_child(int32_t child, uint32_t nodes)
{
	return child == -1 || (child >= 0 && (uint32_t)child < nodes);
}

static void read_tree(struct pk_scan *s, struct pk_cursor *c)
{
	uint32_t nodes, leaf_vector;

	pk_skip(c, 4);
	nodes = pk_get_u32le(c);
	pk_skip(c, 12);
	leaf_vector = pk_get_u32le(c);
	pk_skip(c, TREE - 24);
	if (!pk_cursor_fits(c, nodes, NODE + STAT))
		return;
	for (uint32_t i = 0; i < nodes && pk_cursor_ok(c); i++) {
		int32_t left, right;

		pk_skip(c, 4);
		left = (int32_t)pk_get_u32le(c);
		right = (int32_t)pk_get_u32le(c);
		pk_skip(c, NODE - 12);
		if (is_child(left, nodes) && is_child(right, nodes))
			continue;
		bad_child(s, c->off, is_child(left, nodes) ? right : left,
			  nodes);
		pk_skip(c, (uint64_t)(nodes - i - 1) * NODE);
		break;
	}
	pk_skip(c, (uint64_t)nodes * STAT);
	if (leaf_vector && pk_cursor_ok(c)) {
		const uint64_t n = pk_get_u64le(c);

		if (pk_cursor_fits(c, n, 4))
			pk_skip(c, n * 4);
	}
}

/* Behind the trees stand their groups, and attributes that differ between
 * releases. */
static void scan_binary(struct pk_scan *s, struct pk_cursor *c)
{
	enum { TAIL_MAX = 1 << 20 };
	bool trees = false;
	uint32_t n;

	if (!read_head(c, &trees) || !trees) {
		pk_partial(s);
		pk_claim(s, 0, c->off);
		return;
	}
	n = pk_get_u32le(c);
	pk_skip(c, BOOSTER - 4);
	if (!pk_cursor_fits(c, n, TREE))
		return;
	for (uint32_t i = 0; i < n && pk_cursor_ok(c); i++)
		read_tree(s, c);
	pk_skip(c, (uint64_t)n * 4);
	if (pk_cursor_left(c) < TAIL_MAX)
		pk_skip(c, pk_cursor_left(c));
}

/* Probing */

static bool is_json(struct pk_span b)
{
	size_t i = 1;

	if (b.len < 16 || b.p[0] != '{')
		return false;
	while (i < b.len && strchr(" \t\r\n", b.p[i]) && b.p[i])
		i++;
	b.p += i;
	b.len -= i;
	return pk_span_starts(b, PK_LIT("\"learner\"")) ||
	       (pk_span_starts(b, PK_LIT("\"version\"")) &&
		memmem(b.p, b.len, "\"learner\"", 9)) ||
	       (pk_span_starts(b, PK_LIT("\"Config\"")) &&
		memmem(b.p, b.len, "\"learner\"", 9));
}

static bool is_ubjson(struct pk_span b)
{
	return b.len > 24 && b.p[0] == '{' && strchr("iUIlL", b.p[1]) &&
	       b.p[1] &&
	       (memmem(b.p, 20, "learner{", 8) ||
		memmem(b.p, 20, "version[", 8) ||
		memmem(b.p, 20, "Config{", 7));
}

static enum pk_match xgboost_probe(const struct pk_head *head)
{
	struct pk_cursor c = pk_cursor_over(head->bytes, 0);
	bool trees;

	if (is_json(head->bytes) || is_ubjson(head->bytes) ||
	    read_head(&c, &trees))
		return PK_MATCH_SURE;
	return PK_MATCH_NO;
}

static void xgboost_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	uint8_t bytes[256];
	const struct pk_span head = { bytes, pk_source_read(s->bytes, 0, bytes,
							    sizeof(bytes)) };

	if (is_ubjson(head))
		scan_ubjson(s, &c);
	else if (head.len && head.p[0] == '{')
		scan_json(s, &c);
	else
		scan_binary(s, &c);
	pk_report_fault(s, PK_RULE_XGBOOST_MALFORMED, &c, "the model");
	if (pk_cursor_ok(&c))
		pk_claim(s, 0, c.off);
	else if (c.fault != PK_FAULT_LIMIT)
		s->job->facts |= PK_FACT_REFUSED;
}

const struct pk_format pk_format_xgboost = {
	.name = "xgboost",
	.title = "XGBoost model",
	.reads = "its whole structure, children of nodes against their trees; "
		 "linear models of the old binary form are only recognised",
	.risk = PK_RISK_DATA,
	.rank = 25,
	.probe = xgboost_probe,
	.scan = xgboost_scan,
};
