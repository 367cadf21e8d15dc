/* SPDX-License-Identifier: Apache-2.0 */
/* The opcodes whose operand is a number written as a line of text: what
 * protocols 0 and 1 have in place of binary ones. */
#include "analyze/pickle_step.h"
#include "analyze/pickle_text.h"

enum { LINE_MAX_READ = 512 }; /* of a number's text that is looked at */

static enum pk_step push_number(struct pk_vm *vm)
{
	return pk_vm_push(vm, pk_value_make(PK_V_NUMBER, vm->op.off));
}

/* The text of a number; a longer one is left to the readers. */
static size_t number_text(struct pk_vm *vm, uint8_t *buf)
{
	size_t n = vm->op.data.len < LINE_MAX_READ ? (size_t)vm->op.data.len
						   : LINE_MAX_READ;

	return pk_reader_fetch(&vm->r, vm->op.data.off, buf, n);
}

enum pk_step pk_vm_push_int_line(struct pk_vm *vm)
{
	uint8_t buf[LINE_MAX_READ];
	struct pk_span text = { buf, number_text(vm, buf) };
	int64_t v;

	/* How protocols 0 and 1 write False and True. */
	if (vm->op.code == PK_OP_INT && text.len == 2 && buf[0] == '0' &&
	    (buf[1] == '0' || buf[1] == '1'))
		return pk_vm_push(vm, pk_value_make(PK_V_BOOL, buf[1] == '1'));
	if (pk_pickle_plain_int(text, &v))
		return pk_vm_push(vm, pk_value_make(PK_V_INT, (uint64_t)v));
	if (!pk_pickle_is_int(text) && vm->op.data.len <= sizeof(buf))
		return PK_STEP_FAILED;
	if (memchr(buf, '\0', text.len) || memchr(buf, 'x', text.len))
		pk_vm_note_odd(vm, PK_ODD_NUMBER);
	return push_number(vm);
}

enum pk_step pk_vm_push_float_line(struct pk_vm *vm)
{
	uint8_t buf[LINE_MAX_READ];
	struct pk_span text = { buf, number_text(vm, buf) };

	if (!pk_pickle_is_float(text) && vm->op.data.len <= sizeof(buf))
		return PK_STEP_FAILED;
	return push_number(vm);
}

/* A huge index works for pickle.py, whose memo is a dict; any number will do
 * that no other index has. */
bool pk_vm_index_line(struct pk_vm *vm, uint64_t *ret)
{
	struct pk_index_text t = { 0 };
	uint8_t buf[LINE_MAX_READ];
	uint64_t at = 0;

	while (at < vm->op.data.len && !t.nul && !t.bad) {
		size_t n = sizeof(buf);

		if (n > vm->op.data.len - at)
			n = (size_t)(vm->op.data.len - at);
		n = pk_reader_fetch(&vm->r, vm->op.data.off + at, buf, n);
		if (n == 0)
			break;
		pk_index_feed(&t, (struct pk_span){ buf, n });
		at += n;
	}
	if (t.nul || t.huge)
		pk_vm_note_odd(vm, PK_ODD_NUMBER);
	*ret = t.huge ? t.value | 1ULL << 63 : t.value;
	return pk_index_ok(&t) || t.nul;
}
