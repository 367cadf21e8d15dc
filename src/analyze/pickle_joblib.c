/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_joblib.h"

#include "analyze/pickle_pool.h"
#include "analyze/pickle_scan.h"
#include "codec/npy.h"

/* What the wrapper's attributes say of the bytes that follow. */
struct raw {
	uint64_t items;
	uint64_t item_size;
	bool objects; /* no bytes: a pickle of its own */
	bool padded;  /* a length byte and padding come first */
};

static bool ends_with(struct pk_span s, const char *tail)
{
	const size_t n = strlen(tail);

	return s.len >= n && memcmp(s.p + s.len - n, tail, n) == 0;
}

static bool is_wrapper(struct pk_judge *j, pk_value obj)
{
	const struct pk_vm_global *cls = pk_vm_class_of(j->vm, obj);

	return cls && ends_with(cls->name, "NumpyArrayWrapper");
}

static bool count_items(struct pk_judge *j, pk_value shape, uint64_t *ret)
{
	const uint64_t n = pk_vm_count(j->vm, shape);
	uint64_t items = 1;

	if (pk_value_kind(shape) != PK_V_TUPLE || n > PK_NODE_KIDS)
		return false;
	for (uint64_t i = 0; i < n; i++) {
		const pk_value v = pk_vm_kid(j->vm, shape, i);

		if (pk_value_kind(v) != PK_V_INT || pk_value_int(v) < 0 ||
		    __builtin_mul_overflow(items, (uint64_t)pk_value_int(v),
					   &items))
			return false;
	}
	*ret = items;
	return true;
}

/* numpy.dtype('f8', False, True), then BUILD with (3, '<', ..., flags). */
static bool read_dtype(struct pk_judge *j, pk_value dtype, struct raw *raw)
{
	enum { FLAGS = 7, HAS_OBJECT = 1 };
	const struct pk_node *node = pk_node_of(&j->vm->nodes, dtype);
	struct pk_buf text = { 0 };
	pk_value state, flags;
	bool ok;

	if (!node || pk_value_kind(dtype) != PK_V_OBJECT)
		return false;
	ok = pk_vm_text(j->vm, pk_vm_kid(j->vm, node->b, 0), 32, &text) &&
	     pk_npy_type_size(pk_buf_span(&text), &raw->item_size,
			      &raw->objects);
	pk_buf_release(&text);
	state = pk_node_kid(&j->vm->nodes, node, 0);
	flags = pk_vm_kid(j->vm, state, FLAGS);
	if (pk_value_kind(flags) == PK_V_INT)
		raw->objects |= pk_value_int(flags) & HAS_OBJECT;
	return ok;
}

static bool read_wrapper(struct pk_judge *j, pk_value state, struct raw *raw)
{
	const pk_value pad =
		pk_judge_attribute(j, state, "numpy_array_alignment_bytes");

	raw->padded = pk_value_kind(pad) != PK_V_UNKNOWN &&
		      pk_value_kind(pad) != PK_V_NONE;
	return count_items(j, pk_judge_attribute(j, state, "shape"),
			   &raw->items) &&
	       read_dtype(j, pk_judge_attribute(j, state, "dtype"), raw);
}

/* An array of objects is pickled in place, for an unpickler of its own. */
static bool skip_objects(struct pk_judge *j)
{
	struct pk_pickle_job nested = { .single = true,
					.stop = j->vm->r.c.stop };

	nested.off = pk_reader_raw_begin(&j->vm->r);
	if (j->scan->depth >= j->scan->job->limits.depth)
		return false;
	j->scan->depth++;
	pk_pickle_scan(j->scan, &nested);
	j->scan->depth--;
	return nested.last == PK_LOAD_STOP &&
	       pk_reader_raw_skip(&j->vm->r, nested.end);
}

/* What is called with the array may load the file that its bytes are. */
static void remember(struct pk_judge *j, pk_value obj, struct pk_piece at)
{
	const struct pk_node *node = pk_node_of(&j->vm->nodes, obj);
	const unsigned n = sizeof(j->raw) / sizeof(j->raw[0]);

	if (!node)
		return;
	j->raw[j->arrays % n].node = node->id;
	j->raw[j->arrays % n].at = at;
}

static bool skip_raw(struct pk_judge *j, pk_value obj, const struct raw *raw)
{
	uint64_t end = pk_reader_raw_begin(&j->vm->r), bytes;
	uint8_t pad = 0;

	if (raw->padded) {
		if (pk_reader_fetch(&j->vm->r, end, &pad, 1) < 1)
			return false;
		end += 1U + pad;
	}
	if (__builtin_mul_overflow(raw->items, raw->item_size, &bytes))
		return false;
	remember(j, obj, (struct pk_piece){ end, bytes });
	return !__builtin_add_overflow(end, bytes, &end) &&
	       pk_reader_raw_skip(&j->vm->r, end);
}

bool pk_joblib_on_build(struct pk_judge *j, pk_value obj, pk_value state)
{
	struct raw raw = { 0 };

	if (!is_wrapper(j, obj))
		return true;
	j->arrays++;
	if (read_wrapper(j, state, &raw) &&
	    (raw.objects ? skip_objects(j) : skip_raw(j, obj, &raw)))
		return true;
	pk_partial(j->scan);
	pk_report(j->scan, PK_RULE_PICKLE_MALFORMED, j->vm->op.off,
		  "an array's bytes follow here, but how many cannot be told, "
		  "or they are cut short");
	return false;
}
