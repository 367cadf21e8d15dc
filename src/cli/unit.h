/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_UNIT_H
#define PICKET_CLI_UNIT_H

#include "cli/cli.h"
#include "picket/picket.h"

/* Opens a plan; NULL after a complaint.  The descriptor must stay open as
 * long as the plan. */
struct picket_plan *cli_plan_open(const char *path, int *ret_fd);

/* Reads one of its units; NULL after a complaint. */
struct picket_unit *cli_plan_unit(struct picket_plan *p, const char *path,
				  size_t k);

/* The result of a unit, as it was stored. */
struct cli_unit_result {
	struct picket_stored *stored; /* every file, in the plan's order */
	char settings[65];            /* how it was scanned */
};

enum cli_unit_state {
	CLI_UNIT_WHOLE,
	CLI_UNIT_ABSENT,
	CLI_UNIT_BAD, /* after a complaint: not of this plan, or damaged */
};

/* Reads the result of unit k and holds it against the plan: each file of the
 * unit once, and no other.  ret: only when it is whole; released with
 * picket_stored_free(). */
enum cli_unit_state cli_unit_load(const struct picket_plan *p,
				  const struct picket_unit *u, size_t k,
				  const char *dir, struct cli_unit_result *ret);

#endif
