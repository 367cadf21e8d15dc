#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files that attack their reader: each must get an answer, in time and within
the memory, and never `clean` where something was left unread.

run.py PICKET [--scale 0..1] [--table] [NAME]...; speaks TAP.  A small scale
makes the same attacks with less of everything."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import makers

MEMORY = 256 << 20
SECONDS = 60  # of the processor: other work on the machine does not count
ANSWERS = ("malicious", "suspicious", "error", "unknown", "skipped", "clean")
SUFFIX = {"npy": ".npy", "safetensors": ".safetensors", "gguf": ".gguf",
          "pickle": ".pkl", "pickles": ".pkl", "one": ".pkl", "zip": ".zip",
          "protobuf": ".onnx", "hdf5": ".h5", "xml": ".pmml",
          "msgpack": ".msgpack", "json": ".json"}
# What is harmless however large it is.
FINE = {"pickle_of_2_to_the_5000", "pickle_list_of_itself", "pickle_memo",
        "pickle_calls", "pickle_lists", "pickle_tuples", "pickle_integer",
        "pickle_pop", "million_members_zip", "million_members_tar_gz",
        "pickles_in_a_row", "zeros",
        "pickle_then_nothing", "empty_gzip_members"}


def sanitized(picket):
    with open(picket, "rb") as f:
        return b"__asan_init" in f.read()


def measure(picket, path, *options):
    """The report of one file, seconds of processor time, and the most memory
    of a process."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen([picket, "scan", "-f", "ndjson", *options, path],
                             stdout=out, stderr=subprocess.DEVNULL)
        _, how, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(how)
        took = usage.ru_utime + usage.ru_stime
        out.seek(0)
        lines = out.read().splitlines()
    report = json.loads(lines[0]) if len(lines) > 1 else None
    return report, p.returncode, took, usage.ru_maxrss * 1024


def judge(name, report, status, took, memory, check_memory):
    if report is None:
        return "no report, status %d" % status
    if any(f["rule"].startswith("worker.") for f in report["findings"]):
        return "the worker fell"
    if report["verdict"] not in ANSWERS:
        return "no verdict"
    if report["verdict"] == "clean" and name not in FINE:
        return "clean"
    if took > SECONDS:
        return "took %.1f s" % took
    if check_memory and memory > MEMORY:
        return "took %d MiB" % (memory >> 20)
    return None


class Tap:
    def __init__(self, table):
        self.count = self.bad = 0
        self.table = table
        self.worst_memory = (0, "")
        self.worst_time = (0, "")

    def tell(self, name, why, report, took, memory):
        self.count += 1
        self.bad += why is not None
        self.worst_time = max(self.worst_time, (took, name))
        self.worst_memory = max(self.worst_memory, (memory, name))
        print("%s %d - %s%s" % ("not ok" if why else "ok", self.count, name,
                                ": " + why if why else ""))
        if self.table or why:
            rules = sorted({f["rule"] for f in report["findings"]}) \
                if report else []
            print("# %-24s %-11s %6.2f s %4d MiB  %s"
                  % (name, report["verdict"] if report else "-", took,
                     memory >> 20, " ".join(rules)[:70]), flush=True)

    def end(self):
        print("# longest: %.1f s, %s; largest: %d MiB, %s"
              % (*self.worst_time, self.worst_memory[0] >> 20,
                 self.worst_memory[1]))
        print("1..%d" % self.count)
        return 1 if self.bad else 0


def make_apart(make, path, scale):
    """In a process of its own: what a child starts with counts as its peak."""
    pid = os.fork()
    if pid == 0:
        try:
            make(path, scale)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def files(args, tap, folder, check_memory):
    for make in makers.MAKERS:
        name = make.__name__
        if args.names and name not in args.names:
            continue
        path = os.path.join(folder, name +
                            SUFFIX.get(name.split("_")[0], ".bin"))
        make_apart(make, path, args.scale)
        found = measure(args.picket, path)
        tap.tell(name, judge(name, *found, check_memory), found[0],
                 *found[2:])
        os.unlink(path)


def writer(path, change, stop):
    """Changes a file again and again while it is read."""
    while not stop.wait(0.02):
        with open(path, "r+b") as f:
            change(f)


def shrink(f):
    f.truncate(os.fstat(f.fileno()).st_size - 4096)


def grow(f):
    f.seek(0, os.SEEK_END)
    f.write(b"x" * 4096)


def rewrite(f):
    f.seek(32 << 20)
    f.write(os.urandom(16))


def changing(args, tap, folder, check_memory):
    """A file that is written to while it is read is an error."""
    for change in (shrink, grow, rewrite):
        name = "changing_" + change.__name__
        if args.names and name not in args.names:
            continue
        path = os.path.join(folder, name + ".pkl")
        with open(path, "wb") as f:
            f.write(b"\x80\x02B\0\0\0\x20")
            f.truncate((512 << 20) + 7)
            f.seek(0, os.SEEK_END)
            f.write(b"0N.")
        stop = threading.Event()
        t = threading.Thread(target=writer, args=(path, change, stop))
        t.start()
        try:
            found = measure(args.picket, path, "--sha256")
        finally:
            stop.set()
            t.join()
        why = judge(name, *found, check_memory)
        if found[0] and found[0]["verdict"] in ("clean", "unknown"):
            why = "passed"
        tap.tell(name, why, found[0], *found[2:])
        os.unlink(path)


def special(args, tap, folder, check_memory):
    """What is no file is never opened."""
    if args.names and "special" not in args.names:
        return
    tree = os.path.join(folder, "special")
    os.mkdir(tree)
    os.mkfifo(os.path.join(tree, "model.pkl"))
    os.symlink("/dev/zero", os.path.join(tree, "zero.pkl"))
    os.symlink("model.bin", os.path.join(tree, "model.bin"))
    found = measure(args.picket, tree)
    tap.tell("special", judge("zeros", *found, check_memory), found[0],
             *found[2:])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("picket")
    p.add_argument("--scale", type=float, default=1)
    p.add_argument("--table", action="store_true")
    p.add_argument("names", nargs="*")
    args = p.parse_intermixed_args()
    tap = Tap(args.table)
    check_memory = not sanitized(args.picket)
    with tempfile.TemporaryDirectory(prefix="picket-hostile") as folder:
        files(args, tap, folder, check_memory)
        changing(args, tap, folder, check_memory)
        special(args, tap, folder, check_memory)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
