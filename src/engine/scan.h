/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_SCAN_H
#define PK_ENGINE_SCAN_H

#include "core/cursor.h"
#include "core/status.h"
#include "engine/cover.h"
#include "engine/job.h"
#include "engine/rule.h"

/*
 * One object under scan: the file, or a member of a container in it.
 * Everything a format parser may touch is here.
 */
struct pk_scan {
	struct pk_job *job;
	struct pk_source *bytes;
	struct pk_arena arena; /* scratch: gone after this object */
	struct pk_cover cover;
	const char *member;     /* "outer.zip!inner.pkl"; NULL for the file */
	const char *kept;       /* the same in the job's arena, once needed */
	const char *name;       /* of the file or member itself, escaped */
	struct pk_scan *parent; /* the container, or NULL */
	unsigned depth;
	bool promises_model; /* its name says so: promise.def */
	bool promises_pickle;
	bool quiet;    /* raw data by its container's word: say nothing
			 * when it fits no format */
	bool gap;      /* bytes that no format explains: who recognises them
			* leaves it to the one who asked to say so */
	bool begun;    /* a gap that begins as something does */
	bool rejected; /* set by pk_reject() */
	const struct pk_format *noted; /* set by pk_note_format() */
	struct pk_shared *shared;
};

/*
 * Scans a top-level file: every format that its bytes match, all that is
 * nested, and what no format explains.  Results are in the job.  The source
 * is borrowed; name is the file's own name, used only for what it promises.
 */
void pk_scan_file(struct pk_job *job, struct pk_source *bytes,
		  const char *name);

/*
 * Scans the bytes of a container's member the same way; counts against the
 * same budgets.  name: the member's raw name.  Frees the source.  Returns the
 * format that names the member, or NULL when it fits none.
 * PK_MEMBER_RAW: the container says that these are plain data (a tensor).
 * PK_MEMBER_GAP: no container says anything of them; not counted.
 * PK_MEMBER_BEGUN: nor of these, which begin as objects of some format do;
 * formats that do not say how they begin are not asked.
 */
enum pk_member {
	PK_MEMBER_ANY,
	PK_MEMBER_RAW,
	PK_MEMBER_GAP,
	PK_MEMBER_BEGUN,
};
const struct pk_format *pk_descend(struct pk_scan *s, struct pk_span name,
				   struct pk_source *bytes,
				   enum pk_member kind);

/* The object's member path, to keep in results; NULL for the file itself. */
const char *pk_member(struct pk_scan *s);

/* On a closer look this format's parser is not meant: nothing is said. */
void pk_reject(struct pk_scan *s);

/* A parser found another format, of that name, within its own: it is listed
 * too, and names the object where its rank is higher. */
void pk_note_format(struct pk_scan *s, const char *name);

/*
 * A place that the formats of one object share, so that what one has parsed
 * another need not: one per key (any address), holding NULL until somebody
 * puts something from the scan's arena there.  NULL when out of memory.
 */
void **pk_shared(struct pk_scan *s, const void *key);

/* A finding at an offset of this object.  Text made from the file's bytes
 * must be escaped (pk_show). */
PK_PRINTF(4, 5)
void pk_report(struct pk_scan *s, enum pk_rule rule, uint64_t off,
	       const char *fmt, ...);

/* The same with everything said; severity may differ from the rule's own. */
struct pk_report {
	enum pk_rule rule;
	enum pk_severity severity;
	uint64_t off;
	uint64_t len;
	const char *evidence; /* copied; or NULL */
};
PK_PRINTF(3, 4)
void pk_report_full(struct pk_scan *s, const struct pk_report *r,
		    const char *fmt, ...);

/*
 * Turn a failed cursor into a finding and mark the scan partial, so that
 * a file that could not be read to the end is never called clean.
 */
void pk_report_fault(struct pk_scan *s, enum pk_rule rule,
		     const struct pk_cursor *c, const char *what);

/* Something was not read or not understood; say what by pk_report(). */
void pk_partial(struct pk_scan *s);

/* A fact about the job, and where in this object a loader meets it; of
 * several the first counts. */
void pk_fact(struct pk_scan *s, enum pk_fact fact, uint64_t off);

/* These bytes have a meaning that the caller understood. */
void pk_claim(struct pk_scan *s, uint64_t off, uint64_t len);

/* A file's bytes, fit to stand in a message: escaped, at most max bytes of
 * them, in the scan's scratch memory; never NULL. */
const char *pk_show(struct pk_scan *s, struct pk_span bytes, size_t max);

/*
 * Counts n bytes that came out of a decompressor.  False when a budget is
 * spent; the finding is made and the scan partial.
 */
bool pk_spend_expansion(struct pk_scan *s, uint64_t n);

/* Whether time or memory ran out; makes the finding the first time. */
bool pk_out_of_budget(struct pk_scan *s);

#endif
