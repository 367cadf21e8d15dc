/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LightGBM models: lines "key=value", a block of them for each "Tree=N".
 *
 * Nothing in them names code.  What can hurt: lists longer than num_leaves says
 * (CVE-2024-43598).
 */
#include <ctype.h>

#include "engine/format.h"
#include "engine/note.h"

enum { KEY_MAX = 64, VALUE_MAX = 64 };

/* One line: its key, the beginning of its value, the words in it. */
struct line {
	char key[KEY_MAX];
	size_t key_len;
	char value[VALUE_MAX];
	size_t value_len;
	uint64_t words;
	uint64_t off;
};

static int next_char(struct pk_cursor *c)
{
	return pk_cursor_ok(c) && pk_cursor_ready(c, 1) ? pk_get_u8(c) : -1;
}

static bool read_line(struct pk_cursor *c, struct line *l)
{
	bool value = false, word = false;
	int ch;

	*l = (struct line){ .off = c->off };
	while ((ch = next_char(c)) >= 0 && ch != '\n') {
		if (!value && ch == '=') {
			value = true;
		} else if (!value) {
			if (l->key_len < KEY_MAX)
				l->key[l->key_len++] = (char)ch;
		} else {
			if (l->value_len < VALUE_MAX)
				l->value[l->value_len++] = (char)ch;
			l->words += !isspace(ch) && !word;
			word = !isspace(ch);
		}
	}
	return ch >= 0 || c->off > l->off;
}

static bool is_key(const struct line *l, const char *key)
{
	return l->key_len == strlen(key) &&
	       memcmp(l->key, key, l->key_len) == 0;
}

static uint64_t number(const struct line *l)
{
	uint64_t v = 0;

	for (size_t i = 0;
	     i < l->value_len && isdigit((unsigned char)l->value[i]) &&
	     v < UINT32_MAX;
	     i++)
		v = v * 10 + (uint64_t)(l->value[i] - '0');
	return v;
}

struct model {
	struct pk_scan *s;
	uint64_t leaves; /* of the tree that is read */
	bool in_tree, linear, said;
};

static void check_list(struct model *m, const struct line *l)
{
	static const struct {
		const char *key;
		int less; /* than there are leaves */
	} lists[] = {
		{ "split_feature", 1 },   { "split_gain", 1 },
		{ "threshold", 1 },       { "decision_type", 1 },
		{ "left_child", 1 },      { "right_child", 1 },
		{ "leaf_value", 0 },      { "leaf_weight", 0 },
		{ "leaf_count", 0 },      { "internal_value", 1 },
		{ "internal_weight", 1 }, { "internal_count", 1 },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const uint64_t want = m->leaves - (uint64_t)lists[i].less;

		if (!is_key(l, lists[i].key) || l->words == want ||
		    l->words == 0)
			continue;
		/* A tree of one leaf has lists of one or none. */
		if (m->leaves <= 1 && l->words <= 1)
			continue;
		if (m->said)
			return;
		m->said = true;
		pk_partial(m->s);
		pk_report(m->s, PK_RULE_LIGHTGBM_MALFORMED, l->off,
			  "a tree of %llu leaves has %llu numbers in its %s",
			  (unsigned long long)m->leaves,
			  (unsigned long long)l->words, lists[i].key);
	}
}

static void lightgbm_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	struct model m = { .s = s };
	struct line l;

	while (!pk_out_of_budget(s) && read_line(&c, &l)) {
		if (is_key(&l, "Tree"))
			m.in_tree = true;
		else if (is_key(&l, "num_leaves"))
			m.leaves = number(&l);
		else if (is_key(&l, "end of trees"))
			m.in_tree = false;
		else if (m.in_tree)
			check_list(&m, &l);
		else if (is_key(&l, "objective"))
			pk_note_text(s, "objective",
				     (struct pk_span){ (uint8_t *)l.value,
						       l.value_len });
	}
	if (c.fault)
		pk_report_fault(s, PK_RULE_LIGHTGBM_MALFORMED, &c, "the text");
	else
		pk_claim(s, 0, c.off);
}

static enum pk_match lightgbm_probe(const struct pk_head *head)
{
	struct pk_span b = head->bytes;

	if (!pk_span_starts(b, PK_LIT("tree")))
		return PK_MATCH_NO;
	b.p += 4;
	b.len -= 4;
	if (b.len && b.p[0] == '\r') {
		b.p++;
		b.len--;
	}
	return pk_span_starts(b, PK_LIT("\nversion=v")) ||
			       (pk_span_starts(b, PK_LIT("\nnum_class=")) &&
				memmem(b.p, b.len, "\nlabel_index=", 13))
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_lightgbm = {
	.name = "lightgbm",
	.title = "LightGBM model",
	.reads = "every line; the lengths of each tree's lists",
	.risk = PK_RISK_DATA,
	.rank = 20,
	.probe = lightgbm_probe,
	.scan = lightgbm_scan,
};
