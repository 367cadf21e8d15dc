/* SPDX-License-Identifier: Apache-2.0 */
#include "source/seen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct pk_seen_slot {
	dev_t dev;
	ino_t ino;
	bool used;
	bool by_link;
	char suffix[PK_SUFFIX_MAX];
};

static size_t hash(const struct pk_seen_slot *k)
{
	uint64_t h = ((uint64_t)k->ino ^ (uint64_t)k->dev << 40) *
		     0x9e3779b97f4a7c15U;

	for (const char *s = k->suffix; *s; s++)
		h = (h ^ (uint8_t)*s) * 1099511628211U;
	return (size_t)(h ^ h >> 29);
}

static struct pk_seen_slot *find(const struct pk_seen *s,
				 const struct pk_seen_slot *k)
{
	size_t i = hash(k) & (s->cap - 1);

	for (; s->slots[i].used; i = (i + 1) & (s->cap - 1)) {
		if (s->slots[i].dev == k->dev && s->slots[i].ino == k->ino &&
		    strcmp(s->slots[i].suffix, k->suffix) == 0)
			break;
	}
	return &s->slots[i];
}

static bool grow(struct pk_seen *s)
{
	struct pk_seen next = { .cap = s->cap ? s->cap * 2 : 256 };

	if (s->used < s->cap / 2)
		return true;
	next.slots = calloc(next.cap, sizeof(*next.slots));
	if (!next.slots)
		return false;
	for (size_t i = 0; i < s->cap; i++) {
		if (s->slots[i].used)
			*find(&next, &s->slots[i]) = s->slots[i];
	}
	next.used = s->used;
	free(s->slots);
	*s = next;
	return true;
}

/* True when the key is new or nothing but plain names led to it. */
static bool note(struct pk_seen *s, const struct pk_seen_slot *k)
{
	struct pk_seen_slot *slot;
	bool first;

	if (!grow(s)) {
		s->failed = true;
		return true;
	}
	slot = find(s, k);
	first = !slot->used || (!slot->by_link && !k->by_link);
	if (!slot->used)
		s->used++;
	if (first)
		*slot = *k;
	return first;
}

/* False when the suffix is longer than any that means something. */
static bool set_suffix(struct pk_seen_slot *k, const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t n = dot ? strlen(dot) : 0;

	if (n >= sizeof(k->suffix))
		return false;
	for (size_t i = 0; i < n; i++) {
		char ch = dot[i];

		if (ch >= 'A' && ch <= 'Z')
			ch = (char)(ch | 0x20);
		k->suffix[i] = ch;
	}
	return true;
}

bool pk_seen_first(struct pk_seen *s, dev_t dev, ino_t ino, const char *name,
		   bool by_link)
{
	struct pk_seen_slot k = {
		.dev = dev, .ino = ino, .used = true, .by_link = by_link
	};
	const struct pk_seen_slot bare = k;

	if (!set_suffix(&k, name))
		return true;
	if (!note(s, &k))
		return false;
	if (k.suffix[0])
		(void)note(s, &bare);
	return true;
}

void pk_seen_release(struct pk_seen *s)
{
	free(s->slots);
	*s = (struct pk_seen){ 0 };
}
