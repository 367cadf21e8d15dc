#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Verifies bundles that the reference implementation of OpenSSF Model Signing
wrote or judged: what it accepts is accepted, what it refuses is refused, but
for the cases named here in which picket is stricter.

signing.py PICKET; speaks TAP.  The folder is PICKET_SIGNING_VECTORS, by
default ../shared/spec/vectors beside the checkout."""
import os
import subprocess
import sys
import tarfile
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
VECTORS = os.environ.get("PICKET_SIGNING_VECTORS") or os.path.join(
    os.path.dirname(ROOT), "shared", "spec", "vectors")
OWN = os.path.join(VECTORS, "signing")
UPSTREAM = os.path.join(VECTORS, "signing-upstream")

# The reference takes these, and picket does not.
STRICTER = {
    "compat-pae": "the encoding of 0.2.0 only with --legacy",
    "compat-v02-predicate": "the same",
    "dot-slash-name": "two spellings of one name",
    "double-slash-name": "the same",
    "dotdot-name": "a name that leaves the model",
    "duplicate-json-key": "readers disagree about it",
    "duplicate-name-last-wins": "the same",
    "ignore-all-dot": "nothing is covered",
    "ignore-weights": "the weights are not covered",
    "snake-case-fields": "not how the members are spelled",
    "two-signatures-first-good": "a bundle has exactly one",
}

# How a model is called, whose certificates refuse, which cannot be split.
REFUSED = {"cert-leaf-nousage", "cert-leaf-tls", "colon-shard"}


def verify(picket, model, signature, *options):
    done = subprocess.run(
        [picket, "verify-signature", model, "--signature", signature,
         "--no-progress", *options], text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode not in (0, 5):
        raise SystemExit("Bail out! status %d: %s"
                         % (done.returncode, done.stdout))
    return done.returncode == 0, done.stdout.strip()


def own_key(name):
    if name.startswith("cert"):
        return "--chain", os.path.join(OWN, "keys/root.cert.pem")
    for curve in ("p384", "p521"):
        if name == "flat-" + curve:
            return "--key", os.path.join(OWN, "keys/%s.pub.pem" % curve)
    return "--key", os.path.join(OWN, "keys/p256.pub.pem")


def own_model(name):
    return {"cert": "flat", "single": "single.bin"}.get(
        name.split("-")[0], name.split("-")[0])


def own(picket, models):
    """What the reference signed."""
    folder = os.path.join(OWN, "sigs")
    for file in sorted(os.listdir(folder)):
        name = file[:-len(".sig")]
        yield name, name not in REFUSED, verify(
            picket, os.path.join(models, own_model(name)),
            os.path.join(folder, file), *own_key(name))


def crafted(picket, models):
    """What was made by hand, and the reference's verdict."""
    with open(os.path.join(OWN, "crafted/expected.tsv"),
              encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f
                if not line.startswith("#")]
    for name, extra, verdict in rows:
        wanted = verdict.startswith("accept") and name not in STRICTER
        yield name, wanted, verify(
            picket, os.path.join(models, "flat"),
            os.path.join(OWN, "crafted", name + ".sig"),
            *own_key(name), *(["--allow-extra"] if extra == "yes" else []))
    for name in ("compat-pae", "compat-v02-predicate"):
        yield name + " as legacy", True, verify(
            picket, os.path.join(models, "flat"),
            os.path.join(OWN, "crafted", name + ".sig"), *own_key(name),
            "--legacy")


def upstream(picket, _):
    """Bundles of every release, but for keyless ones."""
    for name in sorted(os.listdir(UPSTREAM)):
        folder = os.path.join(UPSTREAM, name)
        if not name.startswith("v") or name.endswith("sigstore"):
            continue
        options = ["--chain", os.path.join(UPSTREAM, "keys/ca-cert.pem")]
        if name.endswith("key"):
            options = ["--key", os.path.join(
                UPSTREAM, "keys/signing-key-pub.pem")]
        if name.startswith("v0.2"):
            options.append("--legacy")
        if name.startswith("v1.0.1"):
            options += ["--ignore", "ignore-me"]
        single = name in ("v0.3.1-elliptic-key", "v1.0.0-elliptic-key")
        yield name, True, verify(
            picket, os.path.join(folder, "signme-1") if single else folder,
            os.path.join(folder, "model.sig"), *options)


def main():
    picket = os.path.abspath(sys.argv[1])
    if not os.path.isdir(OWN):
        print("1..0 # SKIP no signatures in PICKET_SIGNING_VECTORS")
        return 0
    count = bad = 0
    with tempfile.TemporaryDirectory() as top:
        with tarfile.open(os.path.join(OWN, "models.tar.gz")) as tar:
            tar.extractall(top)
        for cases in (own, crafted, upstream):
            for name, wanted, (good, said) in cases(
                    picket, os.path.join(top, "models")):
                count += 1
                right = good == wanted
                bad += not right
                print("%s %d - %s is %s" % ("ok" if right else "not ok",
                                            count, name, "accepted" if wanted
                                            else "refused"))
                if not right:
                    print("# " + said.replace("\n", "\n# "))
    print("1..%d" % count)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
