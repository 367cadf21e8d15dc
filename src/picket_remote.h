/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_PICKET_REMOTE_H
#define PK_PICKET_REMOTE_H

/* What the handle of a source elsewhere holds, for those who look into it. */
#include "picket/picket.h"

#include "hub/remote.h"

struct picket_remote {
	struct pk_remote r;
	struct pk_remote_trouble trouble; /* text "": none */
	char *pinned;
};

#endif
