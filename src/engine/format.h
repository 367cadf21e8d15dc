/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_FORMAT_H
#define PK_ENGINE_FORMAT_H

#include "engine/scan.h"

/* How sure a probe is.  Every format that is at least LIKELY is scanned:
 * a file that two loaders read in two ways is itself an attack. */
enum pk_match {
	PK_MATCH_NO = 0,
	PK_MATCH_LIKELY,
	PK_MATCH_SURE,
};

/* What a format can do to who loads it; `picket formats` tells. */
enum pk_risk {
	PK_RISK_DATA,    /* nothing but numbers and names */
	PK_RISK_PARSER,  /* native parsers and operators */
	PK_RISK_CODE,    /* can carry code: blocked by the strict policy */
	PK_RISK_WRAPPER, /* an archive: as its content */
};

/* What a probe may look at. */
struct pk_head {
	struct pk_span bytes;     /* the first PK_HEAD_MAX bytes, or all */
	struct pk_source *source; /* for those that must look further */
	const struct pk_scan *scan;
};

enum { PK_HEAD_MAX = 4096 };

struct pk_format {
	const char *name;  /* lower-case words joined by '-' */
	const char *title; /* for a person */
	const char *reads; /* what is analysed, in one line */
	enum pk_risk risk;
	/* Of several that match, the one with the highest rank names the
	 * file: a PyTorch checkpoint is more than a zip. */
	int rank;
	/* Beside models, never one: a program, a script. */
	bool no_model;
	/* How its objects begin, ended by an empty span: they are searched for
	 * in bytes that nothing explains and, if asked for, in data.  NULL:
	 * they are not. */
	const struct pk_span *begins;
	enum pk_match (*probe)(const struct pk_head *head);
	/* May call pk_reject() when a closer look says: not mine. */
	void (*scan)(struct pk_scan *s);
};

/* Declares pk_format_<name> for each line of formats.def. */
#define PK_FORMAT(name) extern const struct pk_format pk_format_##name;
#include "formats/formats.def"
#undef PK_FORMAT

/* NULL-terminated, in the order of formats.def. */
extern const struct pk_format *const pk_formats[];

/* The format of that name, or NULL. */
const struct pk_format *pk_format_by_name(const char *name);

#endif
