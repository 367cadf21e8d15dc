# SPDX-License-Identifier: Apache-2.0
"""A scanner as they are commonly written, to measure the test against.

It lists opcodes with pickletools.genops(), takes the names of GLOBAL and INST
from there and those of STACK_GLOBAL from the two strings before it, through
the memo if need be.  What run.py says of it shows how often such a scanner
misses an import, and that run.py would notice.
"""

import pickletools
import sys
from typing import Any, Dict, List

import recorder
import wire
from wire import Import, Imports, Pair

MEMO_WRITES = ("PUT", "BINPUT", "LONG_BINPUT")
MEMO_READS = ("GET", "BINGET", "LONG_BINGET")


def scan(stream: bytes) -> Imports:
    """The imports in a stream, as far as genops() goes."""
    found: Imports = {}
    while stream:
        end = scan_pickle(stream, found)
        if end is None:
            break
        stream = stream[end:]
    return found


def scan_pickle(stream: bytes, found: Imports) -> Any:
    """Scans one pickle; where the next one starts, or None."""
    strings: List[str] = []
    memo: Dict[int, str] = {}
    position = 0
    try:
        for opcode, argument, position in pickletools.genops(stream):
            note_opcode(opcode.name, argument, strings, memo, found)
    except Exception:  # genops() gives up in many ways
        return None
    return position + 1


def note_opcode(name: str, argument: Any, strings: List[str],
                memo: Dict[int, str], found: Imports) -> None:
    """Keeps the strings that were seen, and the imports made of them."""
    if name in ("GLOBAL", "INST"):
        module, _, attribute = argument.partition(" ")
        note_import((module, attribute), found)
    elif name == "STACK_GLOBAL" and len(strings) >= 2:
        note_import((strings[-2], strings[-1]), found)
    elif name == "MEMOIZE":
        memo[len(memo)] = strings[-1] if strings else ""
    elif name in MEMO_WRITES:
        memo[argument] = strings[-1] if strings else ""
    elif name in MEMO_READS:
        strings.append(memo.get(argument, ""))
    elif isinstance(argument, str):
        strings.append(argument)


def note_import(raw: Pair, found: Imports) -> None:
    """Reports a name, and what Python 3 makes of it."""
    found[Import(raw)] = set()
    found[Import(raw, recorder.python3_name(raw))] = set()


if __name__ == "__main__":
    wire.serve(scan, sys.stdin.buffer, sys.stdout.buffer)
