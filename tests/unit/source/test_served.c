/* SPDX-License-Identifier: Apache-2.0 */
#include "source/served.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/cursor.h"
#include "source/memory.h"
#include "support.h"

enum { SIZE = 300000 };

static uint8_t bytes[SIZE];

struct ends {
	int asks, answers;
	pthread_t thread;
	struct pk_source *of; /* NULL: it cannot be had */
};

static struct pk_source *give(void *ctx)
{
	return ((struct ends *)ctx)->of;
}

static void *serve(void *ctx)
{
	struct ends *e = ctx;

	pk_serve(e->answers, give, e);
	(void)close(e->answers);
	return NULL;
}

static void begin(struct ends *e, bool there)
{
	const struct pk_span all = { bytes, sizeof(bytes) };
	int pair[2];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	*e = (struct ends){ .asks = pair[0], .answers = pair[1] };
	e->of = there ? pk_memory_borrow(all) : NULL;
	assert_int_equal(pthread_create(&e->thread, NULL, serve, e), 0);
}

static void end(struct ends *e)
{
	(void)close(e->asks);
	(void)pthread_join(e->thread, NULL);
	pk_source_free(e->of);
}

static void what_is_served_is_what_lies_there(void **state)
{
	struct pk_source *s;
	static uint8_t got[SIZE];
	struct ends e;

	(void)state;
	begin(&e, true);
	s = pk_served_new(e.asks);
	assert_non_null(s);
	assert_int_equal(s->size, SIZE);
	assert_int_equal(pk_source_read(s, 0, got, SIZE), SIZE);
	assert_memory_equal(got, bytes, SIZE);
	assert_int_equal(pk_source_read(s, SIZE - 3, got, 100), 3);
	assert_memory_equal(got, bytes + SIZE - 3, 3);
	assert_false(s->broken);
	pk_source_free(s);
	end(&e);
}

static void what_cannot_be_had_is_no_source(void **state)
{
	struct ends e;

	(void)state;
	begin(&e, false);
	assert_null(pk_served_new(e.asks));
	end(&e);
}

/* A process that was killed left a question open. */
static void another_reader_does_not_take_old_answers(void **state)
{
	const uint8_t stale[] = "a question that is none, 24";
	struct pk_source *s;
	uint8_t got[8];
	struct ends e;

	(void)state;
	begin(&e, true);
	assert_int_equal(send(e.asks, stale, 24, 0), 24);
	s = pk_served_new(e.asks);
	assert_non_null(s);
	assert_int_equal(pk_source_read(s, 1000, got, 8), 8);
	assert_memory_equal(got, bytes + 1000, 8);
	pk_source_free(s);
	end(&e);
}

static void a_lost_server_is_a_short_read(void **state)
{
	struct pk_source *s;
	uint8_t got[8];
	struct ends e;

	(void)state;
	begin(&e, true);
	s = pk_served_new(e.asks);
	assert_non_null(s);
	(void)shutdown(e.asks, SHUT_RDWR);
	assert_int_equal(pk_source_read(s, 0, got, 8), 0);
	assert_true(s->broken);
	pk_source_free(s);
	end(&e);
}

/* Few bytes are asked for where few are needed, more where they go on. */
static void a_cursor_reads_a_dear_source_sparingly(void **state)
{
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_source *s;
	struct pk_cursor c;
	struct ends e;

	(void)state;
	begin(&e, true);
	s = pk_served_new(e.asks);
	assert_non_null(s);
	c = pk_cursor_open(s, 0, SIZE, &arena);
	(void)pk_get_u8(&c);
	assert_int_equal(c.end - c.p, s->grain - 1);
	for (size_t i = 1; i < 2 * s->grain; i++)
		assert_int_equal(pk_get_u8(&c), bytes[i]);
	assert_true((size_t)(c.end - c.p) > s->grain / 2);
	pk_seek(&c, 200000);
	assert_int_equal(pk_get_u8(&c), bytes[200000]);
	assert_int_equal(c.end - c.p, s->grain - 1);
	pk_arena_release(&arena);
	pk_source_free(s);
	end(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_served_is_what_lies_there),
		cmocka_unit_test(what_cannot_be_had_is_no_source),
		cmocka_unit_test(another_reader_does_not_take_old_answers),
		cmocka_unit_test(a_lost_server_is_a_short_read),
		cmocka_unit_test(a_cursor_reads_a_dear_source_sparingly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
