#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The HTML report in a real browser: of a tree whose names, imports and
strings are markup, no script runs but the page's own, nothing is fetched,
and the search finds.

    usage: html_page.py PICKET        prints TAP
"""
import html.parser
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

SWITCHES = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")
SECONDS = 120

cases = 0
failed = 0


def check(ok, what):
    global cases, failed
    cases += 1
    failed += not ok
    print("%s %d %s" % ("ok" if ok else "not ok", cases, what), flush=True)


def pickle_of(module, name, text):
    """An inert pickle that imports what is not there."""
    body = text.encode()
    return b"\x80\x02c%s\n%s\nX%s%sR." % (
        module.encode(), name.encode(), len(body).to_bytes(4, "little"), body)


def make_tree(root, port):
    fetch = "http://127.0.0.1:%d/" % port
    act = "document.title='acted'"
    hostile = pickle_of("<img src=%sa onerror=%s>" % (fetch, act),
                        "</script><script>%s</script>" % act,
                        "\"><link rel=stylesheet href=%sb>" % fetch)
    names = ("<img src=x onerror=%s>.pkl" % act, "'\" onmouseover=%s x='.pkl" % act,
             "<style>*{display:none}.pkl", "</script><script>%s.pkl" % act,
             "<!--.pkl", "&lt;b&gt;.pkl", "a\x1b[31m\u202e.pkl",
             "javascript:%s.pkl" % act)
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(hostile)
    with open(os.path.join(os.fsencode(root), b"\xff\xfe.pkl"), "wb") as f:
        f.write(hostile)
    (root / "needle.pkl").write_bytes(b"\x80\x02K\x01.")
    (root / "shadow.pkl").write_bytes(b"\x80\x02K\x01." + b"\x93junk" * 40)
    return len(names) + 3


class Page(html.parser.HTMLParser):
    """What the browser made of the page."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.title = ""
        self.in_title = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.in_title = tag == "title" and not self.title

    def handle_data(self, data):
        if self.in_title:
            self.title += data
            self.in_title = False

    def all(self, tag):
        return [a for t, a in self.elements if t == tag]

    def files(self):
        return [a for a in self.all("details")
                if (a.get("class") or "").startswith("file ")]


def browse(browser, url, *switches):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            (browser,) + SWITCHES + switches +
            ("--user-data-dir=" + profile, "--dump-dom", url),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL, timeout=SECONDS)
    return Page(done.stdout.decode("utf-8", "replace"))


def asked(listener):
    """Whether anybody came."""
    listener.settimeout(0.2)
    try:
        listener.accept()[0].close()
        return True
    except socket.timeout:
        return False


def look(page, count):
    names = {"html", "head", "meta", "title", "style", "body", "main", "header",
             "h1", "h2", "h3", "h4", "p", "section", "ul", "li", "b", "input",
             "select", "option", "fieldset", "legend", "label", "button",
             "output", "details", "summary", "span", "div", "dl", "dt", "dd",
             "svg", "rect", "article", "code", "pre", "table", "tbody", "tr",
             "th", "td", "footer", "script"}
    tags = {t for t, _ in page.elements}
    check(page.title == "picket report", "the title is the page's own")
    check(tags - names - {"title"} == set(), "no element comes from a name")
    check(len(page.all("script")) == 1 and len(page.all("style")) == 1,
          "one script and one style")
    check(not any(k.startswith("on") or k in ("src", "href", "style")
                  for _, a in page.elements for k in a),
          "no attribute acts or fetches")
    check(len(page.files()) == count, "every file is there")
    ranks = [int(f["data-verdict"]) for f in page.files()]
    check(ranks == sorted(ranks, reverse=True), "the worst come first")
    check(any(a.get("class") == "g" for a in page.all("rect")),
          "unexplained bytes stand in a map")
    check(not any("tools" in (a.get("class") or "") and "hidden" in a
                  for a in page.all("section")),
          "the page's own script ran")


def main():
    picket = os.path.abspath(sys.argv[1])
    browser = shutil.which("chromium")
    if not browser:
        print("ok 1 # SKIP there is no chromium")
        return 0
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "tree"
        root.mkdir()
        count = make_tree(root, listener.getsockname()[1])
        out = pathlib.Path(folder) / "report.html"
        with open(out, "wb") as f:
            subprocess.run((picket, "scan", "--format", "html", root),
                           stdout=f, stdin=subprocess.DEVNULL, check=False)
        look(browse(browser, out.as_uri()), count)
        found = browse(browser, out.as_uri() + "#find=needle")
        seen = [f for f in found.files() if "hidden" not in f]
        check(len(seen) == 1, "a search leaves what it finds")
        check(not asked(listener), "nothing was fetched")
    print("1..%d" % cases)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
