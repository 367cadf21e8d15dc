/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PyTorch's layout before 1.6: five pickles, then the storages' bytes
 * (torch/serialization.py, _legacy_load).
 */
#include "tensors/load.h"

enum { PROTOCOL = 1001 };

/* 0x1950A86A20F9469CFC6C */
static bool is_magic(struct pk_loader *l)
{
	static const uint8_t magic[] = { 0x6c, 0xfc, 0x9c, 0x46, 0xf9,
					 0x20, 0x6a, 0xa8, 0x50, 0x19 };
	uint8_t have[sizeof(magic)];
	struct pk_number n;

	return pk_graph_number(&l->g, l->g.root, &n) &&
	       n.kind == PK_NUMBER_INT && n.at.len == sizeof(magic) &&
	       pk_reader_fetch(&l->g.vm->r, n.at.off, have, sizeof(have)) ==
		       sizeof(have) &&
	       memcmp(have, magic, sizeof(magic)) == 0;
}

static bool next_pickle(struct pk_loader *l)
{
	if (pk_graph_load(&l->g) == PK_LOAD_STOP && !l->failed)
		return true;
	return pk_load_fail(l, PK_WEIGHTS_BROKEN, pk_vm_offset(l->g.vm),
			    "a pickle breaks off at offset %llu",
			    (unsigned long long)pk_vm_offset(l->g.vm));
}

static bool read_head(struct pk_loader *l)
{
	if (!next_pickle(l))
		return false;
	if (!is_magic(l))
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				    "another magic number");
	if (!next_pickle(l))
		return false;
	if (pk_value_kind(l->g.root) != PK_V_INT ||
	    pk_value_int(l->g.root) != PROTOCOL)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				    "another version of the layout");
	return next_pickle(l); /* facts about the writer, which nobody reads */
}

static struct pk_store *listed_store(struct pk_loader *l, pk_value key)
{
	struct pk_buf text = { 0 };
	struct pk_store *s = NULL;
	bool met = false;

	if (pk_value_kind(key) == PK_V_INT)
		pk_buf_printf(&text, "%lld", (long long)pk_value_int(key));
	else
		(void)pk_vm_text(l->g.vm, key, 4096, &text);
	if (pk_buf_ok(&text) && text.len)
		s = pk_load_store(l, text.p, text.len, &met);
	pk_buf_release(&text);
	return met ? s : NULL;
}

/* u64 elements, the elements. */
static bool read_storage(struct pk_loader *l, struct pk_cursor *c,
			 struct pk_store *s)
{
	const unsigned size = pk_dtypes[s->dtype].size;
	const uint64_t n = pk_get_u64le(c);
	uint64_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes != s->len)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, c->off,
				    "storage '%s' has another size than the "
				    "pickle says",
				    s->key);
	s->src = l->file;
	s->off = c->off;
	s->in_file = s->known = true;
	pk_skip(c, bytes);
	return pk_cursor_ok(c) ||
	       pk_load_fail(l, PK_WEIGHTS_BROKEN, s->off,
			    "the file ends within storage '%s'", s->key);
}

static bool read_storages(struct pk_loader *l, pk_value keys)
{
	const uint64_t n =
		pk_load_is_row(keys) ? pk_vm_count(l->g.vm, keys) : UINT64_MAX;
	struct pk_cursor c =
		pk_cursor_open(l->file, 0, l->file->size, &l->w->arena);

	pk_seek(&c, pk_vm_offset(l->g.vm));
	if (n == UINT64_MAX)
		return pk_load_fail(l, PK_WEIGHTS_BROKEN, c.off,
				    "the storages are not listed");
	for (uint64_t i = 0; i < n; i++) {
		struct pk_store *s =
			listed_store(l, pk_vm_kid(l->g.vm, keys, i));

		if (!s)
			return pk_load_fail(l, PK_WEIGHTS_BROKEN, c.off,
					    "a storage is listed that no "
					    "tensor has");
		if (!read_storage(l, &c, s))
			return false;
	}
	return true;
}

static bool all_read(struct pk_loader *l)
{
	for (size_t i = 0; i < l->stores_n; i++) {
		if (!l->listed[i]->known && l->listed[i]->len)
			return pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
					    "storage '%s' is not in the file",
					    l->listed[i]->key);
	}
	return true;
}

void pk_load_torch_legacy(struct pk_loader *l)
{
	pk_value root;

	l->w->format = "pytorch-legacy";
	pk_rules_watch(l);
	pk_graph_begin(&l->g,
		       pk_cursor_open(l->file, 0, l->file->size, &l->w->arena),
		       PK_READ_FLAT);
	if (!read_head(l))
		return;
	l->legacy = true;
	if (!next_pickle(l))
		return;
	root = l->g.root;
	l->legacy = false;
	if (next_pickle(l) && read_storages(l, l->g.root) && all_read(l))
		pk_flatten(l, root);
}
