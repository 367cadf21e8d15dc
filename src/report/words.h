/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_WORDS_H
#define PK_REPORT_WORDS_H

#include "report/reporter.h"

/* What the forms of other tools have in common: how they spell paths, ids,
 * references and times. */

static inline struct pk_span pk_text_span(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

/* The path as a URI reference (RFC 3986): relative paths stay so, without a
 * leading "./"; every byte that could mean something is %XX, so that
 * different paths never become the same. */
void pk_put_uri(struct pk_buf *b, const char *path);

/* A string of JSON that is that URI. */
void pk_json_uri(struct pk_json *j, const char *key, const char *prefix,
		 const char *path);

/* Takes the next of blank-separated words off *rest; false when none is. */
bool pk_word_next(const char **rest, struct pk_span *word);

/* The number of "CWE-502"; 0 for any other word. */
unsigned pk_cwe_number(struct pk_span word);

/* Appends where a person reads about a reference; false when nobody knows. */
bool pk_put_reference_url(struct pk_buf *b, struct pk_span word);

/* A UUID of the custom kind (RFC 9562, version 8) made of a digest. */
void pk_put_uuid(struct pk_buf *b, const uint8_t digest[PK_SHA256_LEN]);

/* The one of a finding in a file: stable, and of no other finding. */
void pk_put_finding_uuid(struct pk_buf *b, const char *path,
			 const struct pk_finding *f);

/* "2026-01-01T00:00:00", UTC. */
enum { PK_TIME_TEXT = 32 };
void pk_time_text(char ret[PK_TIME_TEXT], int64_t seconds);

/* "os.system is called [archive/data.pkl, byte 35]": the whole message. */
void pk_put_message(struct pk_buf *b, const struct pk_finding *f);

#endif
