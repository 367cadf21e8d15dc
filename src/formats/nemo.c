/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NeMo models (.nemo): a tar, often compressed, with model_config.yaml,
 * model_weights.ckpt and artifacts.  The tar format reads the members; this
 * looks at what the configuration makes NeMo do.
 *
 * What can hurt: "_target_" values are imported and called
 * (CVE-2025-23304); the checkpoint is a PyTorch one.
 */
#include "analyze/config_code.h"
#include "codec/tar.h"
#include "engine/format.h"
#include "source/slice.h"

enum { MEMBERS_MAX = 100000 };

static struct pk_span base_name(struct pk_span path)
{
	for (size_t i = path.len; i > 0; i--) {
		if (path.p[i - 1] == '/') {
			path.p += i;
			path.len -= i;
			break;
		}
	}
	return path;
}

static bool ends_with(struct pk_span s, struct pk_span end)
{
	return s.len >= end.len &&
	       memcmp(s.p + s.len - end.len, end.p, end.len) == 0;
}

static bool is_yaml(struct pk_span name)
{
	return ends_with(name, PK_LIT(".yaml")) ||
	       ends_with(name, PK_LIT(".yml"));
}

static void scan_config(struct pk_scan *s, const struct pk_tar_entry *e)
{
	struct pk_source *src = pk_slice_new(s->bytes, e->data, e->size);

	if (src)
		pk_config_scan_yaml(s, src, e->header, e->name);
	pk_source_free(src);
}

/* Whether the tar is NeMo's; the first round only looks. */
static bool walk(struct pk_scan *s, bool scan)
{
	bool config = false;
	struct pk_tar_entry e;
	struct pk_tar t;

	if (!pk_tar_open(&t, s->bytes, 0, &s->arena))
		return false;
	for (unsigned n = 0;
	     n < MEMBERS_MAX && !pk_out_of_budget(s) && pk_tar_next(&t, &e);
	     n++) {
		config = config || pk_span_eq(base_name(e.name),
					      PK_LIT("model_config.yaml"));
		if (scan && e.type == '0' && is_yaml(e.name))
			scan_config(s, &e);
	}
	return config;
}

static void nemo_scan(struct pk_scan *s)
{
	if (walk(s, false))
		(void)walk(s, true);
	else
		pk_reject(s);
}

static enum pk_match nemo_probe(const struct pk_head *head)
{
	return pk_tar_begins(head->bytes) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_nemo = {
	.name = "nemo",
	.title = "NeMo model",
	.reads = "its YAML files for names that are imported and called, its "
		 "checkpoint, every other member by its own format",
	.risk = PK_RISK_CODE,
	.rank = 40,
	.probe = nemo_probe,
	.scan = nemo_scan,
};
