/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/hdf5_scan.h"

#include "analyze/member_name.h"
#include "engine/note.h"
#include "source/slice.h"

enum {
	LINKS_MAX = 64,        /* reported */
	ATTRIBUTES_MAX = 4096, /* opened as files of their own */
	BOMB_MIN_GIB = 4,
	BOMB_RATIO = 1000,
};

struct link {
	struct link *next;
	struct pk_h5_link l;
};

struct walk {
	struct pk_scan *s;
	struct pk_h5_facts *facts;
	struct pk_h5_config **tail;
	struct link *links;
	unsigned link_n, attribute_n, doubts;
	bool soft, filter, bomb, pickled;
};

static bool is(struct pk_span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

static void keep_config(struct walk *w, const struct pk_h5_attribute *a)
{
	struct pk_h5_config *c = PK_NEW(&w->s->arena, struct pk_h5_config);

	if (!c) {
		pk_partial(w->s);
		return;
	}
	*c = (struct pk_h5_config){ .name = pk_show(w->s, a->name, 60),
				    .off = a->off,
				    .len = a->len };
	*w->tail = c;
	w->tail = &c->next;
}

/* What a program may do with an attribute's bytes is its own business; some
 * unpickle them, as PyTables does. */
static void open_attribute(struct walk *w, const struct pk_h5_attribute *a)
{
	if (a->len < 4 || w->attribute_n++ >= ATTRIBUTES_MAX)
		return;
	(void)pk_descend(w->s, a->name,
			 pk_slice_new(w->s->bytes, a->off, a->len),
			 PK_MEMBER_RAW);
}

static void on_attribute(void *user, const struct pk_h5_attribute *a)
{
	static const char *const keras[] = { "keras_version", "model_config",
					     "layer_names", "weight_names",
					     "training_config" };
	struct walk *w = user;
	uint8_t head[64] = { 0 };
	struct pk_span begin = { head, 0 };

	for (size_t i = 0; i < sizeof(keras) / sizeof(keras[0]); i++)
		w->facts->keras |= is(a->name, keras[i]);
	if (!a->text && !a->opaque)
		return;
	begin.len = pk_source_read(w->s->bytes, a->off, head,
				   a->len < 64 ? (size_t)a->len : 64);
	if (is(a->name, "PSEUDOATOM") &&
	    pk_span_starts(begin, PK_LIT("object"))) {
		w->pickled = true;
		pk_report(w->s, PK_RULE_HDF5_PICKLED_OBJECTS, a->off,
			  "%s is an array of pickled objects",
			  pk_show(w->s,
				  (struct pk_span){ (const uint8_t *)a->object,
						    strlen(a->object) },
				  80));
		return;
	}
	if (a->text && begin.len < 64)
		pk_note_pair(w->s, a->name, begin);
	while (begin.len && (begin.p[0] == ' ' || begin.p[0] == '\n'))
		begin.p++, begin.len--;
	if (begin.len && (begin.p[0] == '{' || is(a->name, "model_config") ||
			  is(a->name, "training_config")))
		keep_config(w, a);
	else
		open_attribute(w, a);
}

/* Keras 3 has no attributes that say so, but its own way of naming. */
static void look_at_path(struct walk *w, const char *object)
{
	w->facts->keras |= strstr(object, "/vars/") ||
			   strstr(object, "/_layer_checkpoint_dependencies");
}

static void on_link(void *user, const struct pk_h5_link *l)
{
	struct walk *w = user;
	struct link *kept;

	look_at_path(w, l->object);
	if (l->kind == PK_H5_SOFT || l->kind == PK_H5_USER) {
		if (!w->soft)
			pk_report(w->s, PK_RULE_HDF5_ODD_LINK, l->off,
				  "%s is a link to %s",
				  pk_show(w->s,
					  (struct pk_span){
						  (const uint8_t *)l->object,
						  strlen(l->object) },
					  80),
				  pk_show(w->s, l->target, 80));
		w->soft = true;
		return;
	}
	if (w->link_n++ >= LINKS_MAX)
		return;
	kept = PK_NEW(&w->s->arena, struct link);
	if (!kept)
		return;
	*kept = (struct link){ w->links, *l };
	w->links = kept;
}

static bool is_bomb(const struct walk *w, const struct pk_h5_dataset *d)
{
	uint64_t bytes = d->item;

	for (unsigned i = 0; i < d->rank; i++) {
		if (__builtin_mul_overflow(bytes, d->dims[i], &bytes))
			return true;
	}
	return bytes >> 30 >= BOMB_MIN_GIB &&
	       bytes / BOMB_RATIO > w->s->bytes->size;
}

static void on_dataset(void *user, const struct pk_h5_dataset *d)
{
	struct walk *w = user;
	const char *shown;
	const struct pk_span name = { (const uint8_t *)d->object,
				      strlen(d->object) };
	const struct pk_tensor_note note = {
		.name = { name.p + (name.len > 1), name.len - (name.len > 1) },
		.dtype = { (const uint8_t *)d->type,
			   d->type ? strlen(d->type) : 0 },
		.shape = d->dims,
		.rank = d->rank,
		.placed = d->placed,
		.off = d->off,
		.bytes = d->len,
	};

	look_at_path(w, d->object);
	pk_note_tensor(w->s, &note);
	shown = pk_show(w->s, name, 80);
	if (d->filter && !w->filter)
		pk_report(w->s, PK_RULE_HDF5_FILTER, d->header,
			  "%s is packed by the filter %u", shown, d->filter);
	w->filter |= d->filter != 0;
	if (!w->bomb && is_bomb(w, d))
		pk_report(w->s, PK_RULE_HDF5_SHAPE_BOMB, d->header,
			  "%s is larger than the file can hold", shown);
	w->bomb |= is_bomb(w, d);
}

static void on_doubt(void *user, uint64_t off, const char *what)
{
	struct walk *w = user;

	pk_partial(w->s);
	if (w->doubts++ < 8)
		pk_report(w->s, PK_RULE_HDF5_MALFORMED, off,
			  "%s could not be read", what);
}

static bool on_over(void *user)
{
	return pk_out_of_budget(((struct walk *)user)->s);
}

/* Whether a name leads out of the folder of the file. */
static bool escapes(struct pk_span s)
{
	if (s.len && (s.p[0] == '/' || s.p[0] == '\\' || s.p[0] == '~'))
		return true;
	if (s.len > 1 && s.p[1] == ':')
		return true;
	for (size_t i = 0; i + 1 < s.len; i++) {
		if (s.p[i] == '.' && s.p[i + 1] == '.' &&
		    (i == 0 || s.p[i - 1] == '/' || s.p[i - 1] == '\\'))
			return true;
	}
	return false;
}

static void say_link(struct walk *w, const struct pk_h5_link *l)
{
	static const char *const how[] = {
		[PK_H5_SOFT] = "links to",
		[PK_H5_EXTERNAL] = "is a link into the file",
		[PK_H5_USER] = "links to",
		[PK_H5_STORAGE] = "takes its data from the file",
		[PK_H5_VIRTUAL] = "is made of datasets of the file",
	};
	const bool out = escapes(l->target);
	const struct pk_report r = {
		.rule = PK_RULE_HDF5_OUTSIDE_FILE,
		.severity = out || w->facts->keras ? PK_HIGH : PK_MEDIUM,
		.off = l->off,
	};
	const struct pk_ref ref = { .kind = PK_REF_DATA,
				    .path = l->target,
				    .at = l->off };
	const struct pk_span object = { (const uint8_t *)l->object,
					strlen(l->object) };

	pk_report_full(w->s, &r, "%s %s %s", pk_show(w->s, object, 80),
		       how[l->kind], pk_show(w->s, l->target, 120));
	if (!out && l->target.len)
		pk_refer(w->s, &ref);
}

static void walk(struct pk_scan *s, struct pk_h5_facts *f)
{
	static const struct pk_h5_events events = {
		.attribute = on_attribute,
		.link = on_link,
		.dataset = on_dataset,
		.doubt = on_doubt,
		.over = on_over,
	};
	struct walk w = { .s = s, .facts = f, .tail = &f->configs };

	f->walked = pk_h5_walk(s->bytes, &s->arena, &events, &w, &f->file);
	for (const struct link *l = w.links; l; l = l->next)
		say_link(&w, &l->l);
	if (w.link_n > LINKS_MAX)
		pk_report(s, PK_RULE_HDF5_OUTSIDE_FILE, 0,
			  "%u objects lie in other files", w.link_n);
}

const struct pk_h5_facts *pk_h5_facts(struct pk_scan *s)
{
	static const char key;
	void **slot = pk_shared(s, &key);
	struct pk_h5_facts *f = slot ? *slot : NULL;

	if (f || !slot)
		return f;
	f = PK_NEW(&s->arena, struct pk_h5_facts);
	if (!f)
		return NULL;
	*slot = f;
	walk(s, f);
	return f;
}

static bool begins_at(struct pk_span head, size_t off)
{
	return off < head.len &&
	       pk_span_starts((struct pk_span){ head.p + off, head.len - off },
			      PK_LIT("\x89HDF\r\n\x1a\n"));
}

/* A user block may have any length.  Where each look is a journey, it is not
 * looked for in what its container calls raw data, which nobody opens as a
 * file: that would be most of what is fetched of a checkpoint. */
bool pk_h5_begins(const struct pk_head *head)
{
	const bool raw = head->scan && head->scan->quiet && head->source->grain;
	uint64_t base;

	if (begins_at(head->bytes, 0))
		return true;
	if (!raw)
		return head->bytes.len >= 512 &&
		       pk_h5_find(head->source, &base);
	for (size_t off = 512; off < head->bytes.len; off *= 2) {
		if (begins_at(head->bytes, off))
			return true;
	}
	return false;
}
