/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_ORIGIN_H
#define PK_ENGINE_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

enum pk_known { PK_NOT_KNOWN, PK_NO, PK_YES };

/*
 * Where files come from when they do not lie here, as far as it is known
 * before any of them is read.  Texts are NUL-terminated UTF-8 without
 * control characters, or NULL; whoever makes the origin owns them.
 */
struct pk_origin {
	const char *uri;        /* as asked for: "hf://org/name@main" */
	const char *host;       /* "huggingface.co", lower case, no port */
	const char *owner;      /* organisation, user or bucket */
	const char *repository; /* "org/name"; NULL where there are none */
	const char *revision;   /* as asked for; NULL: the default */
	const char *commit;     /* 40 hex digits that it is now; NULL: none */
	const char *licence;    /* as the registry states it */
	/* It was asked; false: only what the URI tells is known, and what is
	 * not known yet is not held against it. */
	bool listed;
	bool pinned;            /* the revision asked for is a commit */
	enum pk_known verified; /* the registry vouches for the owner */
	enum pk_known gated;
	enum pk_known tag; /* the revision asked for is one, not a branch */
	/* The repository answered under another name than was asked for. */
	const char *renamed_to;
};

/* How one file came from there. */
struct pk_arrival {
	uint64_t received; /* bytes that came over the network */
	bool proven; /* all of it came, with the digest that the registry has */
};

#endif
