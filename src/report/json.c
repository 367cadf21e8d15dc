/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_parts.h"

static void json_begin(struct pk_output *o)
{
	o->json = (struct pk_json){ .out = &o->out, .pretty = true };
	pk_json_object(&o->json, NULL);
	pk_json_header(o);
	pk_json_array(&o->json, "files");
}

static void json_file(struct pk_output *o, const struct pk_result *r)
{
	pk_json_file(&o->json, r);
}

static void json_finish(struct pk_output *o, const struct pk_summary *s)
{
	pk_json_close(&o->json);
	pk_json_footer(o, s);
	pk_json_close(&o->json);
}

const struct pk_reporter pk_reporter_json = {
	.name = "json",
	.title = "one JSON object, schema picket.report/1",
	.needs = PK_NEEDS_STATED,
	.begin = json_begin,
	.file = json_file,
	.finish = json_finish,
};
