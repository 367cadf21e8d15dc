#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What picket decompiles is Python, and says what the pickle says.

    usage: decompile.py PICKET        prints TAP

Pickles of plain values are written here, decompiled and evaluated: the result
must equal the value, with what is shared still shared.  What the real
libraries write must parse.  Nothing is evaluated but the text of pickles that
were made here.
"""
import ast
import collections
import datetime
import decimal
import fractions
import pathlib
import pickle
import random
import subprocess
import sys
import tempfile
import uuid
import warnings

PICKET = sys.argv[1]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def decompile(data):
    done = subprocess.run([PICKET, "decompile", "-"], input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode:
        raise ValueError("status %d: %s" % (done.returncode,
                                            done.stderr.decode()))
    return done.stdout.decode()


def evaluate(data):
    """The object that the text of a pickle, made here, stands for."""
    scope = {}
    exec(compile(decompile(data), "decompiled", "exec"), scope)
    return scope["result"]


def text(rng):
    letters = "ab'\"\\\n\t\0\x7f\x85\xa0é\u202e\u2028日\U0001f600{}#%"
    return "".join(rng.choice(letters) for _ in range(rng.randrange(9)))


def leaf(rng):
    return rng.choice((
        lambda: None, lambda: True, lambda: False,
        lambda: rng.randrange(-300, 300), lambda: rng.getrandbits(31),
        lambda: -rng.getrandbits(200), lambda: rng.getrandbits(64),
        lambda: rng.uniform(-1, 1), lambda: float("inf"), lambda: 1e300,
        lambda: text(rng), lambda: text(rng).encode(),
        lambda: bytes(rng.getrandbits(8) for _ in range(5)),
        lambda: bytearray(b"ab\xff"), lambda: complex(1, -2),
        lambda: decimal.Decimal("1.50"), lambda: fractions.Fraction(1, 3),
        lambda: datetime.date(2020, 1, 2), lambda: uuid.UUID(int=5),
        lambda: datetime.timedelta(3, 4), lambda: range(3, 9, 2),
    ))()


def value(rng, depth, seen):
    if seen and rng.random() < 0.15:
        return rng.choice(seen)
    if depth == 0 or rng.random() < 0.3:
        return leaf(rng)
    some = [value(rng, depth - 1, seen) for _ in range(rng.randrange(5))]
    hashable = [leaf(rng) for _ in range(3)]
    hashable = [h for h in hashable if not isinstance(h, bytearray)]
    made = rng.choice((
        lambda: some, lambda: tuple(some), lambda: set(hashable),
        lambda: frozenset(hashable), lambda: dict(zip(hashable, some)),
        lambda: collections.OrderedDict(zip(hashable, some)),
        lambda: collections.deque(some, 9),
        lambda: collections.defaultdict(list, zip(hashable, some)),
        lambda: collections.Counter("hello"),
    ))()
    seen.append(made)
    return made


def equal_objects():
    rng = random.Random(7)
    for _ in range(150):
        want = value(rng, 4, [])
        data = pickle.dumps(want, rng.choice(PROTOCOLS))
        got = evaluate(data)
        if got != want or type(got) is not type(want):
            yield "%r became %r" % (want, got)


def shared_stays_shared():
    for protocol in PROTOCOLS:
        one = [1]
        two = evaluate(pickle.dumps([one, (one, {"a": one})], protocol))
        if not two[0] is two[1][0] is two[1][1]["a"]:
            yield "protocol %d" % protocol


def cycles_close():
    for protocol in PROTOCOLS:
        loop = [1]
        loop.append(loop)
        got = evaluate(pickle.dumps(loop, protocol))
        if got[1] is not got or got[0] != 1:
            yield "list, protocol %d" % protocol
        pair = {}
        pair["self"] = (pair, [pair])
        got = evaluate(pickle.dumps(pair, protocol))
        if got["self"][0] is not got or got["self"][1][0] is not got:
            yield "dict, protocol %d" % protocol
        inner = []
        knot = (inner, 5)
        inner.append(knot)
        got = evaluate(pickle.dumps(knot, protocol))
        if got[0][0] is not got or got[1] != 5:
            yield "tuple, protocol %d" % protocol


def the_unfolding_is_never_written_out():
    thing = []
    for _ in range(60):
        thing = [thing, thing]
    data = pickle.dumps(thing, 4)
    if len(decompile(data)) > 100 * len(data):
        yield "shared lists are written again and again"
    deep = []
    for _ in range(20000):
        deep = [deep]
    # The pickler recurses; so the pickle is written by hand.
    data = b"\x80\x02" + b"]" * 20000 + b"a" * 19999 + b"."
    if not isinstance(evaluate(data), list):
        yield "deep lists"


def libraries_parse():
    sys.argv = ["benign.py", PICKET]
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    import benign
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for write in (benign.python, benign.numpy, benign.pytorch):
            write(folder)
        for path in sorted(folder.iterdir()):
            done = subprocess.run([PICKET, "decompile", str(path)],
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False)
            if done.returncode and b"holds no pickle" in done.stderr:
                continue
            try:
                ast.parse(done.stdout.decode())
            except (SyntaxError, ValueError, RecursionError) as wrong:
                yield "%s: %s" % (path.name, wrong)
            if done.returncode:
                yield "%s: status %d" % (path.name, done.returncode)


CASES = (equal_objects, shared_stays_shared, cycles_close,
         the_unfolding_is_never_written_out, libraries_parse)


def main():
    failed = 0
    print("1..%d" % len(CASES))
    for number, case in enumerate(CASES, 1):
        wrong = []
        try:
            wrong.extend(case())
        except Exception as error:  # a case of its own
            wrong.append("%s: %s" % (type(error).__name__, error))
        failed += bool(wrong)
        print("%sok %d - %s" % ("not " if wrong else "", number,
                                case.__name__.replace("_", " ")), flush=True)
        for line in wrong[:10]:
            print("# " + line.replace("\n", "\\n")[:500])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
