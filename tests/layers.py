#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules a compiler does not know: which folder may include which,
how long a function may be, which symbols the library shows.

layers.py ROOT [LIBPICKET.SO]; speaks TAP."""
import os
import re
import subprocess
import sys

# What each folder below src/ may include besides itself.
MAY_INCLUDE = {
    "core": (),
    "codec": ("core",),
    "source": ("codec", "core"),
    "engine": ("source", "core"),
    "analyze": ("engine", "source", "codec", "core"),
    "policy": ("engine", "source", "codec", "core"),
    "report": ("engine", "codec", "core"),
    "attest": ("engine", "source", "codec", "core"),
    "formats": ("analyze", "engine", "source", "codec", "core"),
    "tensors": ("formats", "analyze", "engine", "source", "codec", "core"),
    "hub": ("analyze", "engine", "source", "codec", "core"),
    "specimen": ("analyze", "engine", "codec", "core"),
    "cli": (),
}
# The registry of formats is a list, not code: the engine expands it.
REGISTRIES = ("formats/formats.def",)
FUNCTION_MAX = 80
FILE_MAX = 600

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def sources(root, top):
    for folder, _, names in sorted(os.walk(os.path.join(root, top))):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(folder, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


FORMATS = []


def owner(path):
    """The format a file of src/formats/ belongs to: zip_member.h to zip."""
    stem = os.path.splitext(os.path.basename(path))[0]
    whose = [f for f in FORMATS if stem == f or stem.startswith(f + "_")]
    return max(whose, key=len, default=stem)


def wrong_include(path, target):
    """Why src/<path> may not include target, or None."""
    folder = path.split("/")[1] if path.count("/") > 1 else ""
    of = target.split("/")[0] if "/" in target else ""
    if target in REGISTRIES or target.endswith("_gen.h"):
        return None
    if folder == "cli":
        if of == "cli" or target == "picket/picket.h":
            return None
        return "the command line sees picket/picket.h and cli/ only"
    if target == "picket/picket.h" or not folder:
        return None if not folder else "only src/*.c is the public API"
    if folder not in MAY_INCLUDE:
        return "src/%s is no layer: add it to tests/layers.py" % folder
    if folder == "formats" and of == "formats":
        return None if owner(path) == owner(target) else "another format"
    if of == folder or of in MAY_INCLUDE[folder]:
        return None
    return "%s does not look up or sideways to %s" % (folder, of or target)


def includes(root):
    bad = []
    for path in sources(root, "src"):
        for target in INCLUDE.findall(read(root, path)):
            why = wrong_include(path, target)
            if why:
                bad.append("%s includes %s: %s" % (path, target, why))
    return bad


def long_functions(root):
    """A body is what stands between a { and a } in the first column."""
    bad = []
    for top in ("src", "tools", "tests"):
        for path in sources(root, top):
            began = None
            lines = read(root, path).split("\n")
            if len(lines) > FILE_MAX:
                print("# %s has %d lines" % (path, len(lines)))
            for n, line in enumerate(lines, 1):
                if line == "{":
                    began = n
                elif line == "}" and began:
                    if n - began - 1 > FUNCTION_MAX:
                        bad.append("%s:%d: a function of %d lines"
                                   % (path, began, n - began - 1))
                    began = None
    return bad


def licences(root):
    return ["%s does not name its licence" % path
            for top in ("src", "include", "tools", "tests")
            for path in sources(root, top)
            if "SPDX-License-Identifier: Apache-2.0"
            not in read(root, path)[:200]]


def symbols(library):
    out = subprocess.run(["nm", "-D", "--defined-only", library],
                         check=True, text=True, stdout=subprocess.PIPE)
    bad = []
    for line in out.stdout.splitlines():
        kind, name = line.split()[-2:]
        if kind != "A" and not name.startswith("picket_"):
            bad.append("%s is exported" % name)
    return bad


def main():
    root = sys.argv[1]
    FORMATS.extend(re.findall(r"^PK_FORMAT\((\w+)\)",
                              read(root, "src/formats/formats.def"), re.M))
    checks = [
        ("includes look down", includes(root)),
        ("no function is too long", long_functions(root)),
        ("each file names its licence", licences(root)),
    ]
    if len(sys.argv) > 2:
        checks.append(("only picket_* is exported", symbols(sys.argv[2])))
    for n, (title, bad) in enumerate(checks, 1):
        print("%s %d - %s" % ("not ok" if bad else "ok", n, title))
        for line in bad:
            print("# %s" % line)
    print("1..%d" % len(checks))
    return 1 if any(bad for _, bad in checks) else 0


if __name__ == "__main__":
    sys.exit(main())
