/* SPDX-License-Identifier: Apache-2.0 */
#include "core/strmap.h"

#include <sys/auxv.h>

struct pk_strmap_slot {
	uint64_t hash; /* 0: free */
	struct pk_span key;
	void *value;
};

static inline uint64_t rotl(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static uint64_t word(const uint8_t *p, size_t n)
{
	uint64_t w = 0;

	if (n)
		memcpy(&w, p, n);
	return w;
}

/* SipHash-1-3 (Aumasson and Bernstein, 2012), keyed by what the kernel gives
 * each process: no system call, no state of our own. */
static uint64_t hash_of(struct pk_span s)
{
	const uint8_t *random = (const uint8_t *)getauxval(AT_RANDOM);
	const uint64_t k0 = random ? word(random, 8) : 0;
	const uint64_t k1 = random ? word(random + 8, 8) : 0;
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575U, k1 ^ 0x646f72616e646f6dU,
			  k0 ^ 0x6c7967656e657261U, k1 ^ 0x7465646279746573U };
	const size_t whole = s.len / 8 * 8;
	const uint64_t tail = (uint64_t)s.len << 56 |
			      word(s.p ? s.p + whole : NULL, s.len - whole);

	for (size_t i = 0; i < whole; i += 8) {
		const uint64_t w = word(s.p + i, 8);

		v[3] ^= w;
		sip_round(v);
		v[0] ^= w;
	}
	v[3] ^= tail;
	sip_round(v);
	v[0] ^= tail;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return (v[0] ^ v[1] ^ v[2] ^ v[3]) | 1;
}

/* Where the key is, or the free slot where it goes. */
static struct pk_strmap_slot *find(struct pk_strmap_slot *slots, size_t cap,
				   uint64_t hash, struct pk_span key)
{
	size_t i = (size_t)(hash >> 1) & (cap - 1);

	while (slots[i].hash &&
	       !(slots[i].hash == hash && pk_span_eq(slots[i].key, key)))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static bool grow(struct pk_strmap *m)
{
	const size_t cap = m->cap ? m->cap * 2 : 32;
	struct pk_strmap_slot *slots =
		pk_arena_alloc(m->arena, cap, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < m->cap; i++) {
		const struct pk_strmap_slot *old = &m->slots[i];

		if (old->hash)
			*find(slots, cap, old->hash, old->key) = *old;
	}
	m->slots = slots;
	m->cap = cap;
	return true;
}

void **pk_strmap_put(struct pk_strmap *m, struct pk_span key, bool *ret_new)
{
	const uint64_t hash = hash_of(key);
	struct pk_strmap_slot *slot;

	if (m->n >= m->cap / 4 * 3 && !grow(m))
		return NULL;
	slot = find(m->slots, m->cap, hash, key);
	*ret_new = slot->hash == 0;
	if (*ret_new) {
		*slot = (struct pk_strmap_slot){ .hash = hash, .key = key };
		m->n++;
	}
	return &slot->value;
}

void pk_strmap_clear(struct pk_strmap *m, size_t about)
{
	m->n = 0;
	if (m->cap / 16 > about)
		m->cap = 0; /* to wipe it all would cost more than a new one */
	else if (m->cap)
		memset(m->slots, 0, m->cap * sizeof(*m->slots));
}

void *pk_strmap_get(const struct pk_strmap *m, struct pk_span key)
{
	return m->cap ? find(m->slots, m->cap, hash_of(key), key)->value : NULL;
}
