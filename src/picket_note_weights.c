/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkpoint holds, by the loader of weights. */
#include "picket_types.h"

#include "engine/format.h"
#include "engine/note.h"
#include "tensors/weights.h"

static struct pk_span dtype_of(const struct pk_tensor *t)
{
	const struct pk_dtype_info *d = &pk_dtypes[t->dtype];
	const char *name = t->dtype == PK_DTYPE_NONE ? "?"
			   : d->safetensors          ? d->safetensors
						     : d->torch;

	return (struct pk_span){ (const uint8_t *)name, strlen(name) };
}

static void note(struct pk_scan *s, const struct pk_named *n)
{
	const struct pk_tensor *t = n->tensor;
	struct pk_tensor_note what = { .name = { (const uint8_t *)n->name,
						 n->name_len },
				       .dtype = dtype_of(t),
				       .shape = t->shape,
				       .rank = t->rank };

	if (!pk_tensor_bytes(t, &what.bytes))
		what.bytes = UINT64_MAX;
	pk_note_tensor(s, &what);
}

/* A checkpoint of PyTorch, or a pickle that holds arrays. */
static bool holds_weights(const struct pk_job *job)
{
	const char *name = job->primary ? job->primary->name : "";

	return !job->tensors &&
	       (strncmp(name, "pytorch-", 8) == 0 ||
		strcmp(name, "pickle") == 0 || strcmp(name, "joblib") == 0);
}

void pk_note_weights(struct pk_result *r, struct pk_source *src)
{
	struct pk_scan s = { .job = &r->job };
	struct pk_weights w;

	if (!holds_weights(&r->job))
		return;
	(void)pk_weights_open(&w, src, PK_RULES_SALVAGE,
			      (size_t)r->job.limits.memory);
	for (size_t i = 0; i < w.n; i++)
		note(&s, &w.named[i]);
	if (w.end == PK_WEIGHTS_LIMIT)
		r->job.notes_dropped++;
	pk_weights_release(&w);
}
