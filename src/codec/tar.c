/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tar.h"

enum {
	NAME = 0,
	MODE = 100,
	SIZE = 124,
	SUM = 148,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	VERSION = 263,
	PREFIX = 345,
	GNU_PIECES = 386, /* four of them, then */
	GNU_EXTENDED = 482,
	GNU_REAL_SIZE = 483,
	PIECE = 24,
};

/* What extended headers say about the member that follows them. */
struct extended {
	size_t name_len;
	size_t link_len;
	uint64_t size;
	uint64_t real_size;
	size_t pieces;
	uint64_t piece_at; /* sparse 0.0: an offset without its length yet */
	unsigned major;
	bool has_name, has_link, has_size, has_real_size;
	bool map_in_data; /* sparse 1.0 */
	bool sparse;
	bool large;
};

/* Octal text, or base 256 when the first bit is set.  False: no number. */
static bool number(const uint8_t *p, size_t n, uint64_t *ret, bool *negative)
{
	uint64_t v = 0;
	size_t i = 0;

	*negative = p[0] == 0xff;
	if (p[0] & 0x80) {
		for (i = 1; i < n; i++) {
			if (v >> 56)
				*negative = true; /* as good as */
			v = v << 8 | p[i];
		}
		*ret = v;
		return true;
	}
	while (i < n && p[i] == ' ')
		i++;
	for (; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(p[i] - '0');
	*ret = v;
	return i == n || p[i] == '\0' || p[i] == ' ';
}

/* The sum counts its own field as blanks; some old writers summed signed
 * bytes. */
static bool sum_fits(const uint8_t *b)
{
	uint64_t said;
	bool negative;
	uint32_t plain = 0;
	int32_t with_sign = 0;

	for (int i = 0; i < PK_TAR_BLOCK; i++) {
		uint8_t ch = i >= SUM && i < SUM + 8 ? ' ' : b[i];

		plain += ch;
		with_sign += (int8_t)ch;
	}
	return number(b + SUM, 8, &said, &negative) &&
	       (said == plain || said == (uint32_t)with_sign);
}

static bool has_magic(const uint8_t *b)
{
	return memcmp(b + MAGIC, "ustar", 5) == 0;
}

static bool is_zero(const uint8_t *b)
{
	static const uint8_t zero[PK_TAR_BLOCK];

	return memcmp(b, zero, sizeof(zero)) == 0;
}

bool pk_tar_begins(struct pk_span block)
{
	const uint8_t *b = block.p;
	uint64_t size, sum;
	bool negative;

	if (block.len < PK_TAR_BLOCK || b[NAME] == '\0' ||
	    !number(b + SIZE, 12, &size, &negative))
		return false;
	if (sum_fits(b))
		return has_magic(b) || b[TYPE] == '\0' ||
		       (b[TYPE] >= '0' && b[TYPE] <= '7');
	return has_magic(b) && number(b + SUM, 8, &sum, &negative) && sum;
}

bool pk_tar_open(struct pk_tar *t, struct pk_source *src, uint64_t at,
		 struct pk_arena *a)
{
	*t = (struct pk_tar){ .size = src->size };
	t->c = pk_cursor_open(src, 0, UINT64_MAX, a);
	pk_seek(&t->c, at);
	t->name = pk_arena_alloc(a, PK_TAR_NAME_MAX, 1);
	t->link = pk_arena_alloc(a, PK_TAR_NAME_MAX, 1);
	t->piece = pk_arena_alloc(a, PK_TAR_PIECES, sizeof(*t->piece));
	return t->name && t->link && t->piece;
}

static uint64_t padded(uint64_t size)
{
	return (size + PK_TAR_BLOCK - 1) / PK_TAR_BLOCK * PK_TAR_BLOCK;
}

/* The offset behind so many bytes of data and their padding, or the end. */
static uint64_t behind(const struct pk_tar *t, uint64_t data, uint64_t size)
{
	const uint64_t left = t->size - data;

	return size > left || padded(size) > left ? t->size
						  : data + padded(size);
}

static void pass(struct pk_tar *t, uint64_t size)
{
	if (pk_cursor_ok(&t->c))
		pk_seek(&t->c, behind(t, t->c.off, size));
}

static size_t keep(uint8_t *to, struct pk_span text)
{
	size_t n = text.len < PK_TAR_NAME_MAX ? text.len : PK_TAR_NAME_MAX;

	if (n)
		memcpy(to, text.p, n);
	return n;
}

/* Up to the first NUL. */
static struct pk_span c_text(const uint8_t *p, size_t n)
{
	return (struct pk_span){ p, strnlen((const char *)p, n) };
}

static uint64_t decimal(struct pk_span s)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	return v;
}

static void add_piece(struct pk_tar *t, struct extended *x, uint64_t at,
		      uint64_t len)
{
	x->sparse = true;
	if (x->pieces < PK_TAR_PIECES)
		t->piece[x->pieces++] =
			(struct pk_extent){ .at = at, .len = len };
}

/* Sparse 0.1: offset,length,offset,length... */
static void read_map(struct pk_tar *t, struct extended *x, struct pk_span map)
{
	uint64_t at = 0;
	bool second = false;

	for (size_t i = 0; i < map.len;) {
		struct pk_span rest = { map.p + i, map.len - i };
		const uint8_t *comma = memchr(rest.p, ',', rest.len);

		if (second)
			add_piece(t, x, at, decimal(rest));
		else
			at = decimal(rest);
		second = !second;
		if (!comma)
			break;
		i = (size_t)(comma - map.p) + 1;
	}
}

static void read_record(struct pk_tar *t, struct extended *x,
			struct pk_span key, struct pk_span value)
{
#define KEY(text) pk_span_eq(key, PK_LIT(text))
	if (KEY("path") || KEY("GNU.sparse.name")) {
		x->name_len = keep(t->name, value);
		x->has_name = true;
	} else if (KEY("linkpath")) {
		x->link_len = keep(t->link, value);
		x->has_link = true;
	} else if (KEY("size")) {
		x->size = decimal(value);
		x->has_size = true;
	} else if (KEY("GNU.sparse.realsize") || KEY("GNU.sparse.size")) {
		x->real_size = decimal(value);
		x->has_real_size = true;
	} else if (KEY("GNU.sparse.major")) {
		x->map_in_data = decimal(value) == 1;
	} else if (KEY("GNU.sparse.offset")) {
		x->piece_at = decimal(value);
	} else if (KEY("GNU.sparse.numbytes")) {
		add_piece(t, x, x->piece_at, decimal(value));
	} else if (KEY("GNU.sparse.map")) {
		read_map(t, x, value);
	}
#undef KEY
}

/* "LENGTH KEY=VALUE\n", the length counting all of it. */
static void read_pax(struct pk_tar *t, struct extended *x, struct pk_span all)
{
	while (all.len) {
		uint64_t len = decimal(all);
		const uint8_t *blank = memchr(all.p, ' ', all.len);
		const uint8_t *equals = memchr(all.p, '=', all.len);
		size_t n = len < all.len ? (size_t)len : all.len;

		if (!blank || !equals || equals < blank || equals >= all.p + n)
			return;
		read_record(
			t, x,
			(struct pk_span){ blank + 1,
					  (size_t)(equals - blank - 1) },
			(struct pk_span){
				equals + 1,
				(size_t)(all.p + n - equals) - 1 -
					(all.p[n - 1] == '\n' &&
					 n > (size_t)(equals - all.p) + 1) });
		all.p += n;
		all.len -= n;
	}
}

/* The data of an extended header, as much as is read in one piece. */
static struct pk_span extended_data(struct pk_tar *t, uint64_t size)
{
	if (size > PK_TAR_NAME_MAX)
		size = PK_TAR_NAME_MAX;
	if (size > pk_cursor_left(&t->c))
		size = pk_cursor_left(&t->c);
	return pk_get_bytes(&t->c, size);
}

/* Takes in a header that speaks of the next one; false when it is none. */
static bool read_extended(struct pk_tar *t, struct extended *x, uint8_t type,
			  uint64_t size)
{
	const uint64_t from = t->c.off;
	struct pk_span data;

	if (type == '\0' || !strchr("LKxXgN", type))
		return false;
	data = extended_data(t, size);
	if (type == 'L') {
		x->name_len = keep(t->name,
				   c_text(data.p ? data.p : t->name, data.len));
		x->has_name = true;
	} else if (type == 'K') {
		x->link_len = keep(t->link,
				   c_text(data.p ? data.p : t->link, data.len));
		x->has_link = true;
	} else if (type != 'N') {
		read_pax(t, x, data);
	}
	x->large |= size > PK_TAR_PLAIN_PAX && type != 'L' && type != 'K';
	if (pk_cursor_ok(&t->c))
		pk_seek(&t->c, from);
	pass(t, size);
	return true;
}

static void read_names(struct pk_tar *t, const uint8_t *b,
		       const struct extended *x, struct pk_tar_entry *e)
{
	const struct pk_span name = c_text(b + NAME, 100);
	const struct pk_span prefix = c_text(b + PREFIX, 155);
	const bool ustar = has_magic(b) && b[MAGIC + 5] == '\0';
	size_t n = 0;

	e->link = (struct pk_span){ t->link, x->link_len };
	if (!x->has_link)
		e->link.len = keep(t->link, c_text(b + LINK, 100));
	e->name = (struct pk_span){ t->name, x->name_len };
	if (x->has_name) {
		uint8_t *to = t->name + PK_TAR_NAME_MAX - 100;

		/* A name that fills all of the room is cut a little. */
		if (e->name.len > PK_TAR_NAME_MAX - 100)
			e->name.len = PK_TAR_NAME_MAX - 100;
		memcpy(to, name.p, name.len);
		e->short_name = (struct pk_span){ to, name.len };
		return;
	}
	if (ustar && prefix.len) {
		n = keep(t->name, prefix);
		t->name[n++] = '/';
	}
	memcpy(t->name + n, name.p, name.len);
	e->name.len = n + name.len;
}

/* Old GNU sparse files: pieces in the header, then in blocks behind it. */
static void read_gnu_sparse(struct pk_tar *t, const uint8_t *header,
			    struct extended *x)
{
	uint8_t b[PK_TAR_BLOCK];
	size_t at = GNU_PIECES, count = 4, more = GNU_EXTENDED;
	bool negative;

	memcpy(b, header, sizeof(b));
	x->sparse = true;
	(void)number(b + GNU_REAL_SIZE, 12, &x->real_size, &negative);
	x->has_real_size = true;
	for (;;) {
		struct pk_span block;

		for (size_t i = 0; i < count; i++) {
			uint64_t off, len;

			(void)number(b + at + i * PIECE, 12, &off, &negative);
			(void)number(b + at + i * PIECE + 12, 12, &len,
				     &negative);
			if (len)
				add_piece(t, x, off, len);
		}
		if (!b[more])
			return;
		block = pk_get_bytes(&t->c, PK_TAR_BLOCK);
		if (!block.p)
			return;
		memcpy(b, block.p, sizeof(b));
		at = 0;
		count = 21;
		more = 504;
	}
}

/* Sparse 1.0: the map stands in front of the data, a number a line, and is
 * padded to a block. */
static void read_data_map(struct pk_tar *t, struct extended *x,
			  struct pk_tar_entry *e)
{
	const uint64_t from = t->c.off;
	struct pk_span all = extended_data(t, e->size);
	struct pk_cursor c = pk_cursor_over(all, 0);
	uint64_t v[2] = { 0 }, count = 0;
	size_t line = 0;
	bool any = false;

	while (pk_cursor_left(&c) && (!line || line < 1 + 2 * count)) {
		uint8_t ch = pk_get_u8(&c);

		if (ch >= '0' && ch <= '9') {
			v[1] = v[1] * 10 + (uint64_t)(ch - '0');
			any = true;
			continue;
		}
		if (ch != '\n' || !any)
			break;
		if (line == 0)
			count = v[1] < PK_TAR_PIECES ? v[1] : PK_TAR_PIECES;
		else if (line % 2 == 0)
			add_piece(t, x, v[0], v[1]);
		v[0] = v[1];
		v[1] = 0;
		any = false;
		line++;
	}
	if (pk_cursor_ok(&t->c))
		pk_seek(&t->c, from);
	x->piece_at = padded(c.off);
}

static void place_pieces(struct pk_tar *t, const struct extended *x,
			 struct pk_tar_entry *e)
{
	uint64_t off = e->data + (x->map_in_data ? x->piece_at : 0);

	if (off > t->size)
		off = t->size;
	for (size_t i = 0; i < x->pieces; i++) {
		t->piece[i].off = off;
		if (t->piece[i].len > t->size - off)
			t->piece[i].len = t->size - off;
		off += t->piece[i].len;
	}
	e->piece = t->piece;
	e->pieces = x->pieces;
	e->real_size = x->has_real_size ? x->real_size : e->size;
}

/* Links, devices and folders have no data to some readers (Python), and as
 * many as they say to others. */
static bool is_dataless(uint8_t type)
{
	return type >= '1' && type <= '6';
}

static bool header_at(struct pk_tar *t, uint64_t at)
{
	uint8_t b[PK_TAR_BLOCK];

	if (pk_source_read(t->c.src, at, b, sizeof(b)) != sizeof(b))
		return false;
	return sum_fits(b) && !is_zero(b);
}

/* Where the next header is, and where else it may be. */
static void find_next(struct pk_tar *t, const struct extended *x,
		      uint64_t header_size, struct pk_tar_entry *e)
{
	const uint64_t octal_max = 1ULL << 33;
	uint64_t next;

	if (x->has_size && x->size != header_size &&
	    !(header_size == 0 && x->size >= octal_max))
		e->elsewhere = behind(t, e->data, header_size);
	if (is_dataless(e->type) && e->size) {
		if (!header_at(t, behind(t, e->data, e->size)))
			e->size = 0;
		else if (header_at(t, e->data))
			e->elsewhere = e->data;
	}
	next = behind(t, e->data, e->size);
	if (e->elsewhere >= t->size || e->elsewhere == next)
		e->elsewhere = 0;
	e->cut = e->size > t->size - e->data;
	if (e->negative)
		pk_skip(&t->c, pk_cursor_left(&t->c));
	else
		pass(t, e->size);
}

static void read_member(struct pk_tar *t, const uint8_t *b, struct extended *x,
			uint64_t size, struct pk_tar_entry *e)
{
	e->type = b[TYPE] == '\0' || b[TYPE] == '7' ? '0' : b[TYPE];
	e->bad_sum = !sum_fits(b);
	e->after_end = t->ended;
	e->long_pax = x->large;
	e->size = x->has_size ? x->size : size;
	read_names(t, b, x, e);
	if (e->type == 'S')
		read_gnu_sparse(t, b, x);
	e->data = t->c.off;
	if (x->map_in_data)
		read_data_map(t, x, e);
	if (x->sparse)
		place_pieces(t, x, e);
	find_next(t, x, size, e);
}

/* Behind zero blocks, and where the magic is missing, only a right checksum
 * makes a header. */
static bool is_header(const struct pk_tar *t, const uint8_t *b)
{
	struct pk_span block = { b, PK_TAR_BLOCK };

	return sum_fits(b) || (!t->ended && pk_tar_begins(block));
}

bool pk_tar_next(struct pk_tar *t, struct pk_tar_entry *ret)
{
	struct pk_tar_entry e = { .at = t->c.off };
	struct extended x = { 0 };
	uint8_t b[PK_TAR_BLOCK];

	while (pk_cursor_ready(&t->c, sizeof(b))) {
		uint64_t size;

		memcpy(b, t->c.p, sizeof(b));
		if (is_zero(b)) {
			t->ended = true;
			pk_skip(&t->c, sizeof(b));
			e.at = t->c.off;
			continue;
		}
		if (!is_header(t, b))
			return false;
		e.header = t->c.off;
		pk_skip(&t->c, sizeof(b));
		(void)number(b + SIZE, 12, &size, &e.negative);
		if (!e.negative && read_extended(t, &x, b[TYPE], size))
			continue;
		read_member(t, b, &x, size, &e);
		*ret = e;
		return true;
	}
	return false;
}
