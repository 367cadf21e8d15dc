/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_INVENTORY_H
#define PK_REPORT_INVENTORY_H

#include "engine/note.h"
#include "report/words.h"

/* What inventories of models have in common, whatever their form. */

/* Whether the file is a model, and not only what wraps or accompanies one. */
bool pk_is_model(const struct pk_result *r);

/* The first thing of that kind that the file states; NULL: it does not. */
const struct pk_value_note *pk_stated_of(const struct pk_job *job,
					 enum pk_stated what);

/* The identifier of the SPDX License List that this is, whatever its case;
 * NULL when it is none. */
const char *pk_spdx_id(struct pk_span text);

/* Appends what the file states of that kind, fit to be shown; false when it
 * states nothing. */
bool pk_put_stated(struct pk_buf *b, const struct pk_job *job,
		   enum pk_stated what);

/* The licence that the file states, or else the registry that it came from;
 * false when neither does.  Raw bytes. */
bool pk_declared_license(const struct pk_result *r, struct pk_span *ret);

/* Calls put with each name and value that an inventory tells of a file beyond
 * the members of its form: what picket found, and what the file states. */
void pk_each_property(struct pk_json *j, const struct pk_result *r,
		      void (*put)(struct pk_json *j, const char *name,
				  const char *value));

/* The package URL of a file of a repository, by the URI that it was scanned
 * under; false when that is none. */
bool pk_put_purl(struct pk_buf *b, const char *path);

#endif
