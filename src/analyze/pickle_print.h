/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_PRINT_H
#define PK_ANALYZE_PICKLE_PRINT_H

#include "analyze/pickle_vm.h"

/*
 * A value as a person reads it, in Python's manner: 'echo hello', [1, 2],
 * os.system.  Bounded in depth and length whatever the value is; what is left
 * out is "...".  Everything from the file is escaped.
 */
void pk_pickle_print(struct pk_vm *vm, pk_value v, struct pk_buf *out);

/* "posix.system", escaped; "<computed>" for what is no constant. */
void pk_pickle_print_global(const struct pk_vm_global *g, struct pk_buf *out);

/* "posix.system('echo hello')" */
void pk_pickle_print_call(struct pk_vm *vm, const struct pk_vm_call *c,
			  struct pk_buf *out);

#endif
