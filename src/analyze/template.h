/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TEMPLATE_H
#define PK_ANALYZE_TEMPLATE_H

#include "engine/scan.h"

/*
 * Judges a Jinja2 template: chat templates of GGUF files and tokenizers, and
 * whatever else a loader renders.  Every expression in it is parsed and worked
 * out as far as constants go; findings are about attributes it reaches and
 * calls it makes, never about words in its output.  Text of the output counts
 * only where it is there to deceive a reader: characters that reorder or hide.
 *
 * text stands at offset off of the object (findings are placed by it); what
 * names it in messages: "the chat template".
 */
void pk_template_scan(struct pk_scan *s, struct pk_span text, uint64_t off,
		      const char *what);

/*
 * Whether a text is a Jinja2 template beyond doubt: it has statements that
 * Jinja2 knows, and whatever they open is closed.
 */
bool pk_template_is(struct pk_span text);

#endif
