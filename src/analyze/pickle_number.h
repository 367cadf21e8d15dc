/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_NUMBER_H
#define PK_ANALYZE_PICKLE_NUMBER_H

#include "analyze/pickle_vm.h"

/*
 * The number that the opcode at an offset pushes, as a Python expression that
 * evaluates to it: 0.5, float('inf'), -0x1f0000000000000000.  False, and
 * "..." written, when it is longer than anybody wants to read.
 */
bool pk_pickle_print_number(struct pk_vm *vm, uint64_t off, struct pk_buf *out);

/* A double in the fewest digits that read back as the same. */
void pk_pickle_print_double(double v, struct pk_buf *out);

#endif
