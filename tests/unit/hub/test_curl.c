/* SPDX-License-Identifier: Apache-2.0 */
/* TLS: who is believed, and what a URL says. */
#include "hub/curl.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hub/web.h"
#include "support.h"

static char folder[] = "/tmp/picket-tls-XXXXXX";
/* A file in the folder; static memory, four at a time. */
static const char *in_folder(const char *name)
{
	static char paths[4][128];
	static unsigned n;
	char *path = paths[n++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static struct t_server good, old;

static void serve_tls(struct t_server *s, const char *cert)
{
	const char *const args[] = { "--tls", in_folder(cert),
				     in_folder("key.pem"), NULL };

	t_serve(s, "hub/server.py", args);
}

/* A certificate for localhost that is its own authority, and one of the same
 * key that expired, which only "openssl ca" makes. */
static const char certificates[] =
	"set -e; exec >/dev/null 2>&1; "
	"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
	"-keyout key.pem -out good.pem -days 2 -subj /CN=localhost "
	"-addext subjectAltName=DNS:localhost; "
	"openssl req -new -key key.pem -subj /CN=localhost -out old.csr; "
	"printf '%s\\n' '[ca]' default_ca=c '[c]' database=db serial=serial "
	"new_certs_dir=. policy=p default_md=sha256 '[p]' CN=supplied "
	"'[x]' subjectAltName=DNS:localhost >ca.conf; "
	": >db; echo 01 >serial; "
	"openssl ca -batch -config ca.conf -selfsign -keyfile key.pem "
	"-in old.csr -out old.pem -notext -extensions x "
	"-startdate 20200101000000Z -enddate 20200201000000Z";

static int make_certificates(void)
{
	char command[2048];

	(void)snprintf(command, sizeof(command), "cd '%s'; %s", folder,
		       certificates);
	return system(command); /* NOLINT(cert-env33-c) */
}

static int begin(void **state)
{
	if (!mkdtemp(folder) || make_certificates() != 0)
		return -1;
	serve_tls(&good, "good.pem");
	serve_tls(&old, "old.pem");
	return t_web_begin(state);
}

static int end(void **state)
{
	char command[64];

	t_serve_end(&good);
	t_serve_end(&old);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command) | t_web_end(state); /* NOLINT(cert-env33-c) */
}

/* Asks a TLS server, believing what is in a file; NULL: the system's. */
static enum pk_http_problem ask_tls(const struct t_server *s, const char *host,
				    const char *ca_file)
{
	const struct pk_http_settings settings = { .ca_file = ca_file,
						   .retries = 1,
						   .pause_ms = 1 };
	struct pk_http *h = pk_http_new(&settings);
	char url[128];

	(void)snprintf(url, sizeof(url), "https://%s:%u/data/10", host,
		       s->port[0]);
	(void)t_web_done(NULL);
	pk_http_do(h, &(struct pk_http_request){ .url = url }, &t_answer);
	pk_http_free(h);
	return t_answer.problem;
}

static void a_stranger_is_not_believed(void **state)
{
	(void)state;
	assert_int_equal(ask_tls(&good, "localhost", NULL),
			 PK_HTTP_UNREACHABLE);
	assert_true(t_says("self-signed certificate"));
}

static void whom_the_user_trusts_is_believed(void **state)
{
	(void)state;
	assert_int_equal(ask_tls(&good, "localhost", in_folder("good.pem")),
			 PK_HTTP_FINE);
	assert_true(t_is_data(0, 10));
	assert_int_equal(setenv("SSL_CERT_FILE", in_folder("good.pem"), 1), 0);
	assert_int_equal(ask_tls(&good, "localhost", NULL), PK_HTTP_FINE);
	assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
}

static void a_certificate_is_for_a_name(void **state)
{
	(void)state;
	assert_int_equal(ask_tls(&good, "127.0.0.1", in_folder("good.pem")),
			 PK_HTTP_UNREACHABLE);
	assert_true(t_says("no alternative certificate subject"));
}

static void what_expired_is_not_believed(void **state)
{
	(void)state;
	assert_int_equal(ask_tls(&old, "localhost", in_folder("old.pem")),
			 PK_HTTP_UNREACHABLE);
	assert_true(t_says("expired"));
}

static void a_missing_file_of_certificates_is_said(void **state)
{
	(void)state;
	assert_int_equal(ask_tls(&good, "localhost", in_folder("none.pem")),
			 PK_HTTP_UNREACHABLE);
	assert_true(t_says("trusted certificates cannot be read"));
}

static void plain_http_is_not_tls(void **state)
{
	(void)state;
	assert_int_equal(ask_tls(&t_web, "localhost", NULL),
			 PK_HTTP_UNREACHABLE);
}

/* Opens the door or fails the test. */
static struct pk_curl *door(void)
{
	const char *why;
	struct pk_curl *c = pk_curl_new(&why);

	assert_non_null(c);
	return c;
}

static void a_url_is_read_as_the_library_reads_it(void **state)
{
	struct pk_curl *c = door();
	struct pk_url u;

	(void)state;
	assert_int_equal(
		pk_curl_url(c, NULL, "HTTPS://HuB.example/A/../b?q#f", &u),
		PK_URL_FINE);
	assert_string_equal(u.host, "hub.example");
	assert_int_equal(u.port, 443);
	assert_true(u.tls);
	assert_non_null(strstr(u.text, "/A/../b?q"));
	assert_null(strchr(u.text, '#'));
	pk_url_release(&u);
	assert_int_equal(pk_curl_url(c, NULL, "http://0x7f.1:81/", &u),
			 PK_URL_FINE);
	assert_string_equal(u.host, "127.0.0.1");
	assert_int_equal(u.port, 81);
	pk_url_release(&u);
	assert_int_equal(pk_curl_url(c, "https://a/b/c?d", "../e?f", &u),
			 PK_URL_FINE);
	assert_string_equal(u.text, "https://a/e?f");
	pk_url_release(&u);
	assert_int_equal(pk_curl_url(c, "https://a/b", "//c/d", &u),
			 PK_URL_FINE);
	assert_string_equal(u.host, "c");
	pk_url_release(&u);
	pk_curl_free(c);
}

static void what_is_no_url_of_ours_is_said(void **state)
{
	struct pk_curl *c = door();
	struct pk_url u = { .text = NULL };

	(void)state;
	assert_int_equal(pk_curl_url(c, NULL, "ftp://a/", &u), PK_URL_SCHEME);
	assert_int_equal(pk_curl_url(c, NULL, "file:///a", &u), PK_URL_SCHEME);
	assert_int_equal(pk_curl_url(c, NULL, "https://u@a/", &u),
			 PK_URL_LOGIN);
	assert_int_equal(pk_curl_url(c, NULL, "https://:p@a/", &u),
			 PK_URL_LOGIN);
	assert_int_equal(pk_curl_url(c, NULL, "a/b", &u), PK_URL_MALFORMED);
	assert_int_equal(pk_curl_url(c, NULL, "https://a b/", &u),
			 PK_URL_MALFORMED);
	assert_int_equal(pk_curl_url(c, "https://a/", "https://b\xc3\xa4/", &u),
			 PK_URL_MALFORMED);
	assert_int_equal(pk_curl_url(c, NULL, "https://a:99999/", &u),
			 PK_URL_MALFORMED);
	pk_curl_free(c);
}

static bool any_line(void *ctx, const char *line, size_t n)
{
	(void)ctx;
	(void)line;
	(void)n;
	return true;
}

/* Not even a connection is made to where nobody may go. */
static void a_forbidden_door_is_not_knocked_at(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	const char *const lines[] = { "A: b", NULL };
	struct pk_exchanged done;
	struct pk_curl *c = door();
	char url[64];
	struct pk_exchange x = { .url = url,
				 .lines = lines,
				 .proxy = "",
				 .connect_seconds = 2,
				 .idle_seconds = 2,
				 .reach = PK_REACH_PUBLIC,
				 .header = any_line };

	(void)state;
	assert_int_equal(bind(s, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(s, 4), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&at, &size), 0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/",
		       ntohs(at.sin_port));
	pk_curl_exchange(c, &x, &done);
	assert_int_equal(done.problem, PK_HTTP_REFUSED);
	assert_int_equal(accept(s, NULL, NULL), -1);
	pk_curl_free(c);
	(void)close(s);
}

/* A connection that a request left open is not another's to use. */
static void an_open_connection_is_asked_where_it_leads(void **state)
{
	struct pk_curl *c = door();
	const char *const lines[] = { "A: b", NULL };
	struct pk_exchanged done;
	struct pk_exchange x = { .url = t_at("/_reset"),
				 .head = true,
				 .lines = lines,
				 .proxy = "",
				 .connect_seconds = 5,
				 .idle_seconds = 5,
				 .reach = PK_REACH_PUBLIC,
				 .header = any_line };

	(void)state;
	pk_curl_exchange(c, &x, &done);
	assert_int_equal(done.problem, PK_HTTP_REFUSED);
	assert_int_equal(done.met, PK_REACH_LOOP);
	x.reach = PK_REACH_LOOP;
	pk_curl_exchange(c, &x, &done);
	assert_int_equal(done.problem, PK_HTTP_FINE);
	x.reach = PK_REACH_PUBLIC;
	pk_curl_exchange(c, &x, &done);
	assert_int_equal(done.problem, PK_HTTP_REFUSED);
	assert_int_equal(done.met, PK_REACH_LOOP);
	pk_curl_free(c);
}

/* This program again, where what is called libcurl.so.4 is none. */
static void without_the_library_that_is_said(void **state)
{
	char command[8192];
	char self[4096] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	(void)snprintf(command, sizeof(command),
		       "cd '%s' && echo none >libcurl.so.4 && "
		       "LD_LIBRARY_PATH=\"$PWD:$LD_LIBRARY_PATH\" "
		       "'%s' without",
		       folder, self);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static int ask_without(void)
{
	const struct pk_http_settings s = { .retries = 1 };
	struct pk_http *h = pk_http_new(&s);
	bool said;

	pk_http_do(h, &(struct pk_http_request){ .url = "https://localhost/" },
		   &t_answer);
	said = t_answer.problem == PK_HTTP_NO_LIBRARY &&
	       t_says("libcurl is not installed");
	pk_http_answer_release(&t_answer);
	pk_http_free(h);
	return said ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T_WEB_TEST(a_stranger_is_not_believed),
		T_WEB_TEST(whom_the_user_trusts_is_believed),
		T_WEB_TEST(a_certificate_is_for_a_name),
		T_WEB_TEST(what_expired_is_not_believed),
		T_WEB_TEST(a_missing_file_of_certificates_is_said),
		T_WEB_TEST(plain_http_is_not_tls),
		T_WEB_TEST(a_url_is_read_as_the_library_reads_it),
		T_WEB_TEST(what_is_no_url_of_ours_is_said),
		T_WEB_TEST(a_forbidden_door_is_not_knocked_at),
		T_WEB_TEST(an_open_connection_is_asked_where_it_leads),
		T_WEB_TEST(without_the_library_that_is_said),
	};

	(void)argv;
	if (argc > 1)
		return ask_without();

	return cmocka_run_group_tests(tests, begin, end);
}
