/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_COURIER_RUN_H
#define PICKET_CLI_COURIER_RUN_H

#include "cli/courier.h"

/* What the two ends of courier.h say to each other. */
enum courier_what { COURIER_LIST, COURIER_SERVE, COURIER_SAVE };

enum {
	COURIER_URI_MAX = 4096,
	COURIER_ANSWER_MAX = 256 << 20, /* a listing of 100,000 files */
};

struct courier_request {
	uint32_t what;
	uint32_t remote; /* its number; of a new one, the next */
	uint32_t file;
	uint32_t ticket;
};

struct courier_answer {
	uint32_t ticket;
	uint32_t len;
};

/* Is the courier until nobody asks any more. */
_Noreturn void courier_run(const struct courier_settings *s, int requests,
			   int answers);

#endif
