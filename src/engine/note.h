/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_NOTE_H
#define PK_ENGINE_NOTE_H

#include "engine/scan.h"

/*
 * What a file holds besides danger: tensors and properties, told by
 * `picket inspect`.  Kept only when the job was asked to (job->wants_notes,
 * or job->wants_stated for the few that inventories tell); otherwise these
 * calls cost nothing, so that a format may make them for whatever it has read
 * anyway.  All bytes are copied.
 */
enum { PK_NOTE_RANK_MAX = 32 };

/* The key of a value that tells in which shard a tensor lies begins so. */
#define PK_NOTE_WEIGHT_MAP "weight_map."

struct pk_tensor_note {
	struct pk_tensor_note *next;
	const char *member;  /* path within containers, or NULL */
	struct pk_span name; /* raw bytes */
	/* "F32", "BF16", "I64" ... as SafeTensors spells it; where that has no
	 * word, the format's own: "Q4_K". */
	struct pk_span dtype;
	const uint64_t *shape; /* rank of them; NULL for a scalar */
	unsigned rank;
	bool placed;    /* off and bytes say where its data lies */
	uint64_t off;   /* in the member's own bytes */
	uint64_t bytes; /* of its data */
	/* Of its values, when somebody has counted them afterwards. */
	bool counted;
	uint64_t nan, inf;
};

/* A property of the file or member: "producer", "metadata.license". */
struct pk_value_note {
	struct pk_value_note *next;
	const char *member;
	struct pk_span key;
	struct pk_span value; /* raw bytes */
};

/*
 * What a file says of itself that belongs into an inventory of models: who
 * made it, under which licence.  Nobody vouches for any of it.
 */
enum pk_stated {
	PK_STATED_NOT, /* a value that inventories leave out */
	PK_STATED_LICENSE,
	PK_STATED_AUTHOR,
	PK_STATED_VERSION,
	PK_STATED_ABOUT,
	PK_STATED_ARCHITECTURE,
	PK_STATED_BASE, /* the model that it was made from */
	PK_STATED_OTHER,
};

enum {
	PK_STATED_MAX = 32, /* values of one file */
	PK_STATED_LEN = 1024,
};

/* What the value says, by its key (engine/stated.def). */
enum pk_stated pk_stated(const struct pk_value_note *v);

/* The first of the values from v on that inventories tell; NULL: no more. */
const struct pk_value_note *pk_stated_next(const struct pk_value_note *v);

/* Whether a value of that key is kept, for parsers that would have to read it
 * first. */
bool pk_wants_value(const struct pk_scan *s, struct pk_span key);

void pk_note_tensor(struct pk_scan *s, const struct pk_tensor_note *t);
void pk_note_text(struct pk_scan *s, const char *key, struct pk_span value);
/* Keeps what was noted elsewhere, whatever the job wants; the bytes are copied,
 * v->member is in the job's arena.  False, and counted as dropped, when there
 * is no memory. */
bool pk_job_keep_value(struct pk_job *job, const struct pk_value_note *v);
/* For keys that the file names itself. */
void pk_note_pair(struct pk_scan *s, struct pk_span key, struct pk_span value);
void pk_note_number(struct pk_scan *s, const char *key, uint64_t value);

/*
 * Something else that this file names, and that a loader would open with it
 * or fetch.
 *
 * A file beside it: external data, a shard, Python source.  A parser sees one
 * object and no folder, so it says what is wrong with the name itself
 * (absolute, escaping); whether the file is there, is a link out of the tree
 * or too short is answered later, from where the folder can be seen.
 *
 * Another source: whether it may be is the policy's to say.  Only what a
 * loader fetches counts, not where the weights once came from.
 */
enum pk_ref_kind {
	PK_REF_DATA,  /* bytes of a tensor */
	PK_REF_SHARD, /* another file of the same model */
	PK_REF_CODE,  /* source that a loader would run */
	/* Of other sources: */
	PK_REF_REPOSITORY, /* code of another repository, "org/name" */
	PK_REF_BASE,       /* a model that is loaded first, "org/name" */
	PK_REF_URL,        /* whatever lies at an address */
};
enum { PK_REF_KINDS = PK_REF_URL + 1 };

/* "data", "shard", "code", "repository", "base", "url" */
const char *pk_ref_kind_name(enum pk_ref_kind kind);

/* Whether it names another source, not a file beside this one. */
bool pk_ref_is_elsewhere(enum pk_ref_kind kind);

struct pk_ref {
	struct pk_ref *next;
	enum pk_ref_kind kind;
	/* Raw: relative to the file's folder; of another source its name. */
	struct pk_span path;
	struct pk_span revision; /* raw, of another source; empty: none */
	uint64_t need;           /* bytes that it must have; 0: any */
	const char *member; /* where it is named; NULL: in the file itself */
	uint64_t at;        /* offset of the name there */
};

/* Keeps a reference that is known from elsewhere; path and revision are
 * copied, member is in the job's arena.  False when it is one too many, or
 * there is no memory. */
bool pk_job_keep_ref(struct pk_job *job, const struct pk_ref *ref);

/* Keeps the reference; the same path of the same revision twice is kept once,
 * with the greater need. */
void pk_refer(struct pk_scan *s, const struct pk_ref *ref);

#endif
