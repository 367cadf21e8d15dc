#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files that h5py writes, in the earliest and the latest form of HDF5: what
is in them is found, and nothing is said of those that nothing is wrong with.

    usage: hdf5.py PICKET        prints TAP, one case a file
"""
import base64
import json
import marshal
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

FORMS = ("earliest", "latest")


def layer(name, config):
    return {"class_name": name, "config": config}


def model(*layers):
    return json.dumps(layer("Sequential", {"layers": list(layers)}))


def code(source):
    made = [c for c in compile(source, "m", "exec").co_consts
            if hasattr(c, "co_code")][0]
    return base64.encodebytes(marshal.dumps(made)).decode()


DENSE = layer("Dense", {"units": 1, "name": "system"})
PLAIN = layer("Lambda", {"function": [code("lambda x: x * 2"), None, None]})
SHELL = layer("Lambda", {"function": [
    code("lambda x: __import__('os').system('echo picket')"), None, None]})


def numbers(f):
    for i in range(3):
        g = f.create_group("layer_%d/vars" % i)
        g["kernel"] = np.zeros((3, 4), "f4")
        g.create_dataset("packed", data=np.arange(1000), chunks=(100,),
                         compression="gzip", shuffle=True)
        g.create_dataset("more", data=np.arange(10), maxshape=(None,))
    f.attrs["layer_names"] = np.array([b"layer_0", b"layer_1"])
    f["text"] = ["some", "text"]
    f["again"] = f["layer_0"]
    f["layer_0/up"] = f["/"]


def many(f):
    """Enough for dense storage, and for trees of more than one level."""
    for i in range(3000):
        f.create_group("group_%05d" % i)
    for i in range(2000):
        f.attrs["attribute_%05d" % i] = "x" * (i % 50 + 4)
    f["group_00000"].attrs["long"] = "y" * 30000


def built(*layers, fixed=False):
    def write(f):
        text = model(*layers)
        f.attrs["keras_version"] = "2.12.0"
        f.attrs["model_config"] = (np.bytes_(text.encode()) if fixed
                                   else text.encode())
        for i in range(8):
            f.attrs["other_%d" % i] = i
    return write


def hidden(f):
    """The configuration stands in dense storage."""
    many(f)
    built(SHELL)(f)


def deep(f):
    g = f
    for i in range(40):
        g = g.create_group("g%d" % i)
    g.attrs["model_config"] = model(SHELL)


def storage(f):
    f.create_dataset("layers/dense/vars/0", (4,), "f4",
                     external=[("/etc/passwd", 0, 16)])


def linked(f):
    f["layers/dense/vars/0"] = h5py.ExternalLink("../secret.h5", "/x")


def linked_many(f):
    many(f)
    linked(f)


def virtual(f):
    made = h5py.VirtualLayout((4,), "f4")
    made[:] = h5py.VirtualSource("/tmp/secret.h5", "x", (4,))
    f.create_virtual_dataset("layers/dense/vars/0", made)


def soft(f):
    f["x"] = h5py.SoftLink("/y")


def bomb(f):
    f.create_dataset("x", (1 << 40,), "f8")


# What is written, and the rule and severity that is the worst one; None:
# nothing at all.
CASES = (
    (numbers, None), (many, None), (built(DENSE), None),
    (built(DENSE, fixed=True), None),
    (built(PLAIN), ("keras.lambda", "high")),
    (built(SHELL), ("keras.lambda", "critical")),
    (built(DENSE, SHELL, fixed=True), ("keras.lambda", "critical")),
    (hidden, ("keras.lambda", "critical")),
    (deep, ("keras.lambda", "critical")),
    (storage, ("hdf5.outside-file", "high")),
    (linked, ("hdf5.outside-file", "high")),
    (linked_many, ("hdf5.outside-file", "high")),
    (virtual, ("hdf5.outside-file", "high")),
    (soft, ("hdf5.odd-link", "low")),
    (bomb, ("hdf5.shape-bomb", "medium")),
)


def scan(picket, path):
    out = subprocess.run([picket, "scan", "--format", "ndjson", str(path)],
                         text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False).stdout
    return json.loads(out.split("\n")[0])


def wrong(report, want):
    found = [(f["rule"], f["severity"]) for f in report["findings"]]
    if not report["complete"]:
        return "not read whole: %s" % report["findings"]
    if want is None:
        return found and "found %s" % found
    return (want not in found) and "found %s, not %s" % (found, want)


def main():
    picket = sys.argv[1]
    n = 0
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMS:
            for user in (0, 1024):
                for i, (write, want) in enumerate(CASES):
                    n += 1
                    path = pathlib.Path(folder) / ("%d.h5" % n)
                    with h5py.File(path, "w", libver=form,
                                   userblock_size=user) as f:
                        write(f)
                    why = wrong(scan(picket, path), want)
                    bad += bool(why)
                    print("%s %d - case %d, %s, user block %d"
                          % ("not ok" if why else "ok", n, i, form, user))
                    if why:
                        print("# %s" % why)
                    path.unlink()
    print("1..%d" % n)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
