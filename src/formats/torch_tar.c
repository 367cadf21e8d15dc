/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PyTorch's oldest layout, of 2016: a tar of sys_info, pickle, storages and
 * tensors (torch/serialization.py, legacy_load).  The tar format reads the
 * members; two of them mix pickles with raw data and are read here:
 *
 *   storages = pickle(count) | { pickle(key, location, type) |
 *              u64 elements | elements }... | pickle(views)
 *   tensors  = pickle(count) | { pickle(key, storage, type) | i32 dims |
 *              4 bytes | dims i64 sizes | dims i64 strides | i64 offset }...
 *
 * What can hurt: each of the pickles is executed.
 */
#include "analyze/pickle_scan.h"
#include "analyze/torch_storage.h"
#include "engine/format.h"

/* What the last pickle returned. */
struct result {
	int64_t count;      /* when it is a number, else -1 */
	unsigned item_size; /* when it is a tuple that ends with a type */
};

static void keep_result(struct pk_judge *j, pk_value v)
{
	enum { TYPE = 2 };
	struct result *r = j->user;
	const struct pk_vm_global *type =
		pk_vm_global_of(j->vm, pk_vm_kid(j->vm, v, TYPE));

	r->count = pk_value_kind(v) == PK_V_INT ? pk_value_int(v) : -1;
	r->item_size = type ? pk_storage_item_size(type->name) : 0;
}

/* One pickle at the cursor; moves past it. */
static bool take_pickle(struct pk_scan *s, struct pk_cursor *c,
			struct result *r)
{
	struct pk_pickle_job p = { .off = c->off,
				   .stop = s->bytes->size,
				   .single = true,
				   .on_result = keep_result,
				   .user = r };

	*r = (struct result){ .count = -1 };
	pk_pickle_scan(s, &p);
	pk_seek(c, p.end);
	return p.last == PK_LOAD_STOP;
}

static bool take_storage(struct pk_scan *s, struct pk_cursor *c)
{
	struct result r;
	uint64_t bytes;

	if (!take_pickle(s, c, &r))
		return false;
	if (!r.item_size ||
	    __builtin_mul_overflow(pk_get_u64le(c), r.item_size, &bytes))
		pk_cursor_fail(c, PK_FAULT_VALUE);
	else
		pk_skip(c, bytes);
	return pk_cursor_ok(c);
}

static bool take_tensor(struct pk_scan *s, struct pk_cursor *c)
{
	enum { PER_DIM = 16, GAP = 4, OFFSET = 8 };
	struct result r;
	uint32_t dims;

	if (!take_pickle(s, c, &r))
		return false;
	dims = pk_get_u32le(c);
	pk_skip(c, GAP);
	if (pk_cursor_fits(c, dims, PER_DIM))
		pk_skip(c, (uint64_t)dims * PER_DIM);
	pk_skip(c, OFFSET);
	return pk_cursor_ok(c);
}

static bool is_storages(const struct pk_scan *s)
{
	return strcmp(s->name, "storages") == 0;
}

static void torch_tar_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	struct result r;
	bool ok = take_pickle(s, &c, &r) && r.count >= 0;

	if (!ok) {
		pk_reject(s);
		return;
	}
	for (int64_t i = 0, n = r.count; ok && i < n; i++)
		ok = is_storages(s) ? take_storage(s, &c) : take_tensor(s, &c);
	if (ok && is_storages(s))
		(void)take_pickle(s, &c, &r);
	pk_report_fault(s, PK_RULE_TORCH_STORAGE_SIZE, &c, "a tensor's data");
	pk_claim(s, 0, c.off);
	pk_note_format(s->parent, "pytorch-tar");
}

/* By name and place: nothing in the bytes tells these members apart. */
static enum pk_match torch_tar_probe(const struct pk_head *head)
{
	const struct pk_scan *s = head->scan;

	return s->parent && head->bytes.len &&
			       head->bytes.p[0] == PK_OP_PROTO &&
			       (is_storages(s) ||
				strcmp(s->name, "tensors") == 0)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_torch_tar = {
	.name = "pytorch-tar",
	.title = "PyTorch checkpoint of 2016",
	.reads = "every pickle of its members; tensors are told, not read",
	.risk = PK_RISK_CODE,
	.rank = 30,
	.probe = torch_tar_probe,
	.scan = torch_tar_scan,
};
