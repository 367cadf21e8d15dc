/* SPDX-License-Identifier: Apache-2.0 */
#include <picket/picket.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support.h"

/* {"w": two floats, "n": 3}, as torch.save writes it. */
#define CHECKPOINT                                                         \
	"zip\nmember \"a/data.pkl\"\nPROTO 2\nEMPTY_DICT\nMARK\n"          \
	"BINUNICODE \"w\"\nGLOBAL torch._utils _rebuild_tensor_v2\nMARK\n" \
	"MARK\nBINUNICODE \"storage\"\nGLOBAL torch FloatStorage\n"        \
	"BINUNICODE \"0\"\nBINUNICODE \"cpu\"\nBININT1 2\nTUPLE\n"         \
	"BINPERSID\nBININT1 0\nBININT1 2\nTUPLE1\nBININT1 1\nTUPLE1\n"     \
	"NEWFALSE\nGLOBAL collections OrderedDict\nEMPTY_TUPLE\nREDUCE\n"  \
	"TUPLE\nREDUCE\nBINUNICODE \"n\"\nBININT1 3\nSETITEMS\nSTOP\n"     \
	"member \"a/data/0\"\nhex 0000803f 00000040\n"                     \
	"member \"a/version\"\nraw \"3\\n\"\nend\n"

static int file_of(struct pk_span bytes)
{
	const int fd = memfd_create("test", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.p, bytes.len), bytes.len);
	return fd;
}

static int to_file(void *ctx, const void *bytes, size_t n)
{
	return write(*(int *)ctx, bytes, n) == (ssize_t)n ? 0 : -1;
}

static int ignore(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	(void)bytes;
	(void)n;
	return 0;
}

static void a_tensor_is_found_and_read(void **state)
{
	const int fd = file_of(t_pka(CHECKPOINT));
	const struct picket_weight *t;
	struct picket_weights *w;
	const char *name, *what;
	const void *data;
	uint8_t buf[8];
	uint64_t off;
	bool tensor;

	(void)state;
	assert_int_equal(picket_weights_open_fd(fd, 0, &w), PICKET_OK);
	assert_string_equal(picket_weights_format(w), "pytorch-zip");
	assert_int_equal(picket_weights_count(w), 1);
	t = picket_weights_find(w, "w");
	assert_ptr_equal(t, picket_weights_at(w, 0));
	assert_null(picket_weights_at(w, 1));
	assert_string_equal(picket_weight_dtype(t), "float32");
	assert_int_equal(picket_weight_rank(t), 1);
	assert_int_equal(picket_weight_shape(t)[0], 2);
	assert_int_equal(picket_weight_bytes(t), 8);
	assert_null(picket_weight_same_as(t));
	assert_true(picket_weight_place(t, &off));
	assert_int_equal(pread(fd, buf, 8, (off_t)off), 8);
	assert_int_equal(picket_weight_data(t, &data), PICKET_OK);
	assert_memory_equal(data, buf, 8);
	assert_int_equal(picket_weight_read(t, buf, 7), PICKET_ERR_USAGE);
	assert_int_equal(picket_weight_read(t, buf, 8), PICKET_OK);
	assert_true(picket_weights_skipped(w, 0, &name, &what, &tensor));
	assert_string_equal(name, "n");
	assert_false(picket_weights_skipped(w, 1, &name, &what, &tensor));
	picket_weights_free(w);
	(void)close(fd);
}

static void a_failure_says_why(void **state)
{
	const int fd = file_of(t_pka("zip\nmember \"a/data.pkl\"\n"
				     "GLOBAL builtins print\nSTOP\n"
				     "member \"a/version\"\nraw \"3\"\nend\n"));
	struct picket_weights *w;

	(void)state;
	assert_int_equal(picket_weights_open_fd(fd, 0, &w), PICKET_ERR_REFUSED);
	assert_non_null(strstr(picket_weights_error(w), "builtins.print"));
	assert_int_equal(picket_weights_count(w), 0);
	assert_null(picket_weights_find(w, "w"));
	picket_weights_free(w);
	assert_int_equal(picket_weights_open("/nonexistent", 0, &w),
			 PICKET_ERR_IO);
	picket_weights_free(w);
	assert_int_equal(picket_weights_open("/", 0, &w), PICKET_ERR_IO);
	picket_weights_free(w);
	(void)close(fd);
}

static void a_receipt_fits_its_file_and_no_other(void **state)
{
	const int in = file_of(t_pka(CHECKPOINT));
	int receipt = memfd_create("receipt", 0);
	const int out = memfd_create("out", 0);
	const struct picket_sink to = { to_file, &receipt };
	const struct picket_sink nowhere = { ignore, NULL };
	const struct picket_writing how = { .receipt = &to,
					    .input = "a.pt",
					    .output = "a.safetensors" };
	struct picket_weights *w;
	size_t bad = 9;

	(void)state;
	assert_int_equal(picket_weights_open_fd(in, 0, &w), PICKET_OK);
	assert_int_equal(picket_weights_write(w, out, &how), PICKET_OK);
	picket_weights_free(w);
	assert_int_equal(picket_receipt_check(receipt, out, "x.safetensors",
					      &nowhere, &bad),
			 PICKET_OK);
	assert_int_equal(bad, 0);
	/* What was written is read back as what it was. */
	assert_int_equal(picket_weights_open_fd(out, 0, &w), PICKET_OK);
	assert_string_equal(picket_weights_format(w), "safetensors");
	assert_non_null(picket_weights_find(w, "w"));
	picket_weights_free(w);
	/* One bit of the tensor: the file, and the tensor. */
	assert_int_equal(pwrite(out, "\x01", 1, lseek(out, 0, SEEK_END) - 1),
			 1);
	assert_int_equal(picket_receipt_check(receipt, out, "x.safetensors",
					      &nowhere, &bad),
			 PICKET_OK);
	assert_int_equal(bad, 2);
	assert_int_equal(picket_receipt_check(in, out, "x", &nowhere, &bad),
			 PICKET_OK);
	assert_int_equal(bad, 1);
	(void)close(in);
	(void)close(out);
	(void)close(receipt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tensor_is_found_and_read),
		cmocka_unit_test(a_failure_says_why),
		cmocka_unit_test(a_receipt_fits_its_file_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
