/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_CRC32_H
#define PK_CODEC_CRC32_H

#include "core/span.h"

/* The CRC-32 of zip and gzip (ISO 3309), continued from crc; 0 to begin. */
uint32_t pk_crc32(uint32_t crc, struct pk_span bytes);

#endif
