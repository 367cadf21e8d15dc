/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "picket/picket.h"

static const char *about;

void cli_complain_about(const char *subject)
{
	about = subject;
}

void cli_complain(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("picket: ", stderr);
	if (about)
		(void)fprintf(stderr, "%s: ", about);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

struct place {
	char text[512];
	size_t len;
};

static int keep(void *ctx, const void *bytes, size_t n)
{
	struct place *p = ctx;
	const size_t room = sizeof(p->text) - 1 - p->len;

	if (n > room)
		n = room;
	memcpy(p->text + p->len, bytes, n);
	p->len += n;
	p->text[p->len] = '\0';
	return 0;
}

const char *cli_show(const char *bytes)
{
	static struct place places[4];
	static unsigned next;
	struct place *p = &places[next++ % 4];
	const struct picket_sink sink = { keep, p };

	p->len = 0;
	p->text[0] = '\0';
	if (picket_escape(bytes, strlen(bytes), &sink) != PICKET_OK)
		return "?";
	return p->text;
}

const char *cli_nearest(const char *word, const char *(*nth)(size_t n))
{
	return picket_nearest(word, nth);
}

bool cli_colors(const char *mode, int fd)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (strcmp(mode, "auto") != 0)
		return strcmp(mode, "always") == 0;
	return isatty(fd) && !(no && *no) &&
	       !(term && strcmp(term, "dumb") == 0);
}

unsigned cli_columns(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 40)
		return 80;
	return size.ws_col;
}

uint64_t cli_now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
