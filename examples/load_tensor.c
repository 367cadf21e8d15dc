/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists the tensors of a checkpoint, or prints the numbers of one:
 *
 *	cc load_tensor.c $(pkg-config --cflags --libs picket) -o load_tensor
 *	./load_tensor model.pt
 *	./load_tensor model.pt layer.weight
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <picket/picket.h>

static void print_line(const struct picket_weight *t)
{
	const uint64_t *shape = picket_weight_shape(t);

	printf("%-40s %-10s [", picket_weight_name(t, NULL),
	       picket_weight_dtype(t));
	for (size_t i = 0; i < picket_weight_rank(t); i++)
		printf("%s%" PRIu64, i ? ", " : "", shape[i]);
	printf("]  %" PRIu64 " bytes\n", picket_weight_bytes(t));
}

static int print_numbers(const struct picket_weights *w,
			 const struct picket_weight *t)
{
	const uint64_t n = picket_weight_bytes(t) / sizeof(float);
	const void *data;
	float v;

	if (picket_weight_data(t, &data) != PICKET_OK) {
		fprintf(stderr, "%s\n", picket_weights_error(w));
		return 1;
	}
	print_line(t);
	if (strcmp(picket_weight_dtype(t), "float32") != 0)
		return 0;
	for (uint64_t i = 0; i < n; i++) {
		memcpy(&v, (const char *)data + i * sizeof(v), sizeof(v));
		printf("%.9g\n", (double)v);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct picket_weights *w;
	const struct picket_weight *t;
	int status = 0;

	if (argc < 2) {
		fprintf(stderr, "load_tensor FILE [TENSOR]\n");
		return 2;
	}
	if (picket_weights_open(argv[1], 0, &w) != PICKET_OK) {
		fprintf(stderr, "%s: %s\n", argv[1], picket_weights_error(w));
		picket_weights_free(w);
		return 1;
	}
	if (argc > 2) {
		t = picket_weights_find(w, argv[2]);
		status = t ? print_numbers(w, t) : 1;
	} else {
		for (size_t i = 0; (t = picket_weights_at(w, i)) != NULL; i++)
			print_line(t);
	}
	picket_weights_free(w);
	return status;
}
