/* SPDX-License-Identifier: Apache-2.0 */
#include "tensors/dtype.h"

const struct pk_dtype_info pk_dtypes[] = {
#define PK_DTYPE(id, torch, size, st, storage, unit) \
	{ torch, st, storage, size, unit },
#include "tensors/dtypes.def"
#undef PK_DTYPE
};

static bool is(struct pk_span s, const char *text)
{
	return text && s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

enum pk_dtype pk_dtype_by_name(struct pk_span name)
{
	int i = 0;

	while (i < PK_DTYPE_COUNT && !is(name, pk_dtypes[i].torch))
		i++;
	return (enum pk_dtype)i;
}

enum pk_dtype pk_dtype_of_storage(struct pk_span name)
{
	int i = 0;

	if (is(name, "UntypedStorage"))
		return PK_DTYPE_U8;
	while (i < PK_DTYPE_COUNT && !is(name, pk_dtypes[i].storage))
		i++;
	return (enum pk_dtype)i;
}

enum pk_dtype pk_dtype_of_numpy(struct pk_span descr, bool *big)
{
	static const struct {
		const char *name;
		enum pk_dtype dtype;
	} of[] = {
		{ "?", PK_DTYPE_BOOL },   { "b1", PK_DTYPE_BOOL },
		{ "i1", PK_DTYPE_I8 },    { "u1", PK_DTYPE_U8 },
		{ "i2", PK_DTYPE_I16 },   { "u2", PK_DTYPE_U16 },
		{ "i4", PK_DTYPE_I32 },   { "u4", PK_DTYPE_U32 },
		{ "i8", PK_DTYPE_I64 },   { "u8", PK_DTYPE_U64 },
		{ "f2", PK_DTYPE_F16 },   { "f4", PK_DTYPE_F32 },
		{ "f8", PK_DTYPE_F64 },   { "c8", PK_DTYPE_C64 },
		{ "c16", PK_DTYPE_C128 },
	};

	*big = descr.len && descr.p[0] == '>';
	if (descr.len && memchr("<>=|", descr.p[0], 4))
		descr = (struct pk_span){ descr.p + 1, descr.len - 1 };
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		if (is(descr, of[i].name))
			return of[i].dtype;
	}
	return PK_DTYPE_NONE;
}
