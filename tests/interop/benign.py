#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files that the real libraries write, and that nothing is wrong with, must
pass: PyTorch in every layout and dtype, NumPy at every protocol, joblib with
every compressor, scikit-learn's estimators, Python's own types.

    usage: benign.py PICKET        prints TAP, one case a library
"""
import argparse
import array
import collections
import datetime
import decimal
import fractions
import functools
import ipaddress
import json
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile
import types
import uuid
import warnings

import joblib
import numpy as np
import torch
from torch import nn

COMPRESSORS = (0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3))
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def dump(folder, name, value, protocols=PROTOCOLS):
    for protocol in protocols:
        to = folder / ("%s.p%d.pkl" % (name, protocol))
        to.write_bytes(pickle.dumps(value, protocol))


def python(folder):
    """Types of the standard library that models keep their settings in."""
    values = [
        datetime.datetime(2020, 1, 1), datetime.timezone.utc,
        datetime.timedelta(3), decimal.Decimal("1.5"),
        fractions.Fraction(1, 3), collections.OrderedDict(a=1),
        collections.defaultdict(list, a=[1]), collections.Counter("abc"),
        collections.deque([1], 5), uuid.UUID(int=5),
        pathlib.PurePosixPath("a/b"), re.compile("a+"), complex(1, 2),
        frozenset([1]), {1, 2}, bytearray(b"x"), range(5), slice(1, 2),
        array.array("d", [1, 2]), types.SimpleNamespace(a=1),
        argparse.Namespace(a=1), Ellipsis, NotImplemented, ValueError("x"),
        ipaddress.ip_address("192.0.2.1"), functools.partial(int, base=2),
    ]
    for i, value in enumerate(values):
        dump(folder, "%d-%s" % (i, type(value).__name__), value)


def numpy(folder):
    masked = np.ma.array([1, 2], mask=[0, 1])
    arrays = {
        "f8": np.ones((3, 4)), "F": np.asfortranarray(np.ones((3, 4))),
        "fields": np.zeros(3, dtype=[("a", "i4"), ("b", "U5"),
                                     ("c", "f8", (2,))]),
        "objects": np.array([1, "a", None], dtype=object),
        "dates": np.array(["2020-01-01"], dtype="M8[D]"),
        "matrix": np.matrix([[1, 2]]), "bytes": np.array([b"abc"]),
        "records": np.rec.array([(1, 2.0)], dtype=[("x", "i4"),
                                                   ("y", "f8")]),
        "empty": np.zeros((0, 3)),
    }
    others = {"state": np.random.RandomState(0), "masked": masked,
              "generator": np.random.default_rng(0),
              "scalar": np.float32(2), "void": np.void(b"abc")}
    for i, (name, value) in enumerate(arrays.items()):
        dump(folder, name, value)
        np.save(folder / (name + ".npy"), value)
        joblib.dump({"a": value, "b": [value, value]},
                    folder / (name + ".joblib"),
                    compress=COMPRESSORS[i % len(COMPRESSORS)])
    for name, value in others.items():
        dump(folder, name, value)
    np.savez(folder / "stored.npz", x=np.ones(3), y=np.zeros((2, 2)))
    np.savez_compressed(folder / "packed.npz", x=np.ones(3))


def checkpoints(model):
    optimizer = torch.optim.Adam(model.parameters())
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    yield "state", model.state_dict()
    yield "module", model
    yield "training", {"optimizer": optimizer.state_dict(), "epoch": 3,
                       "kinds": [torch.float32, torch.device("cpu"),
                                 torch.Size([1, 2])]}
    yield "odd", {"quantized": torch.quantize_per_tensor(
                      torch.ones(3), 0.1, 0, torch.qint8),
                  "sparse": torch.eye(3).to_sparse(),
                  "parameter": nn.Parameter(torch.ones(2)),
                  "numpy": np.arange(3)}
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.int8,
                  torch.bool, torch.complex64, torch.uint8, torch.int64):
        whole = torch.zeros(10).to(dtype)
        yield str(dtype), {"whole": whole, "view": whole[2:5]}


def pytorch(folder):
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(),
                          nn.Flatten(), nn.Linear(4, 2), nn.LSTM(2, 3),
                          nn.Transformer(8, 2, 1, 1, 16), nn.Embedding(5, 3))
    for name, value in checkpoints(model):
        for new in (True, False):
            torch.save(value, folder / ("%s-%d.pt" % (name, new)),
                       _use_new_zipfile_serialization=new)
    torch.jit.save(torch.jit.script(nn.Sequential(nn.Linear(2, 2))),
                   str(folder / "script.pt"))


def sklearn(folder):
    from sklearn.datasets import make_classification
    from sklearn.utils import all_estimators
    data, target = make_classification(60, 8, random_state=0)
    for i, (name, kind) in enumerate(all_estimators()):
        try:
            model = kind().fit(abs(data), target)
        except Exception:  # wants arguments or other data
            continue
        dump(folder, name, model, [2 + i % 4])
        joblib.dump(model, folder / (name + ".joblib"),
                    compress=COMPRESSORS[i % len(COMPRESSORS)])


def verdicts(picket, folder):
    done = subprocess.run([picket, "scan", "-f", "ndjson", "--no-progress",
                           str(folder)], stdout=subprocess.PIPE, check=False)
    for line in done.stdout.splitlines():
        file = json.loads(line)
        if "path" in file:
            yield file


def blocked(picket, write):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write(folder)
        written = sum(1 for _ in folder.iterdir())
        files = list(verdicts(picket, folder))
    bad = [f for f in files if f["verdict"] not in ("clean", "unknown")]
    for file in bad:
        why = file["findings"][0]["message"] if file["findings"] else ""
        print("# %s: %s %s" % (pathlib.Path(file["path"]).name,
                               file["verdict"], why))
    return bool(bad) or len(files) != written or not files


def main():
    warnings.simplefilter("ignore")
    cases = (python, numpy, pytorch, sklearn)
    print("1..%d" % len(cases))
    failed = 0
    for i, write in enumerate(cases, 1):
        bad = blocked(sys.argv[1], write)
        failed += bad
        print("%sok %d - what %s writes passes"
              % ("not " if bad else "", i, write.__name__), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
