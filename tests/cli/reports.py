#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every form of a report, over files whose names and contents are written to
act on whoever reads it: a terminal, a browser, a build log, a spreadsheet.

reports.py PICKET ROOT; speaks TAP.  The forms are those of reporters.def, so
a new one is tested from the day it is there.  What is checked: the bytes are
harmless, the document is well-formed, and a hostile file name leaves it with
the very structure that a plain name gives."""
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile

EVIL = [
    b"\x1b]0;title\x07", b"\x1b[2K\x1b[1A", b"\xc2\x9b31m", b"\x08\x08\x08",
    b"a\nno models; policy standard blocks 0 files\nb", b"a\rclean  x",
    b"a\xe2\x80\xae4kp.", b"a\xe2\x81\xa6b", b"a\xe2\x80\x8bb",
    b"a\xe2\x80\xa8b", b"a\xef\xbb\xbfb", b"\xff\xfe", b"\xed\xa0\x80",
    b"\xc0\xaf", b"<script>alert(1)<%2fscript>", b"<img src=x onerror=a>",
    b"]]>", b"-->", b"<!--", b"&lt;&#x3c;&amp", b"\" onload=\"x", b"' x='",
    b"\"},{\"verdict\":\"clean\",\"x\":\"", b"\\\",\"a\":\"b", b"\\u0022",
    b"=cmd|' C calc'!A1", b"+1+1", b"@SUM(1)", b"-2", b"a,b;c\td",
    b"[x](http:evil)", b"![x](http:evil)", b"| a | b |", b"``` x", b"`x`",
    b"**x**", b"# x", b"1. x", b"::error::x", b"a%0A::notice::x",
    b"##[error]x", b"section_start:1:x", b"${{x}}", b"{{7*7}}",
    b"javascript:alert(1)", b"..", b"%2e%2e", b"a?b#c", b"~" * 150,
]
PLAIN = b"plain"
ALLOWED_CONTROLS = {"\n", "\t"}


def harmless(text):
    """Why these characters are not fit to be shown, or None."""
    for ch in text:
        kind = unicodedata.category(ch)
        if kind in ("Cc", "Cf", "Cs", "Zl", "Zp") and \
                ch not in ALLOWED_CONTROLS:
            return "holds U+%04X" % ord(ch)
    return None


def shape_of_json(v):
    """The structure, without what strings say; raw bytes stand beside what
    was no UTF-8."""
    if isinstance(v, dict):
        return {k: shape_of_json(x) for k, x in v.items()
                if not k.endswith("_hex")}
    if isinstance(v, list):
        return [shape_of_json(x) for x in v]
    return type(v).__name__


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, tuple(sorted(k for k, _ in attrs))))

    def handle_endtag(self, tag):
        self.seen.append(("/", tag))

    def handle_comment(self, data):
        self.seen.append(("comment", ""))


def shape_of_lines(text):
    """How many lines, and how each begins where markup would; the cells of a
    table.  An exception names no path that is not UTF-8."""
    marks = re.compile(r"^(\s*(?:[#>*+-]|\d+\.|```|::\w+|\|)?)")
    shapes = []
    for line in text.split("\n"):
        if line.startswith("    path: "):
            continue
        mark = marks.match(line).group(1).strip()
        cells = len(re.findall(r"(?<!\\)\|", line)) if mark == "|" else 0
        shapes.append((mark, cells))
    return shapes


def shape(text):
    """Structure of a report of any form; raises where it is not
    well-formed."""
    start = text.lstrip()[:1]
    if start in "{[":
        try:
            return shape_of_json(json.loads(text))
        except json.JSONDecodeError:
            return [shape_of_json(json.loads(l))
                    for l in text.splitlines() if l]
    if text.lstrip().startswith("<?xml"):
        return [e.tag + str(sorted(e.attrib)) for e in
                ElementTree.fromstring(text).iter()]
    if start == "<":
        tags = Tags()
        tags.feed(text)
        return tags.seen
    return shape_of_lines(text)


def picket(program, forms, path, cwd):
    """One scan, reported in every form: {form: text}, and what was said on
    standard error."""
    options = [x for form in forms
               for x in ("-o", "%s=../out.%s" % (form, form))]
    done = subprocess.run(
        [program, "scan", "--no-timestamps", "-v", "-f", "text", *options,
         path],
        cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=60)
    found = {}
    for form in forms:
        with open(os.path.join(cwd, "../out." + form), "rb") as f:
            found[form] = f.read()
    return found, done.stderr


def attack(name):
    return b"cos\nsystem\n(S'echo " + \
        name.replace(b"\n", b" ").replace(b"'", b" ") + b"'\ntR."


def names_tree(folder, name):
    """A clean file and a picture in a folder, all called so; beside it an
    attack of that very name."""
    inner = os.path.join(folder.encode(), b"t", b"1" + name)
    os.makedirs(inner)
    for prefix, content in ((b"2", b"\x80\x02N."),
                            (b"3", b"\x89PNG\r\n\x1a\n" + bytes(20))):
        with open(os.path.join(inner, prefix + name), "wb") as f:
            f.write(content)
    own = name if name not in (b"..", b"t") else name + b"x"
    with open(os.path.join(folder.encode(), own), "wb") as f:
        f.write(attack(b"x"))
    return [b"./" + own, own if not own.startswith(b"-") else b"t", b"t"]


def contents(folder):
    """Hostile words everywhere but in the file's name."""
    os.mkdir(folder)
    for i, word in enumerate(EVIL):
        with open(os.path.join(folder, "%d.pkl" % i), "wb") as f:
            line = word.replace(b"\n", b"\\n")
            f.write(attack(word) + b"c" + line + b"\n" + line + b"\n.")
        with zipfile.ZipFile(os.path.join(folder, "%d.zip" % i), "w") as z:
            z.writestr(word.decode("utf-8", "replace").replace("\x00", "")
                       + ".pkl", attack(b"y"))


class Wrong:
    """What is wrong with each form."""

    def __init__(self, forms):
        self.of = {form: [] for form in forms}

    def say(self, form, fmt, *args):
        self.of[form].append(fmt % args)

    def shape(self, form, what, text):
        """The structure, or None after saying what is wrong."""
        try:
            text = text.decode("utf-8")
            why = harmless(text)
            if why:
                self.say(form, "%r: %s", what, why)
            return shape(text)
        except Exception as e:  # whatever a parser throws
            self.say(form, "%r: not well-formed: %s", what, e)
            return None


def check_names(program, forms, root, wrong):
    plain = os.path.join(root, "plain")
    wanted = {}
    for path in names_tree(plain, PLAIN):
        out, _ = picket(program, forms, path, plain)
        for form in forms:
            wanted[form, path == b"t"] = wrong.shape(form, PLAIN, out[form])
    for i, word in enumerate(EVIL):
        here = os.path.join(root, str(i))
        for path in [*names_tree(here, word), b"no" + word]:
            out, err = picket(program, forms, path, here)
            if harmless(err.decode("utf-8", "replace")):
                wrong.say("text", "%r: on standard error", path)
            for form in forms:
                found = wrong.shape(form, path, out[form])
                if path != b"no" + word and \
                        found != wanted[form, path == b"t"]:
                    wrong.say(form, "%r changes the structure", path)


def check_contents(program, forms, root, wrong):
    here = os.path.join(root, "contents")
    os.mkdir(here)
    contents(os.path.join(here, "t"))
    out, _ = picket(program, forms, b"t", here)
    for form in forms:
        text = out[form]
        wrong.shape(form, "contents", text)
        if text.lstrip()[:1] == b"<" and \
                re.search(rb"<(script|img)[^>]*(alert|onerror)", text):
            wrong.say(form, "markup of a file is markup of the report")
        if not text.lstrip().startswith(b"::") and \
                re.search(rb"^(::|##\[)", text, re.M):
            wrong.say(form, "a line of it is a command")


def main():
    program, source = os.path.abspath(sys.argv[1]), sys.argv[2]
    with open(os.path.join(source, "src/report/reporters.def")) as f:
        forms = re.findall(r"^PK_REPORTER\((\w+)\)", f.read(), re.M)
    wrong = Wrong(forms)
    with tempfile.TemporaryDirectory(prefix="picket-reports") as root:
        check_names(program, forms, root, wrong)
        check_contents(program, forms, root, wrong)
    for n, form in enumerate(forms, 1):
        said = wrong.of[form]
        print("%s %d - %s: %d hostile words" % ("not ok" if said else "ok", n,
                                                form, len(EVIL)))
        for line in said[:20]:
            print("# " + line.encode("ascii", "backslashreplace").decode())
    print("1..%d" % len(forms))
    return 1 if any(wrong.of.values()) or not forms else 0


if __name__ == "__main__":
    sys.exit(main())
