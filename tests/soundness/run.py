#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the imports that a scanner reports with those that unpicklers make.

Makes hostile streams (mutate.py), lets CPython's unpicklers try each of them
(recorder.py) and asks the scanner under test.  An import that any of them asks
for and the scanner does not report is a miss: the stream is cut down to what
matters and kept, and the exit status is 1.
"""

import argparse
import collections
import hashlib
import multiprocessing
import os
import platform
import shlex
import sys
import time
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Set

import minimise
import mutate
from peer import Peer
from wire import Import, Imports, Pair

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDER = os.path.join(HERE, "recorder.py")
MISSES_TO_KEEP = 20
SECONDS_BETWEEN_NEWS = 30


class Share(NamedTuple):
    """One worker's part: every step-th number of the run."""

    options: argparse.Namespace
    first: int
    step: int
    deadline: Optional[float]


class Tally:
    """What came of some streams."""

    def __init__(self) -> None:
        self.counts: Dict[str, int] = collections.Counter()
        self.asked: Dict[str, int] = collections.Counter()
        self.missed: Dict[str, int] = collections.Counter()
        self.kept: Set[str] = set()

    def add(self, other: "Tally") -> None:
        """Sums up."""
        self.counts.update(other.counts)
        self.asked.update(other.asked)
        self.missed.update(other.missed)
        self.kept |= other.kept


def reader_names(labels: Set[str]) -> Set[str]:
    """The readers without their settings."""
    return {label.partition(":")[0] for label in labels}


def by_name(imports: Imports) -> Dict[Pair, Set[str]]:
    """The names in the stream, with the readers that asked for them."""
    found: Dict[Pair, Set[str]] = {}
    for wanted, labels in imports.items():
        found.setdefault(wanted.raw, set()).update(labels)
    return found


def misses(wanted: Imports, reported: Imports) -> Imports:
    """What readers import and the scanner does not say.

    A name that Python 3 maps to another must be reported with that other; one
    that it does not map need only be there.
    """
    names = by_name(reported)
    return {
        what: labels for what, labels in wanted.items()
        if (what not in reported if what.resolved else what.raw not in names)
    }


class Tester:
    """The scanner under test, and the readers to hold it against."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.scanner = Peer(shlex.split(options.program))
        self.recorders = [Peer([python, RECORDER])
                          for python in options.python or [sys.executable]]
        self.keep = options.keep
        self.tally = Tally()

    def wanted(self, stream: bytes) -> Imports:
        """The imports that any reader makes."""
        union: Imports = {}
        for recorder in self.recorders:
            answer = recorder.ask(stream)
            if answer is None:
                self.tally.counts["gave a reader trouble"] += 1
            for what, labels in (answer or {}).items():
                union.setdefault(what, set()).update(labels)
        return union

    def missing(self, stream: bytes) -> Imports:
        """What the scanner misses in a stream; one that it never answered
        for counts as an import of nothing."""
        wanted = self.wanted(stream)
        reported = self.scanner.ask(stream)
        if reported is None:
            return {Import(("", ""), ("", "")): {"no answer"}}
        self.count(wanted, reported)
        return misses(wanted, reported)

    def count(self, wanted: Imports, reported: Imports) -> None:
        """Adds a stream to the figures."""
        asked = by_name(wanted)
        self.tally.counts["streams"] += 1
        self.tally.counts["with an import"] += bool(asked)
        self.tally.counts["imports"] += len(asked)
        self.tally.counts["reported, asked for by no reader"] += len(
            by_name(reported).keys() - asked.keys())
        for labels in asked.values():
            self.tally.asked.update(reader_names(labels))

    def test(self, stream: bytes) -> None:
        """Tries one stream, and keeps it when something is missing."""
        missing = self.missing(stream)
        if not missing:
            return
        self.tally.counts["streams with a miss"] += 1
        self.tally.counts["missing"] += len(missing)
        for labels in missing.values():
            self.tally.missed.update(reader_names(labels))
        if len(self.tally.kept) < MISSES_TO_KEEP:
            self.tally.kept.add(self.keep_miss(stream))

    def keep_miss(self, stream: bytes) -> str:
        """Writes a failing stream in its shortest form; the file's name."""
        before, self.tally = self.tally, Tally()  # trials do not count
        stream = minimise.minimise(stream, lambda s: bool(self.missing(s)))
        missing = self.missing(stream)
        self.tally = before
        name = hashlib.sha256(stream).hexdigest()[:12] + ".hex"
        os.makedirs(self.keep, exist_ok=True)
        with open(os.path.join(self.keep, name), "w", encoding="utf-8") as f:
            f.write(minimise.listing(stream, remarks(missing)))
        return name

    def close(self) -> None:
        """Ends all programs."""
        for peer in [self.scanner] + self.recorders:
            peer.close()


def remarks(missing: Imports) -> Iterator[str]:
    """Says what is missing, and who asks for it."""
    for what, labels in missing.items():
        name = ascii(what.raw)
        if what.resolved:
            name += " as " + ascii(what.resolved)
        yield f"missing: {name}, asked for by"
        for reader in sorted(reader_names(labels)):
            yield "  " + min(x for x in labels if x.startswith(reader))


def work(share: Share) -> Tally:
    """Tests one worker's part of the streams."""
    options = share.options
    tester = Tester(options)
    news = time.monotonic() + SECONDS_BETWEEN_NEWS
    for number in range(share.first, options.start + options.streams,
                        share.step):
        now = time.monotonic()
        if share.deadline and now > share.deadline:
            break
        if now > news and not options.quiet:
            news = now + SECONDS_BETWEEN_NEWS
            print(f"at stream {number}", dict(tester.tally.counts),
                  file=sys.stderr, flush=True)
        tester.test(mutate.make_stream(options.seed, number))
    tester.close()
    return tester.tally


def run(options: argparse.Namespace) -> Tally:
    """Tests all streams."""
    deadline = None
    if options.seconds:
        deadline = time.monotonic() + options.seconds
    shares = [Share(options, options.start + job, options.jobs, deadline)
              for job in range(options.jobs)]
    total = Tally()
    with multiprocessing.Pool(options.jobs) as pool:
        for tally in pool.imap_unordered(work, shares):
            total.add(tally)
    return total


def report(tally: Tally, options: argparse.Namespace) -> None:
    """Prints the figures, the verdict last."""
    print(f"seed {options.seed}, Python {platform.python_version()}, readers "
          f"of {', '.join(options.python or [sys.executable])}")
    for name, count in tally.counts.items():
        print(f"{count:10}  {name}")
    for reader in sorted(tally.asked.keys() | tally.missed.keys()):
        print(f"{tally.asked[reader]:10}  imports by {reader}, "
              f"{tally.missed[reader]} of them missing")
    for name in sorted(tally.kept):
        print("kept", os.path.join(options.keep, name))
    print(f"soundness: {tally.counts['streams']} streams, "
          f"{tally.counts['imports']} imports, "
          f"{tally.counts['missing']} missing")


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add: Callable[..., object] = parser.add_argument
    add("--program", required=True,
        help="the scanner under test, with its arguments")
    add("--streams", type=int, default=10**6, help="how many to try")
    add("--start", type=int, default=0, help="number of the first one")
    add("--seconds", type=float, help="stop after that time")
    add("--seed", default="picket", help="another seed, other streams")
    add("--jobs", type=int, default=1, help="worker processes")
    add("--python", action="append",
        help="an interpreter whose unpicklers count, 3.8 or later; "
        "repeatable (default: this one)")
    add("--quiet", action="store_true", help="no news on the way")
    add("--keep", default="soundness-misses",
        help="folder for streams with a miss")
    return parser.parse_args()


def main() -> int:
    """Runs the comparison; 1 when something is missing."""
    options = parse_arguments()
    tally = run(options)
    report(tally, options)
    return 1 if tally.counts["streams with a miss"] else 0


if __name__ == "__main__":
    sys.exit(main())
