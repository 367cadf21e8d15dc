/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static void ndjson_begin(struct pk_output *o)
{
	o->json = (struct pk_json){ .out = &o->out };
}

static void ndjson_file(struct pk_output *o, const struct pk_result *r)
{
	ndjson_begin(o); /* every line is a document of its own */
	pk_json_file(&o->json, r);
}

static void ndjson_finish(struct pk_output *o, const struct pk_summary *s)
{
	ndjson_begin(o);
	pk_json_object(&o->json, NULL);
	pk_json_header(o);
	pk_json_footer(o, s);
	pk_json_close(&o->json);
}

const struct pk_reporter pk_reporter_ndjson = {
	.name = "ndjson",
	.title = "one JSON line per file as it is ready, then a summary line",
	.needs = PK_NEEDS_STATED,
	.begin = ndjson_begin,
	.file = ndjson_file,
	.finish = ndjson_finish,
};
