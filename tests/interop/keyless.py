#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Keyless signatures: those that the reference implementation made, each part
of them damaged, and those of a Sigstore of our own that does things wrong.

keyless.py PICKET; speaks TAP.  The reference's bundles lie in the folder
PICKET_SIGNING_VECTORS (see signing.py); without it the rest is tested."""
import base64
import copy
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
VECTORS = os.environ.get("PICKET_SIGNING_VECTORS") or os.path.join(
    os.path.dirname(ROOT), "shared", "spec", "vectors")
UPSTREAM = os.path.join(VECTORS, "signing-upstream")
IDENTITY = "stefanb@us.ibm.com"
ISSUER = "https://sigstore.verify.ibm.com/oauth2"


class Cases:
    def __init__(self, picket, folder):
        self.picket, self.folder = picket, folder
        self.count = self.bad = 0

    def write(self, name, value):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            json.dump(value, f)
        return path

    def verify(self, model, bundle, root, identity=IDENTITY, issuer=ISSUER,
               options=()):
        done = subprocess.run(
            [self.picket, "verify-signature", model, "--signature",
             self.write("model.sig", bundle), "--trusted-root",
             self.write("root.json", root), "--identity", identity,
             "--issuer", issuer, "--no-progress", *options],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout

    def say(self, what, why, status, said):
        """why: what it must be refused for; None: it must be good."""
        self.count += 1
        right = (status == 0 and why is None) or \
            (status == 5 and why is not None and why in said)
        self.bad += not right
        print("%s %d - %s" % ("ok" if right else "not ok", self.count, what))
        if not right:
            print("# status %d, wanted %r: %s" % (status, why, said.strip()))


def load(*path):
    with open(os.path.join(UPSTREAM, *path), encoding="utf-8") as f:
        return json.load(f)


def flip(text):
    """Base64 of which a bit in the middle is another one."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def with_bytes(text, was, becomes):
    data = base64.b64decode(text)
    assert was in data
    return base64.b64encode(data.replace(was, becomes)).decode()


def at(value, path):
    for key in path[:-1]:
        value = value[key]
    return value, path[-1]


MATERIAL = ("verificationMaterial",)
ENTRY = MATERIAL + ("tlogEntries", 0)
PROOF = ENTRY + ("inclusionProof",)
STAMP = MATERIAL + ("timestampVerificationData", "rfc3161Timestamps", 0,
                    "signedTimestamp")
SET = ENTRY + ("inclusionPromise", "signedEntryTimestamp")

# What is changed, how, and what it is refused for.
DAMAGE = [
    (ENTRY + ("integratedTime",), lambda v: str(int(v) + 1), "promise"),
    (ENTRY + ("integratedTime",), lambda v: "-1", "cannot be read"),
    (ENTRY + ("logIndex",), lambda v: str(int(v) + 1), "promise"),
    (SET, flip, "promise"),
    (ENTRY + ("logId", "keyId"), flip, "not trusted"),
    (ENTRY + ("kindVersion", "kind"), lambda v: "intoto", "another kind"),
    (ENTRY + ("canonicalizedBody",), flip, "proof of inclusion"),
    (PROOF + ("hashes", 3), flip, "proof of inclusion"),
    (PROOF + ("hashes",), lambda v: v[:-1], "proof of inclusion"),
    (PROOF + ("hashes",), lambda v: v + v[:1], "proof of inclusion"),
    (PROOF + ("hashes",), lambda v: v * 9, "cannot be read"),
    (PROOF + ("logIndex",), lambda v: str(int(v) ^ 1), "proof of inclusion"),
    (PROOF + ("rootHash",), flip, "checkpoint"),
    (PROOF + ("treeSize",), lambda v: str(int(v) + 1), "checkpoint"),
    (PROOF + ("treeSize",), lambda v: "0", "checkpoint"),
    (PROOF + ("checkpoint", "envelope"),
     lambda v: v.replace("rekor", "Rekor", 1), "checkpoint"),
    (PROOF + ("checkpoint", "envelope"), lambda v: v[:-1], "checkpoint"),
    (PROOF + ("checkpoint", "envelope"), lambda v: "", "checkpoint"),
    (ENTRY + ("inclusionProof",), lambda v: None, "cannot be read"),
    (STAMP, lambda v: with_bytes(v, b"20251010021220Z", b"20251010021320Z"),
     "time stamp"),
    (STAMP, lambda v: with_bytes(v, base64.b64decode(v)[-9:], bytes(9)),
     "time stamp"),
    (STAMP, lambda v: v[:-8], "time stamp"),
    (MATERIAL + ("tlogEntries",), lambda v: v + v, "not exactly one"),
    (MATERIAL + ("tlogEntries",), lambda v: [], "not exactly one"),
    (MATERIAL + ("certificate", "rawBytes"), flip, "another certificate"),
    (("dsseEnvelope", "payload"), flip, "another payload"),
    (("dsseEnvelope", "signatures", 0, "sig"), flip, "another signature"),
    (MATERIAL + ("publicKey",), lambda v: {"hint": ""}, "not exactly one"),
]


def of_the_reference(c):
    root = load("trusted_root.json")
    bundles = {}
    for name in sorted(os.listdir(UPSTREAM)):
        if not name.endswith("sigstore"):
            continue
        bundles[name] = load(name, "model.sig")
        options = ["--ignore", "ignore-me"] if "1.0.1" in name else []
        options += ["--ignore", "model.sig"]
        c.say(name, None, *c.verify(os.path.join(UPSTREAM, name),
                                    bundles[name], root, options=options))
    model = os.path.join(UPSTREAM, "v1.1.0-sigstore")
    options = ["--ignore", "model.sig"]
    good = bundles["v1.1.0-sigstore"]
    for path, change, why in DAMAGE:
        bad = copy.deepcopy(good)
        where, key = at(bad, path)
        where[key] = change(where[key] if isinstance(key, int) or key in where
                            else None)
        c.say("%s is changed: %s" % (".".join(map(str, path)), why), why,
              *c.verify(model, bad, root, options=options))
    for what, other in (("identity", "stefanb@us.ibm.co"),
                        ("identity", IDENTITY + "\n"), ("issuer", "https://x")):
        c.say("another " + what, "another " + what, *c.verify(
            model, good, root, options=options, **{what: other}))
    for member, why in (("tlogs", "not trusted"),
                        ("ctlogs", "log of certificates"),
                        ("certificateAuthorities", "trusted authority"),
                        ("timestampAuthorities", "time stamp")):
        for name in ("lacks", "ended before"):
            bad = copy.deepcopy(root)
            for one in bad[member]:
                one.get("publicKey", one)["validFor"] = {
                    "start": "2020-01-01T00:00:00Z",
                    "end": "2021-01-01T00:00:00.999Z"}
            if name == "lacks":
                bad[member] = []
            c.say("a root that %s %s" % (name, member), why, *c.verify(
                model, good, bad, options=options))
    older = copy.deepcopy(bundles["v1.0.1-sigstore"])
    older["verificationMaterial"]["timestampVerificationData"] = \
        good["verificationMaterial"]["timestampVerificationData"]
    c.say("a time stamp of another signature", "time stamp",
          *c.verify(model, older, root, options=options))
    del older["verificationMaterial"]["timestampVerificationData"]
    del older["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]
    c.say("no time at all", "nothing proves when",
          *c.verify(model, older, root, options=options))
    stamped = copy.deepcopy(good)
    del stamped["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]
    c.say("a time stamp is enough", None,
          *c.verify(model, stamped, root, options=options))


def of_our_own(c, model):
    import sigstore as s
    x = s.x509
    statement = subprocess.run(
        [c.picket, "manifest", "create", "--json", "--no-progress", model],
        stdout=subprocess.PIPE, check=True)
    manifest = json.loads(statement.stdout)
    payload = json.dumps({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {
            "sha256": manifest["root"].split(":")[1]}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256",
                              "allow_symlinks": False},
            "resources": [{"name": f["path"], "algorithm": "sha256",
                           "digest": f["sha256"]}
                          for f in manifest["files"]]}}).encode()
    town = s.Sigstore()
    mail = [x.RFC822Name("a@b.example")]
    issuer = [(s.ISSUER, s.utf8("https://i.example"))]

    def case(what, why, identity=mail, by=issuer, root=None, who="a@b.example",
             **wrong):
        c.say(what, why, *c.verify(
            model, town.sign(payload, identity, by, **wrong),
            root or town.trusted_root(), who, "https://i.example"))

    case("one of our own", None)
    case("a URI", None, [x.UniformResourceIdentifier("https://b.example/w")],
         who="https://b.example/w")
    case("a user name", None, [x.OtherName(s.USER_NAME, s.utf8("ann"))],
         who="ann")
    case("another kind of name", "another identity",
         [x.OtherName(s.ISSUER, s.utf8("ann"))], who="ann")
    case("a name of a host", "another identity", [x.DNSName("b.example")],
         who="b.example")
    case("two names", "another identity", mail + [x.RFC822Name("c@b.example")])
    case("a name and a NUL", "another identity",
         [x.OtherName(s.USER_NAME, s.utf8("ann\0"))], who="ann")
    case("the older extension", None,
         by=[(s.ISSUER_RAW, b"https://i.example")])
    case("two opinions on the issuer", "another issuer",
         by=[(s.ISSUER_RAW, b"https://i.example"),
             (s.ISSUER, s.utf8("https://j.example"))])
    case("bytes behind the issuer", "another issuer",
         by=[(s.ISSUER, s.utf8("https://i.example") + b"\0")])
    case("no issuer", "another issuer", by=[])
    late = s.NOW + 20 * s.MINUTE
    case("used after it had ended", "not valid", time=late)
    case("used before it began", "not valid", time=s.NOW - 2 * s.MINUTE)
    case("issued by nobody known", "trusted authority", ca=s.Key())
    case("not for code", "not for signing",
         uses=[x.ExtendedKeyUsageOID.SERVER_AUTH])
    case("for nothing in particular", "not for signing", uses=[])
    case("for encryption", "not for signing", may_sign=False)
    case("not logged", "log of certificates", scts=0)
    case("logged twice", "log of certificates", scts=2)
    case("logged by another", "log of certificates", sct_key=s.Key())
    case("logged for another authority", "log of certificates",
         sct_issuer=town.root)
    case("logged when the log was not trusted", "log of certificates",
         sct_time=s.NOW + 70 * s.MINUTE)
    case("a log with another key", "checkpoint", log_key=s.Key())
    case("signed by another key", "not that of the certificate",
         signer=s.Key())
    intermediate = town.trusted_root()
    chain = intermediate["certificateAuthorities"][0]["certChain"]
    chain["certificates"] = chain["certificates"][:1]
    case("an intermediate is no root", "trusted authority", root=intermediate)
    case("no trusted root at all", "trusted root", root={"mediaType": "x"})


def main():
    picket = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as top:
        model = os.path.join(top, "model")
        os.mkdir(model)
        for name in ("a", "b"):
            with open(os.path.join(model, name), "w", encoding="utf-8") as f:
                f.write(name)
        c = Cases(picket, top)
        if os.path.isdir(UPSTREAM):
            of_the_reference(c)
        try:
            of_our_own(c, model)
        except ImportError as e:
            print("# not tested: %s" % e)
    print("1..%d%s" % (c.count, "" if c.count else " # SKIP nothing to test"))
    return 1 if c.bad else 0


if __name__ == "__main__":
    sys.exit(main())
