/* SPDX-License-Identifier: Apache-2.0 */
#include "tensors/tensor.h"

bool pk_tensor_count(const struct pk_tensor *t, uint64_t *ret)
{
	uint64_t n = 1;

	for (uint32_t i = 0; i < t->rank; i++) {
		if (t->shape[i] == 0) {
			*ret = 0;
			return true;
		}
	}
	for (uint32_t i = 0; i < t->rank; i++) {
		if (__builtin_mul_overflow(n, t->shape[i], &n))
			return false;
	}
	*ret = n;
	return true;
}

bool pk_tensor_bytes(const struct pk_tensor *t, uint64_t *ret)
{
	uint64_t n;

	return pk_tensor_count(t, &n) &&
	       !__builtin_mul_overflow(n, pk_dtypes[t->dtype].size, ret) &&
	       *ret <= INT64_MAX;
}

/* One past the last element that the view reaches; false on overflow. */
static bool reach(const struct pk_tensor *t, uint64_t *ret)
{
	uint64_t last = t->offset, step;

	for (uint32_t i = 0; i < t->rank; i++) {
		if (__builtin_mul_overflow(t->shape[i] - 1,
					   pk_tensor_strides(t)[i], &step) ||
		    __builtin_add_overflow(last, step, &last))
			return false;
	}
	return !__builtin_add_overflow(last, 1, ret);
}

const char *pk_tensor_fault(const struct pk_tensor *t)
{
	const unsigned size = pk_dtypes[t->dtype].size;
	uint64_t n, bytes, end;

	if (!pk_tensor_bytes(t, &bytes))
		return "its size overflows";
	(void)pk_tensor_count(t, &n);
	if (n == 0 || !t->store)
		return NULL;
	if (!reach(t, &end) || __builtin_mul_overflow(end, size, &end) ||
	    end > INT64_MAX)
		return "its strides overflow";
	if (end > t->store->len)
		return "it reaches beyond its storage";
	return NULL;
}

void pk_row_major(const uint64_t *shape, uint32_t rank, uint64_t *strides)
{
	uint64_t step = 1;

	for (uint32_t i = rank; i > 0; i--) {
		strides[i - 1] = step;
		/* An overflow is found where the size is checked. */
		if (shape[i - 1] > 1)
			step *= shape[i - 1];
	}
}

bool pk_tensor_contiguous(const struct pk_tensor *t)
{
	uint64_t step = 1, n;

	if (pk_tensor_count(t, &n) && n == 0)
		return true;
	for (uint32_t i = t->rank; i > 0; i--) {
		if (t->shape[i - 1] == 1)
			continue;
		if (pk_tensor_strides(t)[i - 1] != step)
			return false;
		step *= t->shape[i - 1];
	}
	return true;
}

bool pk_tensor_verbatim(const struct pk_tensor *t)
{
	return t->store && t->store->in_file && !t->conj && !t->neg &&
	       (!t->store->big_endian || pk_dtypes[t->dtype].unit == 1) &&
	       pk_tensor_contiguous(t);
}

bool pk_tensor_same(const struct pk_tensor *a, const struct pk_tensor *b)
{
	return a->store && a->store == b->store && a->dtype == b->dtype &&
	       a->offset == b->offset && a->rank == b->rank &&
	       a->conj == b->conj && a->neg == b->neg &&
	       (a->rank == 0 || memcmp(a->shape, b->shape,
				       2 * a->rank * sizeof(*a->shape)) == 0);
}
