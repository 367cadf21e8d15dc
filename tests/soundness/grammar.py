# SPDX-License-Identifier: Apache-2.0
"""Random pickle programs that tend to get somewhere.

A program is a list of opcodes with their operands.  While one is written, the
kinds of the values on its stack and in its memo are followed, roughly, so that
most steps find what they need: an import, two strings to make an import of, a
callable to call.  Every so often a step is taken without looking.
"""

import struct
from random import Random
from typing import Callable, Dict, List, Sequence, Tuple

import spelling

Program = List[bytes]
Step = Callable[["Writer"], None]
MARK = "mark"
CARELESSNESS = 0.03
CONSTANTS = {b"N": "none", b"\x88": "int", b"\x89": "int", b")": "tuple",
             b"]": "list", b"}": "dict", b"\x8f": "set"}


class Writer:
    """A program in the making, with a rough idea of its state."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.program: Program = []
        self.stack: List[str] = []
        self.memo: Dict[int, str] = {}

    def emit(self, opcode: bytes, *kinds: str, pops: int = 0) -> None:
        """Writes an opcode that pops so many values and pushes others."""
        self.program.append(opcode)
        del self.stack[len(self.stack) - min(pops, len(self.stack)):]
        self.stack.extend(kinds)

    def has(self, *kinds: str) -> bool:
        """Whether such values are on top ("" is any, but no mark)."""
        if self.rng.random() < CARELESSNESS:
            return True
        top = self.stack[-len(kinds):]
        return len(top) == len(kinds) and all(
            is_kind and is_kind != MARK and wanted in ("", is_kind)
            for is_kind, wanted in zip(top, kinds))

    def items_above_mark(self) -> int:
        """How many values lie on the newest mark; -1 without one."""
        if MARK not in self.stack:
            return -1
        return self.stack[::-1].index(MARK)

    def collect(self, opcode: bytes, kind: str, below: int = 0) -> None:
        """Writes an opcode that takes everything down to the mark."""
        items = self.items_above_mark()
        if items >= 0 or self.rng.random() < CARELESSNESS:
            self.emit(opcode, kind, pops=items + 1 + below)


def push_string(w: Writer) -> None:
    """Any text."""
    w.emit(spelling.string(w.rng, spelling.any_text(w.rng)), "str")


def push_module(w: Writer) -> None:
    """A text that names a module."""
    w.emit(spelling.string(w.rng, spelling.module_name(w.rng)), "str")


def push_name(w: Writer) -> None:
    """A text that names an attribute."""
    w.emit(spelling.string(w.rng, spelling.attribute_name(w.rng)), "str")


def push_other(w: Writer) -> None:
    """A number, bytes or a constant."""
    pick = w.rng.randrange(3)
    if pick == 0:
        w.emit(spelling.number(w.rng), "int")
    elif pick == 1:
        w.emit(spelling.bytes_object(w.rng), "bytes")
    else:
        w.emit(*w.rng.choice(list(CONSTANTS.items())))


def store(w: Writer) -> None:
    """Puts the top of the stack into the memo, by number or next in line."""
    if not w.has(""):
        return
    kind = w.stack[-1] if w.stack else "none"
    if w.rng.random() < 0.4:
        w.emit(b"\x94")
        w.memo[len(w.memo)] = kind
    elif w.rng.random() < 0.02:
        w.emit(b"p" + w.rng.choice(spelling.FAR_LINES) + b"\n")
    else:
        far = w.rng.random() < 0.05
        slot = w.rng.choice(spelling.FAR_SLOTS if far else spelling.MEMO_SLOTS)
        w.emit(spelling.put(w.rng, slot))
        w.memo[slot] = kind


def fetch(w: Writer) -> None:
    """Pushes what the memo holds."""
    if w.memo and w.rng.random() < 0.97:
        slot = w.rng.choice(list(w.memo))
    else:
        slot = w.rng.choice(spelling.MEMO_SLOTS)
    w.emit(spelling.get(w.rng, slot), w.memo.get(slot, "none"))


def fetch_string(w: Writer) -> None:
    """Pushes a string of the memo, if there is one."""
    slots = [slot for slot, kind in w.memo.items() if kind == "str"]
    if slots:
        w.emit(spelling.get(w.rng, w.rng.choice(slots)), "str")
    else:
        push_string(w)


def duplicate(w: Writer) -> None:
    """DUP."""
    if w.has(""):
        w.emit(b"2", w.stack[-1] if w.stack else "none")


def pop(w: Writer) -> None:
    """POP, of a value or of a mark."""
    if w.stack or w.rng.random() < CARELESSNESS:
        w.emit(b"0", pops=1)


def mark(w: Writer) -> None:
    """MARK."""
    w.emit(b"(", MARK)


def pop_mark(w: Writer) -> None:
    """POP_MARK."""
    items = w.items_above_mark()
    if items >= 0 or w.rng.random() < CARELESSNESS:
        w.emit(b"1", pops=items + 1)


def hide(w: Writer) -> None:
    """Something that leaves no trace on the stack."""
    if w.rng.random() < 0.5:
        push_string(w)
        if w.rng.random() < 0.3:
            store(w)
        pop(w)
    else:
        mark(w)
        push_string(w)
        push_other(w)
        pop_mark(w)


def import_global(w: Writer) -> None:
    """GLOBAL."""
    w.emit(b"c" + spelling.line(spelling.module_name(w.rng)) +
           spelling.line(spelling.attribute_name(w.rng)), "obj")


def import_inst(w: Writer) -> None:
    """INST, which wants a mark."""
    if w.items_above_mark() < 0 and w.rng.random() < 0.9:
        mark(w)
    w.collect(b"i" + spelling.line(spelling.module_name(w.rng)) +
              spelling.line(spelling.attribute_name(w.rng)), "obj")


def import_from_stack(w: Writer) -> None:
    """STACK_GLOBAL of what is there."""
    if w.has("str", "str"):
        w.emit(b"\x93", "obj", pops=2)


def import_by_detour(w: Writer) -> None:
    """STACK_GLOBAL of two strings that come from anywhere."""
    for push in (push_module, push_name):
        w.rng.choice((push, push, fetch_string))(w)
        for _ in range(w.rng.randrange(3)):
            w.rng.choice((hide, store, store, dup_and_pop, bury))(w)
    w.emit(b"\x93", "obj", pops=2)


def dup_and_pop(w: Writer) -> None:
    """A value in place of its twin."""
    duplicate(w)
    pop(w)


def bury(w: Writer) -> None:
    """Stores the top, throws it away and gets it back."""
    slot = w.rng.choice(spelling.MEMO_SLOTS)
    if w.has(""):
        kind = w.stack[-1] if w.stack else "none"
        w.emit(spelling.put(w.rng, slot))
        w.memo[slot] = kind
        pop(w)
        w.emit(spelling.get(w.rng, slot), kind)


def push_arguments(w: Writer) -> None:
    """A tuple, or what only the Python reader takes for one."""
    pick = w.rng.random()
    if pick < 0.5:
        w.emit(b")", "tuple")
    elif pick < 0.9:
        push_string(w)
        w.emit(b"\x85", "tuple", pops=1)
    else:
        push_other(w)


def call(w: Writer) -> None:
    """REDUCE, NEWOBJ or NEWOBJ_EX on an import."""
    if not w.has("obj"):
        return
    push_arguments(w)
    if w.rng.random() < 0.25:
        w.emit(b"}", "dict")
        w.emit(b"\x92", "obj", pops=3)
    else:
        w.emit(w.rng.choice((b"R", b"\x81")), "obj", pops=2)


def call_obj(w: Writer) -> None:
    """OBJ on something imported."""
    mark(w)
    import_global(w)
    for _ in range(w.rng.randrange(3)):
        push_string(w)
    w.collect(b"o", "obj")


def build(w: Writer) -> None:
    """BUILD."""
    if w.has("obj"):
        push_other(w)
        w.emit(b"b", "obj", pops=2)


def fill(w: Writer) -> None:
    """Adds to whatever is there, one by one or many."""
    if w.rng.random() < 0.5:
        if w.has("", ""):
            w.emit(b"a", pops=1)
        elif w.has("", "", ""):
            w.emit(b"s", pops=2)
        return
    w.emit(*w.rng.choice(((b"]", "list"), (b"}", "dict"), (b"\x8f", "set"))))
    mark(w)
    for _ in range(w.rng.randrange(3)):
        push_string(w)
    w.emit(w.rng.choice((b"e", b"u", b"\x90")), pops=w.items_above_mark() + 1)


def gather(w: Writer) -> None:
    """Makes a container of what is there."""
    pick = w.rng.randrange(7)
    if pick < 3:
        if w.has(*[""] * (pick + 1)):
            w.emit(bytes([0x85 + pick]), "tuple", pops=pick + 1)
    else:
        w.collect(*((b"t", "tuple"), (b"l", "list"), (b"d", "dict"),
                    (b"\x91", "set"))[pick - 3])


def use_extension(w: Writer) -> None:
    """An extension code, now and then a registered one."""
    code = w.rng.choice((1, 2, 3, 255, 0, 9, 256))
    pick = w.rng.randrange(3)
    if pick == 0:
        w.emit(b"\x82" + bytes([code & 255]), "obj")
    elif pick == 1:
        w.emit(b"\x83" + struct.pack("<H", code), "obj")
    else:
        w.emit(b"\x84" + struct.pack("<i", w.rng.choice((code, -code))), "obj")


def use_persistent_id(w: Writer) -> None:
    """A persistent id, as a line or from the stack."""
    if w.rng.random() < 0.5:
        w.emit(b"P" + spelling.line(spelling.any_text(w.rng)), "obj")
    elif w.has(""):
        w.emit(b"Q", "obj", pops=1)


def use_buffer(w: Writer) -> None:
    """An out-of-band buffer."""
    w.emit(b"\x97", "bytes")
    if w.rng.random() < 0.5:
        w.emit(b"\x98")


def set_protocol(w: Writer) -> None:
    """PROTO, anywhere."""
    version = w.rng.choice((0, 1, 2, 2, 3, 4, 4, 5))
    if w.rng.random() < 0.02:
        version = w.rng.choice((6, 255))
    w.emit(b"\x80" + bytes([version]))


def stop(w: Writer) -> None:
    """Ends a pickle; another one may follow, perhaps with the same memo."""
    if w.has(""):
        w.emit(b".")
        w.stack.clear()
        if w.rng.random() < 0.5:
            w.memo.clear()


STEPS: Sequence[Tuple[Step, int]] = (
    (push_string, 6), (push_module, 4), (push_name, 4), (push_other, 6),
    (store, 8), (fetch, 5), (fetch_string, 3), (duplicate, 4), (pop, 5),
    (mark, 4), (pop_mark, 2), (hide, 3), (import_global, 4), (import_inst, 3),
    (import_from_stack, 8), (import_by_detour, 8), (dup_and_pop, 2), (bury, 3),
    (call, 7), (call_obj, 2), (build, 3), (fill, 4), (gather, 4),
    (use_extension, 1), (use_persistent_id, 2), (use_buffer, 1),
    (set_protocol, 2), (stop, 1),
)
_CHOICES = [step for step, _ in STEPS]
_WEIGHTS = [weight for _, weight in STEPS]


def write_program(rng: Random) -> Program:
    """A program of a few to a few dozen steps, most often with its STOP."""
    writer = Writer(rng)
    if rng.random() < 0.5:
        set_protocol(writer)
    steps = rng.choice((3, 6, 10, 16, 30))
    for step in rng.choices(_CHOICES, _WEIGHTS, k=steps):
        step(writer)
    if rng.random() < 0.8 or not writer.program:
        writer.emit(b".")
    return writer.program
