#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Speed and memory of picket, each as a ratio against a reference that runs
in turn with it on the same machine; machines differ and are noisy, ratios
less so.  Prints a Markdown table.  Inputs are made once, under build/bench.

    usage: bench.py [--picket PATH] [--runs N] [CASE...]
"""
import argparse
import os
import pickle
import random
import shlex
import statistics
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "build", "bench")
PYTHON = "/usr/bin/python3"
LOAD = "import pickle,sys; pickle.load(open(sys.argv[1],'rb'))"


def path(name):
    return os.path.join(DATA, name)


def make_ints(to):
    with open(to, "wb") as f:
        pickle.dump(list(range(3_000_000)), f, protocol=2)


def make_objects(to):
    random.seed(1)
    rows = [{"id": i, "name": "item%d" % i, "v": [i * 0.5, (i, i + 1)],
             "t": ("a", i)} for i in range(3_000_000)]
    with open(to, "wb") as f:
        pickle.dump(rows, f, protocol=4)


def make_checkpoint(to, tensors, items):
    import torch
    torch.save({"layer.%d.weight" % i: torch.zeros(items)
                for i in range(tensors)}, to)


def make_small(to):
    os.makedirs(to)
    for i in range(10_000):
        with open(os.path.join(to, "%05d.pkl" % i), "wb") as f:
            pickle.dump({"a": [1.0] * 50, "i": i}, f, protocol=4)


CASES = {
    "ints": ("3,000,000 small integers, 15 MB", "ints.pkl", make_ints,
             "{python} -c {load} {file}"),
    "objects": ("200 MB of small objects", "objects.pkl", make_objects,
                "{python} -c {load} {file}"),
    "large": ("checkpoint of 2 GB", "large.pt",
              lambda to: make_checkpoint(to, 8, 64 << 20), "/bin/true"),
    "tensors": ("checkpoint of 20,000 tensors", "tensors.pt",
                lambda to: make_checkpoint(to, 20_000, 64),
                "unzip -l {file}"),
    "small": ("10,000 small models", "small", make_small,
              "find {file} -type f -exec cat {{}} +"),
    "start": ("start-up on a tiny file", "tiny.pkl",
              lambda to: open(to, "wb").write(pickle.dumps(1)), "/bin/true"),
}


def timed(command):
    """Seconds and peak KiB of one run; exit status 0 is not asked for."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return time.perf_counter() - start, usage.ru_maxrss


def compare(ours, theirs, runs):
    timed(ours), timed(theirs)  # warm the page cache
    a, b, memory = [], [], 0
    for _ in range(runs):
        seconds, kib = timed(ours)
        a.append(seconds)
        b.append(timed(theirs)[0])
        memory = max(memory, kib)
    return (statistics.median(a), statistics.median(b),
            statistics.median(x / y for x, y in zip(a, b)), memory)


def run(name, picket, runs):
    title, file, _, reference = CASES[name]
    if not os.path.exists(path(file)):
        # In a process of its own: a child's peak memory starts at ours.
        subprocess.run([PYTHON, __file__, "--make", name], check=True)
    theirs = shlex.split(reference.format(
        python=PYTHON, load=shlex.quote(LOAD), file=shlex.quote(path(file))))
    ours = [picket, "scan", "--no-progress", "-q", path(file)]
    mine, other, ratio, memory = compare(ours, theirs, runs)
    kind = "pickle.load" if "{load}" in reference else theirs[0]
    print("| %s | %.3f s | %.3f s (%s) | %.2f | %.1f MiB |"
          % (title, mine, other, kind, ratio, memory / 1024), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--picket", default=os.path.join(ROOT, "build",
                                                         "picket"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--make", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("cases", nargs="*", default=[])
    args = parser.parse_args()
    os.makedirs(DATA, exist_ok=True)
    if args.make:
        _, file, make, _ = CASES[args.make]
        make(path(file))
        return
    print("| input | picket | reference | ratio | memory |")
    print("| --- | --- | --- | --- | --- |")
    for name in args.cases or CASES:
        run(name, args.picket, args.runs)


if __name__ == "__main__":
    main()
