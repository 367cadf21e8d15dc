#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What real libraries write is converted bit by bit.

weights.py PICKET; speaks TAP.  PyTorch, NumPy, joblib and scikit-learn write
the inputs; what this PyTorch cannot write yet is put together here from the
layout's description.  The outputs are read by the few lines below, not by
picket."""
import collections
import io
import json
import os
import pickle
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import joblib
import numpy as np
import torch

PICKET = os.path.abspath(sys.argv[1])
DTYPES = {
    "BOOL": torch.bool, "U8": torch.uint8, "I8": torch.int8,
    "I16": torch.int16, "F16": torch.float16, "BF16": torch.bfloat16,
    "I32": torch.int32, "F32": torch.float32, "C64": torch.complex64,
    "F64": torch.float64, "I64": torch.int64,
}
# Of the SafeTensors enum: data is sorted by it, the last first.
RANK = ("BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ "
        "F8_E5M2FNUZ I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64").split()
count = failed = 0


def report(title, problems):
    global count, failed
    count += 1
    failed += bool(problems)
    print("%s %d - %s" % ("not ok" if problems else "ok", count, title))
    for p in problems[:10]:
        print("# %s" % p)


def read_safetensors(path):
    with open(path, "rb") as f:
        raw = f.read()
    n, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + n])
    return header, raw[8 + n:], raw[8:8 + n]


def check_layout(header, data, text):
    """Order, alignment and padding as the reference writes them."""
    bad = []
    entries = [(k, v) for k, v in header.items() if k != "__metadata__"]
    key = [(-RANK.index(v["dtype"]), k.encode()) for k, v in entries]
    if key != sorted(key):
        bad.append("tensors are not in the reference's order")
    at = 0
    for name, v in entries:
        if v["data_offsets"][0] != at:
            bad.append("%s does not follow the one before" % name)
        at = v["data_offsets"][1]
    if at != len(data):
        bad.append("%d bytes of data for %d" % (len(data), at))
    plain = {k: v for k, v in header.items()}
    again = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    again = again.encode("utf-8")
    if text != again + b" " * (-len(again) % 8):
        bad.append("the header is spelled another way")
    return bad


def bytes_of(t):
    """A tensor's bytes, row by row."""
    if isinstance(t, np.ndarray):
        return t.astype(t.dtype.newbyteorder("<")).tobytes("C")
    t = t.detach().resolve_conj().resolve_neg().contiguous()
    if t.dtype == torch.bfloat16:
        t = t.view(torch.int16)
    return t.numpy().tobytes()


def compare(path, want, aliases=()):
    """want: name -> (dtype, shape, bytes)"""
    header, data, text = read_safetensors(path)
    bad = check_layout(header, data, text)
    meta = header.pop("__metadata__")
    if meta.pop("format") != "pt":
        bad.append("metadata has no format")
    if dict(aliases) != meta:
        bad.append("aliases %r" % meta)
    if set(header) != set(want):
        bad.append("names: %r" % (set(header) ^ set(want)))
    for name in set(header) & set(want):
        dtype, shape, raw = want[name]
        have = header[name]
        begin, end = have["data_offsets"]
        if have["dtype"] != dtype or tuple(have["shape"]) != tuple(shape):
            bad.append("%s is %s %s, not %s %s" % (
                name, have["dtype"], have["shape"], dtype, shape))
        elif data[begin:end] != raw:
            bad.append("%s has other bytes" % name)
    return bad


def convert(*args, status=0):
    done = subprocess.run([PICKET, "convert", *args], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != status:
        return ["status %d: %s" % (done.returncode, done.stdout.strip())]
    return []


def converted(title, path, want, aliases=(), flags=()):
    out = path + ".safetensors"
    bad = convert(*flags, path, out)
    report(title, bad or compare(out, want, aliases))


def expect(tensors):
    names = {v: k for k, v in DTYPES.items()}
    return {k: (names[t.dtype], t.shape, bytes_of(t))
            for k, t in tensors.items()}


def sample():
    """Every dtype, and every way in which a view can lie in its storage."""
    torch.manual_seed(1)
    t = collections.OrderedDict()
    for name, dtype in DTYPES.items():
        t["dtype." + name] = (torch.randn(5, 7) * 50).to(dtype)
    base = torch.randn(6, 8)
    t["base"] = base
    t["transposed"] = base.t()
    t["slice"] = base[1:4, 2:7]
    t["strided"] = base[::2, ::3]
    t["row"] = base[2]
    t["column"] = base[:, 3]
    t["permuted"] = torch.randn(2, 3, 4, 5).permute(3, 1, 0, 2)
    t["expanded"] = torch.randn(1, 4).expand(3, 4)
    t["channels_last"] = torch.randn(2, 3, 4, 5).to(
        memory_format=torch.channels_last)
    t["scalar"] = torch.tensor(3.25)
    t["empty"] = torch.empty(0)
    t["no_rows"] = torch.empty(0, 3)
    t["no_columns"] = torch.empty(3, 0, dtype=torch.int64)
    t["one"] = torch.ones(1, 1, 1)
    t["parameter"] = torch.nn.Parameter(torch.randn(4))
    t["conjugated"] = torch.randn(4, dtype=torch.complex64).conj()
    t["negated"] = torch.randn(4, dtype=torch.complex64).conj().imag
    t["nan"] = torch.tensor([float("nan"), float("inf"), -0.0])
    t["Größe"] = torch.ones(2)
    t['quote"back\\slash'] = torch.ones(3)
    return t


def torch_layouts(folder):
    t = sample()
    for title, kwargs in (("zip", {}),
                          ("legacy", {"_use_new_zipfile_serialization": False})):
        path = os.path.join(folder, title + ".pt")
        # The layout of old has no conjugated or negated views.
        these = {k: v for k, v in t.items() if title == "zip" or
                 k not in ("conjugated", "negated")}
        torch.save(these, path, **kwargs)
        # 1.13 forgets that a view was conjugated: what it loads counts.
        converted("PyTorch's %s layout, every dtype and view" % title, path,
                  expect(torch.load(path)))


def tied(folder):
    w = torch.randn(3, 4)
    path = os.path.join(folder, "tied.pt")
    torch.save({"z.weight": w, "a.weight": w, "m.weight": w,
                "part": w[:2], "flat": w.view(12)}, path)
    t = {"a.weight": w, "part": w[:2], "flat": w.view(12)}
    converted("tied weights are one tensor, views their own", path, expect(t),
              {"z.weight": "a.weight", "m.weight": "a.weight"})


def nested(folder):
    w, m = torch.randn(2, 2), torch.randn(2)
    path = os.path.join(folder, "nested.pt")
    torch.save({"model": collections.OrderedDict([("l.w", w)]), "epoch": 7,
                "optimizer": {"state": {0: {"m": m, "step": 3}},
                              "param_groups": [{"lr": 0.1, "params": [0]}]},
                "list": [w[0], (m,)]}, path)
    converted("nested containers are joined by dots", path, expect(
        {"model.l.w": w, "list.1.0": m, "list.0": w[0]}),
        {"optimizer.state.0.m": "list.1.0"})


def module(folder):
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    path = os.path.join(folder, "module.pt")
    torch.save(net, path)
    bad = convert(path, path + ".x.safetensors", status=1)
    report("a whole module is refused", bad)
    converted("and salvaged by the names of its state dict", path,
              expect(dict(net.state_dict())), flags=("--salvage",))


def no_form(folder):
    cases = {
        "complex128": torch.randn(2, dtype=torch.complex128),
        "quantised": torch.quantize_per_tensor(torch.ones(2), .1, 0,
                                               torch.qint8),
        "sparse": torch.ones(2, 2).to_sparse(),
        "meta": torch.empty(2, device="meta"),
    }
    for name, t in cases.items():
        path = os.path.join(folder, name + ".pt")
        torch.save({"t": t, "w": torch.ones(2)}, path)
        report("%s has no form there" % name,
               convert(path, path + ".safetensors", status=1))
        os.path.exists(path + ".safetensors") and os.unlink(
            path + ".safetensors")
        converted("%s is dropped when salvaging" % name, path,
                  expect({"w": torch.ones(2)}), flags=("--salvage",))


# ---- what PyTorch 1.13 cannot write: by the description of the layout ----

def rebuild_v3(key, dtype, nbytes, shape):
    def text(s):
        return b"X" + struct.pack("<I", len(s)) + s.encode()
    strides, step = [], 1
    for n in reversed(shape):
        strides.insert(0, step)
        step *= n

    def row(v):
        return b"(" + b"".join(b"J" + struct.pack("<i", n) for n in v) + b"t"
    return (b"ctorch._utils\n_rebuild_tensor_v3\n(("
            + text("storage") + b"ctorch.storage\nUntypedStorage\n"
            + text(key) + text("cpu") + b"J" + struct.pack("<i", nbytes)
            + b"tQK\x00" + row(shape) + row(strides)
            + b"\x89ccollections\nOrderedDict\n)Rctorch\n" + dtype.encode()
            + b"\ntR")


NEW = (("uint16", "U16", 2), ("uint32", "U32", 4), ("uint64", "U64", 8),
       ("float8_e5m2", "F8_E5M2", 1), ("float8_e4m3fn", "F8_E4M3", 1),
       ("float8_e8m0fnu", "F8_E8M0", 1),
       ("float8_e4m3fnuz", "F8_E4M3FNUZ", 1),
       ("float8_e5m2fnuz", "F8_E5M2FNUZ", 1),
       ("float4_e2m1fn_x2", "F4", 1))


def newer_dtypes(folder):
    path = os.path.join(folder, "new.pt")
    shape, want, body = (2, 6), {}, b""
    with zipfile.ZipFile(path, "w") as z:
        for i, (dtype, name, size) in enumerate(NEW):
            raw = os.urandom(12 * size)
            z.writestr("new/data/%d" % i, raw)
            body += b"X" + struct.pack("<I", len(dtype)) + dtype.encode() \
                + rebuild_v3(str(i), dtype, len(raw), shape)
            want[dtype] = (name, (2, 12) if name == "F4" else shape, raw)
        z.writestr("new/data.pkl", b"\x80\x02}(" + body + b"u.")
        z.writestr("new/byteorder", "little")
        z.writestr("new/version", "3\n")
    converted("float8, float4 and unsigned dtypes (assembled)", path, want)


def views_with_bits(folder):
    t = torch.randn(6, dtype=torch.complex64)
    path = os.path.join(folder, "bits.pt")

    def text(s):
        return b"X" + struct.pack("<I", len(s)) + s.encode()

    def view(**bits):
        return (b"ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage")
                + b"ctorch\nComplexFloatStorage\n" + text("0") + text("cpu")
                + b"K\x06tQK\x00K\x06\x85K\x01\x85\x89ccollections\n"
                b"OrderedDict\n)R}(" + b"".join(
                    text(k) + b"\x88" for k in bits) + b"utR")
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("a/data/0", t.numpy().tobytes())
        z.writestr("a/data.pkl", b"\x80\x02}(" + text("conj")
                   + view(conj=True) + text("neg") + view(neg=True)
                   + text("plain") + view() + b"u.")
        z.writestr("a/version", "3\n")
    converted("conjugated and negated views (assembled)", path, expect(
        {"conj": t.conj(), "neg": -t, "plain": t}))


def big_endian(folder):
    t = {k: v.contiguous() for k, v in sample().items()
         if k.startswith("dtype.") or k == "transposed"}
    whole = io.BytesIO()
    torch.save(t, whole)
    path = os.path.join(folder, "big.pt")
    keys = list(t)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            part = name.split("/", 1)[1]
            if part.startswith("data/"):
                dtype = t[keys[int(part[5:])]].dtype
                unit = torch.tensor([], dtype=dtype).element_size()
                unit //= 1 + dtype.is_complex
                raw = np.frombuffer(raw, "V%d" % unit).tobytes()
                raw = b"".join(raw[i:i + unit][::-1]
                               for i in range(0, len(raw), unit))
            new.writestr(name, raw)
        new.writestr("archive/byteorder", "big")
    converted("big-endian records (assembled)", path, expect(t))


def tar_of_2016(folder):
    """storages, tensors and pickle of a tar, as torch/serialization.py says
    that 0.1 wrote them."""
    class Id(pickle.Pickler):
        def persistent_id(self, obj):
            return obj.number if isinstance(obj, Named) else None

    class Named:
        def __init__(self, number):
            self.number = number

    w = torch.arange(12, dtype=torch.float32)
    view = w.view(3, 4).t()
    storages, tensors, main = io.BytesIO(), io.BytesIO(), io.BytesIO()
    pickle.dump(1, storages, protocol=2)
    pickle.dump((5, "cpu", torch.FloatStorage), storages, protocol=2)
    storages.write(struct.pack("<q", 12) + w.numpy().tobytes())
    pickle.dump([], storages, protocol=2)
    pickle.dump(2, tensors, protocol=2)
    for key, t in ((7, w), (8, view)):
        pickle.dump((key, 5, torch.FloatTensor), tensors, protocol=2)
        tensors.write(struct.pack("<i4x", t.dim()))
        tensors.write(struct.pack("<%dq" % t.dim(), *t.size()))
        tensors.write(struct.pack("<%dq" % t.dim(), *t.stride()))
        tensors.write(struct.pack("<q", t.storage_offset()))
    Id(main, protocol=2).dump({"w": Named(7), "view": Named(8)})
    path = os.path.join(folder, "old.tar")
    info = {"protocol_version": 1000, "little_endian": True}
    with tarfile.open(path, "w") as tar:
        for name, raw in (("sys_info", pickle.dumps(info, 2)),
                          ("pickle", main.getvalue()),
                          ("tensors", tensors.getvalue()),
                          ("storages", storages.getvalue())):
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            tar.addfile(member, io.BytesIO(raw))
    converted("the tar of 2016 (assembled)", path,
              expect({"w": w, "view": view}))


def shards(folder):
    src, dst = os.path.join(folder, "sharded"), os.path.join(folder, "out")
    os.mkdir(src)
    parts = [{"a": torch.randn(3), "b": torch.randn(2)},
             {"c": torch.randn(4)}]
    names = ["pytorch_model-%05d-of-00002.bin" % (i + 1) for i in range(2)]
    for name, part in zip(names, parts):
        torch.save(part, os.path.join(src, name))
    with open(os.path.join(src, "pytorch_model.bin.index.json"), "w") as f:
        json.dump({"metadata": {"total_size": 36}, "weight_map": {
            k: n for n, p in zip(names, parts) for k in p}}, f)
    bad = convert(src, dst)
    if not bad:
        with open(os.path.join(dst, "model.safetensors.index.json")) as f:
            index = json.load(f)
        if index["metadata"]["total_size"] != 36:
            bad.append("total_size %r" % index["metadata"])
        for name, part in zip(names, parts):
            new = name.replace("pytorch_", "").replace("bin", "safetensors")
            bad += compare(os.path.join(dst, new), expect(part))
            bad += ["%s is not in the index" % k for k in part
                    if index["weight_map"].get(k) != new]
    report("shards and their index", bad)


# ---- NumPy and joblib ----

NUMPY = {"b1": "BOOL", "i1": "I8", "u1": "U8", "i2": "I16", "u2": "U16",
         "i4": "I32", "u4": "U32", "i8": "I64", "u8": "U64", "f2": "F16",
         "f4": "F32", "f8": "F64", "c8": "C64"}


def arrays():
    rng = np.random.default_rng(3)
    a = {}
    for code in NUMPY:
        a[code] = (rng.random((4, 3)) * 90).astype(code)
        if code[1:] != "1":
            a["big_" + code] = a[code].astype(">" + code)
    a["fortran"] = np.asfortranarray(a["f4"])
    a["vector"] = a["f8"][:, 0].copy()
    a["scalar"] = np.array(2.5)
    a["empty"] = np.zeros((0, 3), "f4")
    return a


def expect_arrays(a):
    return {k: (NUMPY[v.dtype.newbyteorder("=").str[1:]], v.shape,
                bytes_of(v)) for k, v in a.items()}


def numpy_files(folder):
    a = arrays()
    for title, save in (("npz", np.savez), ("npz, compressed",
                                            np.savez_compressed)):
        path = os.path.join(folder, title.replace(", ", "-") + ".npz")
        save(path, **a)
        converted("a .%s" % title, path, expect_arrays(a))
    path = os.path.join(folder, "one.npy")
    np.save(path, a["fortran"])
    converted("a .npy in Fortran's order", path,
              {"array": expect_arrays(a)["fortran"]})
    for protocol in range(6):
        path = os.path.join(folder, "arrays%d.pkl" % protocol)
        with open(path, "wb") as f:
            pickle.dump({"in": a, "n": 3}, f, protocol=protocol)
        converted("arrays pickled by protocol %d" % protocol, path,
                  {"in." + k: v for k, v in expect_arrays(a).items()})


def joblib_files(folder):
    a = arrays()
    for title, kwargs in (("plain", {}), ("zlib", {"compress": 3}),
                          ("gzip", {"compress": ("gzip", 3)}),
                          ("bz2", {"compress": ("bz2", 3)}),
                          ("xz", {"compress": ("xz", 3)}),
                          ("lzma", {"compress": ("lzma", 3)})):
        path = os.path.join(folder, "joblib_%s.joblib" % title)
        joblib.dump({"in": a, "name": "x"}, path, **kwargs)
        converted("joblib, %s" % title, path,
                  {"in." + k: v for k, v in expect_arrays(a).items()})


def estimator(folder):
    from sklearn.linear_model import LogisticRegression
    x = np.random.default_rng(5).random((40, 3))
    model = LogisticRegression().fit(x, x[:, 0] > .5)
    path = os.path.join(folder, "model.joblib")
    joblib.dump(model, path)
    report("an estimator is refused",
           convert(path, path + ".x.safetensors", status=1))
    bad = convert("--salvage", path, path + ".safetensors")
    if not bad:
        header, data, _ = read_safetensors(path + ".safetensors")
        begin, end = header["coef_"]["data_offsets"]
        if data[begin:end] != model.coef_.tobytes():
            bad = ["coef_ has other bytes"]
    report("and salvaged by the names of its attributes", bad)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for case in (torch_layouts, tied, nested, module, no_form,
                     newer_dtypes, views_with_bits, big_endian, tar_of_2016, shards,
                     numpy_files, joblib_files, estimator):
            try:
                case(folder)
            except Exception as e:  # a case that cannot run has failed
                report(case.__name__, ["%s: %s" % (type(e).__name__, e)])
    print("1..%d" % count)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
