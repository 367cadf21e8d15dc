/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/format.h"

const struct pk_format *const pk_formats[] = {
#define PK_FORMAT(name) &pk_format_##name,
#include "formats/formats.def"
#undef PK_FORMAT
	NULL,
};

const struct pk_format *pk_format_by_name(const char *name)
{
	for (size_t i = 0; pk_formats[i]; i++) {
		if (strcmp(pk_formats[i]->name, name) == 0)
			return pk_formats[i];
	}
	return NULL;
}
