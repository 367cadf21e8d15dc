#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How fast weights become SafeTensors, as ratios: against `cp` and `sync` of
the same file, against torch.load and a plain write, and how long a list of
20,000 tensors takes.  Prints a Markdown table; inputs lie under build/bench.

    usage: convert.py [--picket PATH] [--runs N]
"""
import argparse
import os
import statistics
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "build", "bench")
PYTHON = "/usr/bin/python3"
MAKE = """
import sys, torch
torch.save({"layer.%d.weight" % i: torch.randn(int(sys.argv[3]))
            for i in range(int(sys.argv[2]))}, sys.argv[1])
"""
# What the Python tools do: load, lay out, write, sync.
LOAD = """
import os, sys, torch
with open(sys.argv[2], "wb") as f:
    for t in torch.load(sys.argv[1]).values():
        f.write(t.contiguous().numpy().tobytes())
    f.flush()
    os.fsync(f.fileno())
"""


def path(name):
    return os.path.join(DATA, name)


def make(name, tensors, items):
    if not os.path.exists(path(name)):
        subprocess.run([PYTHON, "-c", MAKE, path(name), str(tensors),
                        str(items)], check=True)
    return path(name)


def timed(*command):
    for name in ("out.safetensors", "copy.pt", "raw.bin"):
        if os.path.exists(path(name)):
            os.unlink(path(name))
    os.sync()
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit("%r: status %d" % (command, child.returncode))
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def medians(runs, *commands):
    """Each in turn, so that all meet the same noise."""
    seconds = [[] for _ in commands]
    memory = [0] * len(commands)
    for _ in range(runs):
        for i, command in enumerate(commands):
            s, m = timed(*command)
            seconds[i].append(s)
            memory[i] = max(memory[i], m)
    return [statistics.median(s) for s in seconds], memory


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--picket", default=os.path.join(ROOT, "build",
                                                         "picket"))
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    os.makedirs(DATA, exist_ok=True)
    big = make("convert.pt", 128, 4 << 20)
    many = make("many.pt", 20_000, 4)
    (ours, cp, torch), (memory, _, _) = medians(
        args.runs,
        (args.picket, "convert", "-q", big, path("out.safetensors")),
        ("sh", "-c", "cp %s %s && sync %s" % (big, path("copy.pt"),
                                              path("copy.pt"))),
        (PYTHON, "-c", LOAD, big, path("raw.bin")))
    listing = os.path.join(os.path.dirname(args.picket), "load_tensor")
    (seconds,), (list_memory,) = medians(args.runs * 3, (listing, many))
    print("| what | picket | reference | rate | memory |")
    print("| --- | --- | --- | --- | --- |")
    print("| 2 GB to SafeTensors, synced | %.2f s | %.2f s (cp, sync) | "
          "%.2f | %.1f MiB |" % (ours, cp, cp / ours, memory))
    print("| the same | %.2f s | %.2f s (torch.load, write, sync) | %.2f | |"
          % (ours, torch, torch / ours))
    print("| list 20,000 tensors | %.3f s | | | %.1f MiB |"
          % (seconds, list_memory))
    for name in ("out.safetensors", "copy.pt", "raw.bin"):
        if os.path.exists(path(name)):
            os.unlink(path(name))


if __name__ == "__main__":
    main()
