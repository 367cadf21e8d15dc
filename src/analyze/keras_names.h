/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_KERAS_NAMES_H
#define PK_ANALYZE_KERAS_NAMES_H

#include "core/span.h"
#include "engine/rule.h"

/* What a module and a name in a Keras configuration mean to its loader. */
struct pk_keras_name {
	enum pk_severity severity; /* PK_INFO: nothing to say */
	enum pk_rule rule;
	const char *reason; /* static text */
};

/* call: it is called as a function, not made as an object. */
struct pk_keras_name pk_keras_name(struct pk_span module, struct pk_span name,
				   bool call);

/* Whether the module is one of Keras' own. */
bool pk_keras_is_own(struct pk_span module);

#endif
