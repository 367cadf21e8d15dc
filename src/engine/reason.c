/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/reason.h"

#include <strings.h>

#include "core/utf8.h"

/* Names under which weights travel without any structure around them. */
static const char *const opaque[] = { ".bin", ".weights", ".dat", ".params" };

static bool ends_with(const char *name, const char *end)
{
	const size_t len = name ? strlen(name) : 0;
	const size_t n = strlen(end);

	return len > n && strcasecmp(name + len - n, end) == 0;
}

static bool is_opaque(const char *name)
{
	/* TensorFlow's variables: explained by the index beside them. */
	if (name && strstr(name, ".data-") && strstr(name, "-of-"))
		return true;
	for (size_t i = 0; i < sizeof(opaque) / sizeof(opaque[0]); i++) {
		if (ends_with(name, opaque[i]))
			return true;
	}
	return false;
}

/* The head may end within a code point; its last three bytes are left. */
static bool is_text(struct pk_span s)
{
	const size_t end = s.len == PK_HEAD_MAX ? s.len - 3 : s.len;

	for (size_t i = 0; i < end;) {
		const int32_t cp = pk_utf8_next(s, &i);

		if (cp < 0 || (cp < 0x20 && cp != '\n' && cp != '\r' &&
			       cp != '\t' && cp != '\f' && cp != 0x1b))
			return false;
	}
	return true;
}

const char *pk_skip_reason(const struct pk_head *head)
{
	if (head->source->size == 0)
		return "empty file";
	if (is_text(head->bytes))
		return ends_with(head->scan->name, ".py")
			       ? "Python source, no model"
			       : "plain text, no model";
	if (is_opaque(head->scan->name))
		return "opaque weights without structure";
	return "bytes of no model format";
}
