/* SPDX-License-Identifier: Apache-2.0 */
#include "report/reporter.h"

const struct pk_reporter *const pk_reporters[] = {
#define PK_REPORTER(name) &pk_reporter_##name,
#include "report/reporters.def"
#undef PK_REPORTER
	NULL,
};

const struct pk_reporter *pk_reporter_by_name(const char *name)
{
	for (size_t i = 0; pk_reporters[i]; i++) {
		if (strcmp(pk_reporters[i]->name, name) == 0)
			return pk_reporters[i];
	}
	return NULL;
}

void pk_output_release(struct pk_output *o)
{
	uint8_t unused[PK_SHA256_LEN];

	pk_buf_release(&o->out);
	pk_buf_release(&o->later);
	pk_bins_release(&o->bins);
	pk_links_release(&o->links);
	if (o->digest)
		(void)pk_sha256_end(o->digest, unused);
	o->digest = NULL;
}

bool pk_report_passes(const struct pk_output *o, const struct pk_summary *s)
{
	return s->blocked == 0 && s->errors == 0 &&
	       (o->advisory || s->incomplete == 0);
}
