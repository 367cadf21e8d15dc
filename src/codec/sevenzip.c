/* SPDX-License-Identifier: Apache-2.0 */
/* The door to libarchive: its 7-Zip reader, over a source. */
#include "codec/sevenzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>
#include <stdlib.h>

enum { CHUNK = 64 * 1024 };

struct pk_sevenzip {
	struct archive *a;
	struct pk_source *src;
	uint64_t at;
	uint64_t index; /* of the current member, from 1 */
	bool failed;
	uint8_t chunk[CHUNK];
};

static la_ssize_t read_chunk(struct archive *a, void *ctx, const void **ret)
{
	struct pk_sevenzip *z = ctx;
	size_t n = pk_source_read(z->src, z->at, z->chunk, sizeof(z->chunk));

	(void)a;
	z->at += n;
	*ret = z->chunk;
	return (la_ssize_t)n;
}

static la_int64_t move_to(struct archive *a, void *ctx, la_int64_t offset,
			  int whence)
{
	struct pk_sevenzip *z = ctx;
	const int64_t size = (int64_t)z->src->size;
	int64_t base = whence == SEEK_SET   ? 0
		       : whence == SEEK_CUR ? (int64_t)z->at
					    : size;

	(void)a;
	if (__builtin_add_overflow(base, offset, &base) || base < 0)
		return ARCHIVE_FATAL;
	z->at = (uint64_t)(base < size ? base : size);
	return (la_int64_t)z->at;
}

static la_int64_t skip_over(struct archive *a, void *ctx, la_int64_t n)
{
	struct pk_sevenzip *z = ctx;
	uint64_t left = z->src->size - z->at;

	(void)a;
	if (n < 0)
		return 0;
	if ((uint64_t)n < left)
		left = (uint64_t)n;
	z->at += left;
	return (la_int64_t)left;
}

/* An open converter keeps its table loaded, for the life of the process. */
void pk_sevenzip_prepare(void)
{
	static iconv_t keeps;

	if (!keeps)
		keeps = iconv_open("UTF-8", "UTF-16LE");
}

struct pk_sevenzip *pk_sevenzip_new(struct pk_source *src)
{
	struct pk_sevenzip *z = calloc(1, sizeof(*z));

	if (!z)
		return NULL;
	z->src = src;
	z->a = archive_read_new();
	if (!z->a) {
		free(z);
		return NULL;
	}
	(void)archive_read_support_format_7zip(z->a);
	(void)archive_read_set_read_callback(z->a, read_chunk);
	(void)archive_read_set_seek_callback(z->a, move_to);
	(void)archive_read_set_skip_callback(z->a, skip_over);
	(void)archive_read_set_callback_data(z->a, z);
	z->failed = archive_read_open1(z->a) != ARCHIVE_OK;
	return z;
}

void pk_sevenzip_free(struct pk_sevenzip *z)
{
	if (!z)
		return;
	(void)archive_read_free(z->a);
	free(z);
}

static struct pk_span text(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, s ? strlen(s) : 0 };
}

/* UTF-8 where it can be had: the other needs a locale. */
static struct pk_span name_of(struct archive_entry *e)
{
	const char *utf8 = archive_entry_pathname_utf8(e);

	return text(utf8 ? utf8 : archive_entry_pathname(e));
}

static struct pk_span link_of(struct archive_entry *e)
{
	const char *utf8 = archive_entry_symlink_utf8(e);

	return text(utf8 ? utf8 : archive_entry_symlink(e));
}

static struct archive_entry *step(struct pk_sevenzip *z)
{
	struct archive_entry *e = NULL;
	int got;

	if (z->failed)
		return NULL;
	got = archive_read_next_header(z->a, &e);
	if (got == ARCHIVE_OK || got == ARCHIVE_WARN) {
		z->index++;
		return e;
	}
	z->failed = got != ARCHIVE_EOF;
	return NULL;
}

bool pk_sevenzip_next(struct pk_sevenzip *z, struct pk_sevenzip_entry *ret)
{
	struct archive_entry *e = step(z);

	if (!e)
		return false;
	*ret = (struct pk_sevenzip_entry){
		.name = name_of(e),
		.link = link_of(e),
		.encrypted = archive_entry_is_encrypted(e),
		.folder = archive_entry_filetype(e) == AE_IFDIR,
		.special = archive_entry_filetype(e) != AE_IFREG &&
			   archive_entry_filetype(e) != AE_IFDIR &&
			   archive_entry_filetype(e) != AE_IFLNK &&
			   archive_entry_filetype(e) != 0,
	};
	return true;
}

const char *pk_sevenzip_error(const struct pk_sevenzip *z)
{
	const char *why = archive_error_string(z->a);

	if (!z->failed)
		return NULL;
	return why ? why : "not readable";
}

/* libarchive tells by its message only what it cannot do. */
static bool says_unsupported(const struct pk_sevenzip *z)
{
	const char *why = archive_error_string(z->a);

	return why && strstr(why, "nsupported");
}

struct member {
	struct pk_pull base;
	struct pk_source *src;
	struct pk_sevenzip *z;
	uint64_t index;
	bool own; /* z is this member's, not the walk's */
};

static size_t member_next(struct pk_pull *p, uint8_t *buf, size_t n)
{
	struct member *m = (struct member *)p;
	la_ssize_t got =
		m->z ? archive_read_data(m->z->a, buf, n) : ARCHIVE_FATAL;

	p->used = m->z ? m->z->at : 0;
	if (got > 0)
		return (size_t)got;
	if (got == 0)
		p->flow = PK_FLOW_END;
	else if (m->z && says_unsupported(m->z))
		p->flow = PK_FLOW_REFUSED;
	else
		p->flow = PK_FLOW_BROKEN;
	return 0;
}

/* Solid archives are decoded from the beginning again: there is no other
 * way. */
static void member_rewind(struct pk_pull *p)
{
	struct member *m = (struct member *)p;

	if (m->own)
		pk_sevenzip_free(m->z);
	m->own = true;
	m->z = pk_sevenzip_new(m->src);
	while (m->z && m->z->index < m->index && step(m->z)) {
	}
	p->flow = m->z && m->z->index == m->index ? PK_FLOW_ON : PK_FLOW_BROKEN;
}

static void member_free(struct pk_pull *p)
{
	struct member *m = (struct member *)p;

	if (m->own)
		pk_sevenzip_free(m->z);
	free(m);
}

static const struct pk_pull_ops member_ops = { member_next, member_rewind,
					       member_free };

struct pk_pull *pk_sevenzip_pull(struct pk_sevenzip *z)
{
	struct member *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->base.ops = &member_ops;
	m->src = z->src;
	m->z = z;
	m->index = z->index;
	return &m->base;
}
