/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_PROGRAM_BUILDER_H
#define PK_TESTS_PROGRAM_BUILDER_H

/* The smallest programs that systems load, as hex for t_hex(): written from
 * the specifications, without any code in them. */

/* One PT_LOAD of the whole, no sections. */
#define ELF_LIBRARY                                              \
	"7f454c46 02 01 01 00 0000000000000000 # 64 bits\n"      \
	"0300 3e00 01000000 # a library for x86-64\n"            \
	"0000000000000000 4000000000000000 0000000000000000 "    \
	"00000000 4000 3800 0100 4000 0000 0000 # one segment\n" \
	"01000000 05000000 0000000000000000 "                    \
	"0000000000000000 0000000000000000 "                     \
	"7800000000000000 7800000000000000 0010000000000000"

#define PE_LIBRARY                                                             \
	"4d5a" ZEROS_16 ZEROS_16 ZEROS_16 "0000000000000000 0000"              \
	"40000000 # here:\n"                                                   \
	"50450000 6486 0100 00000000 00000000 00000000 f000 2220\n"            \
	"0b02" ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16  \
		ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 \
	"0000000000000000 000000000000 # .text\n"                              \
	"2e74657874000000 10000000 00100000 10000000 70010000"                 \
	"00000000 00000000 0000 0000 20000060" ZEROS_16

#define ZEROS_16 "00000000000000000000000000000000 "

#define MACHO_LIBRARY                                           \
	"cffaedfe 07000001 03000000 06000000 01000000 48000000" \
	"00000000 00000000 # one command, a segment:\n"         \
	"19000000 48000000 5f5f54455854 00000000000000000000"   \
	"0000000000000000 0000000000000000 0000000000000000"    \
	"6800000000000000 07000000 05000000 00000000 00000000"

#endif
