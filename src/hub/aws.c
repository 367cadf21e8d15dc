/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tools of AWS look for credentials:
 * docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
#include "hub/token.h"

enum { TEXT_MAX = 8192 };

/* Takes one line of the text. */
static struct pk_span next_line(struct pk_span *text)
{
	const uint8_t *end = memchr(text->p, '\n', text->len);
	struct pk_span line = *text;

	line.len = end ? (size_t)(end - text->p) : text->len;
	text->p += end ? line.len + 1 : line.len;
	text->len -= end ? line.len + 1 : line.len;
	return line;
}

static struct pk_span trim(struct pk_span s)
{
	while (s.len && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t' ||
			 s.p[s.len - 1] == '\r'))
		s.len--;
	return s;
}

static bool same(struct pk_span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

/* "[name]", and in the configuration "[profile name]" */
static bool is_section(struct pk_span line, const char *profile)
{
	const struct pk_span word = PK_LIT("profile ");
	struct pk_span name;

	if (line.len < 2 || line.p[line.len - 1] != ']')
		return false;
	name = trim((struct pk_span){ line.p + 1, line.len - 2 });
	if (pk_span_starts(name, word))
		name = trim((struct pk_span){ name.p + word.len,
					      name.len - word.len });
	return same(name, profile);
}

/* The value of a key in the profile's section, or empty. */
static struct pk_span ini_value(struct pk_span text, const char *profile,
				const char *key)
{
	bool here = false;

	while (text.len) {
		const struct pk_span line = trim(next_line(&text));
		const uint8_t *equals =
			line.len ? memchr(line.p, '=', line.len) : NULL;

		if (line.len && line.p[0] == '[')
			here = is_section(line, profile);
		else if (here && equals &&
			 same(trim((struct pk_span){
				      line.p, (size_t)(equals - line.p) }),
			      key))
			return trim((struct pk_span){
				equals + 1,
				line.len - (size_t)(equals + 1 - line.p) });
	}
	return (struct pk_span){ 0 };
}

/* One word for a header, or nothing. */
static enum pk_status take(struct pk_arena *a, const char *what,
			   struct pk_span s, const char **ret,
			   struct pk_remote_trouble *why)
{
	*ret = NULL;
	if (s.len == 0)
		return PK_OK;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.len > TEXT_MAX)
			return pk_trouble(why, PK_HTTP_REFUSED,
					  "%s holds blanks or what is no "
					  "letter",
					  what);
	}
	*ret = pk_arena_copy(a, s);
	return *ret ? PK_OK : pk_trouble_memory(why);
}

static enum pk_status take_env(struct pk_arena *a, const char *name,
			       const char **ret, struct pk_remote_trouble *why)
{
	const char *s = pk_env(name);

	return take(a, name,
		    (struct pk_span){ (const uint8_t *)s, s ? strlen(s) : 0 },
		    ret, why);
}

/* What one of the two files says of the profile. */
static bool profile_file(const char *variable, const char *usual,
			 struct pk_buf *text)
{
	struct pk_buf path = { 0 };
	bool ok;

	if (pk_env(variable))
		pk_buf_puts(&path, pk_env(variable));
	else if (pk_env("HOME"))
		pk_buf_printf(&path, "%s/.aws/%s", pk_env("HOME"), usual);
	ok = path.len && pk_small_file(pk_buf_str(&path), text);
	pk_buf_release(&path);
	return ok;
}

static enum pk_status from_file(struct pk_arena *a, const char *profile,
				struct pk_signer *ret,
				struct pk_remote_trouble *why)
{
	struct {
		const char *key;
		const char **to;
	} const fields[] = {
		{ "aws_access_key_id", &ret->key },
		{ "aws_secret_access_key", &ret->secret },
		{ "aws_session_token", &ret->session },
	};
	struct pk_buf text = { 0 };
	enum pk_status status = PK_OK;

	if (profile_file("AWS_SHARED_CREDENTIALS_FILE", "credentials", &text)) {
		for (size_t i = 0; i < 3 && status == PK_OK; i++)
			status = take(a, fields[i].key,
				      ini_value(pk_buf_span(&text), profile,
						fields[i].key),
				      fields[i].to, why);
	}
	pk_buf_release(&text);
	return status;
}

static enum pk_status region(struct pk_arena *a, const char *profile,
			     struct pk_signer *ret,
			     struct pk_remote_trouble *why)
{
	struct pk_buf text = { 0 };
	enum pk_status status = take_env(
		a, pk_env("AWS_REGION") ? "AWS_REGION" : "AWS_DEFAULT_REGION",
		&ret->region, why);

	if (status == PK_OK && !ret->region &&
	    profile_file("AWS_CONFIG_FILE", "config", &text))
		status = take(a, "region",
			      ini_value(pk_buf_span(&text), profile, "region"),
			      &ret->region, why);
	pk_buf_release(&text);
	if (status != PK_OK)
		return status;
	if (!ret->region)
		ret->region = "us-east-1";
	/* It becomes part of a host's name. */
	if (strspn(ret->region, "abcdefghijklmnopqrstuvwxyz0123456789-") !=
		    strlen(ret->region) ||
	    strlen(ret->region) > 40)
		return pk_trouble(why, PK_HTTP_REFUSED,
				  "the region that is set for AWS is none");
	return PK_OK;
}

enum pk_status pk_aws_signer(struct pk_arena *a, struct pk_signer *ret,
			     struct pk_remote_trouble *why)
{
	const char *named = pk_env("AWS_PROFILE");
	const char *profile = named ? named : "default";
	enum pk_status status;

	*ret = (struct pk_signer){ 0 };
	status = take_env(a, "AWS_ACCESS_KEY_ID", &ret->key, why);
	if (status == PK_OK)
		status =
			take_env(a, "AWS_SECRET_ACCESS_KEY", &ret->secret, why);
	if (status == PK_OK)
		status = take_env(a, "AWS_SESSION_TOKEN", &ret->session, why);
	if (status == PK_OK && (!ret->key || !ret->secret))
		status = from_file(a, profile, ret, why);
	if (status == PK_OK)
		status = region(a, profile, ret, why);
	if (status != PK_OK)
		return status;
	if (!ret->key || !ret->secret)
		ret->key = ret->secret = ret->session = NULL;
	return PK_OK;
}
