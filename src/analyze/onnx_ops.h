/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_ONNX_OPS_H
#define PK_ANALYZE_ONNX_OPS_H

#include "core/span.h"
#include "engine/rule.h"

/*
 * What running an operator of an ONNX graph can do beyond arithmetic, by its
 * domain and name; also for ONNX Runtime's own format.
 */
struct pk_onnx_op {
	enum pk_rule rule;
	enum pk_severity severity;
	const char *what; /* "imports and calls Python code"; NULL: nothing */
};

struct pk_onnx_op pk_onnx_op(struct pk_span domain, struct pk_span op);

/* Whether operators of the domain are ONNX's own or a known vendor's, so
 * that who runs models has them, or knows where they come from. */
bool pk_onnx_domain_known(struct pk_span domain);

/* Whether the domain is one whose operators ONNX itself defines. */
bool pk_onnx_domain_official(struct pk_span domain);

#endif
