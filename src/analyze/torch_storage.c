/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/torch_storage.h"

enum { KEY_MAX = 256, SLOTS_FIRST = 64, SLOTS_MAX = 1 << 22 };

struct pk_storage {
	char *key; /* NULL: the slot is free */
	uint32_t len;
};

/* torch/storage.py and spec of the storage types: bytes an element. */
static const struct {
	const char *name;
	unsigned size;
} item_sizes[] = {
	{ "DoubleStorage", 8 },       { "FloatStorage", 4 },
	{ "HalfStorage", 2 },         { "BFloat16Storage", 2 },
	{ "LongStorage", 8 },         { "IntStorage", 4 },
	{ "ShortStorage", 2 },        { "CharStorage", 1 },
	{ "ByteStorage", 1 },         { "BoolStorage", 1 },
	{ "ComplexFloatStorage", 8 }, { "ComplexDoubleStorage", 16 },
	{ "QInt8Storage", 1 },        { "QUInt8Storage", 1 },
	{ "QInt32Storage", 4 },       { "QUInt4x2Storage", 1 },
	{ "QUInt2x4Storage", 1 },     { "UntypedStorage", 1 },
};

unsigned pk_storage_item_size(struct pk_span name)
{
	for (size_t i = 0; i < sizeof(item_sizes) / sizeof(item_sizes[0]);
	     i++) {
		const char *want = item_sizes[i].name;

		if (name.len == strlen(want) &&
		    memcmp(name.p, want, name.len) == 0)
			return item_sizes[i].size;
	}
	return 0;
}

static size_t place_of(const struct pk_storages *s, const char *key, size_t len)
{
	uint32_t h = 2166136261U; /* FNV-1a */
	size_t i;

	for (size_t k = 0; k < len; k++)
		h = (h ^ (uint8_t)key[k]) * 16777619U;
	i = h & (s->cap - 1);
	while (s->slots[i].key && (s->slots[i].len != len ||
				   memcmp(s->slots[i].key, key, len) != 0))
		i = (i + 1) & (s->cap - 1);
	return i;
}

static bool grow(struct pk_storages *s)
{
	const struct pk_storages old = *s;

	s->cap = old.cap ? old.cap * 2 : SLOTS_FIRST;
	s->slots = s->cap <= SLOTS_MAX
			   ? pk_arena_alloc(s->arena, s->cap, sizeof(*s->slots))
			   : NULL;
	if (!s->slots) {
		*s = old;
		s->unknown = true;
		return false;
	}
	for (size_t i = 0; i < old.cap; i++) {
		const struct pk_storage *was = &old.slots[i];

		if (was->key)
			s->slots[place_of(s, was->key, was->len)] = *was;
	}
	return true;
}

/* False when the key was there before, or could not be kept. */
static bool add_key(struct pk_storages *s, struct pk_span key)
{
	struct pk_storage *slot;

	if (s->n >= s->cap / 2 && !grow(s))
		return false;
	slot = &s->slots[place_of(s, (const char *)key.p, key.len)];
	if (slot->key)
		return false;
	slot->key = pk_arena_copy(s->arena, key);
	slot->len = (uint32_t)key.len;
	s->n++;
	return slot->key != NULL;
}

static void add_bytes(struct pk_storages *s, unsigned item, pk_value numel)
{
	uint64_t bytes = 0;

	if (!item || pk_value_kind(numel) != PK_V_INT ||
	    pk_value_int(numel) < 0 ||
	    __builtin_mul_overflow((uint64_t)pk_value_int(numel), item,
				   &bytes) ||
	    __builtin_add_overflow(s->bytes, bytes, &s->bytes))
		s->unknown = true;
}

void pk_storages_add(struct pk_judge *j, pk_value id)
{
	enum { TYPE = 1, KEY = 2, NUMEL = 4 };
	struct pk_storages *s = j->user;
	const struct pk_vm_global *type =
		pk_vm_global_of(j->vm, pk_vm_kid(j->vm, id, TYPE));
	const pk_value key = pk_vm_kid(j->vm, id, KEY);
	struct pk_buf text = { 0 };

	if (pk_value_kind(key) == PK_V_INT)
		pk_buf_printf(&text, "%lld", (long long)pk_value_int(key));
	else if (!pk_vm_text(j->vm, key, KEY_MAX, &text))
		s->unknown = true;
	if (type && add_key(s, pk_buf_span(&text)))
		add_bytes(s, pk_storage_item_size(type->name),
			  pk_vm_kid(j->vm, id, NUMEL));
	pk_buf_release(&text);
}
