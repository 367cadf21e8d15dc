#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Scans a folder of labelled files: nothing malicious may pass, nothing benign
may be blocked unless carries-code.tsv says why.

run.py PICKET; speaks TAP.  The folder is PICKET_LABELLED_CORPUS, by default
../shared/corpus beside the checkout, and holds labels.tsv with the columns
path, label (benign, malicious, invalid) and note.  Nothing in it is loaded."""
import collections
import csv
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def corpus():
    return os.environ.get("PICKET_LABELLED_CORPUS") or os.path.join(
        os.path.dirname(ROOT), "shared", "corpus")


def table(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def scanned(picket, top, paths):
    """What picket said of each file."""
    listed = "\n".join(os.path.join(top, p) for p in paths)
    done = subprocess.run(
        [picket, "scan", "--format", "ndjson", "--no-progress",
         "--files-from", "-"], input=listed, text=True,
        stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit("Bail out! picket ended with %d" % done.returncode)
    files = {}
    for line in done.stdout.splitlines():
        entry = json.loads(line)
        if "path" in entry:
            files[os.path.relpath(entry["path"], top)] = entry
    return files


def complaint(label, entry, excused):
    """Why the answer is wrong, or None."""
    if entry is None:
        return "not in the report"
    rules = ", ".join(sorted({f["rule"] for f in entry["findings"]})[:4])
    if label == "malicious" and entry["action"] != "block":
        return "malicious, yet %s: %s" % (entry["verdict"], rules)
    if label == "benign" and entry["action"] == "block" and not excused:
        return "benign, yet %s: %s" % (entry["verdict"], rules)
    return None


def main():
    picket, top = os.path.abspath(sys.argv[1]), corpus()
    if not os.path.exists(os.path.join(top, "labels.tsv")):
        print("1..0 # SKIP no labelled files in PICKET_LABELLED_CORPUS")
        return 0
    rows = [r for r in table(os.path.join(top, "labels.tsv"))
            if os.path.isfile(os.path.join(top, r["path"]))]
    excused = {r["path"] for r in
               table(os.path.join(HERE, "carries-code.tsv"))}
    files = scanned(picket, top, [r["path"] for r in rows])
    bad = 0
    tally = collections.Counter()
    for n, row in enumerate(rows, 1):
        entry = files.get(row["path"])
        why = complaint(row["label"], entry, row["path"] in excused)
        tally[row["label"], entry["verdict"] if entry else "none"] += 1
        bad += bool(why)
        print("%s %d - %s" % ("not ok" if why else "ok", n,
                              row["path"].replace("#", "_")))
        if why:
            print("# " + why)
    for (label, verdict), n in sorted(tally.items()):
        print("# %s: %d %s" % (label, n, verdict))
    print("1..%d" % len(rows))
    return 1 if bad or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
