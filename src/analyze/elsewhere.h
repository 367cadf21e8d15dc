/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_ELSEWHERE_H
#define PK_ANALYZE_ELSEWHERE_H

#include "codec/json_read.h"
#include "engine/scan.h"

/*
 * Other sources that files make their loaders fetch from, kept as references
 * for the policy to judge.  at: where it is named in this object.
 */

/* Code of another repository: "org/name". */
void pk_fetch_code(struct pk_scan *s, struct pk_span repository, uint64_t at);

/* A kernel of the Hub, as Transformers reads it: "org/name@revision:function",
 * perhaps behind "paged|". */
void pk_fetch_kernel(struct pk_scan *s, struct pk_span name, uint64_t at);

/*
 * A model that is loaded before this one; in: the object that holds the name.
 * That of an adapter (PEFT), and that of a model which was stored without its
 * weights (MLflow).  Nothing happens for what cannot be a repository:
 * "/home/me/model", "../base".
 */
void pk_fetch_adapter_base(struct pk_scan *s, const struct pk_jvalue *model,
			   const struct pk_jvalue *in);
void pk_fetch_stored_base(struct pk_scan *s, const struct pk_jvalue *model,
			  const struct pk_jvalue *in);

/* Whatever lies there, when it is an address: "https://host/file". */
void pk_fetch_url(struct pk_scan *s, struct pk_span text, uint64_t at);

#endif
