# SPDX-License-Identifier: Apache-2.0
"""Makes a failing stream short and readable."""

import pickletools
from typing import Callable, Iterable, List

import stock

BYTES_IN_LINE = 24
NAMES = {ord(opcode.code): opcode.name for opcode in pickletools.opcodes}


def minimise(stream: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """The stream without all that it fails without: opcodes first, by the
    dozen and one by one, then bytes."""
    before = b""
    while stream != before:
        before = stream
        for pieces in (stock.split(stream), [bytes([b]) for b in stream]):
            stream = b"".join(without(pieces, fails))
    return stream


def without(pieces: List[bytes],
            fails: Callable[[bytes], bool]) -> List[bytes]:
    """Takes out every run of pieces that is not needed, long ones first."""
    size = max(len(pieces) // 2, 1)
    while size:
        at = 0
        while at < len(pieces):
            fewer = pieces[:at] + pieces[at + size:]
            if fails(b"".join(fewer)):
                pieces = fewer
            else:
                at += size
        size //= 2
    return pieces


def listing(stream: bytes, remarks: Iterable[str]) -> str:
    """A stream in hex, an opcode to a line, below some remarks."""
    lines = ["# " + remark for remark in remarks]
    for opcode in stock.split(stream):
        if opcode:
            lines.append("# " + NAMES.get(opcode[0], "no opcode"))
        lines += (opcode[at:at + BYTES_IN_LINE].hex(" ")
                  for at in range(0, len(opcode), BYTES_IN_LINE))
    return "\n".join(lines) + "\n"
