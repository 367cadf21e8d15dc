#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The weights-only loader against PyTorch's own, over mutated pickles.

    usage: weights_only.py TREE [--seconds N] [--seed N]

TREE is build/tests/weights_tree.  Checkpoints are made here, their data.pkl
is mutated opcode by opcode, and both load the result: what PyTorch 1.13
refuses must be refused by the rules of 1.13, what it loads must load with the
same tree.  Where the two may differ is a short list below, each entry with
its reason.  Mutants are inert: weights-only loading calls nothing else."""
import argparse
import collections
import hashlib
import io
import json
import os
import pickletools
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile

import torch

# What picket refuses although PyTorch 1.13 loads it, and why that is right.
STRICTER = (
    "has",                      # a storage that is not what the pickle says
    "is not in the file",
    "reaches beyond",           # 1.13 grows a storage that it may resize
    "which makes no plain",     # torch.FloatTensor(3): uninitialised memory
    "an item set in what is no dict",  # 1.13 sets items of tensors and lists
    "names no storage",  # 1.13 takes whatever has a dtype for a storage's type
)
DEPTH = 24


# ---- trees, spelled as weights_tree spells them ----

def digest(t):
    t = t.detach().contiguous()
    if t.dtype == torch.bfloat16:
        t = t.view(torch.int16)
    return hashlib.sha256(t.numpy().tobytes()).hexdigest()


def spell_tensor(v):
    if v.layout != torch.strided:
        return ("thing", str(v.layout))
    if v.device.type == "meta":
        return ("T", str(v.dtype)[6:], tuple(v.shape), "meta")
    return ("P" if isinstance(v, torch.nn.Parameter) else "T",
            str(v.dtype)[6:], tuple(v.shape),
            tuple(v.stride()), v.storage_offset(), v.requires_grad,
            digest(v))


def merge(pairs):
    """As a Python dict merges them: 1 and True are one key."""
    d = {}
    for k, v in pairs:
        same = k
        if k[0] in ("true", "false", "n", "f"):
            same = ("number", k[1] if len(k) > 1 else k[0] == "true")
        d[same] = (d[same][0] if same in d else k, v)
    return tuple(d.values())


def spell(v, depth=0):
    if depth > DEPTH:
        return ("deep",)
    more = lambda x: spell(x, depth + 1)
    if v is None:
        return ("none",)
    if isinstance(v, bool):
        return ("true",) if v else ("false",)
    if isinstance(v, int):
        return ("n", v)
    if isinstance(v, float):
        return ("f", v)
    if isinstance(v, str):
        return ("s", v.encode("utf-8", "surrogatepass").hex())
    if isinstance(v, torch.Tensor):
        return spell_tensor(v)
    if isinstance(v, tuple):
        return ("t",) + tuple(map(more, v))
    if isinstance(v, list):
        return ("l",) + tuple(map(more, v))
    if isinstance(v, dict):
        kind = "o" if isinstance(v, collections.OrderedDict) else "d"
        return (kind,) + merge((more(k), more(x)) for k, x in v.items())
    if isinstance(v, set):
        return ("S",) + tuple(sorted(set(map(more, v))))
    if isinstance(v, (torch.storage._TypedStorage
                      if hasattr(torch.storage, "_TypedStorage")
                      else torch.storage.TypedStorage)):
        return ("thing", "storage")
    if isinstance(v, torch.layout):
        return ("thing", str(v))
    return ("g",)


def theirs_tensor(v):
    if v[6] is None:
        return ("T", v[1], tuple(v[2]), "meta")
    return (v[0], v[1], tuple(v[2]), tuple(v[3]), v[4], v[5], v[6])


def theirs(v):
    """The same from weights_tree's JSON."""
    kind = v[0]
    if kind == "i":
        return ("n", -v[2] if v[1] else v[2])
    if kind == "I":
        return ("n", int.from_bytes(bytes.fromhex(v[1]), "little",
                                    signed=True))
    if kind == "f":
        return ("f", struct.unpack("<d", struct.pack("<Q", v[1]))[0])
    if kind in ("T", "P"):
        return theirs_tensor(v)
    if kind in ("t", "l"):
        return (kind,) + tuple(map(theirs, v[1:]))
    if kind in ("d", "o"):
        kids = list(map(theirs, v[1:]))
        return (kind,) + merge(zip(kids[::2], kids[1::2]))
    if kind == "S":
        return (kind,) + tuple(sorted(set(map(theirs, v[1:]))))
    if kind == "thing":
        return (kind, v[1])
    if kind == "g":
        return ("g",)
    return tuple(v)


# ---- checkpoints ----

def seeds():
    t = torch.arange(8, dtype=torch.float32)
    yield {"w": t, "v": t.view(2, 4), "n": 3, "s": "text", "none": None,
           "yes": True, "no": False, "list": [1, (2, 3)], "big": 1 << 70}
    yield collections.OrderedDict(
        [("a", torch.ones(2, 2, dtype=torch.int64)), ("b", {}), ("c", [])])
    yield {"p": torch.nn.Parameter(torch.ones(3)),
           "m": torch.empty(2, device="meta"),
           "sparse": torch.ones(2, 2).to_sparse(),
           "dtype": torch.float32, "size": torch.Size([1, 2])}
    linear = torch.nn.Linear(2, 2)
    yield linear.state_dict()
    yield [torch.zeros(0), torch.tensor(1.5).half(), {1: {2: (3,)}}]


def pickle_of(value):
    out = io.BytesIO()
    torch.save(value, out)
    with zipfile.ZipFile(out) as z:
        records = {n.split("/", 1)[1]: z.read(n) for n in z.namelist()}
    return records.pop("data.pkl"), records


def archive(path, data, records):
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("archive/data.pkl", data)
        for name, raw in records.items():
            z.writestr("archive/" + name, raw)


# ---- mutants ----

CRUMBS = [b"N", b"\x88", b"\x89", b"K\x00", b"K\x02", b"J\xff\xff\xff\xff",
          b"]", b"}", b")", b"(", b"0", b"2", b"t", b"\x85", b"\x86",
          b"\x87", b"a", b"e", b"s", b"u", b"b", b"R", b"Q", b"\x81", b".",
          b"\x8f", b"X\x01\x00\x00\x00w", b"U\x01w", b"h\x01", b"q\x01",
          b"\x8a\x01\x05", b"G?\xf8\0\0\0\0\0\0", b"ctorch\nSize\n",
          b"ccollections\nOrderedDict\n", b"ctorch\nFloatStorage\n",
          b"ctorch._utils\n_rebuild_tensor_v2\n",
          b"ctorch._utils\n_rebuild_parameter\n",
          b"ctorch.nn.parameter\nParameter\n", b"ctorch\nfloat16\n",
          b"ctorch.serialization\n_get_layout\n", b"cbuiltins\nprint\n",
          b"X\x03\x00\x00\x00\xed\xa0\x80", b"U\x01\xff"]


def split(data):
    ops = [pos for _, _, pos in pickletools.genops(data)] + [len(data)]
    return [data[a:b] for a, b in zip(ops, ops[1:])]


def mutate(ops, rng):
    ops = list(ops)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        i = rng.randrange(len(ops))
        how = rng.randrange(8)
        if how == 0 and len(ops) > 1:
            del ops[i]
        elif how == 1:
            ops.insert(i, ops[rng.randrange(len(ops))])
        elif how == 2:
            j = rng.randrange(len(ops))
            ops[i], ops[j] = ops[j], ops[i]
        elif how == 3:
            ops[i] = rng.choice(CRUMBS)
        elif how == 4:
            ops.insert(i, rng.choice(CRUMBS))
        elif how == 5 and len(ops[i]) > 1:
            raw = bytearray(ops[i])
            raw[rng.randrange(1, len(raw))] = rng.randrange(256)
            ops[i] = bytes(raw)
        elif how == 6:
            raw = bytearray(ops[i])
            raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
            ops[i] = bytes(raw)
        else:
            small = [k for k, op in enumerate(ops) if op[:1] == b"K"]
            if small:
                ops[rng.choice(small)] = b"K" + bytes([rng.choice(
                    (0, 1, 2, 3, 4, 8, 9, 255))])
    return b"".join(ops)


# ---- both of them ----

def torch_loads(paths):
    """In a process of its own, since 1.13 trusts sizes: one answer each, or
    none from where it died."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        out = os.fdopen(write, "w", errors="backslashreplace")
        try:
            for path in paths:
                # a load that failed leaves what it had not validated
                torch._utils._sparse_tensors_to_validate.clear()
                try:
                    answer = repr(spell(torch.load(
                        path, map_location="cpu", weights_only=True)))
                except RecursionError:
                    answer = "?"
                except BaseException as e:
                    answer = "!" + type(e).__name__ + " " + str(e)[-200:]
                out.write(ascii(answer)[1:-1] + "\n")
                out.flush()
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as f:
        answers = f.read().splitlines()
    os.waitpid(child, 0)
    return answers + ["?"] * (len(paths) > len(answers))


def all_torch_loads(paths):
    answers = []
    while len(answers) < len(paths):
        answers += torch_loads(paths[len(answers):])
    return answers


def judge(mine, answer):
    """Why the two differ, or None."""
    if answer == "?":
        return None
    if answer[0] == "!":
        return "picket loads what PyTorch refuses: " + answer \
            if mine["end"] == 0 else None
    if mine["end"]:
        stricter = any(s in mine["why"] for s in STRICTER)
        return None if stricter else \
            "picket refuses what PyTorch loads: " + mine["why"]
    tree = ascii(repr(theirs(mine["tree"][0])))[1:-1]
    return None if tree == answer else \
        "other trees:\n#   %s\n#   %s" % (tree[:600], answer[:600])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("tree")
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep")
    args = options.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rng = random.Random(args.seed)
    bases = [(split(d), r) for d, r in map(pickle_of, seeds())]
    total = loaded = 0
    bad = []
    end = time.monotonic() + args.seconds
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, "%d.pt" % i) for i in range(200)]
        while time.monotonic() < end and len(bad) < 20:
            for n, path in enumerate(paths):
                ops, records = rng.choice(bases)
                data = b"".join(ops) if total == 0 and n < 5 \
                    else mutate(ops, rng)
                archive(path, data, records)
            out = subprocess.run([args.tree, "--rules", "1.13", *paths],
                                 check=True, stdout=subprocess.PIPE).stdout
            mine = [json.loads(l) for l in out.decode().splitlines()]
            answers = all_torch_loads(paths)
            for path, m, a in zip(paths, mine, answers):
                why = judge(m, a)
                loaded += m["end"] == 0
                if why:
                    with zipfile.ZipFile(path) as z:
                        why += "\n#   " + repr(z.read("archive/data.pkl"))
                    bad.append(why)
            total += len(paths)
    for why in bad[:20]:
        print("# " + why)
    print("# %d mutants, %d loaded by both" % (total, loaded))
    print("%s 1 - the weights-only rules of 1.13, as PyTorch has them"
          % ("not ok" if bad or not loaded else "ok"))
    print("1..1")
    return 1 if bad or not loaded else 0


if __name__ == "__main__":
    sys.exit(main())
