/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/manifest.h"

#include <stdlib.h>

void pk_manifest_init(struct pk_manifest *m, enum pk_hash hash)
{
	*m = (struct pk_manifest){ .meter = { .ceiling = SIZE_MAX },
				   .hash = hash };
	m->arena = PK_ARENA(&m->meter);
	m->troubles_tail = &m->troubles;
}

void pk_manifest_release(struct pk_manifest *m)
{
	free(m->entries);
	pk_arena_release(&m->arena);
}

enum pk_status pk_manifest_trouble(struct pk_manifest *m, const char *path,
				   const char *why)
{
	struct pk_tree_trouble *t = PK_NEW(&m->arena, struct pk_tree_trouble);

	if (!t)
		return PK_ERR_NOMEM;
	t->path = pk_arena_printf(&m->arena, "%s", path);
	t->why = pk_arena_printf(&m->arena, "%s", why);
	if (!t->path || !t->why)
		return PK_ERR_NOMEM;
	*m->troubles_tail = t;
	m->troubles_tail = &t->next;
	return PK_OK;
}

enum pk_status pk_manifest_add(struct pk_manifest *m,
			       const struct pk_manifest_entry *e)
{
	struct pk_manifest_entry *kept;

	if (m->count == m->cap) {
		const size_t cap = m->cap ? m->cap * 2 : 64;

		kept = reallocarray(m->entries, cap, sizeof(*kept));
		if (!kept)
			return PK_ERR_NOMEM;
		m->entries = kept;
		m->cap = cap;
	}
	kept = &m->entries[m->count];
	*kept = *e;
	kept->path = pk_arena_printf(&m->arena, "%s", e->path);
	if (e->format)
		kept->format = pk_arena_printf(&m->arena, "%s", e->format);
	if (!kept->path || (e->format && !kept->format))
		return PK_ERR_NOMEM;
	m->count++;
	return PK_OK;
}

static int by_path_and_range(const void *a, const void *b)
{
	const struct pk_manifest_entry *x = a, *y = b;
	const int order = pk_tree_order(x->path, y->path);

	if (order)
		return order;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

void pk_manifest_sort(struct pk_manifest *m)
{
	if (m->count)
		qsort(m->entries, m->count, sizeof(*m->entries),
		      by_path_and_range);
}

const struct pk_manifest_entry *pk_manifest_find(const struct pk_manifest *m,
						 const char *path)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (pk_tree_order(m->entries[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == m->count || strcmp(m->entries[low].path, path) != 0)
		return NULL;
	return &m->entries[low];
}

bool pk_manifest_root(const struct pk_manifest *m, uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();

	for (size_t i = 0; i < m->count; i++)
		pk_sha256_add(h, m->entries[i].digest, pk_hash_len(m->hash));
	return pk_sha256_end(h, ret);
}
