/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MNN models: a FlatBuffer without an identifier, whose root is a Net of
 * operators; weights may lie in a file beside it.
 * MNN/schema/default/MNN.fbs
 *
 * What can hurt: plugins, for which the host must bring native code; paths of
 * external weights; offsets that lead nowhere.
 */
#include "analyze/ref_path.h"
#include "codec/flatbuf.h"
#include "engine/embed.h"
#include "engine/format.h"
#include "engine/note.h"

enum {
	SHOWN = 120,
	NAME_MAX = 4096,
	NET_OPS = 3,
	NET_TENSOR_NAMES = 7,
	OP_NAME = 3,
	OP_OUTPUTS = 4,
	OP_TYPE = 5,
	OP_EXTERNAL = 7,
	TYPE_PLUGIN = 256,
	HEAD_MIN = 64,
};

struct mnn {
	struct pk_scan *s;
	struct pk_fb b;
};

static struct pk_span text_of(struct mnn *m, const struct pk_fb_table *t,
			      unsigned id)
{
	const struct pk_fb_vec v = pk_fb_text(&m->b, t, id);

	return pk_fb_bytes(&m->b, &v, NAME_MAX, &m->s->arena);
}

static void judge_external(struct mnn *m, const struct pk_fb_table *op)
{
	const struct pk_span path = text_of(m, op, OP_EXTERNAL);
	const struct pk_path_flaw flaw = pk_path_flaw(path);
	const struct pk_report r = { .rule = PK_RULE_MNN_EXTERNAL_PATH,
				     .severity = flaw.severity,
				     .off = op->at };
	const struct pk_ref ref = { .kind = PK_REF_DATA,
				    .path = path,
				    .at = op->at };

	if (!path.len)
		return;
	if (flaw.what)
		pk_report_full(m->s, &r, "weights are read from %s, which %s",
			       pk_show(m->s, path, SHOWN), flaw.what);
	if (!flaw.outside)
		pk_refer(m->s, &ref);
}

static void read_op(struct mnn *m, const struct pk_fb_table *op)
{
	if (pk_fb_uint(&m->b, op, OP_TYPE, 4, 0) == TYPE_PLUGIN)
		pk_report(m->s, PK_RULE_MNN_PLUGIN, op->at,
			  "the operator %s is a plugin of the host's",
			  pk_show(m->s, text_of(m, op, OP_NAME), SHOWN));
	if (pk_fb_has(&m->b, op, OP_EXTERNAL))
		judge_external(m, op);
}

static void mnn_scan(struct pk_scan *s)
{
	struct mnn m = { .s = s };
	struct pk_fb_table net;
	struct pk_fb_vec ops;

	pk_fb_open(&m.b, s->bytes, 0, s->bytes->size, &s->arena);
	net = pk_fb_root(&m.b);
	ops = pk_fb_vector(&m.b, &net, NET_OPS, 4);
	for (uint32_t i = 0; i < ops.n && pk_fb_ok(&m.b); i++) {
		const struct pk_fb_table op = pk_fb_table_at(&m.b, &ops, i);

		if (pk_out_of_budget(s))
			break;
		read_op(&m, &op);
	}
	pk_note_number(s, "operators", ops.n);
	/* Parameters of operators are of a hundred kinds and not followed:
	 * they make up the rest, in which nothing else should begin. */
	pk_claim(s, 0, s->bytes->size);
	pk_search_data(s, &pk_format_mnn, false);
	pk_report_fault(s, PK_RULE_MNN_MALFORMED, &m.b.where, "the FlatBuffer");
}

/* No identifier: the first operator and the first tensor must look like it. */
static bool has_shape(struct pk_fb *b)
{
	const struct pk_fb_table net = pk_fb_root(b);
	const struct pk_fb_vec ops = pk_fb_vector(b, &net, NET_OPS, 4);
	const struct pk_fb_vec names =
		pk_fb_vector(b, &net, NET_TENSOR_NAMES, 4);
	struct pk_fb_table op;

	if (!pk_fb_ok(b) || !ops.n || !names.n)
		return false;
	op = pk_fb_table_at(b, &ops, 0);
	return pk_fb_text(b, &op, OP_NAME).n &&
	       pk_fb_vector(b, &op, OP_OUTPUTS, 4).n &&
	       pk_fb_has(b, &op, OP_TYPE) && pk_fb_text_at(b, &names, 0).n &&
	       pk_fb_ok(b);
}

static enum pk_match mnn_probe(const struct pk_head *head)
{
	struct pk_arena scratch = PK_ARENA(&head->scan->job->meter);
	struct pk_cursor c = pk_cursor_over(head->bytes, 0);
	const uint32_t root = pk_get_u32le(&c);
	struct pk_fb b;
	bool yes;

	if (head->scan->quiet || root < 8 || root >= head->source->size ||
	    head->bytes.len < HEAD_MIN)
		return PK_MATCH_NO;
	pk_fb_open(&b, head->source, 0, head->source->size, &scratch);
	yes = has_shape(&b);
	pk_arena_release(&scratch);
	return yes ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_mnn = {
	.name = "mnn",
	.title = "MNN model",
	.reads = "plugins, paths of weights, programs in the data",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = mnn_probe,
	.scan = mnn_scan,
};
