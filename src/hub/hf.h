/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_HF_H
#define PK_HUB_HF_H

#include "hub/trouble.h"

/* HF_ENDPOINT without slashes at its end, or "https://huggingface.co". */
PK_MUST_CHECK enum pk_status pk_hf_endpoint(struct pk_arena *a,
					    const char **ret,
					    struct pk_remote_trouble *why);

#endif
