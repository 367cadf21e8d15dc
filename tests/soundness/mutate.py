# SPDX-License-Identifier: Apache-2.0
"""Hostile streams without end, each a function of a seed and its number.

A stream begins as a random program, as what a pickler wrote, or as a known
evasion.  Then opcodes are moved about, frames are laid over it, rightly and
wrongly, and at last bytes are damaged.
"""

import struct
from random import Random
from typing import Callable, Sequence, Tuple

import grammar
import stock
from grammar import Program

STOCK = stock.stock_programs()
BIG_FRAME = 131072  # the C reader treats frames of this size differently
MAX_BYTES = 4096
OPCODES = bytes(range(256))
USUAL_OPCODES = b"().01 2FGIJKLMNPQRSTUVXabcdeghijlopqrstu}]BC" + bytes(
    range(0x80, 0x99))


def drop_opcode(rng: Random, program: Program) -> None:
    """Takes an opcode away."""
    del program[rng.randrange(len(program))]


def repeat_opcode(rng: Random, program: Program) -> None:
    """Copies an opcode to somewhere else."""
    program.insert(rng.randrange(len(program) + 1), rng.choice(program))


def swap_opcodes(rng: Random, program: Program) -> None:
    """Lets two opcodes change places."""
    a, b = rng.randrange(len(program)), rng.randrange(len(program))
    program[a], program[b] = program[b], program[a]


def insert_steps(rng: Random, program: Program) -> None:
    """Inserts a piece of a random program."""
    piece = grammar.write_program(rng)[:rng.randrange(1, 8)]
    at = rng.randrange(len(program) + 1)
    program[at:at] = piece


def splice(rng: Random, program: Program) -> None:
    """Goes on as another program would."""
    other = start(rng)
    del program[rng.randrange(len(program) + 1):]
    program += other[rng.randrange(len(other)):]


def append_program(rng: Random, program: Program) -> None:
    """Adds a second pickle."""
    program += start(rng)


PROGRAM_MUTATIONS = (drop_opcode, repeat_opcode, swap_opcodes, insert_steps,
                     insert_steps, splice, append_program)


def start(rng: Random) -> Program:
    """What a stream begins as."""
    pick = rng.random()
    if pick < 0.6:
        return grammar.write_program(rng)
    if pick < 0.8:
        return list(rng.choice(STOCK))
    return list(rng.choice(stock.EVASIONS))


def frame_header(size: int) -> bytes:
    """FRAME."""
    return b"\x95" + struct.pack("<Q", size)


def lay_frame(rng: Random, stream: bytes) -> bytes:
    """Puts a FRAME somewhere, of any size.

    Where it starts or ends inside an operand, readers part ways.
    """
    at = rng.randrange(min(len(stream), 40) + 1)
    left = len(stream) - at
    size = rng.choice((left, rng.randrange(left + 1), rng.randrange(12),
                       left + rng.randrange(20), 0))
    if rng.random() < 0.02:
        size = rng.choice((1 << 62, 1 << 63, (1 << 64) - 1, BIG_FRAME))
    return stream[:at] + frame_header(size) + stream[at:]


def lay_big_frame(rng: Random, program: Program) -> bytes:
    """A frame that is too long to be prefetched, cut short by some bytes."""
    size = BIG_FRAME + rng.randrange(-40, 40)
    filler = b"B" + struct.pack("<I", size) + bytes(size) + b"0"
    body = b"".join(program)
    cut = rng.randrange(len(body) + 1)
    return frame_header(len(filler) + cut) + filler + body


def flip_byte(rng: Random, data: bytearray) -> None:
    """Changes a byte."""
    data[rng.randrange(len(data))] = rng.choice(OPCODES)


def place_opcode(rng: Random, data: bytearray) -> None:
    """Writes an opcode over a byte, or before it."""
    at = rng.randrange(len(data))
    data[at:at + rng.randrange(2)] = bytes([rng.choice(USUAL_OPCODES)])


def nudge_byte(rng: Random, data: bytearray) -> None:
    """Makes a byte a little more or less: a length is off by one."""
    at = rng.randrange(len(data))
    data[at] = (data[at] + rng.choice((-2, -1, 1, 2))) % 256


def delete_bytes(rng: Random, data: bytearray) -> None:
    """Takes a few bytes away."""
    at = rng.randrange(len(data))
    del data[at:at + rng.choice((1, 1, 2, 4, 8))]


def insert_bytes(rng: Random, data: bytearray) -> None:
    """Inserts a few bytes."""
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.choice((1, 1, 2, 4)))


def repeat_bytes(rng: Random, data: bytearray) -> None:
    """Copies a stretch of bytes to somewhere else."""
    a, b = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
    at = rng.randrange(len(data) + 1)
    data[at:at] = data[a:min(b, a + 60)]


def truncate(rng: Random, data: bytearray) -> None:
    """Ends the stream early."""
    del data[rng.randrange(len(data)):]


def drop_last_newline(rng: Random, data: bytearray) -> None:
    """Ends the stream in the middle of a line."""
    at = data.rfind(b"\n")
    if at >= 0:
        del data[at:]


BYTE_MUTATIONS = (flip_byte, place_opcode, nudge_byte, delete_bytes,
                  insert_bytes, repeat_bytes, truncate, drop_last_newline)
Mutations = Sequence[Callable[[Random, "bytearray | Program"], None]]


def mutate(rng: Random, thing, mutations: Mutations,
           counts: Tuple[int, ...]) -> None:
    """Applies some mutations to a program or to bytes."""
    for _ in range(rng.choice(counts)):
        if thing:
            rng.choice(mutations)(rng, thing)


def lay_frames(rng: Random, program: Program) -> bytes:
    """The program as bytes, with frames over it, or most often without."""
    pick = rng.random()
    if pick < 0.001:
        return lay_big_frame(rng, program)
    stream = b"".join(program)[:MAX_BYTES]
    if pick < 0.2:
        stream = lay_frame(rng, stream)
    if pick < 0.06:
        stream = lay_frame(rng, stream)
    return stream


def make_stream(seed: str, number: int) -> bytes:
    """The stream of this number, the same for ever."""
    rng = Random(f"{seed}:{number}")
    program = start(rng)
    mutate(rng, program, PROGRAM_MUTATIONS, (0, 0, 1, 2, 4))
    data = bytearray(lay_frames(rng, program))
    mutate(rng, data, BYTE_MUTATIONS, (0, 0, 1, 1, 2, 4))
    return bytes(data)
