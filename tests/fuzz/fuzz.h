/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_FUZZ_H
#define PK_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer, and replay.c, call with each input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
