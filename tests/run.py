#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every test and prints, as its last line, "N passed, N failed".

Each step builds something or runs something and says how many cases passed
and failed.  A step that cannot run says so; it never counts as passed.
"""
import json
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JOBS = os.environ.get("JOBS", str(os.cpu_count() or 1))
TAP = re.compile(r"^(not ok|ok)\b(.*)", re.M)


def run(*command, **kwargs):
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL,
                          text=True, errors="replace", **kwargs)


def build(folder, *options, **env):
    """Configures and compiles; one case."""
    both = dict(os.environ, **env)
    done = run("tools/setup.sh", folder, *options, env=both,
               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        done = run("ninja", "-C", folder, "-j", JOBS, env=both,
                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        print(done.stdout[-8000:])
        return 0, 1
    return 1, 0


def count(entry):
    """The cases of one meson test: its TAP lines, or itself."""
    good = bad = 0
    for verdict, rest in TAP.findall(entry.get("stdout") or ""):
        if "# TODO" in rest or "# SKIP" in rest.upper():
            continue
        if verdict == "ok":
            good += 1
        else:
            bad += 1
    ok = entry["result"] in ("OK", "EXPECTEDFAIL")
    if entry["result"] == "SKIP":
        print("skipped: %s" % entry["name"])
        return 0, 0
    if not ok and bad == 0:
        bad = 1
    if ok and good == 0:
        good = 1
    return good, bad


def show(entry):
    print("--- %s: %s" % (entry["name"], entry["result"]))
    for stream in ("stdout", "stderr"):
        lines = (entry.get(stream) or "").splitlines()
        lines = [l for l in lines if not l.startswith("ok ")]
        print("\n".join(lines[-60:]))


def meson_tests(folder, *options):
    log = os.path.join(ROOT, folder, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    run("meson", "test", "-C", folder, "--no-rebuild", "--num-processes",
        JOBS, *options, stdout=subprocess.DEVNULL)
    good = bad = 0
    if not os.path.exists(log):
        return 0, 1
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            entry = json.loads(line)
            g, b = count(entry)
            if b:
                show(entry)
            good, bad = good + g, bad + b
    return good, bad


def built_and_tested(folder, *options, **env):
    made = build(folder, *options, **env)
    if made[1]:
        return made
    good, bad = meson_tests(folder)
    return good + 1, bad


def release():
    return built_and_tested("build", "-Dtests=enabled")


def sanitized():
    os.environ["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    os.environ["ASAN_OPTIONS"] = "detect_stack_use_after_return=1"
    return built_and_tested(
        "build-asan", "-Dtests=enabled", "-Db_sanitize=address,undefined",
        "-Db_lundef=false", "-Doptimization=1", "-Dwerror=true",
        "-Dc_args=-fno-sanitize-recover=all")


def clang():
    return build("build-clang", "-Dtests=enabled", "-Dwerror=true",
                 CC="clang")


def formatting():
    files = run("git", "ls-files", "*.c", "*.h", stdout=subprocess.PIPE)
    names = files.stdout.split()
    if files.returncode or not names:
        print("skipped: not a git checkout")
        return 0, 0
    done = run("clang-format", "--dry-run", "-Werror", *names,
               stderr=subprocess.PIPE)
    if done.returncode:
        print(done.stderr[-4000:])
        return 0, 1
    return 1, 0


def soundness():
    """A minute of hostile streams; `make soundness` runs a million."""
    done = run(sys.executable, "tests/soundness/run.py", "--program",
               "build/tests/pickle_imports", "--keep", "build/soundness",
               "--seconds", "60", "--quiet", stdout=subprocess.PIPE)
    print(done.stdout)
    return (0, 1) if done.returncode else (1, 0)


def interop():
    """What PyTorch, NumPy, joblib and scikit-learn write must pass."""
    return tap("tests/interop/benign.py")


def onnx_models():
    """What the onnx package writes is read as it meant it."""
    return tap("tests/interop/onnx_models.py")


def hdf5():
    return tap("tests/interop/hdf5.py")


def specimens():
    """picket's own specimens are as dangerous as they say, and blocked."""
    return tap("tests/interop/specimens.py")


def reports():
    """Each form of a report is what its standard says."""
    return tap("tests/interop/reports.py")


def decompiled():
    """What picket decompiles is Python, and equal where it is evaluated."""
    return tap("tests/interop/decompile.py")


def loaders():
    """What picket says that loaders do is what they do."""
    return tap("tests/interop/loaders.py")


def batches():
    """The shipped script on a Slurm of its own; needs root."""
    return tap("tests/interop/slurm.py")


def html_page():
    """The page in a browser: no name acts, nothing is fetched."""
    return tap("tests/interop/html_page.py")


def weights():
    """What they write is converted bit by bit."""
    return tap("tests/interop/weights.py")


def weights_only():
    """Twenty seconds of mutants; --seconds for more."""
    return tap("tests/interop/weights_only.py", "build/tests/weights_tree")


def tap(script, program="build/picket"):
    done = run(sys.executable, script, program, stdout=subprocess.PIPE)
    cases = [v for v, rest in TAP.findall(done.stdout) if "# SKIP" not in rest]
    bad = cases.count("not ok")
    if bad or done.returncode:
        print(done.stdout)
    return cases.count("ok"), bad or int(done.returncode != 0)


STEPS = (
    ("the build and its tests", release),
    ("the same under ASan and UBSan", sanitized),
    ("a build with clang, no warning", clang),
    ("formatting", formatting),
    ("what real libraries write passes", interop),
    ("what real libraries write is converted bit by bit", weights),
    ("the weights-only rules are PyTorch's", weights_only),
    ("ONNX models are read as they were written", onnx_models),
    ("what h5py writes is read to the last link", hdf5),
    ("specimens do what they say, and are blocked", specimens),
    ("reports hold to their standards", reports),
    ("decompiled pickles are Python, and say the same", decompiled),
    ("loaders do what picket says of them", loaders),
    ("the HTML page holds in a browser", html_page),
    ("batches on Slurm lose nothing", batches),
    ("no import of a hostile pickle goes unseen", soundness),
)


def main():
    total_good = total_bad = 0
    for title, step in STEPS:
        began = time.monotonic()
        print("== %s" % title, flush=True)
        good, bad = step()
        print("   %d passed, %d failed, %.0f s"
              % (good, bad, time.monotonic() - began), flush=True)
        total_good, total_bad = total_good + good, total_bad + bad
    summary = "%d passed, %d failed" % (total_good, total_bad)
    os.makedirs(os.path.join(ROOT, "build"), exist_ok=True)
    with open(os.path.join(ROOT, "build", "test-summary"), "w") as f:
        f.write(summary + "\n")
    print(summary)
    return 1 if total_bad or not total_good else 0


if __name__ == "__main__":
    sys.exit(main())
