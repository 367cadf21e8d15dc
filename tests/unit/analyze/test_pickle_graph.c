/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_graph.h"

#include "source/memory.h"
#include "support.h"

static struct pk_meter meter;
static struct pk_arena arena;
static struct pk_source *src;
static struct pk_graph g;

static int teardown(void **state)
{
	(void)state;
	pk_graph_release(&g);
	pk_source_free(src);
	src = NULL;
	pk_arena_release(&arena);
	return 0;
}

static void begin(struct pk_span bytes, size_t ceiling)
{
	(void)teardown(NULL);
	meter = (struct pk_meter){ .ceiling = ceiling };
	arena = PK_ARENA(&meter);
	src = pk_memory_borrow(bytes);
	assert_true(pk_graph_init(&g, &meter));
	g.log_grows = true;
	pk_graph_begin(&g, pk_cursor_open(src, 0, bytes.len, &arena),
		       PK_READ_FLAT);
}

static enum pk_load load(struct pk_span bytes)
{
	begin(bytes, 1 << 24);
	return pk_graph_load(&g);
}

static void a_list_keeps_all_its_children(void **state)
{
	(void)state;
	assert_int_equal(load(t_pka("EMPTY_LIST\n"
				    "MARK\n"
				    "repeat 40000 BININT1 7\n"
				    "APPENDS\n"
				    "BININT1 9\n"
				    "APPEND\n"
				    "STOP\n")),
			 PK_LOAD_STOP);
	assert_int_equal(pk_value_kind(g.root), PK_V_LIST);
	assert_int_equal(pk_vm_count(g.vm, g.root), 40001);
	assert_int_equal(pk_value_int(pk_vm_kid(g.vm, g.root, 39999)), 7);
	assert_int_equal(pk_value_int(pk_vm_kid(g.vm, g.root, 40000)), 9);
	assert_int_equal(g.n, 2);
	assert_int_equal(g.deeds[1].from, 40000);
	assert_int_equal(g.deeds[1].n, 1);
}

static void many_nodes_are_all_kept(void **state)
{
	const char *text = "MARK\n"
			   "repeat 50000 EMPTY_TUPLE\n"
			   "LIST\n"
			   "STOP\n";
	(void)state;
	assert_int_equal(load(t_pka(text)), PK_LOAD_STOP);
	assert_int_equal(pk_vm_count(g.vm, g.root), 50000);
	assert_non_null(pk_graph_node(&g, pk_vm_kid(g.vm, g.root, 0)));
	assert_int_equal(pk_vm_count(g.vm, pk_vm_kid(g.vm, g.root, 1)), 0);
}

static void a_list_may_hold_itself(void **state)
{
	(void)state;
	assert_int_equal(load(t_pka("EMPTY_LIST\n"
				    "BINPUT 0\n"
				    "BINGET 0\n"
				    "APPEND\n"
				    "STOP\n")),
			 PK_LOAD_STOP);
	assert_true(pk_vm_kid(g.vm, g.root, 0) == g.root);
}

static void deeds_come_in_the_order_of_execution(void **state)
{
	static const enum pk_deed_kind order[] = { PK_DEED_IMPORT, PK_DEED_CALL,
						   PK_DEED_FILL,
						   PK_DEED_BUILD };
	const struct pk_deed *d;

	(void)state;
	assert_int_equal(load(t_pka("PROTO 2\n"
				    "GLOBAL collections OrderedDict\n"
				    "EMPTY_TUPLE\n"
				    "REDUCE\n"
				    "BINUNICODE \"w\"\n"
				    "BININT1 1\n"
				    "SETITEM\n"
				    "EMPTY_DICT\n"
				    "BUILD\n"
				    "STOP\n")),
			 PK_LOAD_STOP);
	assert_int_equal(g.n, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(g.deeds[i].kind, order[i]);
	d = pk_graph_deed_of(&g, g.root, 0);
	assert_int_equal(d->kind, PK_DEED_CALL);
	assert_true(pk_graph_is_global(&g, d->callee, "collections",
				       "OrderedDict"));
	d = pk_graph_deed_of(&g, g.root, 1);
	assert_int_equal(d->kind, PK_DEED_FILL);
	assert_int_equal(pk_vm_count(g.vm, d->a), 2);
	assert_int_equal(pk_graph_deed_of(&g, g.root, 2)->kind, PK_DEED_BUILD);
	assert_null(pk_graph_deed_of(&g, g.root, 3));
}

static void the_last_of_equal_keys_counts(void **state)
{
	(void)state;
	assert_int_equal(load(t_pka("EMPTY_DICT\n"
				    "MARK\n"
				    "BINUNICODE \"k\"\n"
				    "BININT1 1\n"
				    "BINUNICODE \"k\"\n"
				    "BININT1 2\n"
				    "SETITEMS\n"
				    "STOP\n")),
			 PK_LOAD_STOP);
	assert_int_equal(pk_value_int(pk_graph_get(&g, g.root, "k")), 2);
	assert_int_equal(pk_value_kind(pk_graph_get(&g, g.root, "kk")),
			 PK_V_UNKNOWN);
}

static void numbers_are_told_exactly(void **state)
{
	struct pk_number n;

	(void)state;
	assert_int_equal(load(t_hex("47 3ff8000000000000"
				    "8a 09 0102030405060708 7f"
				    "46 312e350a" /* FLOAT 1.5 */
				    "87 2e")),
			 PK_LOAD_STOP);
	assert_true(pk_graph_number(&g, pk_vm_kid(g.vm, g.root, 0), &n));
	assert_int_equal(n.kind, PK_NUMBER_FLOAT);
	assert_true(n.value == 1.5);
	assert_true(pk_graph_number(&g, pk_vm_kid(g.vm, g.root, 1), &n));
	assert_int_equal(n.kind, PK_NUMBER_INT);
	assert_int_equal(n.at.off, 11);
	assert_int_equal(n.at.len, 9);
	assert_true(pk_graph_number(&g, pk_vm_kid(g.vm, g.root, 2), &n));
	assert_int_equal(n.kind, PK_NUMBER_TEXT);
	assert_int_equal(n.at.len, 3);
}

static void memory_ends_where_the_meter_says(void **state)
{
	(void)state;
	begin(t_pka("EMPTY_LIST\n"
		    "MARK\n"
		    "repeat 100000 EMPTY_LIST\n"
		    "APPENDS\n"
		    "STOP\n"),
	      1 << 20);
	assert_int_equal(pk_graph_load(&g), PK_LOAD_LIMIT);
	assert_true(meter.exceeded);
}

static bool no_calls(struct pk_graph *graph)
{
	return graph->vm->op.code != PK_OP_REDUCE;
}

static void a_user_may_stop_before_an_opcode(void **state)
{
	(void)state;
	begin(t_pka("GLOBAL builtins print\n"
		    "EMPTY_TUPLE\n"
		    "REDUCE\n"
		    "STOP\n"),
	      1 << 24);
	g.on_step = no_calls;
	assert_int_equal(pk_graph_load(&g), PK_LOAD_ABORTED);
	assert_int_equal(g.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_list_keeps_all_its_children,
					  teardown),
		cmocka_unit_test_teardown(many_nodes_are_all_kept, teardown),
		cmocka_unit_test_teardown(a_list_may_hold_itself, teardown),
		cmocka_unit_test_teardown(deeds_come_in_the_order_of_execution,
					  teardown),
		cmocka_unit_test_teardown(the_last_of_equal_keys_counts,
					  teardown),
		cmocka_unit_test_teardown(numbers_are_told_exactly, teardown),
		cmocka_unit_test_teardown(memory_ends_where_the_meter_says,
					  teardown),
		cmocka_unit_test_teardown(a_user_may_stop_before_an_opcode,
					  teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
