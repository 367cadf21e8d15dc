/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_SUPPORT_H
#define PK_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/format.h"

/* Bytes from hex text; blanks and # comments (to the end of the line) are
 * skipped.  The memory is static: the next call reuses it. */
struct pk_span t_hex(const char *text);

/* Bytes from pickle assembly (docs/testing.md); a mistake in it fails the
 * test.  The memory is static: the next call reuses it. */
struct pk_span t_pka(const char *text);

/* Protocol Buffers from text (asm/pb_text.h); a mistake in it fails the test.
 * The memory is static: the next call reuses it. */
struct pk_span t_pb(const char *text);

/* A whole file in static memory; fails the test when it cannot be read. */
struct pk_span t_file(const char *path);

/*
 * Scans bytes as a file of that name, every format that matches; the result
 * is kept for the questions below.
 */
const struct pk_job *t_scan(const char *name, struct pk_span bytes);

/* The same as with --deep. */
const struct pk_job *t_scan_deep(const char *name, struct pk_span bytes);

/* Scans bytes with one format, whether or not its probe agrees. */
const struct pk_job *t_scan_as(const char *format, struct pk_span bytes);

bool t_finds(enum pk_rule rule);
/* The worst severity with which the rule was found, or -1. */
int t_severity(enum pk_rule rule);
size_t t_findings(void);
bool t_partial(void);
/* The import as reported, or NULL. */
const struct pk_import *t_import(const char *module, const char *name);

/*
 * Scans every prefix of the bytes, and every byte flipped, from a fresh heap
 * copy each time: must not crash, hang or read past an end.
 */
void t_survives_damage(const char *name, struct pk_span bytes);

/* Frees what the last scan kept. */
int t_teardown(void **state);

#define T_TEST(fn) cmocka_unit_test_teardown(fn, t_teardown)

#endif
