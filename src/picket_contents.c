/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: what a file holds. */
#include "picket_types.h"

#include <stdlib.h>

#include "engine/beside.h"
#include "engine/shards.h"
#include "report/verify.h"

/* The handles are the notes themselves under another name. */

static const struct pk_tensor_note *tensor(const struct picket_tensor *t)
{
	return (const struct pk_tensor_note *)t;
}

static const struct pk_value_note *property(const struct picket_property *p)
{
	return (const struct pk_value_note *)p;
}

static const struct pk_ref *reference(const struct picket_reference *r)
{
	return (const struct pk_ref *)r;
}

static const char *text(struct pk_span s, size_t *ret_len)
{
	if (ret_len)
		*ret_len = s.len;
	return (const char *)s.p;
}

const struct picket_tensor *picket_file_tensors(const struct picket_file *f)
{
	return (const struct picket_tensor *)f->r.job.tensors;
}

const struct picket_tensor *picket_tensor_next(const struct picket_tensor *t)
{
	return (const struct picket_tensor *)tensor(t)->next;
}

const char *picket_tensor_name(const struct picket_tensor *t, size_t *ret_len)
{
	return text(tensor(t)->name, ret_len);
}

const char *picket_tensor_dtype(const struct picket_tensor *t, size_t *ret_len)
{
	return text(tensor(t)->dtype, ret_len);
}

const uint64_t *picket_tensor_shape(const struct picket_tensor *t,
				    size_t *ret_rank)
{
	*ret_rank = tensor(t)->rank;
	return tensor(t)->shape;
}

uint64_t picket_tensor_bytes(const struct picket_tensor *t)
{
	return tensor(t)->bytes;
}

bool picket_tensor_offset(const struct picket_tensor *t, uint64_t *ret)
{
	if (tensor(t)->placed)
		*ret = tensor(t)->off;
	return tensor(t)->placed;
}

const char *picket_tensor_member(const struct picket_tensor *t)
{
	return tensor(t)->member;
}

const struct picket_property *
picket_file_properties(const struct picket_file *f)
{
	return (const struct picket_property *)f->r.job.values;
}

const struct picket_property *
picket_property_next(const struct picket_property *p)
{
	return (const struct picket_property *)property(p)->next;
}

const char *picket_property_key(const struct picket_property *p,
				size_t *ret_len)
{
	return text(property(p)->key, ret_len);
}

const char *picket_property_value(const struct picket_property *p,
				  size_t *ret_len)
{
	return text(property(p)->value, ret_len);
}

const char *picket_property_member(const struct picket_property *p)
{
	return property(p)->member;
}

const struct picket_reference *
picket_file_references(const struct picket_file *f)
{
	return (const struct picket_reference *)f->r.job.refs;
}

const struct picket_reference *
picket_reference_next(const struct picket_reference *r)
{
	return (const struct picket_reference *)reference(r)->next;
}

const char *picket_reference_kind(const struct picket_reference *r)
{
	return pk_ref_kind_name(reference(r)->kind);
}

const char *picket_reference_path(const struct picket_reference *r,
				  size_t *ret_len)
{
	return text(reference(r)->path, ret_len);
}

const char *picket_reference_revision(const struct picket_reference *r,
				      size_t *ret_len)
{
	return text(reference(r)->revision, ret_len);
}

uint64_t picket_reference_needs(const struct picket_reference *r)
{
	return reference(r)->need;
}

enum picket_status picket_file_look_beside(struct picket_file *f,
					   const char *root)
{
	return pk_public_status(pk_look_beside(&f->r, root));
}

bool picket_file_contents_complete(const struct picket_file *f)
{
	return f->r.job.notes_dropped == 0;
}

static enum picket_status send(struct pk_output *o,
			       const struct picket_sink *to)
{
	enum picket_status s = PICKET_OK;

	if (!pk_buf_ok(&o->out))
		s = PICKET_ERR_NOMEM;
	else if (o->out.len && to->write(to->ctx, o->out.p, o->out.len) != 0)
		s = PICKET_ERR_IO;
	pk_buf_release(&o->out);
	return s;
}

enum picket_status picket_inspect(const struct picket_file *f,
				  const struct picket_inspect_style *style,
				  const struct picket_sink *to)
{
	struct pk_output o = { .style = { .color = style->color,
					  .width = style->width } };

	if (style->json)
		pk_inspect_json(&o, &f->r);
	else
		pk_inspect_text(&o, &f->r, style->all);
	return send(&o, to);
}

const char *picket_verify_failure(const struct picket_file *f)
{
	return pk_verify_failure(&f->r);
}

enum picket_status picket_file_check_shards(struct picket_file *index,
					    struct picket_file *const *shards,
					    size_t n)
{
	const struct pk_result **v = calloc(n ? n : 1, sizeof(*v));
	enum pk_status s = PK_ERR_NOMEM;

	for (size_t i = 0; v && i < n; i++)
		v[i] = &shards[i]->r;
	if (v)
		s = pk_check_shards(&index->r, v, n);
	free(v);
	return pk_public_status(s);
}

static void verify_json(struct pk_output *o, struct picket_file *const *files,
			size_t n)
{
	struct pk_json *j = &o->json;
	bool pass = n > 0;

	*j = (struct pk_json){ .out = &o->out, .pretty = true };
	for (size_t i = 0; i < n; i++)
		pass = pass && !pk_verify_failure(&files[i]->r);
	pk_json_object(j, NULL);
	pk_json_str(j, "schema", "picket.verify/1");
	pk_json_bool(j, "pass", pass);
	pk_json_array(j, "files");
	for (size_t i = 0; i < n; i++)
		pk_verify_json(o, &files[i]->r);
	pk_json_close(j);
	pk_json_close(j);
	pk_buf_putc(&o->out, '\n');
}

enum picket_status
picket_verify_report(struct picket_file *const *files, size_t n,
		     const struct picket_inspect_style *style,
		     const struct picket_sink *to)
{
	struct pk_output o = { .style = { .color = style->color,
					  .width = style->width } };

	if (style->json)
		verify_json(&o, files, n);
	for (size_t i = 0; i < n && !style->json; i++)
		pk_verify_text(&o, &files[i]->r, style->all);
	return send(&o, to);
}
