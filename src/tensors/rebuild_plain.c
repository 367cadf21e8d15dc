/* SPDX-License-Identifier: Apache-2.0 */
/* The calls in a checkpoint that make plain values: layouts, devices, bytes,
 * sizes, sets and dicts. */
#include "tensors/rebuild.h"

pk_value pk_plain_get_layout(const struct pk_rebuild_call *c)
{
	static const char *const names[] = {
		"torch.strided",    "torch.sparse_coo", "torch.sparse_csr",
		"torch.sparse_csc", "torch.sparse_bsr", "torch.sparse_bsc",
		"torch._mkldnn",    "torch.jagged",
	};
	struct pk_thing t = { .kind = PK_THING_LAYOUT };
	struct pk_buf text = { 0 };

	if (c->n == 1 && pk_vm_text(c->l->g.vm, pk_call_arg(c, 0), 64, &text)) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strcmp(pk_buf_str(&text), names[i]) == 0)
				t.what = names[i];
		}
	}
	pk_buf_release(&text);
	return t.what ? pk_call_make(c, &t)
		      : pk_call_fail(c, "a layout that is none");
}

static bool is_text(pk_value v)
{
	return pk_value_kind(v) == PK_V_STR || pk_value_kind(v) == PK_V_TEXT;
}

pk_value pk_plain_device(const struct pk_rebuild_call *c)
{
	const struct pk_thing t = { .kind = PK_THING_DEVICE,
				    .what = "torch.device",
				    .parts = c->args };

	if (c->n < 1 || c->n > 2 ||
	    (!is_text(pk_call_arg(c, 0)) &&
	     pk_value_kind(pk_call_arg(c, 0)) != PK_V_INT) ||
	    (c->n == 2 && pk_value_kind(pk_call_arg(c, 1)) != PK_V_INT))
		return pk_call_fail(c, "a device that is none");
	return pk_call_make(c, &t);
}

static bool is_number(pk_value v)
{
	return pk_value_kind(v) == PK_V_INT || pk_value_kind(v) == PK_V_BOOL ||
	       pk_value_kind(v) == PK_V_NUMBER;
}

pk_value pk_plain_complex_number(const struct pk_rebuild_call *c)
{
	const struct pk_thing t = { .kind = PK_THING_COMPLEX,
				    .what = "complex",
				    .parts = c->args };

	for (uint64_t i = 0; i < c->n; i++) {
		if (!is_number(pk_call_arg(c, i)))
			return pk_call_fail(c, "a complex number that is none");
	}
	return c->n <= 2 ? pk_call_make(c, &t)
			 : pk_call_fail(c, "a complex number that is none");
}

/* Bytes as protocol 2 spells them: text and the name of a codec. */
static pk_value bytes_of(const struct pk_rebuild_call *c, const char *what)
{
	const struct pk_thing t = { .kind = PK_THING_BYTES,
				    .what = what,
				    .parts = c->args };
	struct pk_buf codec = { 0 };
	bool ok = c->n == 0 || is_text(pk_call_arg(c, 0)) ||
		  pk_load_thing_of(c->l, pk_call_arg(c, 0));

	if (c->n > 1)
		ok = ok && is_text(pk_call_arg(c, 0)) &&
		     pk_vm_text(c->l->g.vm, pk_call_arg(c, 1), 16, &codec) &&
		     (strcmp(pk_buf_str(&codec), "latin1") == 0 ||
		      strcmp(pk_buf_str(&codec), "latin-1") == 0 ||
		      strcmp(pk_buf_str(&codec), "utf-8") == 0);
	pk_buf_release(&codec);
	return ok && c->n <= 2 ? pk_call_make(c, &t)
			       : pk_call_fail(c, "bytes that are none");
}

pk_value pk_plain_encode(const struct pk_rebuild_call *c)
{
	return c->n ? bytes_of(c, "bytes")
		    : pk_call_fail(c, "bytes that are none");
}

pk_value pk_plain_bytearray(const struct pk_rebuild_call *c)
{
	return bytes_of(c, "bytearray");
}

/* The children of one container become another's. */
static void copy_kids(const struct pk_rebuild_call *c, pk_value from,
		      pk_value to)
{
	struct pk_vm *vm = c->l->g.vm;

	for (uint64_t i = 0; i < pk_vm_count(vm, from) && !vm->nodes.failed;
	     i++) {
		const pk_value kid = pk_vm_kid(vm, from, i);

		pk_node_add(&vm->nodes, pk_node_of(&vm->nodes, to), &kid, 1);
	}
}

pk_value pk_plain_size(const struct pk_rebuild_call *c)
{
	const pk_value v = pk_load_container(c->l, PK_V_TUPLE, false);
	const pk_value of = pk_call_arg(c, 0);

	if (c->n == 0)
		return v;
	if (c->n > 1 || !pk_load_is_row(of))
		return pk_call_fail(c, "a torch.Size that is none");
	for (uint64_t i = 0; i < pk_vm_count(c->l->g.vm, of); i++) {
		if (pk_value_kind(pk_vm_kid(c->l->g.vm, of, i)) != PK_V_INT)
			return pk_call_fail(c, "a torch.Size that is none");
	}
	copy_kids(c, of, v);
	return v;
}

pk_value pk_plain_set(const struct pk_rebuild_call *c)
{
	const pk_value v = pk_load_container(c->l, PK_V_SET, false);

	if (c->n > 1 || (c->n == 1 && !pk_load_is_row(pk_call_arg(c, 0))))
		return pk_call_fail(c, "a set that is none");
	if (c->n)
		copy_kids(c, pk_call_arg(c, 0), v);
	return v;
}

/* (key, value) pairs, or a dict. */
pk_value pk_plain_ordered_dict(const struct pk_rebuild_call *c)
{
	const pk_value v = pk_load_container(c->l, PK_V_DICT, true);
	const pk_value of = pk_call_arg(c, 0);

	if (c->n == 0)
		return v;
	if (c->n > 1)
		return pk_call_fail(c, "a dict that is none");
	if (pk_value_kind(of) == PK_V_DICT) {
		copy_kids(c, of, v);
		return v;
	}
	for (uint64_t i = 0;
	     pk_load_is_row(of) && i < pk_vm_count(c->l->g.vm, of); i++) {
		const pk_value pair = pk_vm_kid(c->l->g.vm, of, i);

		if (!pk_load_is_row(pair) || pk_vm_count(c->l->g.vm, pair) != 2)
			return pk_call_fail(c, "a dict that is none");
		copy_kids(c, pair, v);
	}
	return pk_load_is_row(of) ? v : pk_call_fail(c, "a dict that is none");
}

pk_value pk_plain_counter(const struct pk_rebuild_call *c)
{
	if (c->n == 0 || pk_value_kind(pk_call_arg(c, 0)) == PK_V_DICT)
		return pk_plain_ordered_dict(c);
	return pk_call_fail(c, "a Counter that counts something here");
}
