# SPDX-License-Identifier: Apache-2.0
"""How a tester and the programs under test speak with each other.

Downwards go streams, each behind its length (u32, little-endian).  Upwards
comes one line for each stream: words separated by blanks, each word an import.

    word     = pair [">" pair] ["=" reader {"," reader}]
    pair     = hex(module) "." hex(name)

The first pair is the import as the stream names it, the second what Python 3
makes of it where it renames old modules.  Names are UTF-8; lone surrogates are
encoded as if they were characters, since a pickle may well hold one.
"""

import struct
from typing import BinaryIO, Dict, Iterable, NamedTuple, Optional, Set, Tuple

Pair = Tuple[str, str]
LENGTH = struct.Struct("<I")


class Import(NamedTuple):
    """One import: its name in the stream, and what Python 3 makes of it."""

    raw: Pair
    resolved: Optional[Pair] = None


Imports = Dict[Import, Set[str]]  # the readers that asked for each import


def frame(stream: bytes) -> bytes:
    """A stream as it travels."""
    return LENGTH.pack(len(stream)) + stream


def read_stream(file: BinaryIO) -> Optional[bytes]:
    """The next stream, or None when there are no more."""
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return file.read(LENGTH.unpack(head)[0])


def _encode_pair(pair: Pair) -> str:
    return ".".join(s.encode("utf-8", "surrogatepass").hex() for s in pair)


def _decode_pair(word: str) -> Pair:
    module, name = word.split(".")
    return _decode_name(module), _decode_name(name)


def _decode_name(digits: str) -> str:
    name = bytes.fromhex(digits)
    try:
        return name.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # no reader asks for such a name
        return name.decode("ascii", "backslashreplace")


def _encode_import(found: Import, readers: Iterable[str]) -> str:
    word = _encode_pair(found.raw)
    if found.resolved:
        word += ">" + _encode_pair(found.resolved)
    names = ",".join(sorted(readers))
    return word + "=" + names if names else word


def encode_line(imports: Imports) -> bytes:
    """The line that answers for a stream."""
    words = (_encode_import(i, readers) for i, readers in imports.items())
    return " ".join(words).encode("ascii") + b"\n"


def decode_line(line: bytes) -> Imports:
    """The imports of such a line."""
    imports: Imports = {}
    for word in line.decode("ascii").split():
        names, _, readers = word.partition("=")
        raw, _, resolved = names.partition(">")
        found = Import(_decode_pair(raw),
                       _decode_pair(resolved) if resolved else None)
        imports.setdefault(found, set()).update(readers.split(","))
    return imports


def serve(answer, source: BinaryIO, sink: BinaryIO) -> None:
    """Answers stream after stream with a line, until there are no more."""
    while True:
        stream = read_stream(source)
        if stream is None:
            return
        sink.write(encode_line(answer(stream)))
        sink.flush()
