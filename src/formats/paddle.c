/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PaddlePaddle programs (.pdmodel, __model__): one message, ProgramDesc, of
 * Protocol Buffers (paddle/fluid/framework/framework.proto): blocks of
 * variables and operators.  No magic.
 *
 * What can hurt: operators that call Python, open files or sockets.
 */
#include "analyze/pb_file.h"
#include "analyze/ref_path.h"
#include "analyze/tally.h"
#include "engine/format.h"
#include "engine/note.h"

struct paddle {
	struct pk_pb_file file; /* first */
	struct pk_tally ops;
};

static void take_op(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);
static void take_blob(struct pk_pb *r, const struct pk_pb_field *f, void *ctx);

static const struct pk_pb_line attr_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, INT, "type"),
	PK_PB(3, INT, "i"),
	PK_PB(4, FIXED32, "f"),
	PK_PB(5, BYTES, "s", .take = take_blob),
	PK_PB(6, INTS, "ints"),
	PK_PB(7, FIXED32S, "floats"),
	PK_PB(8, BYTES, "strings", .take = take_blob),
	PK_PB(10, INT, "b"),
	PK_PB(11, INTS, "bools"),
	PK_PB(12, INT, "block_idx"),
	PK_PB(13, INT, "l"),
	PK_PB(14, INTS, "blocks_idx"),
	PK_PB(15, INTS, "longs"),
	PK_PB(16, FIXED64S, "float64s"),
	PK_PB(17, TEXT, "var_name"),
	PK_PB(18, TEXT, "vars_name"),
	PK_PB(19, FIXED64, "float64"),
	PK_PB(20, BYTES, "scalar"),
	PK_PB(21, BYTES, "scalars"),
};
static const struct pk_pb_message attr = PK_PB_LINES(attr_lines);

static const struct pk_pb_line argument_lines[] = {
	PK_PB(1, TEXT, "parameter"),
	PK_PB(2, TEXT, "arguments"),
};
static const struct pk_pb_message argument = PK_PB_LINES(argument_lines);

static const struct pk_pb_line op_lines[] = {
	PK_PB(1, MESSAGE, "inputs", .of = &argument),
	PK_PB(2, MESSAGE, "outputs", .of = &argument),
	PK_PB(3, TEXT, "type"),
	PK_PB(4, MESSAGE, "attrs", .of = &attr),
	PK_PB(5, INT, "is_target"),
};
static const struct pk_pb_message op = PK_PB_LINES(op_lines);

static const struct pk_pb_line var_lines[] = {
	PK_PB(1, TEXT, "name"),
	PK_PB(2, BYTES, "type"),
	PK_PB(3, INT, "persistable"),
	PK_PB(4, INT, "need_check_feed"),
	PK_PB(5, INT, "is_parameter"),
	PK_PB(6, INT, "stop_gradient"),
	PK_PB(7, MESSAGE, "attrs", .of = &attr),
};
static const struct pk_pb_message var = PK_PB_LINES(var_lines);

static const struct pk_pb_line block_lines[] = {
	PK_PB(1, INT, "idx"),
	PK_PB(2, INT, "parent_idx"),
	PK_PB(3, MESSAGE, "vars", .of = &var),
	PK_PB(4, MESSAGE, "ops", .of = &op, .take = take_op),
	PK_PB(5, INT, "forward_block_idx"),
};
static const struct pk_pb_message block = PK_PB_LINES(block_lines);

static const struct pk_pb_line program_lines[] = {
	PK_PB(1, MESSAGE, "blocks", .of = &block),
	PK_PB(4, BYTES, "version"),
	PK_PB(3, BYTES, "op_compatible_map"),
	PK_PB(5, BYTES, "op_version_map"),
};
static const struct pk_pb_message program = PK_PB_LINES(program_lines);

/* paddle/fluid/operators; attr: where the path or address stands. */
static const struct {
	const char *op;
	enum pk_rule rule;
	const char *what;
	const char *attr;
} reaching[] = {
	{ "py_func", PK_RULE_PADDLE_PYTHON_OPERATOR, "calls Python", NULL },
	{ "py_layer", PK_RULE_PADDLE_PYTHON_OPERATOR, "calls Python", NULL },
	{ "pylayer", PK_RULE_PADDLE_PYTHON_OPERATOR, "calls Python", NULL },
	{ "load", PK_RULE_PADDLE_FILE_OPERATOR, "reads", "file_path" },
	{ "load_combine", PK_RULE_PADDLE_FILE_OPERATOR, "reads", "file_path" },
	{ "save", PK_RULE_PADDLE_FILE_OPERATOR, "writes", "file_path" },
	{ "save_combine", PK_RULE_PADDLE_FILE_OPERATOR, "writes", "file_path" },
	{ "listen_and_serv", PK_RULE_PADDLE_NETWORK_OPERATOR, "listens at",
	  "endpoint" },
	{ "heter_listen_and_serv", PK_RULE_PADDLE_NETWORK_OPERATOR,
	  "listens at", "endpoint" },
	{ "fl_listen_and_serv", PK_RULE_PADDLE_NETWORK_OPERATOR, "listens at",
	  "endpoint" },
	{ "send", PK_RULE_PADDLE_NETWORK_OPERATOR, "connects to", "endpoints" },
	{ "recv", PK_RULE_PADDLE_NETWORK_OPERATOR, "connects to", "endpoints" },
	{ "send_and_recv", PK_RULE_PADDLE_NETWORK_OPERATOR, "connects to",
	  "endpoints" },
	{ "fetch_barrier", PK_RULE_PADDLE_NETWORK_OPERATOR, "connects to",
	  "endpoints" },
	{ "send_barrier", PK_RULE_PADDLE_NETWORK_OPERATOR, "connects to",
	  "endpoints" },
	{ "gen_nccl_id", PK_RULE_PADDLE_NETWORK_OPERATOR, "connects to",
	  "endpoint" },
	{ "c_gen_nccl_id", PK_RULE_PADDLE_NETWORK_OPERATOR, "connects to",
	  "endpoint" },
	{ "c_gen_bkcl_id", PK_RULE_PADDLE_NETWORK_OPERATOR, "connects to",
	  "endpoint" },
	{ "tensorrt_engine", PK_RULE_PADDLE_ENGINE, "holds an engine", NULL },
	{ "lite_engine", PK_RULE_PADDLE_ENGINE, "holds an engine", NULL },
	{ "dlnne_engine", PK_RULE_PADDLE_ENGINE, "holds an engine", NULL },
};

/* The first text of the attribute of that name. */
static struct pk_pb_text
attr_text(struct pk_pb *r, const struct pk_pb_field *of, const char *name)
{
	struct pk_pb_iter it = { of->off, of->off + of->len };
	struct pk_pb_field f;

	while (name && pk_pb_next(r, &it, &f)) {
		struct pk_pb_text is = { 0 }, s = { 0 };
		const struct pk_pb_pick picks[] = { { 1, &is },
						    { 5, &s },
						    { 8, &s } };

		if (f.number != 4 || f.wire != PK_PB_LEN)
			continue;
		pk_pb_pick(r, &f, picks, 3);
		if (pk_pb_is(&is, name) && s.len)
			return s;
	}
	return (struct pk_pb_text){ 0 };
}

static void judge(struct paddle *p, const struct pk_pb_field *f,
		  const struct pk_pb_text *type)
{
	const size_t count = sizeof(reaching) / sizeof(reaching[0]);
	struct pk_report r = { .off = f->at };
	struct pk_path_flaw flaw = { 0 };
	struct pk_pb_text target;
	size_t i = 0;

	while (i < count && !pk_pb_is(type, reaching[i].op))
		i++;
	if (i == count)
		return;
	target = attr_text(&p->file.r, f, reaching[i].attr);
	r.rule = reaching[i].rule;
	r.severity = pk_rules[r.rule].severity;
	if (r.rule == PK_RULE_PADDLE_FILE_OPERATOR && target.len) {
		flaw = pk_path_flaw(pk_pb_span(&target));
		if (flaw.severity > r.severity)
			r.severity = flaw.severity;
	}
	pk_report_full(p->file.s, &r, "the operator %s %s%s%s%s%s",
		       reaching[i].op, reaching[i].what, target.len ? " " : "",
		       pk_show(p->file.s, pk_pb_span(&target), 160),
		       flaw.what ? ", which " : "", flaw.what ? flaw.what : "");
}

static void take_op(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct paddle *p = ctx;
	struct pk_pb_text type = { .off = f->off };
	const struct pk_pb_pick picks[] = { { 3, &type } };

	pk_pb_pick(r, f, picks, 1);
	(void)pk_tally(&p->ops, p->file.s, pk_pb_span(&type), f->at);
	judge(p, f, &type);
	pk_pb_walk(r, f, &op, ctx);
}

static void take_blob(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	enum { BLOB = 256 }; /* longer than settings are */
	struct paddle *p = ctx;

	(void)r;
	if (f->len >= BLOB)
		(void)pk_pb_descend(&p->file, f->off, f->len, "attribute");
}

static bool is_name(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	}
	return s.len != 0;
}

/* Variables and operators that have names; a block that has them. */
static bool looks_like_block(struct pk_pb *r, const struct pk_pb_field *f)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	unsigned good = 0, bad = 0;
	bool indexed = false;
	struct pk_pb_field in;

	while (good < 8 && bad < 8 && pk_pb_next(r, &it, &in)) {
		struct pk_pb_text name = { 0 };
		const struct pk_pb_pick picks[] = { { in.number == 4 ? 3 : 1,
						      &name } };

		indexed |= in.number <= 2 && in.wire == PK_PB_VARINT;
		if ((in.number != 3 && in.number != 4) || in.wire != PK_PB_LEN)
			continue;
		pk_pb_pick(r, &in, picks, 1);
		if (is_name(pk_pb_span(&name)))
			good++;
		else
			bad++;
	}
	return indexed && good > bad;
}

static enum pk_match paddle_probe(const struct pk_head *head)
{
	enum { FIELDS_MAX = 1 << 20 };
	struct pk_meter meter = { .ceiling = 4 * PK_WINDOW };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_pb r = pk_pb_open(head->source, &arena);
	struct pk_pb_iter it = { 0, head->source->size };
	struct pk_pb_field f;
	bool is = false;

	r.clip = true;
	for (unsigned n = 0; !is && n < FIELDS_MAX && pk_pb_next(&r, &it, &f);
	     n++)
		is = f.number == 1 && f.wire == PK_PB_LEN &&
		     looks_like_block(&r, &f);
	pk_arena_release(&arena);
	return is ? PK_MATCH_SURE : PK_MATCH_NO;
}

static void paddle_scan(struct pk_scan *s)
{
	struct paddle *p = PK_NEW(&s->arena, struct paddle);
	struct pk_pb_field all;

	if (!p) {
		pk_partial(s);
		return;
	}
	pk_pb_file_open(&p->file, s);
	all = pk_pb_whole(&p->file.r);
	pk_pb_walk(&p->file.r, &all, &program, p);
	pk_tally_note(&p->ops, s, "operator");
	pk_pb_file_close(&p->file, PK_RULE_PADDLE_MALFORMED);
}

const struct pk_format pk_format_paddle = {
	.name = "paddle",
	.title = "PaddlePaddle program",
	.reads = "every operator of all blocks, and its paths and addresses",
	.risk = PK_RISK_PARSER,
	.rank = 40,
	.probe = paddle_probe,
	.scan = paddle_scan,
};
