/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/onnx_ops.h"

/* onnx/common/constants.h; the empty domain is ai.onnx. */
static const char *const official[] = {
	"",
	"ai.onnx",
	"ai.onnx.ml",
	"ai.onnx.training",
	"ai.onnx.preview",
	"ai.onnx.preview.training",
};

/*
 * Domains of runtimes, exporters and quantizers in wide use: ONNX Runtime's
 * (include/onnxruntime/core/graph/constants.h), PyTorch's exporters, and
 * vendors' execution providers.  A name that ends with '.' stands for all
 * below it.
 */
static const char *const vendors[] = {
	"com.microsoft",
	"com.microsoft.",
	"com.ms.internal.nhwc",
	"com.ms.internal.",
	"ai.onnx.contrib",
	"org.pytorch.aten",
	"org.pytorch._caffe2",
	"aten",
	"prim",
	"torchvision",
	"quantized",
	"ai.onnx.converters.tensorflow",
	"onnx.brevitas",
	"qonnx.",
	"finn.",
	"pkg.onnxscript.",
	"pkg.torch.",
	"pkg.transformers.",
	"com.intel.ai",
	"com.xilinx",
	"com.xilinx.",
	"com.amd.",
	"com.amd",
	"quark",
	"com.qti.aisw",
	"qti_aisw",
	"trt",
	"trt.plugins",
	"TRT",
	"com.nvidia",
	"com.nvidia.",
	"nv",
	"modelopt",
	"mmdeploy",
	"mmcv",
	"org.openvinotoolkit",
	"ai.graphcore",
	"com.facebook",
	"ai.onnxruntime.",
};

static bool is(struct pk_span s, const char *word)
{
	return s.len == strlen(word) &&
	       (s.len == 0 || memcmp(s.p, word, s.len) == 0);
}

static bool belongs_to(struct pk_span domain, const char *vendor)
{
	const size_t n = strlen(vendor);

	if (vendor[n - 1] != '.')
		return is(domain, vendor);
	return domain.len > n && memcmp(domain.p, vendor, n) == 0;
}

/* Below a vendor's name only plain letters count: no blanks, no look-alikes
 * of other scripts. */
static bool is_plain(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
		      (ch >= '0' && ch <= '9') || ch == '.' || ch == '_' ||
		      ch == '-'))
			return false;
	}
	return true;
}

bool pk_onnx_domain_official(struct pk_span domain)
{
	for (size_t i = 0; i < sizeof(official) / sizeof(official[0]); i++) {
		if (is(domain, official[i]))
			return true;
	}
	return false;
}

bool pk_onnx_domain_known(struct pk_span domain)
{
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		if (belongs_to(domain, vendors[i]) && is_plain(domain))
			return true;
	}
	return pk_onnx_domain_official(domain);
}

/* Operators that reach further than their inputs.  Of the names that end
 * with '*' the beginning counts. */
static const struct {
	const char *op;
	const char *domain; /* NULL: whatever it is */
	struct pk_onnx_op is;
} reaching[] = {
	/* The loader looks at the name alone
	 * (onnxruntime/core/language_interop_ops). */
	{ "PyOp",
	  NULL,
	  { PK_RULE_ONNX_PYTHON_OPERATOR, PK_CRITICAL,
	    "imports a Python module that the model names and calls it" } },
	{ "PythonOp",
	  NULL,
	  { PK_RULE_ONNX_PYTHON_OPERATOR, PK_CRITICAL,
	    "calls Python code of the loading process by name" } },
	{ "PythonOpGrad",
	  NULL,
	  { PK_RULE_ONNX_PYTHON_OPERATOR, PK_CRITICAL,
	    "calls Python code of the loading process by name" } },
	{ "PyCustomOp*",
	  "ai.onnx.contrib",
	  { PK_RULE_ONNX_HOST_CALLABLE, PK_MEDIUM,
	    "calls a Python function that the host registered" } },
	{ "ATen",
	  NULL,
	  { PK_RULE_ONNX_ATEN, PK_LOW,
	    "calls an operator of PyTorch by name" } },
	{ "ImageReader",
	  NULL,
	  { PK_RULE_ONNX_FILE_OPERATOR, PK_HIGH,
	    "reads files whose paths the model or its input gives" } },
	{ "Azure*",
	  NULL,
	  { PK_RULE_ONNX_NETWORK_OPERATOR, PK_HIGH,
	    "sends its inputs to a server" } },
	{ "OpenAI*",
	  NULL,
	  { PK_RULE_ONNX_NETWORK_OPERATOR, PK_HIGH,
	    "sends its inputs to a server" } },
	{ "CloudEndPointInvoker",
	  NULL,
	  { PK_RULE_ONNX_NETWORK_OPERATOR, PK_HIGH,
	    "sends its inputs to a server" } },
	{ "EPContext",
	  "com.microsoft",
	  { PK_RULE_ONNX_NATIVE_ENGINE, PK_LOW,
	    "holds an engine compiled for one execution provider" } },
	{ "Snpe",
	  "com.microsoft",
	  { PK_RULE_ONNX_NATIVE_ENGINE, PK_LOW,
	    "holds an engine compiled for one execution provider" } },
};

static bool named(struct pk_span op, const char *pattern)
{
	const size_t n = strlen(pattern);

	if (pattern[n - 1] != '*')
		return is(op, pattern);
	return op.len >= n - 1 && memcmp(op.p, pattern, n - 1) == 0;
}

/* The letters of a name, small and alone: "Py-Func" is "pyfunc". */
static size_t letters(struct pk_span s, char *buf, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n + 1 < max; i++) {
		const uint8_t ch = s.p[i];

		if (ch >= 'A' && ch <= 'Z')
			buf[n++] = (char)(ch - 'A' + 'a');
		else if (ch >= 'a' && ch <= 'z')
			buf[n++] = (char)ch;
	}
	buf[n] = 0;
	return n;
}

/* Names under which runtimes and converters call back into Python. */
static bool says_python(struct pk_span op, bool *ret_exact)
{
	static const char *const calls[] = {
		"pyop",        "pythonop",      "pythonopgrad",
		"pyfunc",      "pyfuncop",      "pyfuncstateless",
		"eagerpyfunc", "pythonfunc",    "pythonfunction",
		"pyfunction",  "numpyfunction", "pythoncall",
		"pycall",      "pythonlayer",   "pythonscript",
		"pylayer",
	};
	char name[80];

	letters(op, name, sizeof(name));
	*ret_exact = false;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		*ret_exact |= strcmp(name, calls[i]) == 0;
	return *ret_exact || strstr(name, "python");
}

struct pk_onnx_op pk_onnx_op(struct pk_span domain, struct pk_span op)
{
	bool exact;

	for (size_t i = 0; i < sizeof(reaching) / sizeof(reaching[0]); i++) {
		if (named(op, reaching[i].op) &&
		    (!reaching[i].domain || is(domain, reaching[i].domain)))
			return reaching[i].is;
	}
	if (says_python(op, &exact))
		return (struct pk_onnx_op){ PK_RULE_ONNX_PYTHON_OPERATOR,
					    exact ? PK_CRITICAL : PK_MEDIUM,
					    "calls Python by its name" };
	return (struct pk_onnx_op){ 0 };
}
