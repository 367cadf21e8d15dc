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

bool pk_report_passes(const struct pk_output *o, const struct pk_summary *s)
{
	return s->blocked == 0 && s->errors == 0 &&
	       (o->advisory || s->incomplete == 0);
}
