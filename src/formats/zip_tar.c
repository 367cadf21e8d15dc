/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar that holds zips ends as a zip does where one of them is its last
 * member.  Readers of zips take it for that one, which is then what they find
 * in the member: it is scanned there, and once is enough.
 */
#include "codec/tar.h"
#include "formats/zip_member.h"

enum { MEMBERS_MAX = 100000 };

/* From the first byte that the view leads to to the last. */
static struct pk_range reach_of(const struct pk_zip_view *v)
{
	struct pk_range r = { v->dir, v->end_stop };

	for (size_t i = 0; i < v->n; i++) {
		const struct pk_zip_entry *e = &v->v[i];

		if (e->header < r.from)
			r.from = e->header;
		if (e->header > r.to || e->csize > r.to - e->header)
			r.to = UINT64_MAX;
	}
	return r;
}

static bool lies_in(struct pk_range r, const struct pk_tar_entry *e)
{
	return e->type == '0' && !e->cut && !e->after_end && !e->pieces &&
	       r.from >= e->data && r.to <= e->data + e->size;
}

bool zip_is_of_tar(struct pk_scan *s, const struct pk_zip *z)
{
	struct pk_range reach[PK_ZIP_VIEWS];
	unsigned found = 0;
	struct pk_tar_entry e;
	uint8_t head[PK_TAR_BLOCK];
	struct pk_tar t;

	if (pk_source_read(s->bytes, 0, head, sizeof(head)) < sizeof(head) ||
	    !pk_tar_begins((struct pk_span){ head, sizeof(head) }) ||
	    !z->views || z->more || !pk_tar_open(&t, s->bytes, 0, &s->arena))
		return false;
	for (unsigned i = 0; i < z->views; i++)
		reach[i] = reach_of(&z->view[i]);
	for (unsigned n = 0; n < MEMBERS_MAX && found < z->views &&
			     !pk_out_of_budget(s) && pk_tar_next(&t, &e);
	     n++) {
		for (unsigned i = 0; i < z->views; i++)
			found += lies_in(reach[i], &e);
	}
	return found == z->views;
}
