/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_NAMES_H
#define PK_ANALYZE_PICKLE_NAMES_H

#include "analyze/pickle_vm.h"

/* The names that a stream imports: read from its bytes, kept once each. */

enum {
	PK_DUNDER_MAX = 64,
	PK_NAME_MAX_READ = 4096, /* no importable name is longer */
};

/* Whether an attribute of that name makes Python call or trust it:
 * __setstate__, __reduce__, __class__, __code__, ... */
bool pk_name_is_hook(struct pk_span name);

/* Whether a dict's key, a constant of the stream, is such a name. */
bool pk_names_is_hook_key(struct pk_vm *vm, pk_value key);

/* The two lines of GLOBAL or INST, or the two values of STACK_GLOBAL, as a
 * global; the spans live until the next one.  False: no memory. */
bool pk_names_from_lines(struct pk_vm *vm, struct pk_vm_global *ret);
bool pk_names_from_stack(struct pk_vm *vm, pk_value module, pk_value name,
			 struct pk_vm_global *ret);

/* The machine's own entry for it; NULL when over budget. */
struct pk_vm_global *pk_names_intern(struct pk_vm *vm,
				     const struct pk_vm_global *want);

void pk_names_clear(struct pk_vm *vm);

#endif
