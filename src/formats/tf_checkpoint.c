/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of a TensorFlow checkpoint (variables.index, model.ckpt.index): a
 * table of LevelDB's kind, whose keys are names of tensors and whose values
 * are BundleEntryProto (tensorflow/core/protobuf/tensor_bundle.proto): where
 * in the data files beside it the tensor lies.  Checkpoints of before 2016 are
 * such a table with the data in it.
 *
 *	blocks: entries with shared prefixes | restarts | their number
 *	after each: compression (1), checksum (4)
 *	footer: handles of two blocks | "\x57\xfb\x80\x8b\x24\x75\x47\xdb"
 *
 * Nothing in it runs.
 */
#include "codec/protobuf.h"
#include "engine/format.h"
#include "engine/note.h"

enum {
	FOOTER = 48,
	TRAILER = 5, /* after each block */
	KEY_MAX = 4096,
	SHARDS_MAX = 100000,
	DIMS_MAX = 32,
};

static const struct pk_span magic =
	PK_LIT_INIT("\x57\xfb\x80\x8b\x24\x75\x47\xdb");

struct table {
	struct pk_scan *s;
	struct pk_pb r;
	uint64_t shards;
	uint64_t behind; /* the data blocks read so far */
	bool old;        /* the data lie in the table itself */
	bool compressed;
	uint8_t key[KEY_MAX];
	size_t key_len;
};

struct handle {
	uint64_t off;
	uint64_t size;
};

/* A varint is the content of a field without its tag. */
static uint64_t get_varint(struct table *t)
{
	struct pk_pb_field f = { .wire = PK_PB_LEN,
				 .off = t->r.c.off,
				 .len = pk_cursor_left(&t->r.c) };
	uint64_t at = 0, v = 0;

	if (!pk_pb_int(&t->r, &f, &at, &v))
		pk_cursor_fail(&t->r.c, PK_FAULT_TRUNCATED);
	return v;
}

static struct handle get_handle(struct table *t)
{
	struct handle h;

	h.off = get_varint(t);
	h.size = get_varint(t);
	return h;
}

struct entry {
	uint64_t dtype, shard, off, size;
	uint64_t dims[DIMS_MAX];
	unsigned rank;
};

static void read_shape(struct table *t, const struct pk_pb_field *shape,
		       struct entry *e)
{
	struct pk_pb_iter it = { shape->off, shape->off + shape->len };
	struct pk_pb_field dim, f;

	while (pk_pb_next(&t->r, &it, &dim)) {
		struct pk_pb_iter in = { dim.off, dim.off + dim.len };

		if (dim.number != 2 || dim.wire != PK_PB_LEN ||
		    e->rank == DIMS_MAX)
			continue;
		while (pk_pb_next(&t->r, &in, &f)) {
			if (f.number == 1 && f.wire == PK_PB_VARINT)
				e->dims[e->rank] = f.value;
		}
		e->rank++;
	}
}

static struct entry read_entry(struct table *t, struct handle value)
{
	struct pk_pb_iter it = { value.off, value.off + value.size };
	struct entry e = { .dtype = 0 };
	struct pk_pb_field f;

	while (pk_pb_next(&t->r, &it, &f)) {
		if (f.number == 1 && f.wire == PK_PB_VARINT)
			e.dtype = f.value;
		if (f.number == 2 && f.wire == PK_PB_LEN)
			read_shape(t, &f, &e);
		if (f.number == 3 && f.wire == PK_PB_VARINT)
			e.shard = f.value;
		if (f.number == 4 && f.wire == PK_PB_VARINT)
			e.off = f.value;
		if (f.number == 5 && f.wire == PK_PB_VARINT)
			e.size = f.value;
	}
	return e;
}

/* tensorflow/core/framework/types.proto; 0: not of one size. */
static const struct {
	const char *name;
	uint8_t size;
} types[] = {
	[1] = { "F32", 4 },    [2] = { "F64", 8 },   [3] = { "I32", 4 },
	[4] = { "U8", 1 },     [5] = { "I16", 2 },   [6] = { "I8", 1 },
	[7] = { "STRING", 0 }, [8] = { "C64", 8 },   [9] = { "I64", 8 },
	[10] = { "BOOL", 1 },  [14] = { "BF16", 2 }, [17] = { "U16", 2 },
	[18] = { "C128", 16 }, [19] = { "F16", 2 },  [22] = { "U32", 4 },
	[23] = { "U64", 8 },
};

static const char *type_name(uint64_t type)
{
	const char *name = type < sizeof(types) / sizeof(types[0])
				   ? types[type].name
				   : NULL;

	return name ? name : "?";
}

static bool fits(const struct entry *e)
{
	uint64_t need = e->dtype < sizeof(types) / sizeof(types[0])
				? types[e->dtype].size
				: 0;

	if (need == 0)
		return true;
	for (unsigned i = 0; i < e->rank; i++) {
		if (__builtin_mul_overflow(need, e->dims[i], &need))
			return false;
	}
	return need == e->size || e->size == 0; /* 0: kept in slices */
}

/* The data file that an entry lies in, named after the index. */
static void refer(struct table *t, const struct entry *e)
{
	static const char suffix[] = ".index";
	const char *name = t->s->name ? t->s->name : "";
	const size_t len = strlen(name), cut = sizeof(suffix) - 1;
	struct pk_ref ref = { .kind = PK_REF_DATA };
	char *path;

	if (len <= cut || strcmp(name + len - cut, suffix) != 0 ||
	    __builtin_add_overflow(e->off, e->size, &ref.need))
		return;
	path = pk_arena_printf(&t->s->arena, "%.*s.data-%05u-of-%05u",
			       (int)(len - cut), name, (unsigned)e->shard,
			       (unsigned)t->shards);
	if (!path)
		return;
	ref.path = (struct pk_span){ (const uint8_t *)path, strlen(path) };
	pk_refer(t->s, &ref);
}

static void tell(struct table *t, const struct entry *e)
{
	const char *type = type_name(e->dtype);
	const struct pk_tensor_note note = {
		.name = { t->key, t->key_len },
		.dtype = { (const uint8_t *)type, strlen(type) },
		.shape = e->dims,
		.rank = e->rank,
		.bytes = e->size,
	};

	pk_note_tensor(t->s, &note);
}

static void take_tensor(struct table *t, struct handle value)
{
	const struct entry e = read_entry(t, value);

	if (!pk_cursor_ok(&t->r.c))
		return;
	if (e.shard >= t->shards || e.off > INT64_MAX || e.size > INT64_MAX ||
	    !fits(&e))
		pk_report(t->s, PK_RULE_TENSORFLOW_CHECKPOINT, value.off,
			  "the tensor %s does not lie where its size says",
			  pk_show(t->s, (struct pk_span){ t->key, t->key_len },
				  120));
	else
		refer(t, &e);
	if (t->s->job->wants_notes)
		tell(t, &e);
}

/* The header is the first entry and has no name; field 1 is a number in the
 * newer kind, a message in the older. */
static void take_header(struct table *t, struct handle value)
{
	struct pk_pb_iter it = { value.off, value.off + value.size };
	struct pk_pb_field f;

	t->shards = 1;
	while (pk_pb_next(&t->r, &it, &f)) {
		if (f.number == 1 && f.wire == PK_PB_VARINT)
			t->shards = f.value;
		if (f.number == 1 && f.wire == PK_PB_LEN)
			t->old = true;
	}
	if (t->shards > SHARDS_MAX)
		pk_cursor_fail(&t->r.c, PK_FAULT_VALUE);
}

static void take_data(struct table *t, struct handle value)
{
	if (t->key_len == 0)
		take_header(t, value);
	else if (!t->old)
		take_tensor(t, value);
}

static void take_block(struct table *t, struct handle h);

static void take_index(struct table *t, struct handle value)
{
	struct handle h;

	pk_seek(&t->r.c, value.off);
	h = get_handle(t);
	/* Blocks follow each other: reading one a thousand times costs. */
	if (h.off < t->behind)
		pk_cursor_fail(&t->r.c, PK_FAULT_RANGE);
	if (pk_cursor_ok(&t->r.c))
		take_block(t, h);
	t->behind = h.off + h.size;
}

/* Whether the block lies in the file, with its trailer, and is plain. */
static bool open_block(struct table *t, struct handle h, uint64_t *ret_end)
{
	const uint64_t size = t->s->bytes->size;
	uint32_t restarts;
	uint8_t type;

	if (h.size < 4 || h.size > size || h.off > size - h.size ||
	    size - h.size - h.off < TRAILER) {
		pk_cursor_fail(&t->r.c, PK_FAULT_RANGE);
		return false;
	}
	pk_seek(&t->r.c, h.off + h.size);
	type = pk_get_u8(&t->r.c);
	if (type != 0) {
		t->compressed = true;
		return false;
	}
	pk_seek(&t->r.c, h.off + h.size - 4);
	restarts = pk_get_u32le(&t->r.c);
	if (restarts > (h.size - 4) / 4)
		pk_cursor_fail(&t->r.c, PK_FAULT_RANGE);
	*ret_end = h.off + h.size - 4 - 4 * (uint64_t)restarts;
	return pk_cursor_ok(&t->r.c);
}

/* The next entry's key, into t->key, and where its value lies. */
static bool next_entry(struct table *t, uint64_t *at, uint64_t end,
		       struct handle *ret_value)
{
	uint64_t shared, rest;
	struct pk_span more;

	if (*at >= end)
		return false;
	pk_seek(&t->r.c, *at);
	shared = get_varint(t);
	rest = get_varint(t);
	ret_value->size = get_varint(t);
	if (shared > t->key_len || rest > KEY_MAX - shared)
		pk_cursor_fail(&t->r.c, PK_FAULT_VALUE);
	if (!pk_cursor_ok(&t->r.c))
		return false;
	more = pk_get_bytes(&t->r.c, rest);
	if (more.len)
		memcpy(t->key + shared, more.p, more.len);
	t->key_len = (size_t)shared + more.len;
	ret_value->off = t->r.c.off;
	if (ret_value->off > end || ret_value->size > end - ret_value->off)
		pk_cursor_fail(&t->r.c, PK_FAULT_RANGE);
	*at = ret_value->off + ret_value->size;
	return pk_cursor_ok(&t->r.c);
}

static void each_entry(struct table *t, struct handle h,
		       void (*take)(struct table *t, struct handle value))
{
	uint64_t at = h.off, end = 0;
	struct handle value;

	if (!open_block(t, h, &end))
		return;
	t->key_len = 0;
	while (!pk_out_of_budget(t->s) && next_entry(t, &at, end, &value))
		take(t, value);
	if (pk_cursor_ok(&t->r.c))
		pk_claim(t->s, h.off, h.size + TRAILER);
}

static void take_block(struct table *t, struct handle h)
{
	uint8_t key[KEY_MAX];
	const size_t len = t->key_len;

	/* The index goes on where it was. */
	memcpy(key, t->key, len);
	each_entry(t, h, take_data);
	memcpy(t->key, key, len);
	t->key_len = len;
}

static void nothing(struct table *t, struct handle value)
{
	(void)t;
	(void)value;
}

static void tf_checkpoint_scan(struct pk_scan *s)
{
	struct table *t = PK_NEW(&s->arena, struct table);
	struct handle meta, index;

	if (!t) {
		pk_partial(s);
		return;
	}
	t->s = s;
	t->shards = 1;
	t->r = pk_pb_open(s->bytes, &s->arena);
	pk_seek(&t->r.c, s->bytes->size - FOOTER);
	meta = get_handle(t);
	index = get_handle(t);
	if (pk_cursor_ok(&t->r.c))
		pk_claim(s, s->bytes->size - FOOTER, FOOTER);
	each_entry(t, meta, nothing);
	each_entry(t, index, take_index);
	if (t->compressed)
		pk_report(s, PK_RULE_TENSORFLOW_CHECKPOINT, 0,
			  "blocks of the table are compressed and were not "
			  "read");
	pk_report_fault(s, PK_RULE_TENSORFLOW_CHECKPOINT, &t->r.c, "the table");
	if (!pk_cursor_ok(&t->r.c) && s->depth == 0)
		s->job->facts |= PK_FACT_REFUSED;
}

static enum pk_match tf_checkpoint_probe(const struct pk_head *head)
{
	uint8_t end[8];
	const uint64_t size = head->source->size;

	if (size < FOOTER || pk_source_read(head->source, size - sizeof(end),
					    end, sizeof(end)) != sizeof(end))
		return PK_MATCH_NO;
	return memcmp(end, magic.p, sizeof(end)) == 0 ? PK_MATCH_SURE
						      : PK_MATCH_NO;
}

const struct pk_format pk_format_tf_checkpoint = {
	.name = "tensorflow-checkpoint",
	.title = "index of a TensorFlow checkpoint",
	.reads = "every block and tensor entry",
	.risk = PK_RISK_DATA,
	.rank = 35,
	.probe = tf_checkpoint_probe,
	.scan = tf_checkpoint_scan,
};
