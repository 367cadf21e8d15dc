/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/limits.h"

struct pk_limits pk_limits_default(void)
{
	return (struct pk_limits){
#define PK_LIMIT(name, dflt, what) .name = (dflt),
#include "engine/limits.def"
#undef PK_LIMIT
	};
}
