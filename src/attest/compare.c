/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/compare.h"

#include <stdlib.h>

const char *pk_difference_name(enum pk_difference d)
{
	static const char *const names[] = {
		[PK_DIFF_CHANGED] = "changed", [PK_DIFF_MISSING] = "missing",
		[PK_DIFF_EXTRA] = "extra",     [PK_DIFF_RENAMED] = "renamed",
		[PK_DIFF_UNREAD] = "unread",
	};

	return names[d];
}

void pk_diffs_release(struct pk_diffs *d)
{
	free(d->v);
	*d = (struct pk_diffs){ 0 };
}

static enum pk_status add(struct pk_diffs *d, enum pk_difference kind,
			  const char *path, const char *other)
{
	if (d->count == d->cap) {
		const size_t cap = d->cap ? d->cap * 2 : 32;
		struct pk_diff *v = reallocarray(d->v, cap, sizeof(*v));

		if (!v)
			return PK_ERR_NOMEM;
		d->v = v;
		d->cap = cap;
	}
	d->v[d->count++] = (struct pk_diff){ kind, path, other };
	return PK_OK;
}

/* All parts of one file: entries [at, end) of a manifest. */
static size_t end_of(const struct pk_manifest *m, size_t at)
{
	const char *path = m->entries[at].path;
	size_t end = at + 1;

	while (end < m->count && strcmp(m->entries[end].path, path) == 0)
		end++;
	return end;
}

static bool same_parts(const struct pk_manifest *x, size_t at, size_t at_end,
		       const struct pk_manifest *y, size_t bt, size_t bt_end)
{
	if (at_end - at != bt_end - bt)
		return false;
	for (; at < at_end; at++, bt++) {
		const struct pk_manifest_entry *a = &x->entries[at];
		const struct pk_manifest_entry *b = &y->entries[bt];

		if (a->from != b->from || a->to != b->to ||
		    memcmp(a->digest, b->digest, sizeof(a->digest)) != 0)
			return false;
	}
	return true;
}

static const char *unread_why(const struct pk_manifest *m, const char *path)
{
	for (const struct pk_tree_trouble *t = m->troubles; t; t = t->next) {
		if (strcmp(t->path, path) == 0)
			return t->why;
	}
	return NULL;
}

/* Walks both in step, as a merge does. */
static enum pk_status compare_files(const struct pk_manifest *x,
				    const struct pk_manifest *y,
				    struct pk_diffs *d)
{
	size_t at = 0, bt = 0;
	enum pk_status s = PK_OK;

	while (s == PK_OK && (at < x->count || bt < y->count)) {
		const int order = at == x->count ? 1
				  : bt == y->count
					  ? -1
					  : pk_tree_order(x->entries[at].path,
							  y->entries[bt].path);
		const size_t at_end = order <= 0 ? end_of(x, at) : at;
		const size_t bt_end = order >= 0 ? end_of(y, bt) : bt;

		if (order > 0)
			s = add(d, PK_DIFF_EXTRA, y->entries[bt].path, NULL);
		else if (order < 0 && !unread_why(y, x->entries[at].path))
			s = add(d, PK_DIFF_MISSING, x->entries[at].path, NULL);
		else if (order == 0 &&
			 !same_parts(x, at, at_end, y, bt, bt_end))
			s = add(d, PK_DIFF_CHANGED, x->entries[at].path, NULL);
		at = at_end;
		bt = bt_end;
	}
	return s;
}

static enum pk_status add_unread(const struct pk_manifest *m,
				 struct pk_diffs *d)
{
	enum pk_status s = PK_OK;

	for (const struct pk_tree_trouble *t = m->troubles; s == PK_OK && t;
	     t = t->next)
		s = add(d, PK_DIFF_UNREAD, t->path, t->why);
	return s;
}

/* The digest of a file that is whole, for finding it under another name. */
struct whole {
	const uint8_t *digest;
	struct pk_diff *diff;
};

static int by_digest(const void *a, const void *b)
{
	const struct whole *x = a, *y = b;

	return memcmp(x->digest, y->digest, PK_HASH_LEN_MAX);
}

static size_t gather(const struct pk_manifest *m, struct pk_diffs *d,
		     enum pk_difference kind, struct whole *to)
{
	size_t n = 0;

	for (size_t i = 0; i < d->count; i++) {
		const struct pk_manifest_entry *e;

		if (d->v[i].kind != kind)
			continue;
		e = pk_manifest_find(m, d->v[i].path);
		if (e)
			to[n++] = (struct whole){ e->digest, &d->v[i] };
	}
	if (n)
		qsort(to, n, sizeof(*to), by_digest);
	return n;
}

/* The missing one's line tells of both; the extra one's goes. */
static void pair_up(struct whole *gone, size_t gone_n, struct whole *come,
		    size_t come_n)
{
	size_t j = 0;

	for (size_t i = 0; i < gone_n; i++) {
		while (j < come_n && by_digest(&come[j], &gone[i]) < 0)
			j++;
		if (j == come_n || by_digest(&come[j], &gone[i]) != 0)
			continue;
		come[j].diff->kind = PK_DIFF_RENAMED;
		come[j].diff->other = gone[i].diff->path;
		gone[i].diff->path = NULL;
		j++;
	}
}

static void drop_emptied(struct pk_diffs *d)
{
	size_t to = 0;

	for (size_t i = 0; i < d->count; i++) {
		if (d->v[i].path)
			d->v[to++] = d->v[i];
	}
	d->count = to;
}

static enum pk_status find_renamed(const struct pk_manifest *expected,
				   const struct pk_manifest *actual,
				   struct pk_diffs *d)
{
	struct whole *both;
	size_t gone, come;

	if (expected->shard || d->count == 0)
		return PK_OK;
	both = calloc(2 * d->count, sizeof(*both));
	if (!both)
		return PK_ERR_NOMEM;
	gone = gather(expected, d, PK_DIFF_MISSING, both);
	come = gather(actual, d, PK_DIFF_EXTRA, both + d->count);
	pair_up(both, gone, both + d->count, come);
	free(both);
	drop_emptied(d);
	return PK_OK;
}

static int by_path(const void *a, const void *b)
{
	const struct pk_diff *x = a, *y = b;

	return pk_tree_order(x->path, y->path);
}

enum pk_status pk_compare(const struct pk_manifest *expected,
			  const struct pk_manifest *actual,
			  struct pk_diffs *ret)
{
	enum pk_status s;

	*ret = (struct pk_diffs){ 0 };
	s = compare_files(expected, actual, ret);
	if (s == PK_OK)
		s = find_renamed(expected, actual, ret);
	if (s == PK_OK)
		s = add_unread(actual, ret);
	if (s == PK_OK && ret->count)
		qsort(ret->v, ret->count, sizeof(*ret->v), by_path);
	if (s != PK_OK)
		pk_diffs_release(ret);
	return s;
}
