/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_STORED_VALUES_H
#define PK_REPORT_STORED_VALUES_H

#include "codec/json_read.h"
#include "report/stored.h"

/*
 * The values of a stored report, which may be anybody's.  Whatever is not as
 * it must be is refused: the first mistake is told, and reading goes on with
 * values that do no harm.
 */
struct pk_stored_reader {
	struct pk_stored *st;
	struct pk_arena *arena; /* where texts are kept */
	struct pk_job *job;
	enum pk_status status;
};

void pk_stored_refuse(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		      const char *what);

/* The pointer; NULL is remembered as a lack of memory. */
void *pk_stored_kept(struct pk_stored_reader *rd, void *p);

/* A string, NUL-terminated and defused, in the reader's arena; NULL when
 * there is none. */
const char *pk_stored_text(struct pk_stored_reader *rd,
			   const struct pk_jvalue *v, const char *key);

/* A string's bytes.  Of those that are no UTF-8 the hex stands beside it.
 * Borrowed from the value, or in the reader's arena. */
struct pk_span pk_stored_bytes(struct pk_stored_reader *rd,
			       const struct pk_jvalue *v, const char *key);

/* Missing is 0. */
uint64_t pk_stored_number(struct pk_stored_reader *rd,
			  const struct pk_jvalue *v, const char *key);
bool pk_stored_bool(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		    const char *key);

/* Which of the first count names it is. */
unsigned pk_stored_word(struct pk_stored_reader *rd, const struct pk_jvalue *v,
			const char *key, const char *(*name)(unsigned i),
			unsigned count);

/* The first element of a list that must be there; NULL: it is empty. */
const struct pk_jvalue *pk_stored_list(struct pk_stored_reader *rd,
				       const struct pk_jvalue *v,
				       const char *key);
void pk_stored_digest(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		      const char *key, uint8_t ret[PK_SHA256_LEN]);

#endif
