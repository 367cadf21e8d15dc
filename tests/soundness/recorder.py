# SPDX-License-Identifier: Apache-2.0
"""What CPython's own unpicklers would import, found by letting them try.

Each stream is given to the C unpickler and to its pure-Python twin, in every
way that makes them read differently, with their find_class() replaced by one
that takes a note and returns a stub (see stubs.py).  Nothing that a stream
names is imported, and nothing is called but stubs.

As a program it answers streams with imports as wire.py describes, with the
readers that asked: "c-bytesio:latin1:class:same" is the C unpickler over an
io.BytesIO, told to decode with latin1, given class stubs, loading one pickle
after the other with the same Unpickler object.
"""

import _compat_pickle
import copyreg
import io
import itertools
import pickle
import resource
import sys
import warnings
import zlib
from typing import Any, BinaryIO, Callable, Iterator, List, NamedTuple, Optional

import stubs
import wire
from wire import Import, Imports, Pair

MEMORY_TO_SPARE = 64 << 20
EXTENSION_CODES = (1, 2, 3, 255, 256, 65535, 65536, 0x7FFFFFFF)
BUFFER = stubs.STUBS["bytes"]
PLAIN_STUB = "class"
OTHER_STUBS = sorted(set(stubs.STUBS) - {PLAIN_STUB})


class Notes:
    """The imports of one stream, with the readers that asked for each."""

    def __init__(self) -> None:
        self.imports: Imports = {}
        self.reader = ""

    def add(self, raw: Pair, resolved: Optional[Pair] = None) -> None:
        found = Import(raw, resolved)
        self.imports.setdefault(found, set()).add(self.reader)


def python3_name(raw: Pair) -> Pair:
    """The name that find_class() looks up below protocol 3."""
    if raw in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[raw]
    module, name = raw
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


class _Recording:
    notes: Notes
    stub: Any

    def find_class(self, module: str, name: str) -> Any:
        return self.ask_for((module, name))

    def ask_for(self, raw: Pair, resolved: Optional[Pair] = None) -> Any:
        if not raw[0]:
            raise ValueError("no module")  # as __import__() does
        self.notes.add(raw, resolved)
        return self.stub


class _Persistent:
    stub: Any

    def persistent_load(self, pid: Any) -> Any:
        return self.stub


class CReader(_Recording, pickle.Unpickler):
    """The C unpickler."""


class PersistentCReader(_Persistent, CReader):
    """The C unpickler of a program that knows persistent ids."""


class PReader(_Recording, pickle._Unpickler):
    """The pure-Python unpickler.  This one shows which protocol is on."""

    proto = 0

    def find_class(self, module: str, name: str) -> Any:
        raw = module, name
        resolved = python3_name(raw) if self.proto < 3 else raw
        return self.ask_for(raw, resolved if resolved != raw else None)


class PersistentPReader(_Persistent, PReader):
    """The pure-Python unpickler of a program that knows persistent ids."""


class Whole(io.BytesIO):
    """A file whose peek() shows all the rest.

    pickle.loads() takes no subclass, and thus no find_class() of ours.  Over
    such a file the C unpickler holds the whole stream in one buffer, and so
    reads it as loads() does.
    """

    def peek(self, size: int = 0) -> bytes:
        return self.getvalue()[self.tell():]


def buffered(stream: bytes) -> BinaryIO:
    """A file as open() gives it."""
    return io.BufferedReader(io.BytesIO(stream))


class Reader(NamedTuple):
    """An unpickler, and the kind of file that it reads."""

    name: str
    engine: Any
    persistent_engine: Any
    open: Callable[[bytes], Any]


READERS = (
    Reader("c-memory", CReader, PersistentCReader, Whole),
    Reader("c-buffered", CReader, PersistentCReader, buffered),
    Reader("c-bytesio", CReader, PersistentCReader, io.BytesIO),
    Reader("p", PReader, PersistentPReader, io.BytesIO),
)


class Settings(NamedTuple):
    """What a program may choose about an unpickler."""

    encoding: str
    stub: str
    persistent: bool


def encodings(stream: bytes) -> List[str]:
    """One is enough where no opcode asks for it."""
    if any(opcode in stream for opcode in (b"S", b"T", b"U")):
        return ["ASCII", "utf-8", "latin1", "bytes"]
    return ["ASCII"]


def settings_for(stream: bytes) -> Iterator[Settings]:
    """All that can make a difference for this stream, but of the stubs only
    the most willing one and one of the others, for the sake of speed."""
    other = OTHER_STUBS[zlib.crc32(stream) % len(OTHER_STUBS)]
    for encoding in encodings(stream):
        yield Settings(encoding, PLAIN_STUB, True)
    yield Settings("latin1", other, True)
    if b"P" in stream or b"Q" in stream:
        yield Settings("latin1", PLAIN_STUB, False)


def unpickler(reader: Reader, settings: Settings, file: Any, notes: Notes):
    """A recording unpickler over an open file."""
    kind = reader.persistent_engine if settings.persistent else reader.engine
    made = kind(file, encoding=settings.encoding,
                buffers=itertools.repeat(BUFFER))
    made.notes = notes
    made.stub = stubs.STUBS[settings.stub]
    return made


def load_all(make: Callable[[], Any], fresh: bool) -> int:
    """Loads pickle after pickle until one fails; how many did not.

    Programs do this with one Unpickler, whose memo then lives on, or with a
    fresh one for each pickle.
    """
    one = make()
    for loads in itertools.count():
        try:
            one.load()
        except Exception:  # whatever it is: the imports before it count
            return loads
        if fresh:
            one = make()
    return 0


def record(stream: bytes) -> Imports:
    """The imports that any reader would make of a stream."""
    notes = Notes()
    for reader in READERS:
        for settings in settings_for(stream):
            read_stream(reader, settings, stream, notes)
    return notes.imports


def read_stream(reader: Reader, settings: Settings, stream: bytes,
                notes: Notes) -> None:
    """Lets one reader try one stream."""
    label = ":".join((reader.name, settings.encoding, settings.stub))
    for fresh in (False, True):
        file = reader.open(stream)
        notes.reader = label + (":fresh" if fresh else ":same")
        loads = load_all(lambda: unpickler(reader, settings, file, notes),
                         fresh)
        if loads == 0:
            return  # it never came to a second pickle


def register_extensions() -> None:
    """Makes some extension codes known, so that readers go on behind them."""
    for code in EXTENSION_CODES:
        copyreg._extension_cache[code] = stubs.CLASS


def limit_memory() -> None:
    """A stream may claim memo slots and bytes by the gigabyte; filling even a
    tenth of that with zeros, for each reader, takes too long."""
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    limit = used + MEMORY_TO_SPARE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> None:
    """Answers standard input."""
    warnings.simplefilter("ignore")
    limit_memory()
    register_extensions()
    wire.serve(record, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
