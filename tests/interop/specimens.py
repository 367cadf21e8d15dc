#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Specimens do what they claim, and picket blocks each of them.

    usage: specimens.py PICKET        prints TAP

Each specimen that names a victim is loaded the way the victim would load it,
by a Python of its own: isolated, without a network, without room to write, in
an empty folder.  The word must come out.  Nothing but picket's own specimens
is ever loaded here: the digest of each is compared with what the program says
it has written.
"""
import hashlib
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

# Each loads sys.argv[1].
VICTIMS = {
    "pickle.load": "import pickle\n"
                   "f = open(sys.argv[1], 'rb')\n"
                   "while True: pickle.load(f)\n",
    "joblib.load": "import joblib\njoblib.load(sys.argv[1])\n",
    "numpy.load": "import numpy\n"
                  "a = numpy.load(sys.argv[1], allow_pickle=True)\n"
                  "[a[k] for k in getattr(a, 'files', ())]\n",
    "torch.load": "import torch\ntorch.load(sys.argv[1])\n",
}
SECONDS = 60


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def walls():
    """The command that takes the network away, or None."""
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        try:
            done = subprocess.run(command + ["true"], check=False,
                                  stderr=subprocess.DEVNULL)
        except FileNotFoundError:
            return None
        if done.returncode == 0:
            return command
    return None


def load(unshare, victim, path):
    """What the victim prints."""
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            unshare + ["/usr/bin/python3", "-I", "-B", "-W", "ignore", "-c",
                       "import sys\n" + VICTIMS[victim], str(path)],
            cwd=empty, env={"PATH": "/usr/bin:/bin", "HOME": empty},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=SECONDS, check=False,
            preexec_fn=limit)
        assert not os.listdir(empty), "%s wrote something" % path
    return done.stdout.decode()


def main():
    picket = sys.argv[1]
    bad = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "specimens"
        done = subprocess.run([picket, "specimen", "--check", "--json",
                               str(folder)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        score = json.loads(done.stdout)
        listed = json.loads((folder / "specimens.json").read_text())
        missed = [s["path"] for s in score["specimens"]
                  if not s["as_expected"]]
        print("%sok 1 - picket blocks all of %d specimens%s"
              % ("not " if missed or done.returncode else "", score["total"],
                 "".join("\n# " + m for m in missed)))
        unshare = walls()
        if unshare is None:
            print("ok 2 - the word comes out # SKIP no namespaces here")
            print("1..2")
            return 1 if missed else 0
        loaded = 0
        for specimen in listed["specimens"]:
            path = folder / specimen["path"]
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest != specimen["sha256"]:
                bad.append("%s is not what was written" % path)
            elif specimen["victim"]:
                loaded += 1
                said = load(unshare, specimen["victim"], path)
                if said.split() != [listed["canary"]]:
                    bad.append("%s: %r" % (specimen["path"], said))
    print("%sok 2 - the word comes out of %d of them when they are loaded%s"
          % ("not " if bad or not loaded else "", loaded,
             "".join("\n# " + b for b in bad)))
    print("1..2")
    return 1 if bad or missed else 0


if __name__ == "__main__":
    sys.exit(main())
