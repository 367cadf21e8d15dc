/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_memo.h"

#include <stdlib.h>

enum { DENSE_FIRST = 1024, SPARSE_FIRST = 64, ARRAY_FIRST = 32 };

struct pk_memo_slot {
	uint64_t index;
	pk_value v; /* PK_V_MARK: empty */
};

static const pk_value empty = (uint64_t)PK_V_MARK << PK_VALUE_BITS;

void pk_memo_init(struct pk_memo *m, struct pk_meter *meter)
{
	*m = (struct pk_memo){ .meter = meter, .array_cap = ARRAY_FIRST };
}

void pk_memo_clear(struct pk_memo *m)
{
	/* What a large pickle needed is not kept for the next one. */
	if (m->dense_cap > DENSE_FIRST || m->sparse) {
		struct pk_meter *meter = m->meter;

		pk_memo_release(m);
		pk_memo_init(m, meter);
		return;
	}
	for (size_t i = 0; i < m->dense_cap; i++)
		m->dense[i] = empty;
	m->count = m->array_n = 0;
	m->array_cap = ARRAY_FIRST;
}

void pk_memo_release(struct pk_memo *m)
{
	if (m->meter)
		pk_meter_give(m->meter,
			      m->dense_cap * sizeof(*m->dense) +
				      m->sparse_cap * sizeof(*m->sparse));
	free(m->dense);
	free(m->sparse);
	*m = (struct pk_memo){ 0 };
}

/* Grows by a quarter: a memo of millions must not double its memory. */
static bool grow_dense(struct pk_memo *m, uint64_t index)
{
	size_t cap = m->dense_cap + m->dense_cap / 4;
	pk_value *v;

	if (cap < DENSE_FIRST)
		cap = DENSE_FIRST;
	if (cap <= index)
		cap = (size_t)index + 1;
	if (!pk_meter_take(m->meter, (cap - m->dense_cap) * sizeof(*v)))
		return false;
	v = realloc(m->dense, cap * sizeof(*v));
	if (!v) {
		pk_meter_give(m->meter, (cap - m->dense_cap) * sizeof(*v));
		m->meter->exceeded = true;
		return false;
	}
	for (size_t i = m->dense_cap; i < cap; i++)
		v[i] = empty;
	m->dense = v;
	m->dense_cap = cap;
	return true;
}

/* The finalizer of SplitMix64; the table's address salts it, so that no file
 * can know which indices collide. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
	x = (x ^ x >> 27) * 0x94d049bb133111ebU;
	return x ^ x >> 31;
}

static struct pk_memo_slot *find_slot(const struct pk_memo *m, uint64_t index)
{
	const size_t mask = m->sparse_cap - 1;
	size_t i = (size_t)mix(index ^ (uintptr_t)m->sparse) & mask;

	while (m->sparse[i].v != empty && m->sparse[i].index != index)
		i = (i + 1) & mask;
	return &m->sparse[i];
}

static bool grow_sparse(struct pk_memo *m)
{
	const struct pk_memo old = *m;
	size_t cap = old.sparse_cap ? old.sparse_cap * 2 : SPARSE_FIRST;

	if (!pk_meter_take(m->meter,
			   (cap - old.sparse_cap) * sizeof(*m->sparse)))
		return false;
	m->sparse = malloc(cap * sizeof(*m->sparse));
	if (!m->sparse) {
		m->sparse = old.sparse;
		pk_meter_give(m->meter,
			      (cap - old.sparse_cap) * sizeof(*m->sparse));
		m->meter->exceeded = true;
		return false;
	}
	m->sparse_cap = cap;
	for (size_t i = 0; i < cap; i++)
		m->sparse[i].v = empty;
	for (size_t i = 0; i < old.sparse_cap; i++) {
		if (old.sparse[i].v != empty)
			*find_slot(m, old.sparse[i].index) = old.sparse[i];
	}
	free(old.sparse);
	return true;
}

/* How CPython 3.15 numbers: an index beyond the array's capacity and more
 * than twice its filled slots goes to a dict and is not counted. */
static void count_array(struct pk_memo *m, uint64_t index)
{
	if (index >= m->array_cap) {
		if (index > 2 * m->array_n)
			return;
		m->array_cap = index * 2;
	}
	m->array_n++;
}

static bool put_sparse(struct pk_memo *m, uint64_t index, pk_value v)
{
	struct pk_memo_slot *slot;

	if (m->sparse_n >= m->sparse_cap / 2 && !grow_sparse(m))
		return false;
	slot = find_slot(m, index);
	if (slot->v == empty) {
		m->sparse_n++;
		m->count++;
		count_array(m, index);
	}
	*slot = (struct pk_memo_slot){ index, v };
	return true;
}

bool pk_memo_put(struct pk_memo *m, uint64_t index, pk_value v)
{
	pk_value here;

	if (index >= m->dense_cap) {
		if (index > 2 * m->count + DENSE_FIRST)
			return put_sparse(m, index, v);
		if (m->sparse && pk_memo_get(m, index, &here))
			return put_sparse(m, index, v);
		if (!grow_dense(m, index))
			return false;
	}
	if (m->dense[index] == empty) {
		/* It may lie in the sparse part, from before this grew. */
		if (m->sparse && pk_memo_get(m, index, &here))
			return put_sparse(m, index, v);
		m->count++;
		count_array(m, index);
	}
	m->dense[index] = v;
	return true;
}

bool pk_memo_get(const struct pk_memo *m, uint64_t index, pk_value *ret)
{
	if (index < m->dense_cap && m->dense[index] != empty) {
		*ret = m->dense[index];
		return true;
	}
	if (m->sparse) {
		const struct pk_memo_slot *slot = find_slot(m, index);

		if (slot->v != empty) {
			*ret = slot->v;
			return true;
		}
	}
	return false;
}
