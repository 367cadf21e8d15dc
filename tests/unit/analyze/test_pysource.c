/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdlib.h>

#include "analyze/pysource.h"

static struct pk_meter meter;
static struct pk_arena arena;
static struct pk_pysource py;

static void read_text(const char *text)
{
	pk_arena_release(&arena);
	meter = (struct pk_meter){ .ceiling = 64 << 20 };
	arena = PK_ARENA(&meter);
	py = pk_pysource_read(
		(struct pk_span){ (const uint8_t *)text, strlen(text) },
		&arena);
}

/* The level at which a path was reached. */
static enum pk_py_level level_of(const char *path)
{
	for (const struct pk_py_use *u = py.uses; u; u = u->next) {
		if (u->path.len == strlen(path) &&
		    memcmp(u->path.p, path, u->path.len) == 0)
			return u->level;
	}
	return PK_PY_PLAIN;
}

static void expect(const char *text, const char *path, enum pk_py_level level)
{
	read_text(text);
	if (level_of(path) != level)
		fail_msg("%s: %s has level %d", text, path, level_of(path));
}

static void names_are_followed_to_what_they_stand_for(void **state)
{
	static const char *const cases[][2] = {
		{ "import os\nos.system('x')\n", "os.system" },
		{ "import os as o; o.system('x')", "os.system" },
		{ "from os import system as s\ns('x')", "os.system" },
		{ "from os import (path,\n  system,\n)\nsystem('x')",
		  "os.system" },
		{ "import os\nrun = os.system\nrun('x')", "os.system" },
		{ "import os\na = b = os\nb.system('x')", "os.system" },
		{ "__import__('os').system('x')", "os.system" },
		{ "__import__('o' 's').popen('x')", "os.popen" },
		{ "__import__('o' + 's').popen('x')", "os.popen" },
		{ "__import__(f'o{\"s\"}').popen('x')", "os.popen" },
		{ "__import__('\\x6fs').popen('x')", "os.popen" },
		{ "import importlib\n"
		  "importlib.import_module('subprocess').run(['x'])",
		  "subprocess.run" },
		{ "from importlib import import_module as m\nq = m('os')\n"
		  "q.system('x')",
		  "os.system" },
		{ "import os\ngetattr(os, 'system')('x')", "os.system" },
		{ "import os\nvars(os)['system']('x')", "os.system" },
		{ "import os\nos.__dict__['system']('x')", "os.system" },
		{ "import os\nos.__dict__.get('system')('x')", "os.system" },
		{ "import sys\nsys.modules['os'].system('x')", "os.system" },
		{ "import os\nglobals()['os'].system('x')", "os.system" },
		{ "__builtins__['eval']('x')", "builtins.eval" },
		{ "globals()['__builtins__'].exec('x')", "builtins.exec" },
		{ "import posix\nposix.system('x')", "os.system" },
		{ "from os import *\nsystem('x')", "os.system" },
		{ "import torch\ntorch.os.system('x')", "torch.os.system" },
		{ "exec('x')", "builtins.exec" },
		{ "f = eval", "builtins.eval" },
		{ "exec \"print 1\"", "builtins.exec" },
		{ "x = f\"{exec('y')}\"", "builtins.exec" },
		{ "x = f\"{a:{exec('y')}}\"", "builtins.exec" },
		{ "x = f'''{\n exec('y') # }\n}'''", "builtins.exec" },
		{ "\xf0\x9d\x93\xae\xf0\x9d\x94\x81"
		  "ec('x')",
		  "builtins.exec" }, /* mathematical bold e and x */
		{ "if x:\\\n exec('x')", "builtins.exec" },
		{ "# a comment\rexec('x')", "builtins.exec" },
		{ "def f(x=exec): pass", "builtins.exec" },
		{ "@exec\ndef f(): pass", "builtins.exec" },
		{ "f(key=exec)", "builtins.exec" },
		{ "{'a': exec}", "builtins.exec" },
		{ "lambda: exec('x')", "builtins.exec" },
		{ "(e := exec)('x')", "builtins.exec" },
		{ "yield from exec('x')", "builtins.exec" },
		{ "def f():\n  g()\n  import os as q\n"
		  "def g():\n  q.system('x')\n",
		  "os.system" },
		{ "import ctypes\nctypes.CDLL('x')", "ctypes.CDLL" },
		{ "import ctypes\nctypes.cdll.LoadLibrary('x')",
		  "ctypes.cdll.LoadLibrary" },
		{ "().__class__.__base__.__subclasses__()",
		  "?.__subclasses__" },
		{ "f.__globals__['x']", "?.__globals__" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = cases[i][1];

		read_text(cases[i][0]);
		if (strcmp(path, "os.system") == 0 &&
		    level_of("posix.system") == PK_PY_DANGEROUS)
			path = "posix.system";
		if (level_of(path) != PK_PY_DANGEROUS)
			fail_msg("%s: %s has level %d", cases[i][0], path,
				 level_of(path));
	}
}

static void a_module_that_is_handed_on_is_said(void **state)
{
	(void)state;
	expect("import os\nf(os)", "os", PK_PY_DANGEROUS);
	expect("import os\na, b = os, 1", "os", PK_PY_DANGEROUS);
	expect("import os\nx = [os]", "os", PK_PY_DANGEROUS);
	expect("import os\ngetattr(os, n)", "os", PK_PY_DANGEROUS);
	expect("import os\nvars(os)[n]", "os", PK_PY_DANGEROUS);
}

static void a_module_by_a_computed_name_is_said(void **state)
{
	(void)state;
	expect("__import__(n)", "builtins.__import__", PK_PY_DANGEROUS);
	expect("import importlib\nimportlib.import_module(n)",
	       "importlib.import_module", PK_PY_NOTABLE);
	expect("import importlib, base64\n"
	       "importlib.import_module(base64.b64decode(n).decode())",
	       "importlib.import_module", PK_PY_DANGEROUS);
	expect("import importlib\nimportlib.import_module('so'[::-1])",
	       "importlib.import_module", PK_PY_DANGEROUS);
}

static void ordinary_programs_reach_nothing(void **state)
{
	static const char *const cases[] = {
		"import os\np = os.path.join(os.getcwd(), 'x')\n"
		"os.makedirs(p, exist_ok=True)\nk = os.environ.get('K')\n",
		"import sys\nsys.path.insert(0, '.')\n"
		"m = sys.modules[__name__]\n",
		"try:\n  import os\nexcept ImportError:\n  os = None\n",
		"class H:\n  def eval(self):\n    self.model.eval()\n"
		"  def f(self):\n    super().__init__()\n"
		"    with open('x') as f: return f.read()\n",
		"import torch\nfrom torch import nn\n"
		"x = torch.jit.script(nn.Linear(1, 2))\n"
		"y = torch.compile(x)\n",
		"import numpy as np\nnp.random.choice([1])\nnp.vectorize(f)\n",
		"'import os; os.system(1)'\n",
		"# exec('x')\n",
		"\"\"\"\nexec('x')\n\"\"\"\n",
		"x = f'{{exec}} {y!r:>10}'\n",
		"import re\nre.compile('x')\n",
		"from .os import system\nsystem(1)\n",
		"if hasattr(os, 'sched_getaffinity'): pass\nimport os\n",
		"def exec_all(): pass\n",
		"d.exec('x'); q.system(1); p.popen()\n",
		"import json, logging\nlog = logging.getLogger(__name__)\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_text(cases[i]);
		if (py.uses)
			fail_msg("%s: reaches %.*s", cases[i],
				 (int)py.uses->path.len, py.uses->path.p);
		assert_null(py.doubt);
	}
}

static void what_cannot_be_read_is_doubted(void **state)
{
	(void)state;
	read_text("# coding: utf-7\n+AGU-xec('x')");
	assert_non_null(py.doubt);
	read_text("# -*- coding: unicode_escape -*-\n\\x65xec('x')");
	assert_non_null(py.doubt);
	read_text("x = 'abc\n");
	assert_non_null(py.doubt);
	read_text("x = (1,\n");
	assert_non_null(py.doubt);
	read_text("# -*- coding: utf-8 -*-\nx = 1\n");
	assert_null(py.doubt);
}

static void deep_nesting_ends(void **state)
{
	enum { DEEP = 200000 };
	char *text = malloc(DEEP + 1);

	(void)state;
	memset(text, '(', DEEP);
	text[DEEP] = 0;
	read_text(text);
	assert_non_null(py.doubt);
	for (size_t i = 0; i + 3 < DEEP; i += 3)
		memcpy(text + i, "f'{", 3);
	read_text(text);
	assert_non_null(py.doubt);
	free(text);
}

static void imports_are_listed(void **state)
{
	(void)state;
	read_text("import a.b, c\nfrom .d import e\nfrom . import f\n");
	assert_memory_equal(py.imports->module.p, "a.b", 3);
	assert_memory_equal(py.imports->next->next->module.p, ".d", 2);
}

static void survives_damage(void **state)
{
	static const char text[] =
		"import os as o\nx = f\"a{o.system('x')!r:>{w}}b\" 'c' \\\n r'''\n"
		"'''; getattr(__import__('o' + \"\\x73\"), 'system')([1, {2: 3}])";
	char copy[sizeof(text)];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		memcpy(copy, text, sizeof(text));
		copy[i] = 0;
		read_text(copy);
		for (int bit = 0; bit < 8; bit++) {
			memcpy(copy, text, sizeof(text));
			copy[i] = (char)(copy[i] ^ (1 << bit));
			copy[sizeof(text) - 1] = 0;
			read_text(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_followed_to_what_they_stand_for),
		cmocka_unit_test(a_module_that_is_handed_on_is_said),
		cmocka_unit_test(a_module_by_a_computed_name_is_said),
		cmocka_unit_test(ordinary_programs_reach_nothing),
		cmocka_unit_test(what_cannot_be_read_is_doubted),
		cmocka_unit_test(deep_nesting_ends),
		cmocka_unit_test(imports_are_listed),
		cmocka_unit_test(survives_damage),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	pk_arena_release(&arena);
	return failed;
}
