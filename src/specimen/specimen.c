/* SPDX-License-Identifier: Apache-2.0 */
#include "specimen/specimen.h"

static const struct pk_specimen specimens[] = {
#define PK_SPECIMEN(id, path, attack, technique, expect, victim, what) \
	{                                                              \
		path,   attack, technique,       PK_##expect,          \
		victim, what,   pk_specimen_##id                       \
	},
#include "specimen/specimens.def"
#undef PK_SPECIMEN
};

const struct pk_specimen *pk_specimen_at(size_t n)
{
	return n < sizeof(specimens) / sizeof(specimens[0]) ? &specimens[n]
							    : NULL;
}
