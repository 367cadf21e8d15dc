/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PICKLE_POOL_H
#define PK_ANALYZE_PICKLE_POOL_H

#include "analyze/pickle_vm.h"
#include "engine/job.h"

/* A job's pickle machine, made once and lent out; a second one is made when
 * a pickle lies within a pickle.  NULL when out of memory. */
struct pk_vm *pk_vm_borrow(struct pk_job *job);
void pk_vm_return(struct pk_job *job, struct pk_vm *vm);

#endif
