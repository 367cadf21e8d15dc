/* SPDX-License-Identifier: Apache-2.0 */
#include "core/set64.h"

/* splitmix64, so that offsets, all multiples of something, spread. */
static uint64_t mix(uint64_t v)
{
	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9U;
	v = (v ^ v >> 27) * 0x94d049bb133111ebU;
	return v ^ v >> 31;
}

/* Where the number is, or the free slot where it goes. */
static uint64_t *find(uint64_t *slots, size_t cap, uint64_t v)
{
	size_t i = (size_t)mix(v) & (cap - 1);

	while (slots[i] && slots[i] != v)
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static bool grow(struct pk_set64 *s)
{
	const size_t cap = s->cap ? s->cap * 2 : 64;
	uint64_t *slots = pk_arena_alloc(s->arena, cap, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < s->cap; i++) {
		if (s->slots[i])
			*find(slots, cap, s->slots[i]) = s->slots[i];
	}
	s->slots = slots;
	s->cap = cap;
	return true;
}

bool pk_set64_add(struct pk_set64 *s, uint64_t v)
{
	uint64_t *slot;

	if (v == 0) {
		bool fresh = !s->has_zero;

		s->has_zero = true;
		return fresh;
	}
	if (s->n >= s->cap / 4 * 3 && !grow(s))
		return true;
	slot = find(s->slots, s->cap, v);
	if (*slot)
		return false;
	*slot = v;
	s->n++;
	return true;
}
