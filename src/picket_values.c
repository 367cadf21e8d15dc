/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: values of tensors that are no numbers. */
#include "picket_types.h"

#include <string.h>

#include "engine/format.h"
#include "report/verify.h"
#include "source/file.h"
#include "tensors/values.h"

/* Of a file that holds: its tensors then lie apart, and within it. */
static bool countable(const struct pk_result *r)
{
	return !pk_verify_failure(r) &&
	       strcmp(r->job.primary->name, "safetensors") == 0;
}

static bool count_all(struct pk_result *r, struct pk_source *src)
{
	struct pk_value_counts c;

	for (struct pk_tensor_note *t = r->job.tensors; t; t = t->next) {
		if (t->member || !t->placed || !pk_values_countable(t->dtype))
			continue;
		if (!pk_count_values(src, t->off, t->bytes, t->dtype, &c))
			return false;
		t->counted = true;
		t->nan = c.nan;
		t->inf = c.inf;
	}
	return true;
}

enum picket_status picket_file_count_values(struct picket_file *f, int fd)
{
	struct pk_source *src;
	bool ok;

	if (!countable(&f->r))
		return PICKET_OK;
	src = pk_file_new(fd);
	ok = src && count_all(&f->r, src);
	pk_source_free(src);
	return ok ? PICKET_OK : PICKET_ERR_IO;
}

bool picket_tensor_values(const struct picket_tensor *t, uint64_t *ret_nan,
			  uint64_t *ret_inf)
{
	const struct pk_tensor_note *n = (const struct pk_tensor_note *)t;

	if (!n->counted)
		return false;
	*ret_nan = n->nan;
	*ret_inf = n->inf;
	return true;
}
