# SPDX-License-Identifier: Apache-2.0
"""Pickles to start from: what picklers write, and what attackers write.

Both come as programs, lists of opcodes with their operands.  Nothing here is
ever loaded but by the recorder.
"""

import collections
import datetime
import decimal
import enum
import fractions
import functools
import io
import os
import pickle
import pickletools
from typing import Any, List, Optional

from grammar import Program


class Plain:
    """State in __dict__."""

    def __init__(self) -> None:
        self.name = "name"
        self.values = [1, 2.5, None]


class Slotted:
    """State in slots: BUILD with a pair."""

    __slots__ = ("left", "right")

    def __init__(self) -> None:
        self.left = Plain
        self.right = (1, 2)


class Keywords:
    """Made by NEWOBJ_EX."""

    def __getnewargs_ex__(self):
        return (1,), {"key": "value"}

    def __new__(cls, *args: Any, **keywords: Any):
        return super().__new__(cls)


class Appending(list):
    """A list with a class of its own."""


class Colour(enum.Enum):
    """Made by a call."""

    RED = 1


class PersistentPickler(pickle.Pickler):
    """Writes strings of a kind as persistent ids."""

    def persistent_id(self, obj: Any) -> Optional[str]:
        return obj if obj == "persistent" else None


def _recursive() -> List[Any]:
    knot: List[Any] = [{}]
    knot[0]["self"] = knot
    return knot


OBJECTS = (
    None, True, 7, -1, 1 << 40, 1 << 3000, 1.5, 2j, "text", "\u6587\ud800",
    b"bytes", bytearray(b"array"), [1, "two", [3]], {"a": 1, 2: ("b",)},
    {3}, frozenset((4,)), (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4),
    list(range(20)), {i: str(i) for i in range(8)}, range(5), slice(1, 2),
    Plain(), Slotted(), Keywords(), Appending("xy"), Colour.RED, Plain,
    [Plain(), Plain()], os.path.join, len, functools.partial(int, base=2),
    collections.OrderedDict(a=1), collections.defaultdict(list, k=[1]),
    collections.Counter("aab"), collections.deque((1, 2)),
    datetime.datetime(2020, 1, 2), datetime.timedelta(3),
    decimal.Decimal("1.5"), fractions.Fraction(1, 3), ValueError("x"),
    OSError(2, "no"), io.StringIO("text"), _recursive(), Ellipsis,
    ["persistent", Plain()], "x" * 300, b"y" * 300,
    [str(i) for i in range(300)],
)


def _dumps(thing: Any, protocol: int, pickler: Any) -> bytes:
    """The pickle of a thing; one of nothing where the protocol is too old."""
    file = io.BytesIO()
    try:
        pickler(file, protocol).dump(thing)
    except (TypeError, pickle.PicklingError):
        return b"N."
    return file.getvalue()


def split(stream: bytes) -> Program:
    """Cuts a stream at its opcodes, also behind STOP; what is no opcode, or
    lacks its operand, is left in single bytes."""
    file = io.BytesIO(stream)
    program = []
    while file.tell() < len(stream):
        start = file.tell()
        try:
            opcode = pickletools.code2op[chr(file.read(1)[0])]
            if opcode.arg:
                opcode.arg.reader(file)
        except (KeyError, ValueError):
            file.seek(start + 1)
        program.append(stream[start:file.tell()])
    return program


def stock_programs() -> List[Program]:
    """Every object at every protocol, and a few with persistent ids and
    out-of-band buffers."""
    programs = []
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for thing in OBJECTS:
            for pickler in (pickle.Pickler, PersistentPickler):
                programs.append(split(_dumps(thing, protocol, pickler)))
    shared = pickle.PickleBuffer(bytearray(b"shared"))
    out_of_band = pickle.dumps([shared, Plain()], 5,
                               buffer_callback=lambda _: False)
    return programs + [split(out_of_band)]


# Each hides the same import, mod.hidden or os.system, in its own way.
EVASIONS: List[Program] = [
    [b"\x80\x04", b"\x8c\x02os", b"\x94", b"0", b"\x8c\x06system", b"\x94",
     b"0", b"h\x00", b"h\x01", b"\x93", b"."],
    [b"\x8c\x02os", b"\x8c\x06system", b"2", b"0", b"\x93", b"."],
    [b"\x8c\x02os", b"(", b"\x8c\x04fake", b"1", b"\x8c\x06system", b"\x93",
     b"."],
    [b"\x8c\x02os", b"q\x00", b"0", b"\x8c\x03mod", b"0", b"h\x00",
     b"S'system'\n", b"\x93", b"."],
    [b"S'o\\x73'\n", b"S'\\163ystem'\n", b"\x93", b"."],
    [b"V\\u006fs\n", b"V\\U00000073ystem\n", b"\x93", b"."],
    [b"I0x10\n", b"0", b"cos\nsystem\n", b"."],
    [b"I5\x00junk\n", b"0", b"cos\nsystem\n", b"."],
    [b"L0x10L\n", b"0", b"cos\nsystem\n", b"."],
    [b"F1.5\x00x\n", b"0", b"cos\nsystem\n", b"."],
    [b"F 1.5\n", b"0", b"cos\nsystem\n", b"."],
    [b"S'\xff'\n", b"0", b"cos\nsystem\n", b"."],
    [b"c\xc3\xa9\nx\n", b"0", b"cos\nsystem\n", b"."],
    [b"K\x05", b"q\xc8", b"0", b"\x8c\x02os", b"\x94", b"0", b"h\x01",
     b"\x8c\x06system", b"\x93", b"."],
    [b"\x8c\x02os", b"q\xc8", b"0", b"K\x05", b"\x94", b"0", b"h\xc8",
     b"\x8c\x06system", b"\x93", b"."],
    [b"\x8c\x02os", b"p99999999999999999999\n", b"0",
     b"g99999999999999999999\n", b"\x8c\x06system", b"\x93", b"."],
    [b"\x8c\x02os", b"p0\x00zz\n", b"0", b"h\x00", b"\x8c\x06system", b"\x93",
     b"."],
    [b"\x80\x04", b"\x95\x07\0\0\0\0\0\0\0", b"X\x03\0\0\0abc", b".", b".",
     b"cos\nsystem\n", b"."],
    [b"\x80\x04", b"\x95\x1e\0\0\0\0\0\0\0", b"cos\nsystem\n", b"."],
    [b"\x80\x04", b"\x95\x14\0\0\0\0\0\0\0", b"\x95\x03\0\0\0\0\0\0\0",
     b"N", b"0", b"cos\nsystem\n", b"."],
    [b"ios\nsystem\n", b"."],
    [b"cos\nsystem"],
    [b"c\nsystem\n", b"."],
    [b"cos\nsystem\n", b"]", b"R", b"cmod\nhidden\n", b"."],
    [b"cos\nsystem\n", b"N", b"\x85", b"R", b"\xff", b"cmod\nhidden\n", b"."],
    [b"N", b".", b"cos\nsystem\n", b"."],
    [b"\x8c\x02os", b"\x94", b".", b"h\x00", b"\x8c\x06system", b"\x93", b"."],
    [b"\x80\x04", b"\x95\x08\0\0\0\0\0\0\0", b"N", b".", b"cos\nsy",
     b"cmod\nhidden\n", b"."],
    [b"(", b"cos\nsystem\n", b"S'echo'\n", b"o", b"."],
    [b"\x8c\x02os", b"\x8c\x06system", b"\x93", b"\x80\x63", b"cmod\nf\n"],
    [b"N", b"(", b"e", b"cos\nsystem\n", b"."],
    [b"\x82\x01", b"cos\nsystem\n", b"."],
    [b"Pid\n", b"cos\nsystem\n", b"."],
    [b"\x97", b"\x98", b"cos\nsystem\n", b"."],
]
