/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/token.h"

#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_MAX = 4096, FILE_MAX = 64 * 1024 };

const char *pk_env(const char *name)
{
	const char *s = getenv(name);

	return s && *s ? s : NULL;
}

bool pk_small_file(const char *path, struct pk_buf *to)
{
	/* What is no file is not waited for. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char bytes[4096];
	ssize_t n = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		do {
			n = read(fd, bytes, sizeof(bytes));
			if (n > 0)
				pk_buf_put(to, bytes, (size_t)n);
		} while (n > 0 && to->len <= FILE_MAX);
	}
	(void)close(fd);
	return n == 0 && pk_buf_ok(to);
}

static bool is_true(const char *name)
{
	static const char *const yes[] = { "1", "on", "yes", "true" };
	const char *s = pk_env(name);

	for (size_t i = 0; s && i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(s, yes[i]) == 0)
			return true;
	}
	return false;
}

const char *pk_hf_offline(void)
{
	if (is_true("HF_HUB_OFFLINE"))
		return "HF_HUB_OFFLINE";
	return is_true("TRANSFORMERS_OFFLINE") ? "TRANSFORMERS_OFFLINE" : NULL;
}

static bool is_blank(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

/* Trimmed and checked: what goes into a header is one word. */
static enum pk_status take(struct pk_arena *a, const char *from,
			   struct pk_span s, const char **ret,
			   struct pk_remote_trouble *why)
{
	while (s.len && is_blank((char)s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && is_blank((char)s.p[s.len - 1]))
		s.len--;
	*ret = NULL;
	if (s.len == 0)
		return PK_OK;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.len > TOKEN_MAX)
			return pk_trouble(why, PK_HTTP_REFUSED,
					  "what %s holds is no token", from);
	}
	*ret = pk_arena_copy(a, s);
	return *ret ? PK_OK : pk_trouble_memory(why);
}

/* "~/x" of HF_TOKEN_PATH and HF_HOME, which the official client expands. */
static void put_expanded(struct pk_buf *b, const char *path)
{
	const char *home = pk_env("HOME");

	if (path[0] == '~' && path[1] == '/' && home)
		pk_buf_printf(b, "%s%s", home, path + 1);
	else
		pk_buf_puts(b, path);
}

static void put_token_path(struct pk_buf *b)
{
	if (pk_env("HF_TOKEN_PATH")) {
		put_expanded(b, pk_env("HF_TOKEN_PATH"));
		return;
	}
	if (pk_env("HF_HOME"))
		put_expanded(b, pk_env("HF_HOME"));
	else if (pk_env("XDG_CACHE_HOME"))
		pk_buf_printf(b, "%s/huggingface", pk_env("XDG_CACHE_HOME"));
	else
		put_expanded(b, "~/.cache/huggingface");
	pk_buf_puts(b, "/token");
}

static enum pk_status from_file(struct pk_arena *a, const char **ret,
				struct pk_remote_trouble *why)
{
	struct pk_buf path = { 0 }, text = { 0 };
	enum pk_status status = PK_OK;

	put_token_path(&path);
	if (pk_small_file(pk_buf_str(&path), &text))
		status = take(a, pk_buf_str(&path), pk_buf_span(&text), ret,
			      why);
	pk_buf_release(&path);
	pk_buf_release(&text);
	return status;
}

enum pk_status pk_hf_token(struct pk_arena *a, const char **ret,
			   struct pk_remote_trouble *why)
{
	static const char *const names[] = { "HF_TOKEN",
					     "HUGGING_FACE_HUB_TOKEN" };

	*ret = NULL;
	if (is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
		return PK_OK;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *s = pk_env(names[i]);
		enum pk_status status;

		if (!s)
			continue;
		status = take(a, names[i],
			      (struct pk_span){ (const uint8_t *)s, strlen(s) },
			      ret, why);
		if (status != PK_OK || *ret)
			return status;
	}
	return from_file(a, ret, why);
}
