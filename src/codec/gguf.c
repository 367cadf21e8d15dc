/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/gguf.h"

const uint8_t pk_gguf_size[PK_GGUF_KINDS] = {
	1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8,
};

/* ggml/src/ggml.c: type_traits. */
static const struct pk_ggml_type types[PK_GGML_TYPES] = {
	[0] = { "F32", 1, 4 },         [1] = { "F16", 1, 2 },
	[2] = { "Q4_0", 32, 18 },      [3] = { "Q4_1", 32, 20 },
	[6] = { "Q5_0", 32, 22 },      [7] = { "Q5_1", 32, 24 },
	[8] = { "Q8_0", 32, 34 },      [9] = { "Q8_1", 32, 36 },
	[10] = { "Q2_K", 256, 84 },    [11] = { "Q3_K", 256, 110 },
	[12] = { "Q4_K", 256, 144 },   [13] = { "Q5_K", 256, 176 },
	[14] = { "Q6_K", 256, 210 },   [15] = { "Q8_K", 256, 292 },
	[16] = { "IQ2_XXS", 256, 66 }, [17] = { "IQ2_XS", 256, 74 },
	[18] = { "IQ3_XXS", 256, 98 }, [19] = { "IQ1_S", 256, 50 },
	[20] = { "IQ4_NL", 32, 18 },   [21] = { "IQ3_S", 256, 110 },
	[22] = { "IQ2_S", 256, 82 },   [23] = { "IQ4_XS", 256, 136 },
	[24] = { "I8", 1, 1 },         [25] = { "I16", 1, 2 },
	[26] = { "I32", 1, 4 },        [27] = { "I64", 1, 8 },
	[28] = { "F64", 1, 8 },        [29] = { "IQ1_M", 256, 56 },
	[30] = { "BF16", 1, 2 },       [34] = { "TQ1_0", 256, 54 },
	[35] = { "TQ2_0", 256, 66 },   [39] = { "MXFP4", 32, 17 },
	[40] = { "NVFP4", 64, 36 },    [41] = { "Q1_0", 128, 18 },
};

struct pk_ggml_type pk_ggml_type(uint32_t id)
{
	return id < PK_GGML_TYPES ? types[id] : (struct pk_ggml_type){ 0 };
}

void pk_gguf_begin(struct pk_gguf *g)
{
	pk_skip(&g->c, 4);
	g->version = pk_get_u32le(&g->c);
	g->big = g->version && !(g->version & 0xffff);
	if (g->big)
		g->version = __builtin_bswap32(g->version);
	if (!g->version || g->version > 0xffff)
		pk_cursor_fail(&g->c, PK_FAULT_VALUE);
}

uint32_t pk_gguf_u32(struct pk_gguf *g)
{
	return g->big ? pk_get_u32be(&g->c) : pk_get_u32le(&g->c);
}

uint64_t pk_gguf_u64(struct pk_gguf *g)
{
	return g->big ? pk_get_u64be(&g->c) : pk_get_u64le(&g->c);
}

uint64_t pk_gguf_count(struct pk_gguf *g)
{
	return g->version == 1 ? pk_gguf_u32(g) : pk_gguf_u64(g);
}

uint64_t pk_gguf_value(struct pk_gguf *g, enum pk_gguf_kind kind)
{
	switch (pk_gguf_size[kind]) {
	case 1:
		return pk_get_u8(&g->c);
	case 2:
		return g->big ? pk_get_u16be(&g->c) : pk_get_u16le(&g->c);
	case 4:
		return pk_gguf_u32(g);
	case 8:
		return pk_gguf_u64(g);
	default:
		return 0;
	}
}

struct pk_span pk_gguf_text(struct pk_gguf *g)
{
	return pk_get_bytes(&g->c, pk_gguf_count(g));
}

size_t pk_gguf_text_min(const struct pk_gguf *g)
{
	return g->version == 1 ? 4 : 8;
}
