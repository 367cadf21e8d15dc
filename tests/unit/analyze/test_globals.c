/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/globals.h"
#include "analyze/lists.h"
#include "support.h"

static struct pk_span span(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static struct pk_global judge(const char *module, const char *name)
{
	return pk_global_classify(span(module), span(name));
}

struct pair {
	const char *module;
	const char *name;
};

/* Each pair is of the class, or the test says which one is not. */
static void all_are(enum pk_import_class class, const struct pair *pairs,
		    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct pk_global g = judge(pairs[i].module, pairs[i].name);

		if (g.class != class)
			fail_msg("%s.%s is %s: %s", pairs[i].module,
				 pairs[i].name, pk_import_class_name(g.class),
				 g.reason);
		assert_non_null(g.reason);
	}
}

#define ALL_ARE(class, ...)                                            \
	do {                                                           \
		static const struct pair pairs[] = { __VA_ARGS__ };    \
		all_are(class, pairs, sizeof(pairs) / sizeof(*pairs)); \
	} while (0)

static void what_runs_programs_is_dangerous(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_DANGEROUS, { "os", "system" }, { "posix", "system" },
		{ "nt", "startfile" }, { "subprocess", "Popen" },
		{ "commands", "getoutput" }, { "builtins", "eval" },
		{ "__builtin__", "execfile" }, { "__builtins__", "exec" },
		{ "_posixsubprocess", "fork_exec" }, { "pty", "spawn" },
		{ "webbrowser", "open" }, { "runpy", "run_path" },
		{ "timeit", "timeit" }, { "sh", "bash" });
}

static void what_loads_again_is_dangerous(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_DANGEROUS, { "pickle", "loads" },
		{ "cPickle", "loads" }, { "_pickle", "Unpickler" },
		{ "torch", "load" }, { "joblib", "load" },
		{ "sklearn.externals.joblib", "load" }, { "numpy", "load" },
		{ "dill", "loads" }, { "pandas", "read_pickle" },
		{ "joblib.externals.cloudpickle", "loads" },
		{ "ray.cloudpickle", "loads" });
}

static void a_module_is_dangerous_with_its_sub_modules(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_DANGEROUS, { "os.path", "join" },
		{ "idlelib.somewhere", "anything" },
		{ "asyncio.unix_events", "x" }, { "pip._vendor.foo", "bar" },
		{ "numpy.distutils.new_in_2030", "f" },
		{ "setuptools._distutils.spawn", "spawn" },
		{ "test.support.script_helper", "assert_python_ok" });
}

static void severities_of_the_list_are_floors(void **state)
{
	(void)state;
	assert_int_equal(judge("os", "system").floor, PK_CRITICAL);
	assert_int_equal(judge("dill._dill", "_create_function").floor,
			 PK_HIGH);
	assert_string_equal(judge("dill._dill", "_create_function").category,
			    "code-carrier");
}

static void what_models_are_made_of_is_safe(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_SAFE, { "collections", "OrderedDict" },
		{ "torch._utils", "_rebuild_tensor_v2" },
		{ "torch", "FloatStorage" }, { "numpy", "dtype" },
		{ "numpy.core.multiarray", "_reconstruct" },
		{ "numpy._core.multiarray", "scalar" },
		{ "copy_reg", "_reconstructor" }, { "builtins", "set" },
		{ "__builtin__", "long" }, { "_codecs", "encode" },
		{ "exceptions", "ValueError" }, { "datetime", "datetime" },
		{ "joblib.numpy_pickle", "NumpyArrayWrapper" },
		{ "sklearn.externals.joblib.numpy_pickle",
		  "NumpyArrayWrapper" });
}

static void a_safe_import_carries_its_restriction(void **state)
{
	(void)state;
	assert_int_equal(judge("_codecs", "encode").restriction,
			 PK_RESTRICT_CODEC);
	assert_int_equal(judge("builtins", "getattr").restriction,
			 PK_RESTRICT_GETATTR);
	assert_int_equal(judge("torch.storage", "_load_from_bytes").restriction,
			 PK_RESTRICT_NESTED_PICKLE);
	assert_int_equal(judge("numpy", "log1p").restriction,
			 PK_RESTRICT_VALUE);
}

static void classes_of_known_libraries_are_library(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_LIBRARY,
		{ "sklearn.linear_model._logistic", "LogisticRegression" },
		{ "sklearn.ensemble.forest", "RandomForestClassifier" },
		{ "sklearn.tree._tree", "Tree" },
		{ "sklearn.neighbors._kd_tree", "newObj" },
		{ "torch.nn.modules.linear", "Linear" },
		{ "torch.nn.modules.conv", "_ConvNd" },
		{ "pandas.core.frame", "DataFrame" },
		{ "xgboost.sklearn", "XGBClassifier" },
		{ "transformers.trainer_utils", "IntervalStrategy" },
		{ "ultralytics.nn.modules.block", "C2f" },
		{ "pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked" });
}

static void functions_of_known_libraries_are_outside(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_OUTSIDE, { "sklearn.linear_model", "lasso_path" },
		{ "json", "dumps" }, { "numpy", "einsum" },
		{ "torch.nn.modules.linear", "Linear.forward" },
		{ "statistics", "mean" });
}

static void excluded_parts_of_a_namespace_are_outside(void **state)
{
	(void)state;
	assert_int_equal(judge("xgboost.tracker", "RabitTracker").class,
			 PK_IMPORT_OUTSIDE);
}

static void a_module_nobody_knows_is_unknown(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_UNKNOWN, { "__main__", "Net" },
		{ "models.yolo", "Model" }, { "_loss", "CyHalfBinomialLoss" },
		{ "utils", "helper" }, { "__torch__.Net", "Net" }, { "", "" },
		{ "__main__", "tokenize" });
}

static void a_walk_is_judged_by_where_it_leads(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_DANGEROUS, { "pathlib", "os.system" },
		{ "collections", "_sys.modules" },
		{ "numpy", "load.__globals__" },
		{ "builtins", "eval.__call__" },
		{ "torch", "serialization.load" }, { "a.b", "c.os.system" },
		{ "json", "decoder.__builtins__" },
		{ "logging", "os.path.exists" }, { "numpy", "np.load" },
		{ "collections", "OrderedDict.__init_subclass__" },
		{ "__main__", "Net.__init__.__globals__" });
}

static void no_walk_from_a_safe_pair_is_safe(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_OUTSIDE, { "collections", "OrderedDict.fromkeys" },
		{ "torch", "Size.numel" }, { "numpy", "dtype.newbyteorder" });
	ALL_ARE(PK_IMPORT_DANGEROUS, { "numpy", "ndarray.tofile" },
		{ "torch", "Tensor.__reduce_ex__" },
		{ "pathlib", "Path.write_text" },
		{ "torch", "UntypedStorage.from_file" });
}

static void a_module_as_a_value_is_dangerous(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_DANGEROUS, { "torch", "os" }, { "numpy", "sys" },
		{ "foo", "subprocess" }, { "shutil", "os" },
		{ "pickle", "sys" }, { "sklearn.base", "warnings" },
		{ "torch", "_utils" }, { "numpy", "core.multiarray" });
	assert_int_equal(judge("datetime", "datetime").class, PK_IMPORT_SAFE);
	assert_int_equal(judge("docutils.nodes", "math").class, PK_IMPORT_SAFE);
}

static void private_modules_of_python_are_dangerous(void **state)
{
	(void)state;
	ALL_ARE(PK_IMPORT_DANGEROUS, { "_osx_support", "_read_output" },
		{ "_strptime", "_strptime" }, { "_sitebuiltins", "Quitter" },
		{ "_py_abc", "ABCMeta" }, { "_struct", "Struct" });
	assert_int_equal(judge("_decimal", "Decimal").class, PK_IMPORT_SAFE);
}

static void a_mangled_package_name_vouches_for_nothing(void **state)
{
	(void)state;
	assert_int_equal(judge("<torch_package_0>.os", "system").class,
			 PK_IMPORT_DANGEROUS);
	assert_int_equal(judge("<torch_package_0>.numpy", "dtype").class,
			 PK_IMPORT_UNKNOWN);
	assert_int_equal(judge("<torch_package_", "x").class,
			 PK_IMPORT_UNKNOWN);
}

static void names_are_bytes_and_never_folded(void **state)
{
	(void)state;
	assert_int_equal(judge("Collections", "OrderedDict").class,
			 PK_IMPORT_UNKNOWN);
	assert_int_equal(judge("collections ", "OrderedDict").class,
			 PK_IMPORT_UNKNOWN);
	assert_int_equal(judge("collections", "OrderedDict\r").class,
			 PK_IMPORT_OUTSIDE);
	assert_int_equal(
		pk_global_classify(PK_LIT("builtins"), PK_LIT("set\0x")).class,
		PK_IMPORT_DANGEROUS);
}

static void endless_names_are_survived(void **state)
{
	static char dots[5000];
	static char walk[901];

	(void)state;
	memset(dots, '.', sizeof(dots) - 1);
	assert_int_equal(judge(dots, dots).class, PK_IMPORT_DANGEROUS);
	assert_int_equal(judge("", dots).class, PK_IMPORT_DANGEROUS);
	dots[600] = '\0';
	(void)judge("", dots);
	(void)judge(dots, "");
	for (size_t i = 0; i + 5 < sizeof(walk); i += 5)
		memcpy(walk + i, "json.", 5);
	assert_int_equal(judge("json", walk).class, PK_IMPORT_DANGEROUS);
	(void)pk_global_classify((struct pk_span){ 0 }, (struct pk_span){ 0 });
}

static void old_names_are_mapped_as_python_3_does(void **state)
{
	struct pk_span m = { 0 };
	struct pk_span n = { 0 };

	(void)state;
	assert_true(pk_global_py3(span("commands"), span("getoutput"), &m, &n));
	assert_true(pk_span_eq(m, PK_LIT("subprocess")));
	assert_true(pk_span_eq(n, PK_LIT("getoutput")));
	assert_true(pk_global_py3(span("itertools"), span("imap"), &m, &n));
	assert_true(pk_span_eq(m, PK_LIT("builtins")));
	assert_true(pk_span_eq(n, PK_LIT("map")));
	assert_true(pk_global_py3(span("exceptions"), span("IOError"), &m, &n));
	assert_false(pk_global_py3(span("os"), span("system"), &m, &n));
	assert_false(pk_global_py3(span("itertools"), span("chain"), &m, &n));
}

static void weights_only_joins_before_it_looks(void **state)
{
	(void)state;
	assert_true(pk_weights_only_allows(span("torch._utils"),
					   span("_rebuild_tensor_v2")));
	assert_true(pk_weights_only_allows(span("torch"),
					   span("_utils._rebuild_tensor_v2")));
	assert_int_equal(judge("torch", "_utils._rebuild_tensor_v2").class,
			 PK_IMPORT_SAFE);
	assert_false(pk_weights_only_allows(span("os"), span("system")));
	assert_true(pk_weights_only_allows(span("__builtin__"), span("set")));
	assert_true(pk_weights_only_allows(span("_codecs"), span("encode")));
	assert_false(
		pk_weights_only_1_13_allows(span("_codecs"), span("encode")));
	assert_true(pk_weights_only_1_13_allows(
		span("torch._utils"), span("_rebuild_sparse_csr_tensor")));
	assert_false(pk_weights_only_allows(
		span("torch._utils"), span("_rebuild_sparse_csr_tensor")));
}

static void what_weights_only_allows_is_safe_here_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < pk_list_weights_only.n; i++) {
		const struct pk_list_row *row = &pk_list_weights_only.rows[i];
		const struct pk_span key = span(row->key);
		const struct pk_span module = { key.p, row->module_len };
		const struct pk_span name = { key.p + row->module_len + 1,
					      key.len - row->module_len - 1 };

		if (pk_global_classify(module, name).class != PK_IMPORT_SAFE)
			fail_msg("%s is not safe", row->key);
	}
}

static void known_modules_are_known_by_their_top(void **state)
{
	(void)state;
	assert_true(pk_global_is_known_module(span("os.path")));
	assert_true(pk_global_is_known_module(span("torch.somewhere")));
	assert_true(pk_global_is_known_module(span("__builtin__")));
	assert_false(pk_global_is_known_module(span("models.yolo")));
	assert_false(pk_global_is_known_module(span("")));
}

static void every_list_is_sorted_and_found_in(void **state)
{
	static const struct pk_list *const lists[] = {
		&pk_list_dangerous, &pk_list_packages,     &pk_list_names,
		&pk_list_safe,      &pk_list_namespaces,   &pk_list_libraries,
		&pk_list_stdlib,    &pk_list_aliases,      &pk_list_py2_modules,
		&pk_list_py2_names, &pk_list_weights_only, &pk_list_modules,
	};

	(void)state;
	for (size_t l = 0; l < sizeof(lists) / sizeof(*lists); l++)
		for (size_t i = 0; i < lists[l]->n; i++) {
			const struct pk_list_row *row = &lists[l]->rows[i];

			assert_ptr_equal(pk_list_find(lists[l], span(row->key)),
					 row);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_runs_programs_is_dangerous),
		cmocka_unit_test(what_loads_again_is_dangerous),
		cmocka_unit_test(a_module_is_dangerous_with_its_sub_modules),
		cmocka_unit_test(severities_of_the_list_are_floors),
		cmocka_unit_test(what_models_are_made_of_is_safe),
		cmocka_unit_test(a_safe_import_carries_its_restriction),
		cmocka_unit_test(classes_of_known_libraries_are_library),
		cmocka_unit_test(functions_of_known_libraries_are_outside),
		cmocka_unit_test(excluded_parts_of_a_namespace_are_outside),
		cmocka_unit_test(a_module_nobody_knows_is_unknown),
		cmocka_unit_test(a_walk_is_judged_by_where_it_leads),
		cmocka_unit_test(no_walk_from_a_safe_pair_is_safe),
		cmocka_unit_test(a_module_as_a_value_is_dangerous),
		cmocka_unit_test(private_modules_of_python_are_dangerous),
		cmocka_unit_test(a_mangled_package_name_vouches_for_nothing),
		cmocka_unit_test(names_are_bytes_and_never_folded),
		cmocka_unit_test(endless_names_are_survived),
		cmocka_unit_test(old_names_are_mapped_as_python_3_does),
		cmocka_unit_test(weights_only_joins_before_it_looks),
		cmocka_unit_test(what_weights_only_allows_is_safe_here_too),
		cmocka_unit_test(known_modules_are_known_by_their_top),
		cmocka_unit_test(every_list_is_sorted_and_found_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
