/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the weights-only loader makes of files, one line of JSON each,
 * for comparisons with PyTorch: weights_tree [--rules now|1.13|salvage] FILE...
 * A value is a list: its kind, then what it holds; dicts are lists of pairs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "analyze/pickle_step.h"
#include "core/digest.h"
#include "core/json_out.h"
#include "source/file.h"
#include "tensors/load.h"

enum { DEPTH_MAX = 24, MEMORY = 256 << 20 };

static void put(struct pk_loader *l, struct pk_json *j, pk_value v, int depth);

static void put_hex(struct pk_loader *l, struct pk_json *j, const char *kind,
		    pk_value v)
{
	struct pk_buf text = { 0 };

	(void)pk_vm_text(l->g.vm, v, SIZE_MAX, &text);
	pk_json_str(j, NULL, kind);
	pk_json_hex(j, NULL, "", pk_buf_span(&text));
	pk_buf_release(&text);
}

static void put_number(struct pk_loader *l, struct pk_json *j, pk_value v)
{
	struct pk_number n;
	uint8_t bytes[256] = { 0 };
	uint64_t bits;

	if (!pk_graph_number(&l->g, v, &n))
		return;
	if (n.kind == PK_NUMBER_FLOAT) {
		memcpy(&bits, &n.value, sizeof(bits));
		pk_json_str(j, NULL, "f");
		pk_json_uint(j, NULL, bits);
		return;
	}
	pk_json_str(j, NULL, n.kind == PK_NUMBER_INT ? "I" : "line");
	(void)pk_reader_fetch(&l->g.vm->r, n.at.off, bytes,
			      n.at.len < 256 ? (size_t)n.at.len : 256);
	pk_json_hex(j, NULL, "", (struct pk_span){ bytes, (size_t)n.at.len });
}

static void put_kids(struct pk_loader *l, struct pk_json *j, const char *kind,
		     pk_value v, int depth)
{
	pk_json_str(j, NULL, kind);
	for (uint64_t i = 0; i < pk_vm_count(l->g.vm, v); i++)
		put(l, j, pk_vm_kid(l->g.vm, v, i), depth + 1);
}

static void put_digest(struct pk_loader *l, struct pk_json *j,
		       const struct pk_tensor *t)
{
	struct pk_gather *g = NULL;
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t buf[4096], sum[PK_SHA256_LEN];
	size_t n;

	if (t->store && pk_weights_locate(l->w, t))
		g = pk_gather_new(t);
	while (g && (n = pk_gather_next(g, buf, sizeof(buf))) > 0)
		pk_sha256_add(h, buf, n);
	(void)pk_sha256_end(h, sum);
	pk_json_hex(j, NULL, "", (struct pk_span){ sum, sizeof(sum) });
	pk_gather_free(g);
}

static void put_tensor(struct pk_loader *l, struct pk_json *j,
		       const struct pk_thing *t)
{
	const struct pk_tensor *of = &t->tensor;

	pk_json_str(j, NULL, t->parameter ? "P" : "T");
	pk_json_str(j, NULL, pk_dtypes[of->dtype].torch);
	pk_json_array(j, NULL);
	for (uint32_t i = 0; i < of->rank; i++)
		pk_json_uint(j, NULL, of->shape[i]);
	pk_json_close(j);
	pk_json_array(j, NULL);
	for (uint32_t i = 0; i < of->rank; i++)
		pk_json_uint(j, NULL, pk_tensor_strides(of)[i]);
	pk_json_close(j);
	pk_json_uint(j, NULL, of->offset);
	pk_json_bool(j, NULL, of->requires_grad);
	if (of->store)
		put_digest(l, j, of);
	else
		pk_json_null(j, NULL);
}

static void put_thing(struct pk_loader *l, struct pk_json *j,
		      const struct pk_thing *t, int depth)
{
	if (t->kind == PK_THING_TENSOR) {
		put_tensor(l, j, t);
		return;
	}
	pk_json_str(j, NULL, "thing");
	pk_json_str(j, NULL, t->what ? t->what : "storage");
	if (t->kind == PK_THING_PARTS)
		put(l, j, t->parts, depth + 1);
	if (t->kind == PK_THING_STORAGE) {
		pk_json_str(j, NULL, pk_dtypes[t->dtype].torch);
		pk_json_uint(j, NULL, t->store->len);
	}
}

static void put_plain(struct pk_loader *l, struct pk_json *j, pk_value v,
		      int depth)
{
	switch ((unsigned)pk_value_kind(v)) {
	case PK_V_NONE:
		pk_json_str(j, NULL, "none");
		break;
	case PK_V_BOOL:
		pk_json_str(j, NULL, pk_value_payload(v) ? "true" : "false");
		break;
	case PK_V_INT:
		pk_json_str(j, NULL, "i");
		pk_json_bool(j, NULL, pk_value_int(v) < 0);
		pk_json_uint(j, NULL,
			     (uint64_t)(pk_value_int(v) < 0 ? -pk_value_int(v)
							    : pk_value_int(v)));
		break;
	case PK_V_NUMBER:
		put_number(l, j, v);
		break;
	case PK_V_STR:
	case PK_V_TEXT:
		put_hex(l, j, "s", v);
		break;
	case PK_V_GLOBAL:
		pk_json_str(j, NULL, "g");
		pk_json_str(
			j, NULL,
			pk_load_show_global(l, pk_vm_global_of(l->g.vm, v)));
		break;
	case PK_V_TUPLE:
		put_kids(l, j, "t", v, depth);
		break;
	case PK_V_LIST:
		put_kids(l, j, "l", v, depth);
		break;
	case PK_V_DICT:
		put_kids(l, j, pk_load_is_ordered(l, v) ? "o" : "d", v, depth);
		break;
	case PK_V_SET:
		put_kids(l, j, "S", v, depth);
		break;
	default:
		pk_json_str(j, NULL, "?");
	}
}

static void put(struct pk_loader *l, struct pk_json *j, pk_value v, int depth)
{
	const struct pk_thing *t = pk_load_thing_of(l, v);

	pk_json_array(j, NULL);
	if (depth > DEPTH_MAX)
		pk_json_str(j, NULL, "deep");
	else if (t)
		put_thing(l, j, t, depth);
	else
		put_plain(l, j, v, depth);
	pk_json_close(j);
}

static void one(const char *path, enum pk_weights_rules rules)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct pk_source *src = fd >= 0 ? pk_file_new(fd) : NULL;
	struct pk_buf out = { 0 };
	struct pk_json j = { .out = &out };
	struct pk_weights w;

	if (!src) {
		puts("{}");
		return;
	}
	(void)pk_weights_open(&w, src, rules, MEMORY);
	pk_json_object(&j, NULL);
	pk_json_uint(&j, "end", w.end);
	pk_json_str(&j, "why", w.why ? w.why : "");
	pk_json_uint(&j, "tensors", w.n);
	if (w.end == PK_WEIGHTS_OK && w.loader->g.vm->r.c.src) {
		pk_json_array(&j, "tree");
		put(w.loader, &j, w.loader->tree, 0);
		pk_json_close(&j);
	}
	pk_json_close(&j);
	(void)fputs(pk_buf_str(&out), stdout);
	pk_buf_release(&out);
	pk_weights_release(&w);
	pk_source_free(src);
	(void)close(fd);
}

int main(int argc, char **argv)
{
	enum pk_weights_rules rules = PK_RULES_NOW;
	int i = 1;

	if (argc > 2 && strcmp(argv[1], "--rules") == 0) {
		rules = strcmp(argv[2], "1.13") == 0      ? PK_RULES_1_13
			: strcmp(argv[2], "salvage") == 0 ? PK_RULES_SALVAGE
							  : PK_RULES_NOW;
		i = 3;
	}
	for (; i < argc; i++)
		one(argv[i], rules);
	return 0;
}
