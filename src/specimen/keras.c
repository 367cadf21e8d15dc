/* SPDX-License-Identifier: Apache-2.0 */
/* A Lambda layer, which is compiled Python, in the two files of Keras. */
#include <string.h>

#include "codec/base64.h"
#include "specimen/put.h"
#include "specimen/specimen.h"

/* marshal.dumps((lambda x: PK_CANARY_SOURCE or x).__code__), CPython 3.11 */
static const char lambda[] =
	"\xe3\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00"
	"\x00\x03\x00\x00\x00\xf3\x24\x00\x00\x00\x97\x00\x74\x01\x00\x00"
	"\x00\x00\x00\x00\x00\x00\x00\x00\x64\x01\xa6\x01\x00\x00\xab\x01"
	"\x00\x00\x00\x00\x00\x00\x00\x00\x70\x01\x7c\x00\x53\x00\x29\x02"
	"\x4e\x7a\x0d" PK_CANARY
	"\x29\x01\xda\x05\x70\x72\x69\x6e\x74\x29\x01\xda\x01\x78\x73\x01"
	"\x00\x00\x00\x20\xda\x08\x73\x70\x65\x63\x69\x6d\x65\x6e\xfa\x08"
	"\x3c\x6c\x61\x6d\x62\x64\x61\x3e\x72\x05\x00\x00\x00\x01\x00\x00"
	"\x00\x73\x13\x00\x00\x00\x80\x00\x8d\x25\x90\x0f\xd1\x0a\x20\xd4"
	"\x0a\x20\xd0\x0a\x25\xa0\x41\x80\x00\xf3\x00\x00\x00\x00";

static void put_code(struct pk_buf *b)
{
	pk_base64_put(b, PK_LIT(lambda));
}

/* ---- .keras, as Keras 3 writes it ---- */

static void put_config(struct pk_buf *b)
{
	pk_buf_puts(b,
		    "{\"module\":\"keras\",\"class_name\":\"Sequential\","
		    "\"config\":{\"name\":\"specimen\",\"layers\":["
		    "{\"module\":\"keras.layers\",\"class_name\":\"Lambda\","
		    "\"config\":{\"name\":\"lambda\",\"function\":"
		    "{\"class_name\":\"__lambda__\",\"config\":{\"code\":\"");
	put_code(b);
	pk_buf_puts(b, "\",\"defaults\":null,\"closure\":null}},"
		       "\"arguments\":{}},\"registered_name\":null}],"
		       "\"build_input_shape\":[null,1]},"
		       "\"registered_name\":null}");
}

void pk_specimen_keras(struct pk_buf *b)
{
	struct pk_buf config = { 0 };

	put_config(&config);
	pk_put_zip(
		b,
		(struct pk_put_member[]){
			{ .name = "metadata.json",
			  .data = PK_LIT("{\"keras_version\":\"3.0.0\"}") },
			{ .name = "config.json", .data = pk_buf_span(&config) },
		},
		2);
	pk_buf_release(&config);
}

/* ---- .h5, as Keras 2 writes it ---- */

enum { LINK_INFO = 2, ATTRIBUTE = 12, SUPERBLOCK_SIZE = 96 };

/* Version 0, whose root is the object right behind it; no checksums. */
static void put_superblock(struct pk_buf *b, size_t end)
{
	pk_buf_put(b, "\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0", 16);
	pk_put_le(b, 4, 2);
	pk_put_le(b, 16, 2);
	pk_put_le(b, 0, 4);
	pk_put_le(b, 0, 8);
	pk_put_le(b, UINT64_MAX, 8);
	pk_put_le(b, end, 8);
	pk_put_le(b, UINT64_MAX, 8);
	pk_put_le(b, 0, 8);
	pk_put_le(b, SUPERBLOCK_SIZE, 8);
	pk_put_zeros(b, 24);
}

/* Its length is made up to a multiple of eight. */
static void put_message(struct pk_buf *b, unsigned type, struct pk_span body)
{
	const size_t pad = -body.len & 7;

	pk_put_le(b, type, 2);
	pk_put_le(b, body.len + pad, 2);
	pk_put_le(b, 0, 4);
	pk_buf_put(b, body.p, body.len);
	pk_put_zeros(b, pad);
}

/* A string of a fixed length, as an attribute of version 3. */
static void put_attribute(struct pk_buf *b, const char *name,
			  struct pk_span text)
{
	struct pk_buf body = { 0 };

	pk_put_le(&body, 3, 2);
	pk_put_le(&body, strlen(name) + 1, 2);
	pk_put_le(&body, 8, 2);
	pk_put_le(&body, 4, 2);
	pk_put_le(&body, 0, 1);
	pk_buf_put(&body, name, strlen(name) + 1);
	pk_put_le(&body, 0x13, 4);
	pk_put_le(&body, text.len, 4);
	pk_put_le(&body, 2, 4);
	pk_buf_put(&body, text.p, text.len);
	put_message(b, ATTRIBUTE, pk_buf_span(&body));
	pk_buf_release(&body);
}

static void put_model_config(struct pk_buf *b)
{
	pk_buf_puts(b, "{\"class_name\":\"Sequential\",\"config\":{"
		       "\"name\":\"specimen\",\"layers\":[{\"class_name\":"
		       "\"Lambda\",\"config\":{\"name\":\"lambda\","
		       "\"batch_input_shape\":[null,1],\"dtype\":\"float32\","
		       "\"function\":[\"");
	put_code(b);
	pk_buf_puts(b, "\",null,null],\"function_type\":\"lambda\","
		       "\"module\":\"__main__\",\"output_shape\":null,"
		       "\"output_shape_type\":\"raw\","
		       "\"output_shape_module\":null,\"arguments\":{}}}]}}");
}

/* The messages of the root: a group without links, and two attributes. */
static void put_root(struct pk_buf *b)
{
	struct pk_buf config = { 0 }, links = { 0 };

	pk_put_le(&links, 0, 2);
	pk_put_le(&links, UINT64_MAX, 8);
	pk_put_le(&links, UINT64_MAX, 8);
	put_message(b, LINK_INFO, pk_buf_span(&links));
	put_attribute(b, "keras_version", PK_LIT("2.15.0"));
	put_model_config(&config);
	put_attribute(b, "model_config", pk_buf_span(&config));
	pk_buf_release(&config);
	pk_buf_release(&links);
}

void pk_specimen_keras_h5(struct pk_buf *b)
{
	enum { PREFIX = 16, MESSAGES = 3 };
	struct pk_buf root = { 0 };

	put_root(&root);
	put_superblock(b, SUPERBLOCK_SIZE + PREFIX + root.len);
	pk_put_le(b, 1, 2);
	pk_put_le(b, MESSAGES, 2);
	pk_put_le(b, 1, 4);
	pk_put_le(b, root.len, 8);
	pk_buf_put(b, root.p, root.len);
	pk_buf_release(&root);
}
