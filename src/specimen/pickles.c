/* SPDX-License-Identifier: Apache-2.0 */
/* Pickles: every way in which a stream makes its reader call something. */
#include "specimen/put.h"
#include "specimen/specimen.h"

static void put_stop(struct pk_buf *b)
{
	pk_put_op(b, PK_OP_STOP);
}

/* ---- one for each protocol, as picklers write them ---- */

void pk_specimen_protocol_0(struct pk_buf *b)
{
	pk_buf_puts(b, "cos\nsystem\np0\n(S'" PK_CANARY_COMMAND
		       "'\np1\ntp2\nRp3\n.");
}

void pk_specimen_protocol_1(struct pk_buf *b)
{
	pk_buf_puts(b, "cos\nsystem\nq");
	pk_put_le(b, 0, 1);
	pk_put_op(b, PK_OP_MARK);
	pk_put_text(b, PK_CANARY_COMMAND);
	pk_put_op(b, PK_OP_TUPLE);
	pk_put_op(b, PK_OP_REDUCE);
	put_stop(b);
}

void pk_specimen_protocol_2(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_global(b, "__builtin__", "eval");
	pk_put_text(b, PK_CANARY_SOURCE);
	pk_put_call(b);
	put_stop(b);
}

void pk_specimen_protocol_3(struct pk_buf *b)
{
	pk_put_proto(b, 3);
	pk_put_attack(b);
	put_stop(b);
}

/* MEMOIZE after each value, all of it in one frame. */
static void put_framed(struct pk_buf *b, unsigned protocol, const char *module,
		       const char *name, const char *argument)
{
	struct pk_buf body = { 0 };

	pk_put_short_text(&body, module);
	pk_put_op(&body, PK_OP_MEMOIZE);
	pk_put_short_text(&body, name);
	pk_put_op(&body, PK_OP_MEMOIZE);
	pk_put_op(&body, PK_OP_STACK_GLOBAL);
	pk_put_op(&body, PK_OP_MEMOIZE);
	pk_put_short_text(&body, argument);
	pk_put_op(&body, PK_OP_MEMOIZE);
	pk_put_op(&body, PK_OP_TUPLE1);
	pk_put_op(&body, PK_OP_MEMOIZE);
	pk_put_op(&body, PK_OP_REDUCE);
	pk_put_op(&body, PK_OP_MEMOIZE);
	put_stop(&body);
	pk_put_proto(b, protocol);
	pk_put_op(b, PK_OP_FRAME);
	pk_put_le(b, body.len, 8);
	pk_buf_put(b, body.p, body.len);
	b->failed |= body.failed;
	pk_buf_release(&body);
}

void pk_specimen_protocol_4(struct pk_buf *b)
{
	put_framed(b, 4, "posix", "system", PK_CANARY_COMMAND);
}

void pk_specimen_protocol_5(struct pk_buf *b)
{
	put_framed(b, 5, "builtins", "exec", PK_CANARY_SOURCE);
}

/* ---- one for each opcode that calls ---- */

void pk_specimen_inst(struct pk_buf *b)
{
	pk_buf_puts(b, "(S'" PK_CANARY_COMMAND "'\nios\nsystem\n.");
}

void pk_specimen_obj(struct pk_buf *b)
{
	pk_put_op(b, PK_OP_MARK);
	pk_put_global(b, "os", "system");
	pk_put_text(b, PK_CANARY_COMMAND);
	pk_put_op(b, PK_OP_OBJ);
	put_stop(b);
}

/* tuple(map(eval, [source])), where only classes are made: the first is lazy,
 * the second asks for its items. */
void pk_specimen_newobj(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_global(b, "builtins", "tuple");
	pk_put_global(b, "builtins", "map");
	pk_put_global(b, "builtins", "eval");
	pk_put_op(b, PK_OP_EMPTY_LIST);
	pk_put_text(b, PK_CANARY_SOURCE);
	pk_put_op(b, PK_OP_APPEND);
	pk_put_op(b, PK_OP_TUPLE2);
	pk_put_op(b, PK_OP_NEWOBJ);
	pk_put_op(b, PK_OP_TUPLE1);
	pk_put_op(b, PK_OP_NEWOBJ);
	put_stop(b);
}

/* functools.partial(exec, source) is a class's instance; then it is called. */
void pk_specimen_newobj_ex(struct pk_buf *b)
{
	pk_put_proto(b, 4);
	pk_put_stack_global(b, "functools", "partial");
	pk_put_stack_global(b, "builtins", "exec");
	pk_put_short_text(b, PK_CANARY_SOURCE);
	pk_put_op(b, PK_OP_TUPLE2);
	pk_put_op(b, PK_OP_EMPTY_DICT);
	pk_put_op(b, PK_OP_NEWOBJ_EX);
	pk_put_op(b, PK_OP_EMPTY_TUPLE);
	pk_put_op(b, PK_OP_REDUCE);
	put_stop(b);
}

/* The first BUILD plants exec as the object's __setstate__, which the second
 * one calls: no opcode names exec as what is called. */
void pk_specimen_build(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_global(b, "types", "SimpleNamespace");
	pk_put_op(b, PK_OP_EMPTY_TUPLE);
	pk_put_op(b, PK_OP_NEWOBJ);
	pk_put_op(b, PK_OP_EMPTY_DICT);
	pk_put_text(b, "__setstate__");
	pk_put_global(b, "builtins", "exec");
	pk_put_op(b, PK_OP_SETITEM);
	pk_put_op(b, PK_OP_BUILD);
	pk_put_text(b, PK_CANARY_SOURCE);
	pk_put_op(b, PK_OP_BUILD);
	put_stop(b);
}

/* A lazy map of eval, and a deque that asks for its items. */
void pk_specimen_lazy(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_global(b, "collections", "deque");
	pk_put_global(b, "builtins", "map");
	pk_put_global(b, "builtins", "eval");
	pk_put_op(b, PK_OP_EMPTY_LIST);
	pk_put_text(b, PK_CANARY_SOURCE);
	pk_put_op(b, PK_OP_APPEND);
	pk_put_op(b, PK_OP_TUPLE2);
	pk_put_op(b, PK_OP_REDUCE);
	pk_put_call(b);
	put_stop(b);
}

void pk_specimen_extension(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_op(b, PK_OP_EXT1);
	pk_put_le(b, 7, 1);
	pk_put_text(b, PK_CANARY_SOURCE);
	pk_put_call(b);
	put_stop(b);
}

/* ---- names that do not stand where one looks ---- */

/* Through the memo, with harmless names just before the import. */
void pk_specimen_memo(struct pk_buf *b)
{
	pk_put_proto(b, 4);
	pk_put_short_text(b, "posix");
	pk_put_op(b, PK_OP_MEMOIZE);
	pk_put_op(b, PK_OP_POP);
	pk_put_short_text(b, "system");
	pk_put_op(b, PK_OP_MEMOIZE);
	pk_put_op(b, PK_OP_POP);
	pk_put_op(b, PK_OP_BINGET);
	pk_put_le(b, 0, 1);
	pk_put_op(b, PK_OP_BINGET);
	pk_put_le(b, 1, 1);
	pk_put_short_text(b, "math");
	pk_put_short_text(b, "sin");
	pk_put_op(b, PK_OP_POP);
	pk_put_op(b, PK_OP_POP);
	pk_put_op(b, PK_OP_STACK_GLOBAL);
	pk_put_short_text(b, PK_CANARY_COMMAND);
	pk_put_call(b);
	put_stop(b);
}

/* The name is what a call returns: codecs.decode('flfgrz', 'rot13'). */
void pk_specimen_computed(struct pk_buf *b)
{
	pk_put_proto(b, 4);
	pk_put_short_text(b, "posix");
	pk_put_stack_global(b, "codecs", "decode");
	pk_put_short_text(b, "flfgrz");
	pk_put_short_text(b, "rot13");
	pk_put_op(b, PK_OP_TUPLE2);
	pk_put_op(b, PK_OP_REDUCE);
	pk_put_op(b, PK_OP_STACK_GLOBAL);
	pk_put_short_text(b, PK_CANARY_COMMAND);
	pk_put_call(b);
	put_stop(b);
}

/* getattr(__import__('os'), 'system') */
void pk_specimen_getattr(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_global(b, "builtins", "getattr");
	pk_put_global(b, "builtins", "__import__");
	pk_put_text(b, "os");
	pk_put_call(b);
	pk_put_text(b, "system");
	pk_put_op(b, PK_OP_TUPLE2);
	pk_put_op(b, PK_OP_REDUCE);
	pk_put_text(b, PK_CANARY_COMMAND);
	pk_put_call(b);
	put_stop(b);
}

/* From protocol 4 on a name with dots is a walk along attributes: here from a
 * module that has imported os. */
void pk_specimen_dotted(struct pk_buf *b)
{
	pk_put_proto(b, 4);
	pk_put_stack_global(b, "tempfile", "_os.system");
	pk_put_short_text(b, PK_CANARY_COMMAND);
	pk_put_call(b);
	put_stop(b);
}

/* The escapes of a text opcode spell the module. */
void pk_specimen_escaped(struct pk_buf *b)
{
	pk_put_proto(b, 4);
	pk_buf_puts(b, "V\\u0070osix\nVsyste\\u006d\n");
	pk_put_op(b, PK_OP_STACK_GLOBAL);
	pk_put_short_text(b, PK_CANARY_COMMAND);
	pk_put_call(b);
	put_stop(b);
}

/* Not everybody's list has it: timeit.timeit(source, 'pass', clock, 1). */
void pk_specimen_gadget(struct pk_buf *b)
{
	pk_put_proto(b, 4);
	pk_put_stack_global(b, "timeit", "timeit");
	pk_put_op(b, PK_OP_MARK);
	pk_put_short_text(b, PK_CANARY_SOURCE);
	pk_put_short_text(b, "pass");
	pk_put_stack_global(b, "time", "perf_counter");
	pk_put_int(b, 1);
	pk_put_op(b, PK_OP_TUPLE);
	pk_put_op(b, PK_OP_REDUCE);
	put_stop(b);
}

/* ---- what hides that anything happened ---- */

/* The state dict comes out whole; the call's result is dropped. */
void pk_specimen_stealthy(struct pk_buf *b)
{
	pk_put_stealthy(b);
}

/* In the second pickle of the file, behind one that is harmless. */
void pk_specimen_second(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_int(b, 1);
	put_stop(b);
	pk_put_stealthy(b);
}

/* It breaks off, but what came before has run. */
void pk_specimen_broken(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_attack(b);
	pk_put_le(b, 0xff, 1);
}

/* Behind many values, past where a hurried reader gives up. */
void pk_specimen_buried(struct pk_buf *b)
{
	enum { MANY = 20000 };

	pk_put_proto(b, 2);
	pk_put_op(b, PK_OP_MARK);
	for (int i = 0; i < MANY; i++)
		pk_put_op(b, PK_OP_NONE);
	pk_put_op(b, PK_OP_POP_MARK);
	pk_put_attack(b);
	put_stop(b);
}

/* ---- code by value ---- */

/* marshal.dumps(compile(PK_CANARY_SOURCE, 'specimen', 'exec')), CPython 3.11 */
static const char code[] =
	"\x63\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00"
	"\x00\x00\x00\x00\x00\xf3\x1c\x00\x00\x00\x97\x00\x02\x00\x65\x00"
	"\x64\x00\xa6\x01\x00\x00\xab\x01\x00\x00\x00\x00\x00\x00\x00\x00"
	"\x01\x00\x64\x01\x53\x00\x29\x02\x7a\x0d" PK_CANARY
	"\x4e\x29\x01\xda\x05\x70\x72\x69\x6e\x74\xa9\x00\xf3\x00\x00\x00"
	"\x00\xda\x08\x73\x70\x65\x63\x69\x6d\x65\x6e\xfa\x08\x3c\x6d\x6f"
	"\x64\x75\x6c\x65\x3e\x72\x05\x00\x00\x00\x01\x00\x00\x00\x73\x1b"
	"\x00\x00\x00\xf0\x03\x01\x01\x01\xd8\x00\x05\x80\x05\x80\x6f\xd1"
	"\x00\x16\xd4\x00\x16\xd0\x00\x16\xd0\x00\x16\xd0\x00\x16\x72\x03"
	"\x00\x00\x00";

/* types.FunctionType(marshal.loads(...), {})() */
void pk_specimen_code(struct pk_buf *b)
{
	pk_put_proto(b, 4);
	pk_put_stack_global(b, "types", "FunctionType");
	pk_put_stack_global(b, "marshal", "loads");
	pk_put_op(b, PK_OP_SHORT_BINBYTES);
	pk_put_le(b, sizeof(code) - 1, 1);
	pk_buf_put(b, code, sizeof(code) - 1);
	pk_put_call(b);
	pk_put_op(b, PK_OP_EMPTY_DICT);
	pk_put_op(b, PK_OP_TUPLE2);
	pk_put_op(b, PK_OP_REDUCE);
	pk_put_op(b, PK_OP_EMPTY_TUPLE);
	pk_put_op(b, PK_OP_REDUCE);
	put_stop(b);
}
