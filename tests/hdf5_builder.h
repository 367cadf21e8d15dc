/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_HDF5_BUILDER_H
#define PK_TESTS_HDF5_BUILDER_H

#include "support.h"

/*
 * Writes small HDF5 files by the words of the specification: superblock 2 and
 * a root group whose attributes and links are messages of its header.
 */
static uint8_t h5_file[1 << 16];
static size_t h5_n, h5_base;

static inline void h5_le(uint64_t v, unsigned bytes)
{
	while (bytes--) {
		h5_file[h5_n++] = (uint8_t)v;
		v >>= 8;
	}
}

static inline void h5_bytes(const void *p, size_t n)
{
	memcpy(h5_file + h5_n, p, n);
	h5_n += n;
}

enum { H5_ROOT = 48, H5_MESSAGES = 48 + 10 };

/* user: bytes of a user block before the file. */
static inline void h5_begin(size_t user)
{
	memset(h5_file, 0, sizeof(h5_file));
	h5_base = h5_n = user;
	h5_bytes("\x89HDF\r\n\x1a\n\2\10\10\0", 12);
	h5_le(0, 8);
	h5_le(UINT64_MAX, 8);
	h5_le(0, 8); /* the end: later */
	h5_le(H5_ROOT, 8);
	h5_le(0, 4);
	h5_bytes("OHDR\2\2\0\0\0\0", 10);
}

static inline size_t h5_message(unsigned type)
{
	h5_le(type, 1);
	h5_le(0, 2);
	h5_le(0, 1);
	return h5_n;
}

static inline void h5_message_end(size_t began)
{
	h5_file[began - 3] = (uint8_t)(h5_n - began);
	h5_file[began - 2] = (uint8_t)((h5_n - began) >> 8);
}

static inline void h5_attribute(const char *name, const char *text)
{
	const size_t m = h5_message(0x0c);

	h5_bytes("\3\0", 2);
	h5_le(strlen(name) + 1, 2);
	h5_le(8, 2);
	h5_le(4, 2);
	h5_le(0, 1);
	h5_bytes(name, strlen(name) + 1);
	h5_bytes("\x13\0\0\0", 4);
	h5_le(strlen(text) + 1, 4);
	h5_bytes("\2\0\0\0", 4);
	h5_bytes(text, strlen(text) + 1);
	h5_message_end(m);
}

static inline size_t h5_link(const char *name, unsigned type)
{
	const size_t m = h5_message(0x06);

	h5_bytes("\1\10", 2);
	h5_le(type, 1);
	h5_le(strlen(name), 1);
	h5_bytes(name, strlen(name));
	return m;
}

static inline void h5_external_link(const char *name, const char *file)
{
	const size_t m = h5_link(name, 64);

	h5_le(strlen(file) + 4, 2);
	h5_le(0, 1);
	h5_bytes(file, strlen(file) + 1);
	h5_bytes("/", 2);
	h5_message_end(m);
}

static inline struct pk_span h5_end(void)
{
	const size_t first = h5_base + H5_MESSAGES, at = h5_n;

	h5_n = h5_base + H5_ROOT + 6;
	h5_le(at - first, 4);
	h5_n = h5_base + 28;
	h5_le(at + 4, 8);
	h5_n = at;
	h5_le(0, 4);
	return (struct pk_span){ h5_file, h5_n };
}

#endif
