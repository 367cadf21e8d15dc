#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints docs/formats/README.md, made of what `picket formats --json` says and
of formats.def: formats_page.py PICKET.  A test holds the page against it."""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

HEAD = """# Formats

Made by `tools/formats_page.py`; each name leads to a page of its own.

| risk | what a loader does with such a file | what to use instead |
| --- | --- | --- |
| code | runs what the file carries, or imports and calls what it names | SafeTensors for weights, ONNX or GGUF for graphs; `picket convert` takes the tensors out |
| parser | reads it with native code and runs operators that it names, native ones of others too | the same format from a publisher you pin and verify, read by a current release of its reader |
| data | reads numbers, names and settings; nothing runs | nothing: these are the formats to prefer. Names of code in settings are judged all the same |
| wrapper | hands its members to other loaders | as its content, which is scanned to any depth |

| format | | risk | what is analysed |
| --- | --- | --- | --- |
"""


def pages():
    """The page of each format by the name that reports give it."""
    found = {}
    path = os.path.join(ROOT, "src/formats/formats.def")
    with open(path, encoding="utf-8") as f:
        stems = re.findall(r"^PK_FORMAT\((\w+)\)", f.read(), re.M)
    for stem in stems:
        with open(os.path.join(ROOT, "src/formats", stem + ".c"),
                  encoding="utf-8") as f:
            definition = f.read().split("pk_format_" + stem + " = {")[-1]
        found[re.search(r'\.name = "([^"]+)"', definition)[1]] = stem
    return found


def main():
    done = subprocess.run([sys.argv[1], "formats", "--json"], check=True,
                          text=True, stdout=subprocess.PIPE)
    formats = json.loads(done.stdout)
    formats = formats.get("formats", formats) if isinstance(
        formats, dict) else formats
    page = pages()
    sys.stdout.write(HEAD)
    for f in sorted(formats, key=lambda f: f["name"]):
        print("| [%s](%s.md) | %s | %s | %s |" % (
            f["name"], page[f["name"]], f["title"], f["risk"],
            f["reads"].replace("|", "\\|")))


if __name__ == "__main__":
    main()
