/* SPDX-License-Identifier: Apache-2.0 */
#include "report/inspect.h"

#include <stdio.h>

#include "core/utf8.h"
#include "engine/format.h"

enum {
	FEW = 20,      /* of a list that is folded */
	NAME_MIN = 20, /* columns of a name */
	NAME_MAX = 60,
	DTYPE = 8,
	SHAPE = 18,
	SHOWN = 160, /* bytes of a name or value */
	LONG = 2000, /* of one that is not folded */
};

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t items_of(const struct pk_tensor_note *t)
{
	uint64_t n = 1;

	for (unsigned i = 0; i < t->rank; i++) {
		if (__builtin_mul_overflow(n, t->shape[i], &n))
			return UINT64_MAX;
	}
	return n;
}

static void count(struct pk_dtype_total *to, const struct pk_tensor_note *t)
{
	to->tensors++;
	to->items = add(to->items, items_of(t));
	to->bytes = add(to->bytes, t->bytes);
}

void pk_count_tensors(const struct pk_job *job, struct pk_tensor_totals *ret)
{
	size_t i;

	*ret = (struct pk_tensor_totals){ 0 };
	for (const struct pk_tensor_note *t = job->tensors; t; t = t->next) {
		count(&ret->all, t);
		for (i = 0; i < ret->n; i++) {
			if (pk_span_eq(ret->by[i].dtype, t->dtype))
				break;
		}
		if (i == PK_DTYPES_MAX)
			continue;
		ret->n += i == ret->n;
		ret->by[i].dtype = t->dtype;
		count(&ret->by[i], t);
	}
}

void pk_put_shape(struct pk_buf *b, const struct pk_tensor_note *t)
{
	if (t->rank == 0)
		pk_buf_puts(b, "scalar");
	for (unsigned i = 0; i < t->rank; i++)
		pk_buf_printf(b, "%s%llu", i ? " x " : "",
			      (unsigned long long)t->shape[i]);
}

/* 1,234,567 */
static void put_grouped(struct pk_buf *b, uint64_t n)
{
	char digits[24];
	const int len =
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			pk_buf_putc(b, ',');
		pk_buf_putc(b, digits[i]);
	}
}

/* A line of the page being written. */
struct page {
	struct pk_output *o;
	const struct pk_job *job;
	bool all;
	struct pk_buf cell; /* scratch */
};

static const char *cell_of_bytes(struct page *p, struct pk_span s)
{
	p->cell.len = 0;
	pk_utf8_escape(&p->cell, s, p->all ? LONG : SHOWN);
	return pk_buf_str(&p->cell);
}

static const char *cell_of_size(struct page *p, uint64_t bytes)
{
	p->cell.len = 0;
	pk_put_size(&p->cell, bytes);
	return pk_buf_str(&p->cell);
}

static const char *cell_of_number(struct page *p, uint64_t n)
{
	p->cell.len = 0;
	put_grouped(&p->cell, n);
	return pk_buf_str(&p->cell);
}

static void end_line(struct page *p)
{
	struct pk_buf *b = &p->o->out;

	while (b->len && b->p[b->len - 1] == ' ')
		b->len--;
	pk_buf_putc(b, '\n');
}

static void line(struct page *p, const char *label, const char *text)
{
	enum { LABEL = 11 };

	pk_buf_puts(&p->o->out, "  ");
	pk_paint_cell(p->o, PK_DIM, label, LABEL);
	pk_paint_wrapped(p->o, PK_PLAIN, LABEL + 2, text);
}

static void heading(struct page *p, const char *what, uint64_t n)
{
	pk_buf_putc(&p->o->out, '\n');
	pk_paint(p->o, PK_BOLD, what);
	if (n)
		pk_buf_printf(&p->o->out, " (%s)", cell_of_number(p, n));
	pk_buf_putc(&p->o->out, '\n');
}

/* Whether the list goes on; says how much more there is where it does not. */
static bool goes_on(struct page *p, uint64_t shown, uint64_t n)
{
	if (p->all || shown < FEW || shown + 1 >= n)
		return true;
	pk_buf_puts(&p->o->out, "  ");
	pk_paint(p->o, PK_DIM, "... ");
	pk_paint(p->o, PK_DIM, cell_of_number(p, n - shown));
	pk_paint(p->o, PK_DIM, " more; --all shows them");
	pk_buf_putc(&p->o->out, '\n');
	return false;
}

static void put_head(struct page *p, const struct pk_result *r)
{
	struct pk_buf b = { 0 };

	pk_paint(p->o, PK_BOLD,
		 cell_of_bytes(p, (struct pk_span){ (const uint8_t *)r->path,
						    strlen(r->path) }));
	pk_buf_putc(&p->o->out, '\n');
	if (p->job->primary)
		pk_buf_printf(&b, "%s (%s)", p->job->primary->title,
			      p->job->primary->name);
	else
		pk_buf_printf(&b, "none that is known%s%s",
			      p->job->reason ? ": " : "",
			      p->job->reason ? p->job->reason : "");
	line(p, "format", pk_buf_str(&b));
	b.len = 0;
	for (unsigned i = 0; i < p->job->format_count; i++)
		pk_buf_printf(&b, "%s%s", i ? ", " : "",
			      p->job->formats[i]->name);
	if (p->job->format_count > 1)
		line(p, "within", pk_buf_str(&b));
	b.len = 0;
	pk_put_size(&b, p->job->size);
	if (p->job->size >= 1024) {
		pk_buf_puts(&b, ", ");
		put_grouped(&b, p->job->size);
		pk_buf_puts(&b, " bytes");
	}
	line(p, "size", pk_buf_str(&b));
	pk_buf_release(&b);
}

static void put_verdict(struct page *p, const struct pk_result *r)
{
	struct pk_buf b = { 0 };

	pk_buf_printf(&b, "%s", pk_verdict_name(r->verdict));
	if (p->job->finding_count) {
		pk_buf_puts(&b, "; ");
		pk_put_count(&b, p->job->finding_count, "finding");
		pk_buf_puts(&b, ", told by `picket scan`");
	}
	if (p->job->partial)
		pk_buf_puts(&b, "; not all could be read");
	line(p, "verdict", pk_buf_str(&b));
	pk_buf_release(&b);
}

static bool is_member_name(const struct pk_value_note *v)
{
	return pk_span_eq(v->key, PK_LIT("member"));
}

static uint64_t count_values(const struct pk_job *job, bool members)
{
	uint64_t n = 0;

	for (const struct pk_value_note *v = job->values; v; v = v->next)
		n += is_member_name(v) == members;
	return n;
}

static void put_value(struct page *p, const struct pk_value_note *v)
{
	enum { KEY = 28 };
	struct pk_buf key = { 0 };

	pk_utf8_escape(&key, v->key, SHOWN);
	if (v->member)
		pk_buf_printf(&key, " [%s]", v->member);
	pk_buf_puts(&p->o->out, "  ");
	pk_paint_cell(p->o, PK_CYAN, pk_buf_str(&key), KEY);
	pk_buf_putc(&p->o->out, ' ');
	pk_paint(p->o, PK_PLAIN, cell_of_bytes(p, v->value));
	end_line(p);
	pk_buf_release(&key);
}

static void put_values(struct page *p)
{
	const uint64_t n = count_values(p->job, false);
	uint64_t shown = 0;

	if (!n)
		return;
	heading(p, "Properties", n);
	for (const struct pk_value_note *v = p->job->values; v; v = v->next) {
		if (is_member_name(v))
			continue;
		if (!goes_on(p, shown++, n))
			return;
		put_value(p, v);
	}
}

static void put_members(struct page *p)
{
	const uint64_t n = count_values(p->job, true);
	uint64_t shown = 0;

	if (!n)
		return;
	heading(p, "Members", n);
	for (const struct pk_value_note *v = p->job->values; v; v = v->next) {
		if (!is_member_name(v))
			continue;
		if (!goes_on(p, shown++, n))
			return;
		pk_buf_puts(&p->o->out, "  ");
		if (v->member) {
			pk_paint(p->o, PK_PLAIN, v->member);
			pk_buf_putc(&p->o->out, '!');
		}
		pk_paint(p->o, PK_PLAIN, cell_of_bytes(p, v->value));
		pk_buf_putc(&p->o->out, '\n');
	}
}

/* Columns for the names, so that most fit. */
static size_t name_columns(const struct pk_job *job)
{
	size_t most = NAME_MIN;

	for (const struct pk_tensor_note *t = job->tensors; t; t = t->next) {
		if (t->name.len > most)
			most = t->name.len;
	}
	return most < NAME_MAX ? most : NAME_MAX;
}

static void put_tensor(struct page *p, const struct pk_tensor_note *t,
		       size_t column)
{
	pk_buf_puts(&p->o->out, "  ");
	pk_paint_cell(p->o, PK_PLAIN, cell_of_bytes(p, t->name), column + 2);
	pk_paint_cell(p->o, PK_CYAN, cell_of_bytes(p, t->dtype), DTYPE);
	p->cell.len = 0;
	pk_put_shape(&p->cell, t);
	pk_paint_cell(p->o, PK_PLAIN, pk_buf_str(&p->cell), SHAPE);
	if (t->placed || t->bytes)
		pk_paint(p->o, PK_PLAIN, cell_of_size(p, t->bytes));
	end_line(p);
}

static void put_tensors(struct page *p, const struct pk_tensor_totals *totals)
{
	const size_t column = name_columns(p->job);
	const char *member = NULL;
	uint64_t shown = 0;

	heading(p, "Tensors", totals->all.tensors);
	for (const struct pk_tensor_note *t = p->job->tensors; t; t = t->next) {
		if (!goes_on(p, shown++, totals->all.tensors))
			return;
		if (t->member && (!member || strcmp(member, t->member) != 0)) {
			pk_buf_puts(&p->o->out, "  ");
			pk_paint(p->o, PK_DIM, t->member);
			pk_buf_putc(&p->o->out, '\n');
		}
		member = t->member;
		put_tensor(p, t, column);
	}
}

static void put_total(struct page *p, const struct pk_dtype_total *t,
		      const char *label)
{
	pk_buf_puts(&p->o->out, "  ");
	pk_paint_cell(p->o, PK_CYAN, label, DTYPE + 4);
	pk_paint_cell(p->o, PK_PLAIN, cell_of_number(p, t->items), 16);
	pk_buf_puts(&p->o->out, "parameters  ");
	pk_paint_cell(p->o, PK_PLAIN, cell_of_size(p, t->bytes), 12);
	p->cell.len = 0;
	pk_put_count(&p->cell, t->tensors, "tensor");
	pk_paint(p->o, PK_PLAIN, pk_buf_str(&p->cell));
	end_line(p);
}

static void put_totals(struct page *p, const struct pk_tensor_totals *totals)
{
	struct pk_buf label = { 0 };

	heading(p, "Totals", 0);
	for (size_t i = 0; i < totals->n; i++) {
		label.len = 0;
		pk_utf8_escape(&label, totals->by[i].dtype, SHOWN);
		put_total(p, &totals->by[i], pk_buf_str(&label));
	}
	if (totals->n != 1)
		put_total(p, &totals->all, "all");
	pk_buf_release(&label);
}

static void put_imports(struct page *p)
{
	uint64_t shown = 0;

	if (!p->job->imports)
		return;
	heading(p, "Imports", p->job->import_count);
	for (const struct pk_import *im = p->job->imports; im; im = im->next) {
		if (!goes_on(p, shown++, p->job->import_count))
			return;
		pk_buf_puts(&p->o->out, "  ");
		pk_paint_cell(p->o, PK_CYAN, pk_import_class_name(im->class),
			      10);
		pk_buf_putc(&p->o->out, ' ');
		pk_paint(p->o, PK_PLAIN, cell_of_bytes(p, im->module));
		pk_buf_putc(&p->o->out, '.');
		pk_paint(p->o, PK_PLAIN, cell_of_bytes(p, im->name));
		pk_buf_puts(&p->o->out, im->called ? "()\n" : "\n");
	}
}

static void put_ref(struct page *p, const struct pk_ref *r)
{
	pk_buf_puts(&p->o->out, "  ");
	pk_paint_cell(p->o, PK_CYAN, pk_ref_kind_name(r->kind), 10);
	pk_buf_putc(&p->o->out, ' ');
	pk_paint(p->o, PK_PLAIN, cell_of_bytes(p, r->path));
	if (r->revision.len) {
		pk_buf_putc(&p->o->out, '@');
		pk_paint(p->o, PK_PLAIN, cell_of_bytes(p, r->revision));
	}
	pk_buf_putc(&p->o->out, '\n');
}

static void put_refs(struct page *p, const char *title, bool elsewhere)
{
	uint64_t shown = 0, n = 0;

	for (const struct pk_ref *r = p->job->refs; r; r = r->next)
		n += pk_ref_is_elsewhere(r->kind) == elsewhere;
	if (!n)
		return;
	heading(p, title, n);
	for (const struct pk_ref *r = p->job->refs; r; r = r->next) {
		if (pk_ref_is_elsewhere(r->kind) != elsewhere)
			continue;
		if (!goes_on(p, shown++, n))
			return;
		put_ref(p, r);
	}
}

static void put_all_tensors(struct page *p)
{
	struct pk_tensor_totals totals;

	pk_count_tensors(p->job, &totals);
	if (!totals.all.tensors)
		return;
	put_tensors(p, &totals);
	put_totals(p, &totals);
}

void pk_inspect_tensors(struct pk_output *o, const struct pk_job *job, bool all)
{
	struct page p = { .o = o, .job = job, .all = all };

	put_all_tensors(&p);
	pk_buf_release(&p.cell);
}

void pk_inspect_text(struct pk_output *o, const struct pk_result *r, bool all)
{
	struct page p = { .o = o, .job = &r->job, .all = all };

	put_head(&p, r);
	put_verdict(&p, r);
	put_values(&p);
	put_members(&p);
	put_all_tensors(&p);
	put_imports(&p);
	put_refs(&p, "Files it names", false);
	put_refs(&p, "Sources it fetches from", true);
	if (p.job->notes_dropped) {
		pk_buf_putc(&o->out, '\n');
		pk_paint(o, PK_YELLOW,
			 "There is more than can be listed; what is shown is "
			 "not all.");
		pk_buf_putc(&o->out, '\n');
	}
	pk_buf_release(&p.cell);
}
