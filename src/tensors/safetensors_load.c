/* SPDX-License-Identifier: Apache-2.0 */
/* SafeTensors files as weights: what their reference reader takes. */
#include "codec/safetensors.h"

#include "tensors/load.h"

static enum pk_dtype dtype_of(const struct pk_st_tensor *t)
{
	int i = 0;

	while (i < PK_DTYPE_COUNT &&
	       (!pk_dtypes[i].safetensors ||
		strlen(pk_dtypes[i].safetensors) != t->dtype->name.len ||
		memcmp(pk_dtypes[i].safetensors, t->dtype->name.p,
		       t->dtype->name.len) != 0))
		i++;
	return (enum pk_dtype)i;
}

static struct pk_tensor *make(struct pk_loader *l, const struct pk_st *st,
			      const struct pk_st_tensor *of)
{
	struct pk_tensor *t = PK_NEW(&l->w->arena, struct pk_tensor);
	struct pk_store *s = PK_NEW(&l->w->arena, struct pk_store);
	uint64_t *dims = pk_arena_alloc(&l->w->arena, 2 * (size_t)of->rank + 1,
					sizeof(*dims));

	if (!t || !s || !dims || of->rank > PK_RANK_MAX)
		return NULL;
	t->dtype = s->dtype = dtype_of(of);
	for (unsigned i = 0; i < of->rank; i++)
		dims[i] = of->shape[i];
	if (t->dtype == PK_DTYPE_F4_X2 && of->rank)
		dims[of->rank - 1] /= 2;
	pk_row_major(dims, of->rank, dims + of->rank);
	t->shape = dims;
	t->rank = of->rank;
	t->store = s;
	*s = (struct pk_store){ .src = l->file,
				.off = st->data + of->begin,
				.len = of->end - of->begin,
				.dtype = t->dtype,
				.in_file = true,
				.known = true,
				.key = "" };
	return t;
}

static void add(struct pk_loader *l, const struct pk_st *st,
		const struct pk_st_tensor *of)
{
	const char *name = (const char *)of->name.p;
	struct pk_tensor *t;

	if (dtype_of(of) == PK_DTYPE_NONE) {
		pk_flatten_skip(l, name, of->name.len,
				"of a dtype that is not read", true);
		return;
	}
	t = make(l, st, of);
	if (t && !pk_tensor_fault(t))
		pk_flatten_add(l, name, of->name.len, t);
	else
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, of->at,
				   "a tensor that cannot be");
}

void pk_load_safetensors(struct pk_loader *l)
{
	const struct pk_st_visit visit = { .keep_shapes = true };
	struct pk_st st;

	l->w->format = "safetensors";
	pk_st_read(&st, l->file, &l->w->arena, &visit);
	if (st.error) {
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, st.error_at,
				   "%s: the reference reader refuses it",
				   pk_st_error_name(st.error));
		return;
	}
	for (size_t i = 0; i < st.n && !l->failed; i++)
		add(l, &st, st.v[i]);
	if (!l->failed)
		pk_flatten_done(l);
}
