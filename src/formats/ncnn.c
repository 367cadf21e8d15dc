/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ncnn's and PNNX's network descriptions (.param): "7767517", the numbers of
 * layers and blobs, a line for each layer.  Weights lie in a .bin of the same
 * name without any structure.  Also their binary form (0x007685dd).
 *
 * What can hurt: layers that the host must bring; numbers beyond what follows.
 */
#include "engine/format.h"
#include "engine/note.h"

enum { LINE_MAX_BYTES = 60000, TYPE_MAX = 256 };

struct ncnn {
	struct pk_scan *s;
	struct pk_cursor c;
	uint64_t layers;
};

/* The next line, without its end; false behind the last. */
static bool next_line(struct ncnn *n, struct pk_span *ret)
{
	size_t len = 0;

	while (len < LINE_MAX_BYTES && pk_cursor_ready(&n->c, len + 1) &&
	       n->c.p[len] != '\n')
		len++;
	if (len == LINE_MAX_BYTES)
		pk_cursor_fail(&n->c, PK_FAULT_LIMIT);
	if (!pk_cursor_left(&n->c))
		return false;
	*ret = pk_get_bytes(&n->c, len);
	if (pk_cursor_left(&n->c)) {
		/* The bytes stay where they are: one step within the window. */
		n->c.p++;
		n->c.off++;
	}
	return pk_cursor_ok(&n->c);
}

static bool number(struct pk_span line, size_t *at, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = *at;

	while (i < line.len && line.p[i] == ' ')
		i++;
	*at = i;
	for (; i < line.len && line.p[i] >= '0' && line.p[i] <= '9'; i++) {
		if (v > UINT32_MAX)
			return false;
		v = v * 10 + (line.p[i] - '0');
	}
	*ret = v;
	if (i == *at)
		return false;
	*at = i;
	return true;
}

static struct pk_span first_word(struct pk_span line)
{
	size_t n = 0;

	while (n < line.len && line.p[n] != ' ' && line.p[n] != '\t' &&
	       line.p[n] != '\r')
		n++;
	return (struct pk_span){ line.p, n };
}

static void refuse(struct ncnn *n, const char *what)
{
	if (!n->s->parent)
		n->s->job->facts |= PK_FACT_REFUSED;
	pk_report(n->s, PK_RULE_NCNN_MALFORMED, n->c.off, "%s", what);
}

static void read_layers(struct ncnn *n, uint64_t claimed)
{
	struct pk_span line, type;

	while (next_line(n, &line)) {
		type = first_word(line);
		if (!type.len)
			continue;
		n->layers++;
		if (type.len < TYPE_MAX)
			pk_note_text(n->s, "layers", type);
	}
	pk_claim(n->s, 0, n->c.off);
	pk_report_fault(n->s, PK_RULE_NCNN_MALFORMED, &n->c, "a line");
	if (n->layers < claimed)
		refuse(n, "there are fewer layers than it says");
}

static void ncnn_scan(struct pk_scan *s)
{
	struct ncnn n = { .s = s };
	uint64_t layers, blobs;
	struct pk_span line;
	size_t at = 0;

	n.c = pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	if (pk_cursor_ready(&n.c, 1) && *n.c.p != '7') {
		pk_claim(s, 0, s->bytes->size); /* the binary form: numbers */
		return;
	}
	(void)next_line(&n, &line);
	if (!next_line(&n, &line) || !number(line, &at, &layers) ||
	    !number(line, &at, &blobs)) {
		pk_reject(s);
		return;
	}
	pk_note_number(s, "blobs", blobs);
	read_layers(&n, layers);
}

static enum pk_match ncnn_probe(const struct pk_head *head)
{
	if (pk_span_starts(head->bytes, PK_LIT("7767517\n")) ||
	    pk_span_starts(head->bytes, PK_LIT("7767517\r\n")))
		return PK_MATCH_SURE;
	return pk_span_starts(head->bytes, PK_LIT("\xdd\x85\x76\0")) &&
			       !head->scan->quiet
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_ncnn = {
	.name = "ncnn",
	.title = "ncnn network description",
	.reads = "the layers and their number",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = ncnn_probe,
	.scan = ncnn_scan,
};
