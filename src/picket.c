/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: options, scanning, and what was found in one file. */
#include "picket_types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/sevenzip.h"
#include "core/nearest.h"
#include "core/utf8.h"
#include "engine/format.h"
#include "engine/loader.h"
#include "engine/wire.h"
#include "source/file.h"
#include "source/memory.h"
#include "source/served.h"

_Static_assert(PICKET_CRITICAL == (int)PK_CRITICAL, "pinned");
_Static_assert(PICKET_MALICIOUS == (int)PK_MALICIOUS, "pinned");
_Static_assert(PICKET_BLOCK == (int)PK_ACTION_BLOCK, "pinned");
_Static_assert(PICKET_ERR_USAGE == (int)PK_ERR_USAGE, "pinned");
_Static_assert(PICKET_ENCODED_MAX == (int)PK_WIRE_MAX, "pinned");

const char *picket_strerror(enum picket_status status)
{
	switch (status) {
	case PICKET_OK:
		return "no error";
	case PICKET_ERR_NOMEM:
		return "out of memory";
	case PICKET_ERR_IO:
		return "input or output failed";
	case PICKET_ERR_USAGE:
		return "no such name or value";
	case PICKET_ERR_DATA:
		return "the bytes are not what they should be";
	case PICKET_ERR_REFUSED:
		return "it holds what is no plain weights";
	case PICKET_ERR_BROKEN:
		return "malformed, or it could not be read";
	case PICKET_ERR_FOREIGN:
		return "no file of weights";
	case PICKET_ERR_STOPPED:
		return "stopped";
	}
	return "unknown error";
}

const char *picket_version(void)
{
	return PICKET_VERSION;
}

void picket_prepare(void)
{
	pk_sevenzip_prepare();
}

enum picket_status picket_escape(const void *bytes, size_t n,
				 const struct picket_sink *to)
{
	enum picket_status s = PICKET_OK;
	struct pk_buf b = { 0 };

	pk_utf8_escape(&b, (struct pk_span){ bytes, n }, SIZE_MAX);
	if (!pk_buf_ok(&b))
		s = PICKET_ERR_NOMEM;
	else if (b.len && to->write(to->ctx, b.p, b.len) != 0)
		s = PICKET_ERR_IO;
	pk_buf_release(&b);
	return s;
}

const char *picket_nearest(const char *word, const char *(*nth)(size_t n))
{
	return pk_nearest(word, nth);
}

const char *picket_severity_name(enum picket_severity s)
{
	return (unsigned)s <= PICKET_CRITICAL
		       ? pk_severity_name((enum pk_severity)s)
		       : NULL;
}

const char *picket_verdict_name(enum picket_verdict v)
{
	return (unsigned)v <= PICKET_MALICIOUS
		       ? pk_verdict_name((enum pk_verdict)v)
		       : NULL;
}

const char *picket_action_name(enum picket_action a)
{
	return (unsigned)a <= PICKET_BLOCK ? pk_action_name((enum pk_action)a)
					   : NULL;
}

static const struct {
	const char *name;
	const char *what;
	uint64_t dflt;
	size_t at;
} limits[] = {
#define PK_LIMIT(name, dflt, what) \
	{ #name, what, dflt, offsetof(struct pk_limits, name) },
#include "engine/limits.def"
#undef PK_LIMIT
};

enum { LIMITS = sizeof(limits) / sizeof(limits[0]) };

struct picket_options *picket_options_new(void)
{
	struct picket_options *o = calloc(1, sizeof(*o));

	if (o)
		o->limits = pk_limits_default();
	return o;
}

void picket_options_free(struct picket_options *o)
{
	free(o);
}

void picket_options_set_deep(struct picket_options *o, bool deep)
{
	o->deep = deep;
}

void picket_options_set_contents(struct picket_options *o, bool keep)
{
	o->contents = keep;
}

void picket_options_set_sha256(struct picket_options *o, bool sha256)
{
	o->sha256 = sha256;
}

static size_t limit_named(const char *name)
{
	size_t i = 0;

	while (i < LIMITS && strcmp(limits[i].name, name) != 0)
		i++;
	return i;
}

enum picket_status picket_options_set_limit(struct picket_options *o,
					    const char *name, uint64_t value)
{
	const size_t i = limit_named(name);

	if (i == LIMITS || value == 0 || value > INT64_MAX)
		return PICKET_ERR_USAGE;
	memcpy((char *)&o->limits + limits[i].at, &value, sizeof(value));
	return PICKET_OK;
}

uint64_t picket_options_limit(const struct picket_options *o, const char *name)
{
	const size_t i = limit_named(name);
	uint64_t value = 0;

	if (i < LIMITS)
		memcpy(&value, (const char *)&o->limits + limits[i].at,
		       sizeof(value));
	return value;
}

const char *picket_limit_name(size_t n)
{
	return n < LIMITS ? limits[n].name : NULL;
}

const char *picket_limit_what(size_t n)
{
	return n < LIMITS ? limits[n].what : NULL;
}

uint64_t picket_limit_default(size_t n)
{
	return n < LIMITS ? limits[n].dflt : 0;
}

static struct picket_file *file_new(const struct picket_options *o,
				    const char *path)
{
	struct picket_file *f = calloc(1, sizeof(*f));

	if (f && pk_result_init(&f->r, path, &o->limits) != PK_OK) {
		picket_file_free(f);
		return NULL;
	}
	if (!f)
		return NULL;
	f->r.job.deep = o->deep;
	f->r.job.wants_notes = o->contents;
	f->r.job.wants_stated = o->stated;
	f->r.job.wants_sha256 = o->sha256;
	return f;
}

/* Hands the file out, or frees it when what was done with it failed. */
static enum picket_status give(struct picket_file *f, enum pk_status s,
			       struct picket_file **ret)
{
	if (s == PK_OK)
		*ret = f;
	else
		picket_file_free(f);
	return pk_public_status(s);
}

enum picket_status pk_scan_source(const struct picket_options *o,
				  struct pk_source *src, const char *path,
				  struct picket_file **ret)
{
	struct picket_file *f = src ? file_new(o, path) : NULL;
	enum picket_status s = PICKET_ERR_NOMEM;

	if (f) {
		/* Nobody fetches all of a file only to take its digest. */
		f->r.job.wants_sha256 = o->sha256 && !src->grain;
		const enum pk_status scanned = pk_result_scan(&f->r, src);

		if (o->contents && scanned == PK_OK)
			pk_note_weights(&f->r, src);
		s = give(f, scanned, ret);
	}
	pk_source_free(src);
	return s;
}

enum picket_status picket_scan_fd(const struct picket_options *o, int fd,
				  const char *path, struct picket_file **ret)
{
	struct stat st;
	struct pk_source *src;

	if (fstat(fd, &st) != 0)
		return PICKET_ERR_IO;
	src = S_ISSOCK(st.st_mode) ? pk_served_new(fd) : pk_file_new(fd);
	return src ? pk_scan_source(o, src, path, ret) : PICKET_ERR_IO;
}

enum picket_status picket_scan_path(const struct picket_options *o,
				    const char *path, struct picket_file **ret)
{
	enum picket_status s = PICKET_ERR_IO;
	struct stat st;
	int fd;

	if (stat(path, &st) != 0)
		return PICKET_ERR_IO;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return PICKET_ERR_IO;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return PICKET_ERR_IO;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		s = picket_scan_fd(o, fd, path, ret);
	(void)close(fd);
	return s;
}

enum picket_status picket_scan_memory(const struct picket_options *o,
				      const void *bytes, size_t n,
				      const char *path,
				      struct picket_file **ret)
{
	const struct pk_span span = { bytes, n };

	return pk_scan_source(o, pk_memory_borrow(span), path, ret);
}

enum picket_status picket_file_from_note(const struct picket_options *o,
					 const char *path,
					 const struct picket_note *note,
					 struct picket_file **ret)
{
	const enum pk_rule rule = pk_rule_by_id(note->rule);
	struct picket_file *f;
	enum pk_status s;

	if (rule == PK_RULE_COUNT)
		return PICKET_ERR_USAGE;
	f = file_new(o, path);
	if (!f)
		return PICKET_ERR_NOMEM;
	f->r.job.size = note->size;
	s = pk_result_note(&f->r, rule, note->message, !note->complete);
	return give(f, s, ret);
}

enum picket_status picket_file_from_reason(const struct picket_options *o,
					   const char *path, const char *reason,
					   struct picket_file **ret)
{
	struct picket_file *f = file_new(o, path);

	if (!f)
		return PICKET_ERR_NOMEM;
	f->r.job.reason = pk_arena_printf(&f->r.job.arena, "%s", reason);
	pk_result_conclude(&f->r);
	return give(f, f->r.job.reason ? PK_OK : PK_ERR_NOMEM, ret);
}

enum picket_status picket_file_add_note(struct picket_file *f, const char *rule,
					const char *message)
{
	const enum pk_rule id = pk_rule_by_id(rule);

	if (id == PK_RULE_COUNT)
		return PICKET_ERR_USAGE;
	return pk_public_status(pk_result_note(&f->r, id, message, false));
}

void picket_file_free(struct picket_file *f)
{
	if (!f)
		return;
	pk_result_release(&f->r);
	free(f);
}

enum picket_status picket_file_encode(const struct picket_file *f,
				      const struct picket_sink *to)
{
	struct pk_buf b = { 0 };
	enum picket_status s = pk_public_status(pk_wire_encode(&f->r, &b));

	if (s == PICKET_OK && to->write(to->ctx, b.p, b.len) != 0)
		s = PICKET_ERR_IO;
	pk_buf_release(&b);
	return s;
}

enum picket_status picket_file_decode(const struct picket_options *o,
				      const char *path, const void *bytes,
				      size_t n, struct picket_file **ret)
{
	struct picket_file *f = file_new(o, path);

	if (!f)
		return PICKET_ERR_NOMEM;
	if (pk_wire_decode(&f->r, (struct pk_span){ bytes, n }) != PK_OK) {
		picket_file_free(f);
		return PICKET_ERR_DATA;
	}
	*ret = f;
	return PICKET_OK;
}

const char *picket_file_path(const struct picket_file *f)
{
	return f->r.path;
}

uint64_t picket_file_size(const struct picket_file *f)
{
	return f->r.job.size;
}

const uint8_t *picket_file_sha256(const struct picket_file *f)
{
	return f->r.job.has_sha256 ? f->r.job.sha256 : NULL;
}

const char *picket_file_format(const struct picket_file *f)
{
	return f->r.job.primary ? f->r.job.primary->name : NULL;
}

const char *picket_file_formats(const struct picket_file *f, size_t n)
{
	return n < f->r.job.format_count ? f->r.job.formats[n]->name : NULL;
}

enum picket_verdict picket_file_verdict(const struct picket_file *f)
{
	return (enum picket_verdict)f->r.verdict;
}

bool picket_file_complete(const struct picket_file *f)
{
	return !f->r.job.partial;
}

enum picket_action picket_file_action(const struct picket_file *f)
{
	return (enum picket_action)f->r.action;
}

const char *picket_file_reason(const struct picket_file *f)
{
	return f->r.verdict == PK_SKIPPED ? f->r.job.reason : NULL;
}

uint64_t picket_file_explained(const struct picket_file *f)
{
	return f->r.job.explained;
}

const char *picket_file_outcome(const struct picket_file *f, size_t n)
{
	struct pk_loading v[PK_LOADINGS_MAX];

	return n < pk_loadings(&f->r.job, v) ? pk_outcome_name(v[n].outcome)
					     : NULL;
}

const char *picket_file_loader(const struct picket_file *f, size_t n)
{
	struct pk_loading v[PK_LOADINGS_MAX];

	return n < pk_loadings(&f->r.job, v) ? v[n].loader : NULL;
}

/* A finding's handle is the engine's own record. */
static const struct pk_finding *finding(const struct picket_finding *f)
{
	return (const struct pk_finding *)f;
}

const struct picket_finding *picket_file_findings(const struct picket_file *f)
{
	return (const struct picket_finding *)f->r.job.findings;
}

const struct picket_finding *picket_finding_next(const struct picket_finding *f)
{
	return (const struct picket_finding *)finding(f)->next;
}

uint64_t picket_file_findings_dropped(const struct picket_file *f)
{
	return f->r.job.findings_dropped;
}

const char *picket_finding_rule(const struct picket_finding *f)
{
	return pk_rules[finding(f)->rule].id;
}

const char *picket_finding_title(const struct picket_finding *f)
{
	return pk_rules[finding(f)->rule].title;
}

const char *picket_finding_message(const struct picket_finding *f)
{
	return finding(f)->message;
}

enum picket_severity picket_finding_severity(const struct picket_finding *f)
{
	return (enum picket_severity)finding(f)->severity;
}

const char *picket_finding_accepted(const struct picket_finding *f)
{
	return finding(f)->accepted;
}

const char *picket_finding_member(const struct picket_finding *f)
{
	return finding(f)->member;
}

uint64_t picket_finding_offset(const struct picket_finding *f)
{
	return finding(f)->off;
}

uint64_t picket_finding_length(const struct picket_finding *f)
{
	return finding(f)->len;
}

const char *picket_finding_evidence(const struct picket_finding *f)
{
	return finding(f)->evidence;
}

const uint8_t *picket_finding_fingerprint(const struct picket_finding *f)
{
	return finding(f)->fingerprint;
}

static const struct pk_import *import(const struct picket_import *im)
{
	return (const struct pk_import *)im;
}

const struct picket_import *picket_file_imports(const struct picket_file *f)
{
	return (const struct picket_import *)f->r.job.imports;
}

const struct picket_import *picket_import_next(const struct picket_import *im)
{
	return (const struct picket_import *)import(im)->next;
}

/* Kept spans are copies, which pk_arena_copy() terminates. */
static const char *bytes_of(struct pk_span s, size_t *ret_len)
{
	if (ret_len)
		*ret_len = s.len;
	return s.p ? (const char *)s.p : "";
}

const char *picket_import_module(const struct picket_import *im,
				 size_t *ret_len)
{
	return bytes_of(import(im)->module, ret_len);
}

const char *picket_import_name(const struct picket_import *im, size_t *ret_len)
{
	return bytes_of(import(im)->name, ret_len);
}

const char *picket_import_class(const struct picket_import *im)
{
	return pk_import_class_name(import(im)->class);
}

bool picket_import_called(const struct picket_import *im)
{
	return import(im)->called;
}

const char *picket_import_member(const struct picket_import *im)
{
	return import(im)->member;
}

uint64_t picket_import_offset(const struct picket_import *im)
{
	return import(im)->off;
}
