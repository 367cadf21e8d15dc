/* SPDX-License-Identifier: Apache-2.0 */
/* A lock file, read; docs/lock.md tells what is in it. */
#include "engine/verdict.h"
#include "hub/lock.h"
#include "source/below.h"

/* A text that may stand in a lock, or NULL after a complaint. */
static const char *take_text(struct pk_form *f, const struct pk_jvalue *v)
{
	const char *text = pk_form_text(f, v);

	if (!text || pk_lock_text_ok(v->text))
		return text;
	pk_form_complain(f, v->off, "%s is not UTF-8", pk_form_show(f, v->key));
	return NULL;
}

static const char *take_path(struct pk_form *f, const struct pk_jvalue *v)
{
	const char *path = take_text(f, v);

	if (!path || pk_path_below(v->text))
		return path;
	pk_form_complain(f, v->off, "%s '%s' does not stay below its folder",
			 pk_form_show(f, v->key), pk_form_show(f, v->text));
	return NULL;
}

/* Digits alone are a number to YAML. */
static bool take_hex(struct pk_form *f, const struct pk_jvalue *v, uint8_t *ret,
		     size_t n)
{
	if (pk_hex_get(v->text, ret, n))
		return true;
	pk_form_complain(f, v->off, "%s must be %zu hex digits",
			 pk_form_show(f, v->key), 2 * n);
	return false;
}

static enum pk_known take_known(struct pk_form *f, const struct pk_jvalue *v)
{
	if (pk_json_is(v, PK_J_BOOL))
		return v->truth ? PK_YES : PK_NO;
	pk_form_complain(f, v->off, "%s must be true or false",
			 pk_form_show(f, v->key));
	return PK_NOT_KNOWN;
}

#define TAKE_TEXT(name, type, member)                   \
	PK_TAKE(name)                                   \
	{                                               \
		((type *)to)->member = take_text(f, v); \
	}

#define TAKE_PATH(name, type, member)                   \
	PK_TAKE(name)                                   \
	{                                               \
		((type *)to)->member = take_path(f, v); \
	}

#define TAKE_KNOWN(name, type, member)                   \
	PK_TAKE(name)                                    \
	{                                                \
		((type *)to)->member = take_known(f, v); \
	}

/* ---- files ---- */

/* A file, and which of its members have been there. */
struct file {
	struct pk_lock_file *f;
	bool has_size;
	bool has_sha256;
};

PK_TAKE(file_path)
{
	((struct file *)to)->f->path = take_path(f, v);
}

PK_TAKE(file_size)
{
	struct file *file = to;

	file->has_size = pk_json_number(v, &file->f->size);
	if (!file->has_size)
		pk_form_complain(f, v->off, "size must be a number of bytes");
}

PK_TAKE(file_sha256)
{
	struct file *file = to;

	file->has_sha256 = take_hex(f, v, file->f->sha256, PK_SHA256_LEN);
}

PK_TAKE(file_git_blob)
{
	struct pk_lock_file *file = ((struct file *)to)->f;

	file->has_git_blob = take_hex(f, v, file->git_blob, PK_GIT_BLOB_LEN);
}

PK_TAKE(file_format)
{
	((struct file *)to)->f->format = take_text(f, v);
}

static const char *nth_verdict(size_t n)
{
	return n < PK_VERDICTS ? pk_verdict_name((enum pk_verdict)n) : NULL;
}

PK_TAKE(file_verdict)
{
	const int n = pk_form_word(f, v, "the verdict", nth_verdict);

	if (n >= 0)
		((struct file *)to)->f->verdict = nth_verdict((size_t)n);
}

static void read_file(struct pk_form *f, struct pk_lock_file *to,
		      const struct pk_jvalue *v)
{
	static const struct pk_form_member members[] = {
		{ "path", take_file_path },
		{ "size", take_file_size },
		{ "sha256", take_file_sha256 },
		{ "git_blob", take_file_git_blob },
		{ "format", take_file_format },
		{ "verdict", take_file_verdict },
		{ 0 },
	};
	struct file file = { .f = to };
	const size_t before = f->why->count;

	pk_form_members(f, &file, v, members, "a file");
	if (f->why->count == before &&
	    !(to->path && file.has_size && file.has_sha256))
		pk_form_complain(f, v->off,
				 "a file has a path, a size and a sha256");
	to->known = true;
}

/* ---- models ---- */

TAKE_PATH(signature_path, struct pk_lock_signature, path)
TAKE_TEXT(signature_signer, struct pk_lock_signature, signer)
TAKE_KNOWN(signature_verified, struct pk_lock_signature, verified)

PK_TAKE(signature)
{
	static const struct pk_form_member members[] = {
		{ "path", take_signature_path },
		{ "signer", take_signature_signer },
		{ "verified", take_signature_verified },
		{ 0 },
	};
	struct pk_lock_signature *s = &((struct pk_lock_model *)to)->signature;

	pk_form_members(f, s, v, members, "a signature");
	if (!s->path)
		pk_form_complain(f, v->off, "a signature has a path");
}

PK_TAKE(files)
{
	struct pk_lock_model *m = to;

	if (!pk_form_list(f, v))
		return;
	m->files = pk_form_alloc(f, v->count + 1, sizeof(*m->files));
	for (const struct pk_jvalue *k = m->files ? v->kids : NULL; k;
	     k = k->next)
		read_file(f, &m->files[m->count++], k);
}

PK_TAKE(commit)
{
	uint8_t sha1[PK_GIT_BLOB_LEN];

	if (take_hex(f, v, sha1, sizeof(sha1)))
		((struct pk_lock_model *)to)->from.commit =
			pk_form_copy(f, v->text);
}

TAKE_TEXT(source, struct pk_lock_model, from.uri)
TAKE_PATH(folder, struct pk_lock_model, folder)
TAKE_TEXT(host, struct pk_lock_model, from.host)
TAKE_TEXT(owner, struct pk_lock_model, from.owner)
TAKE_PATH(repository, struct pk_lock_model, from.repository)
TAKE_TEXT(revision, struct pk_lock_model, from.revision)
TAKE_TEXT(licence, struct pk_lock_model, from.licence)
TAKE_KNOWN(gated, struct pk_lock_model, from.gated)
TAKE_KNOWN(verified, struct pk_lock_model, from.verified)
TAKE_TEXT(advice, struct pk_lock_model, advice)

static void read_model(struct pk_form *f, struct pk_lock_model *m,
		       const struct pk_jvalue *v)
{
	static const struct pk_form_member members[] = {
		{ "source", take_source },
		{ "folder", take_folder },
		{ "host", take_host },
		{ "owner", take_owner },
		{ "repository", take_repository },
		{ "revision", take_revision },
		{ "commit", take_commit },
		{ "licence", take_licence },
		{ "gated", take_gated },
		{ "publisher_verified", take_verified },
		{ "registry_verdict", take_advice },
		{ "signature", take_signature },
		{ "files", take_files },
		{ 0 },
	};

	m->line = pk_form_line(f, v->off);
	pk_form_members(f, m, v, members, "a model");
	if (!m->from.uri)
		pk_form_complain(f, v->off, "a model has a source");
	if (!pk_json_get(v, "files"))
		pk_form_complain(f, v->off, "a model has files");
	m->from.pinned = m->from.commit && m->from.revision &&
			 strcmp(m->from.commit, m->from.revision) == 0;
}

PK_TAKE(models)
{
	struct pk_lock *l = to;

	if (!pk_form_list(f, v))
		return;
	l->models = pk_form_alloc(f, v->count + 1, sizeof(*l->models));
	for (const struct pk_jvalue *k = l->models ? v->kids : NULL; k;
	     k = k->next)
		read_model(f, &l->models[l->count++], k);
}

static const struct pk_form_member top[] = {
	{ "version", pk_form_version },
	{ "models", take_models },
	{ 0 },
};

static void read_document(struct pk_form *f, struct pk_lock *l,
			  const struct pk_jvalue *doc)
{
	const char *twice;

	pk_form_members(f, l, doc, top, "a lock");
	if (!pk_json_get(doc, "version") || !pk_json_get(doc, "models"))
		pk_form_complain(f, doc->off,
				 "a lock has version: 1, and models");
	if (f->why->count || f->no_memory || pk_lock_settle(l, &twice))
		return;
	pk_form_complain(
		f, doc->off, "'%s' stands here twice",
		pk_form_show(f, (struct pk_span){ (const uint8_t *)twice,
						  strlen(twice) }));
}

enum pk_status pk_lock_read(struct pk_lock *l, struct pk_span yaml,
			    struct pk_complaints *why)
{
	struct pk_form f = { .arena = &l->arena, .text = yaml, .why = why };
	const struct pk_jvalue *doc;

	pk_lock_init(l);
	why->count = 0;
	doc = pk_form_document(&f, "a lock");
	if (doc)
		read_document(&f, l, doc);
	if (f.no_memory)
		return PK_ERR_NOMEM;
	return why->count ? PK_ERR_USAGE : PK_OK;
}
