#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What picket says that loaders would do is what they do.

    usage: loaders.py PICKET        prints TAP

picket's own specimens, and files that are written here, are given to each
loader that is installed, in the walls of specimens.py.  Where the word comes
out, picket must have said "runs-code"; where the loader raises, "refuses" or
"fails"; where it returns, "loads-data" or "imports".
"""
import collections
import json
import pathlib
import pickle
import subprocess
import sys
import tempfile

import specimens

CANARY = "picket-canary"
DONE = "loaded-whole"

# Each loads sys.argv[1], and says so when it could.
LOADERS = {
    "pickle.load": "import pickle\n"
                   "f = open(sys.argv[1], 'rb')\n"
                   "pickle.load(f)\n"
                   "try:\n"
                   "    while True: pickle.load(f)\n"
                   "except EOFError: pass\n",
    "joblib.load": "import joblib\njoblib.load(sys.argv[1])\n",
    "numpy.load, allow_pickle=True":
        "import numpy\n"
        "a = numpy.load(sys.argv[1], allow_pickle=True)\n"
        "[a[k] for k in getattr(a, 'files', ())]\n",
    "numpy.load, allow_pickle=False (default since 1.16.3)":
        "import numpy\n"
        "a = numpy.load(sys.argv[1], allow_pickle=False)\n"
        "[a[k] for k in getattr(a, 'files', ())]\n",
    "torch.load, weights_only=False (default before 2.6)":
        "import torch\ntorch.load(sys.argv[1])\n",
    "torch.load, weights_only=True (default since 2.6)":
        "import torch\ntorch.load(sys.argv[1], weights_only=True)\n",
}
EXPECTED = {
    "runs": {"runs-code"},
    "raises": {"refuses", "fails"},
    "returns": {"loads-data", "imports"},
}

# Loads that depend on more than the file, and why.
DEPENDS = {
    # pickle.load() alone reads one pickle and numpy.load() no more either.
    ("pickle/second-pickle.pkl", "joblib.load"),
    ("pickle/second-pickle.pkl", "numpy.load, allow_pickle=True"),
    # Needs a package that may not be there.
    ("archive/model.pkl.lz4", "joblib.load"),
    # Runs where somebody has registered the number.
    ("pickle/extension-code.pkl", "pickle.load"),
    ("pickle/extension-code.pkl", "joblib.load"),
    ("pickle/extension-code.pkl", "numpy.load, allow_pickle=True"),
    # numpy.load() looks at the first bytes; joblib's loader at the last.
    ("archive/prepended.zip", "numpy.load, allow_pickle=True"),
}


def benign(folder):
    import joblib
    import numpy
    import torch
    (folder / "plain.pkl").write_bytes(pickle.dumps({"a": [1, 2.5]}))
    (folder / "ordered.pkl").write_bytes(
        pickle.dumps(collections.OrderedDict(a=1), 2))
    (folder / "cut.pkl").write_bytes(pickle.dumps(list(range(99)))[:-5])
    joblib.dump({"w": numpy.ones(3)}, folder / "array.joblib")
    joblib.dump({"w": numpy.ones(3)}, folder / "array.joblib.gz", compress=3)
    numpy.save(folder / "numbers.npy", numpy.ones(3))
    numpy.save(folder / "objects.npy", numpy.array([1, None], dtype=object))
    numpy.savez(folder / "numbers.npz", w=numpy.ones(3))
    state = collections.OrderedDict(w=torch.ones(2, 2))
    torch.save(state, folder / "state.pt")
    torch.save(state, folder / "legacy.pt",
               _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), folder / "module.pt")


def observe(unshare, loader, path):
    specimens.VICTIMS[loader] = LOADERS[loader] + "print(%r)\n" % DONE
    said = specimens.load(unshare, loader, path).split()
    if CANARY in said:
        return "runs"
    return "returns" if DONE in said else "raises"


def compare(picket, unshare, folder):
    done = subprocess.run([picket, "scan", "-f", "json", "--no-progress",
                           str(folder)], stdout=subprocess.PIPE, check=False)
    count = 0
    for file in json.loads(done.stdout)["files"]:
        path = pathlib.Path(file["path"])
        name = str(path.relative_to(folder))
        for entry in file.get("loaders", ()):
            loader, says = entry["loader"], entry["outcome"]
            if loader not in LOADERS or (name, loader) in DEPENDS:
                continue
            count += 1
            does = observe(unshare, loader, path)
            if says not in EXPECTED[does]:
                yield "%s: %s %s, picket says %s" % (name, loader, does, says)
    if not count:
        yield "no loader was compared"


def main():
    unshare = specimens.walls()
    if unshare is None:
        print("1..0 # SKIP no namespaces here")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        hostile, plain = folder / "hostile", folder / "plain"
        subprocess.run([sys.argv[1], "specimen", str(hostile)], check=True,
                       stderr=subprocess.DEVNULL)
        plain.mkdir()
        benign(plain)
        for number, where in enumerate((hostile, plain), 1):
            wrong = list(compare(sys.argv[1], unshare, where))
            failed += bool(wrong)
            print("%sok %d - loaders do with %s files what picket says"
                  % ("not " if wrong else "", number, where.name))
            for line in wrong:
                print("# " + line)
    print("1..2")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
