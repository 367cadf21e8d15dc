/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl is loaded, not linked: its hundred libraries would double the time
 * that picket takes to start, and most runs never need it.
 */
#include "hub/curl.h"

#ifdef PK_WITH_CURL

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
#define PK_CURL(name) __typeof__(curl_##name) *(name);
#include "hub/curl.def"
#undef PK_CURL
	bool there;
	const char *why;
} lib;

static const struct {
	const char *name;
	void *place;
} symbols[] = {
#define PK_CURL(name) { "curl_" #name, &lib.name },
#include "hub/curl.def"
#undef PK_CURL
};

static void load(void)
{
	void *so = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	lib.why = "libcurl is not installed, so nothing can be fetched "
		  "(Debian: libcurl4)";
	if (!so)
		return;
	lib.why = "libcurl is too old: 7.85 or later is needed";
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		void *found = dlsym(so, symbols[i].name);

		if (!found)
			return;
		memcpy(symbols[i].place, &found, sizeof(found));
	}
	lib.why = "libcurl cannot be used: it does not start";
	lib.there = lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

struct pk_curl {
	CURL *easy;
	char error[CURL_ERROR_SIZE];
	const struct pk_exchange *x;
	struct pk_exchanged *ret;
	bool refused; /* an address */
};

/* Whether the library knows the newest of the options that are used. */
static bool is_new(CURL *easy)
{
	return lib.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") ==
	       CURLE_OK;
}

struct pk_curl *pk_curl_new(const char **ret_why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct pk_curl *c;

	pthread_once(&once, load);
	*ret_why = lib.why;
	if (!lib.there)
		return NULL;
	*ret_why = NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->easy = lib.easy_init();
	if (c->easy && is_new(c->easy))
		return c;
	if (c->easy)
		*ret_why = "libcurl is too old, or speaks no https: 7.85 or "
			   "later is needed";
	pk_curl_free(c);
	return NULL;
}

void pk_curl_free(struct pk_curl *c)
{
	if (c && c->easy)
		lib.easy_cleanup(c->easy);
	free(c);
}

/* A part of a URL; NULL when it has none. */
static char *part(CURLU *u, CURLUPart what, unsigned flags)
{
	char *text = NULL;

	return lib.url_get(u, what, &text, flags) == CURLUE_OK ? text : NULL;
}

static bool has(CURLU *u, CURLUPart what)
{
	char *text = part(u, what, 0);
	bool there = text != NULL;

	lib.free(text);
	return there;
}

static enum pk_url_fault read_scheme(CURLU *u, bool *ret_tls)
{
	char *scheme = part(u, CURLUPART_SCHEME, 0);
	enum pk_url_fault fault = PK_URL_FINE;

	*ret_tls = scheme && strcmp(scheme, "https") == 0;
	if (!*ret_tls && (!scheme || strcmp(scheme, "http") != 0))
		fault = PK_URL_SCHEME;
	lib.free(scheme);
	return fault;
}

static char lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		c |= 0x20;
	return c;
}

/* Names beyond ASCII come as punycode or not at all: what would be looked up
 * must be what was compared. */
static bool read_host(CURLU *u, struct pk_url *ret)
{
	static const char in_names[] = "abcdefghijklmnopqrstuvwxyz"
				       "0123456789.-_[]:";
	char *host = part(u, CURLUPART_HOST, 0);
	size_t n = host ? strlen(host) : 0;
	bool fine = n > 0 && n < sizeof(ret->host);

	for (size_t i = 0; fine && i <= n; i++)
		ret->host[i] = lower(host[i]);
	lib.free(host);
	return fine && strspn(ret->host, in_names) == n;
}

static enum pk_url_fault read_url(CURLU *u, struct pk_url *ret)
{
	enum pk_url_fault fault = read_scheme(u, &ret->tls);
	char *port, *text;

	if (fault != PK_URL_FINE)
		return fault;
	if (has(u, CURLUPART_USER) || has(u, CURLUPART_PASSWORD))
		return PK_URL_LOGIN;
	if (!read_host(u, ret))
		return PK_URL_MALFORMED;
	port = part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	ret->port = port ? (unsigned)strtoul(port, NULL, 10) : 0;
	lib.free(port);
	lib.url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	text = part(u, CURLUPART_URL, 0);
	ret->text = text ? strdup(text) : NULL;
	lib.free(text);
	return ret->text ? PK_URL_FINE : PK_URL_NO_MEMORY;
}

enum pk_url_fault pk_curl_url(struct pk_curl *c, const char *base,
			      const char *text, struct pk_url *ret)
{
	struct pk_url url = { .text = NULL };
	enum pk_url_fault fault = PK_URL_MALFORMED;
	CURLU *u = lib.url();
	unsigned flags = CURLU_NON_SUPPORT_SCHEME;

	(void)c;
	if (!u)
		return PK_URL_NO_MEMORY;
	flags |= base ? CURLU_URLENCODE : CURLU_PATH_AS_IS;
	if ((!base || lib.url_set(u, CURLUPART_URL, base, CURLU_PATH_AS_IS) ==
			      CURLUE_OK) &&
	    lib.url_set(u, CURLUPART_URL, text, flags) == CURLUE_OK)
		fault = read_url(u, &url);
	lib.url_cleanup(u);
	if (fault == PK_URL_FINE)
		*ret = url;
	return fault;
}

static curl_socket_t on_socket(void *ctx, curlsocktype purpose,
			       struct curl_sockaddr *to)
{
	struct pk_curl *c = ctx;
	enum pk_reach reach = pk_reach_sockaddr(&to->addr, to->addrlen);

	(void)purpose;
	if (!*c->x->proxy && !(reach & c->x->reach)) {
		c->ret->met = reach;
		c->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

#define UNUSED __attribute__((unused))

/* A connection that another request left open was allowed to that one. */
static int on_connected(void *ctx, char *remote, char *local UNUSED,
			int remote_port UNUSED, int local_port UNUSED)
{
	struct pk_curl *c = ctx;
	enum pk_reach reach = PK_REACH_NONE;

	if (*c->x->proxy)
		return CURL_PREREQFUNC_OK;
	(void)pk_reach_text(remote, &reach);
	if (reach & c->x->reach)
		return CURL_PREREQFUNC_OK;
	c->ret->met = reach;
	c->refused = true;
	return CURL_PREREQFUNC_ABORT;
}

static size_t on_header(char *line, size_t one, size_t n, void *ctx)
{
	struct pk_curl *c = ctx;
	size_t bare = n;

	(void)one;
	while (bare && (line[bare - 1] == '\n' || line[bare - 1] == '\r'))
		bare--;
	return c->x->header(c->x->ctx, line, bare) ? n : n + 1;
}

static size_t on_body(char *bytes, size_t one, size_t n, void *ctx)
{
	struct pk_curl *c = ctx;

	(void)one;
	return c->x->body(c->x->ctx, bytes, n) ? n : n + 1;
}

static int on_progress(void *ctx, curl_off_t a UNUSED, curl_off_t b UNUSED,
		       curl_off_t d UNUSED, curl_off_t e UNUSED)
{
	struct pk_curl *c = ctx;

	return c->x->stop && c->x->stop(c->x->ctx);
}

static bool set_long(struct pk_curl *c, CURLoption option, long value)
{
	return lib.easy_setopt(c->easy, option, value) == CURLE_OK;
}

static bool set_text(struct pk_curl *c, CURLoption option, const char *value)
{
	return lib.easy_setopt(c->easy, option, value) == CURLE_OK;
}

static bool set_hooks(struct pk_curl *c)
{
	CURL *e = c->easy;

	c->error[0] = '\0';
	return lib.easy_setopt(e, CURLOPT_ERRORBUFFER, c->error) == CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket) ==
		       CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_OPENSOCKETDATA, c) == CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected) ==
		       CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_PREREQDATA, c) == CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header) ==
		       CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_HEADERDATA, c) == CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_WRITEDATA, c) == CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress) ==
		       CURLE_OK &&
	       lib.easy_setopt(e, CURLOPT_XFERINFODATA, c) == CURLE_OK;
}

/* A file that was named stands alone: the system's folder of certificates
 * would otherwise be trusted beside it. */
static bool set_trust(struct pk_curl *c, const char *ca_file)
{
	bool fine = set_long(c, CURLOPT_SSL_VERIFYPEER, 1) &&
		    set_long(c, CURLOPT_SSL_VERIFYHOST, 2) &&
		    set_long(c, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);

	if (!ca_file)
		return fine;
	return fine && set_text(c, CURLOPT_CAINFO, ca_file) &&
	       set_text(c, CURLOPT_CAPATH, NULL) &&
	       set_text(c, CURLOPT_PROXY_CAINFO, ca_file) &&
	       set_text(c, CURLOPT_PROXY_CAPATH, NULL);
}

/* Slower than this for idle_seconds is no byte at all. */
enum { SLOWEST = 256 };

static bool set_all(struct pk_curl *c, const struct pk_exchange *x)
{
	return set_hooks(c) && set_trust(c, x->ca_file) &&
	       set_text(c, CURLOPT_PROTOCOLS_STR, "http,https") &&
	       set_text(c, CURLOPT_URL, x->url) &&
	       set_text(c, CURLOPT_PROXY, x->proxy) &&
	       set_text(c, CURLOPT_NOPROXY, "") &&
	       set_text(c, CURLOPT_USERAGENT, "picket/" PICKET_VERSION) &&
	       set_long(c, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE) &&
	       set_long(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) &&
	       set_long(c, CURLOPT_FOLLOWLOCATION, 0) &&
	       set_long(c, CURLOPT_NOBODY, x->head) &&
	       set_long(c, CURLOPT_PATH_AS_IS, 1) &&
	       set_long(c, CURLOPT_NOSIGNAL, 1) &&
	       set_long(c, CURLOPT_NOPROGRESS, 0) &&
	       set_long(c, CURLOPT_MAXCONNECTS, 4) &&
	       set_long(c, CURLOPT_CONNECTTIMEOUT, (long)x->connect_seconds) &&
	       set_long(c, CURLOPT_TIMEOUT, (long)x->whole_seconds) &&
	       set_long(c, CURLOPT_LOW_SPEED_LIMIT, SLOWEST) &&
	       set_long(c, CURLOPT_LOW_SPEED_TIME, (long)x->idle_seconds);
}

static struct curl_slist *list_of(const char *const *lines)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; lines[i]; i++) {
		struct curl_slist *longer = lib.slist_append(list, lines[i]);

		if (!longer) {
			lib.slist_free_all(list);
			return NULL;
		}
		list = longer;
	}
	return list;
}

static const struct fault {
	CURLcode code;
	enum pk_http_problem problem;
	bool passing;
	bool before;
	const char *text;
} faults[] = {
#define PK_CURL_FAULT(code, problem, passing, before, text) \
	{ CURLE_##code, PK_HTTP_##problem, passing, before, text },
#include "hub/curl_fault.def"
#undef PK_CURL_FAULT
};

static void explain(struct pk_curl *c, CURLcode code, struct pk_exchanged *ret)
{
	const struct fault other = { code, PK_HTTP_BROKEN, false, false,
				     "libcurl gives up" };
	const struct fault *f = &other;

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		if (faults[i].code == code)
			f = &faults[i];
	}
	ret->problem = f->problem;
	ret->passing = f->passing;
	ret->before = f->before;
	(void)snprintf(ret->text, sizeof(ret->text), "%s",
		       f->text ? f->text : c->error);
}

/* Of several addresses some may be refused: only when none is left. */
static bool is_refused(const struct pk_curl *c, CURLcode code)
{
	return c->refused && (code == CURLE_COULDNT_CONNECT ||
			      code == CURLE_ABORTED_BY_CALLBACK);
}

/* Whoever hangs up on us must not end the program: this thread does without
 * SIGPIPE meanwhile, also where the TLS library writes by itself. */
static CURLcode perform_quietly(CURL *easy)
{
	const struct timespec now = { 0 };
	sigset_t pipe, before, pending;
	CURLcode code;

	(void)sigemptyset(&pipe);
	(void)sigaddset(&pipe, SIGPIPE);
	(void)sigpending(&pending);
	(void)pthread_sigmask(SIG_BLOCK, &pipe, &before);
	code = lib.easy_perform(easy);
	if (!sigismember(&pending, SIGPIPE))
		(void)sigtimedwait(&pipe, NULL, &now);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

static void perform(struct pk_curl *c, struct pk_exchanged *ret)
{
	CURLcode code = perform_quietly(c->easy);
	curl_off_t wait = 0, sent = 0;
	long proxy = 0;

	if (is_refused(c, code)) {
		ret->problem = PK_HTTP_REFUSED;
		return;
	}
	if (code != CURLE_OK)
		explain(c, code, ret);
	(void)lib.easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
	if (code == CURLE_OPERATION_TIMEDOUT && sent == 0) {
		ret->problem = PK_HTTP_UNREACHABLE;
		ret->before = true;
	}
	(void)lib.easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
	if (code == CURLE_RECV_ERROR && proxy && proxy != 200) {
		ret->problem = PK_HTTP_UNREACHABLE;
		ret->before = true;
		(void)snprintf(ret->text, sizeof(ret->text),
			       "the proxy answers %ld", proxy);
	}
	(void)lib.easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &wait);
	if (wait > 0)
		ret->retry_after = wait > 1000000 ? 1000000 : (unsigned)wait;
}

void pk_curl_exchange(struct pk_curl *c, const struct pk_exchange *x,
		      struct pk_exchanged *ret)
{
	struct curl_slist *list = list_of(x->lines);

	*ret = (struct pk_exchanged){ .problem = PK_HTTP_FINE };
	c->x = x;
	c->ret = ret;
	c->refused = false;
	if (!list || !set_all(c, x) ||
	    lib.easy_setopt(c->easy, CURLOPT_HTTPHEADER, list) != CURLE_OK)
		ret->problem = PK_HTTP_NO_MEMORY;
	else
		perform(c, ret);
	lib.easy_reset(c->easy);
	lib.slist_free_all(list);
}

#else

struct pk_curl *pk_curl_new(const char **ret_why)
{
	*ret_why = "this picket was built without libcurl, so nothing can be "
		   "fetched";
	return NULL;
}

void pk_curl_free(struct pk_curl *c)
{
	(void)c;
}

enum pk_url_fault pk_curl_url(struct pk_curl *c, const char *base,
			      const char *text, struct pk_url *ret)
{
	(void)c;
	(void)base;
	(void)text;
	(void)ret;
	return PK_URL_MALFORMED;
}

void pk_curl_exchange(struct pk_curl *c, const struct pk_exchange *x,
		      struct pk_exchanged *ret)
{
	(void)c;
	(void)x;
	*ret = (struct pk_exchanged){ .problem = PK_HTTP_NO_LIBRARY };
}

#endif
