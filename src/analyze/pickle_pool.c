/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_pool.h"

static void free_machine(void *vm)
{
	pk_vm_free(vm);
}

struct pk_vm *pk_vm_borrow(struct pk_job *job)
{
	struct pk_vm *vm = job->scratch;

	job->scratch = NULL;
	job->scratch_free = free_machine;
	if (!vm)
		vm = pk_vm_new(&job->meter, (size_t)job->limits.imports);
	if (!vm)
		job->meter.exceeded = true; /* nobody can say "no pickle" */
	return vm;
}

void pk_vm_return(struct pk_job *job, struct pk_vm *vm)
{
	vm->over_time = NULL;
	if (job->scratch)
		pk_vm_free(vm);
	else
		job->scratch = vm;
}
