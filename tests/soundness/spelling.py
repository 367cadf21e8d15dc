# SPDX-License-Identifier: Apache-2.0
"""The many ways in which a pickle can spell one name, number or string.

Most are spellings that no pickler writes and some reader takes; some are ones
that no reader takes, since where a reader stops matters as much.
"""

import struct
from random import Random

MODULES = ("os", "posix", "builtins", "__builtin__", "commands", "itertools",
           "UserDict", "exceptions", "collections", "mod", "a.b.c", "os.path",
           "m\u00f6d", "\u6a21\u5757", "\uff4f\uff53", "nt ", " os", "o\\x73",
           "\\u006fs", "", "x" * 300, "cPickle", "m\r", "\x00", "a b")
NAMES = ("system", "eval", "getattr", "OrderedDict", "reduce", "Class", "f",
         "a.b", "path.os.system", "n\u00e4me", "\u540d", "x y", "getoutput",
         "Exception", "imap", "", "n\r", "na\\nme", "y" * 270, "\x00n")
ODD_TEXTS = ("\ud800", "a\udfffb", "two\nlines", "\U0001f600", "'", '"', "\\",
             "\x7f", "c", "(", ".", "\x80", "\xff", "N", "os\n", "\t")

PLAIN_NUMBERS = (b"0", b"1", b"2", b"7", b"10", b"255", b"-1", b"00", b"01")
ODD_NUMBERS = (b"", b"0x10", b"0x1", b"010", b"08", b"0b11", b"0o17", b"1_0",
               b"1__0", b"_1", b" 1", b"1 ", b"\t1", b"+1", b"-0", b"- 1",
               b"1\x00x", b"\x00", b"0\x00zz", b"1\r", b"1\x0b", b"1e3",
               b"True", b"1L", b"001", b"000", b"\xd9\xa1", b"1.5", b"0x",
               b"99999999999999999999", b"9" * 4301, b"0x" + b"f" * 30)
PLAIN_FLOATS = (b"1.5", b"0.0", b"-2e10", b"nan", b"inf")
ODD_FLOATS = (b" 1.5", b"1.5 ", b"1_0.5", b"1e999", b"1.5\x00x", b".5", b"5.",
              b"", b"0x1p3", b"+Infinity", b"1.5\r", b"1,5", b"\x00")
MEMO_SLOTS = (0, 0, 0, 1, 1, 2, 3, 4, 5, 31, 32, 33, 64, 65, 200, 255)
FAR_SLOTS = (256, 1000, 65535, 65536, 200000)
FAR_LINES = (b"-1", b"99999999999999999999", b"9223372036854775807",
             b"9223372036854775808", b"4294967296")


def module_name(rng: Random) -> str:
    """A module's name, real, renamed, foreign or odd."""
    return rng.choice(MODULES if rng.random() < 0.5 else MODULES[:12])


def attribute_name(rng: Random) -> str:
    """An attribute's name."""
    return rng.choice(NAMES if rng.random() < 0.5 else NAMES[:9])


def any_text(rng: Random) -> str:
    """Any text, often one that is a name."""
    pick = rng.random()
    if pick < 0.45:
        return module_name(rng)
    if pick < 0.9:
        return attribute_name(rng)
    return rng.choice(ODD_TEXTS)


def encode(text: str) -> bytes:
    """UTF-8, as picklers write it."""
    return text.encode("utf-8", "surrogatepass")


def line(text: str) -> bytes:
    """A line of GLOBAL or INST."""
    return encode(text) + b"\n"


def number_line(rng: Random) -> bytes:
    """The text of an INT or LONG."""
    pool = ODD_NUMBERS if rng.random() < 0.4 else PLAIN_NUMBERS
    return rng.choice(pool) + b"\n"


def number(rng: Random) -> bytes:
    """An opcode that pushes a number."""
    kind = rng.choice("IILLFFGJKM\x8a\x8b")
    if kind == "I":
        return b"I" + number_line(rng)
    if kind == "L":
        return b"L" + number_line(rng).replace(b"\n", b"L\n", rng.randrange(2))
    if kind == "F":
        pool = ODD_FLOATS if rng.random() < 0.3 else PLAIN_FLOATS
        return b"F" + rng.choice(pool) + b"\n"
    if kind in "\x8a\x8b":
        return long_number(rng, kind)
    size = {"G": 8, "J": 4, "K": 1, "M": 2}[kind]
    return kind.encode() + rng.randbytes(size)


def long_number(rng: Random, kind: str) -> bytes:
    """LONG1 or LONG4."""
    payload = rng.randbytes(rng.randrange(5))
    if kind == "\x8a":
        return b"\x8a" + bytes([len(payload)]) + payload
    size = -1 if rng.random() < 0.1 else len(payload)
    return b"\x8b" + struct.pack("<i", size) + payload


def string(rng: Random, text: str) -> bytes:
    """An opcode that pushes this text as a str, or would."""
    kind = rng.randrange(9)
    if kind == 0:
        return b"S" + quoted(rng, encode(text)) + b"\n"
    if kind == 1:
        return b"V" + raw_unicode(rng, text) + b"\n"
    if kind == 2:
        data = encode(text)
        return b"T" + struct.pack("<I", len(data)) + data
    if kind == 3:
        return counted_by_byte(b"U", encode(text))
    if kind in (4, 5):
        return counted_by_byte(b"\x8c", encode(text))
    data = damaged(rng, encode(text))
    if kind == 6:
        return b"\x8d" + struct.pack("<Q", len(data)) + data
    return b"X" + struct.pack("<I", len(data)) + data


def counted_by_byte(opcode: bytes, data: bytes) -> bytes:
    """A string whose length is one byte; what is too long is cut."""
    return opcode + bytes([min(len(data), 255)]) + data[:255]


def damaged(rng: Random, data: bytes) -> bytes:
    """Once in a while no valid UTF-8."""
    if rng.random() < 0.03:
        return data + rng.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
                                  b"\xf4\x90\x80\x80", b"\xe2\x82"))
    return data


def bytes_object(rng: Random) -> bytes:
    """An opcode that pushes bytes, which are never a name."""
    data = encode(any_text(rng))
    kind = rng.randrange(4)
    if kind == 0:
        return counted_by_byte(b"C", data)
    if kind == 1:
        return b"B" + struct.pack("<I", len(data)) + data
    return (b"\x8e", b"\x96")[kind - 2] + struct.pack("<Q", len(data)) + data


def quoted(rng: Random, data: bytes) -> bytes:
    """The operand of STRING: quotes, and escapes where they are needed or
    where they are not."""
    quote = rng.choice((b"'", b'"'))
    body = b"".join(escaped_byte(rng, byte, quote) for byte in data)
    if rng.random() < 0.04:
        return rng.choice((quote, body, quote + body, quote + body + quote +
                           b" ", quote + body + b"\\" + quote))
    return quote + body + quote


def escaped_byte(rng: Random, byte: int, quote: bytes) -> bytes:
    """One byte of a STRING."""
    plain = bytes([byte])
    needed = plain in (b"\n", b"\\", quote)
    if not needed and rng.random() < 0.9:
        return plain
    forms = [b"\\x%02x" % byte, b"\\%03o" % byte]
    if plain in (b"\\", b"'", b'"'):
        forms.append(b"\\" + plain)
    if not needed:
        forms.append(rng.choice((b"\\", b"")) + plain)
    return rng.choice(forms)


def raw_unicode(rng: Random, text: str) -> bytes:
    """The operand of UNICODE: latin-1, but for escapes."""
    return b"".join(raw_unicode_character(rng, c) for c in text)


def raw_unicode_character(rng: Random, character: str) -> bytes:
    """One character of a UNICODE."""
    code = ord(character)
    if code > 0xFFFF or rng.random() < 0.02:
        return b"\\U%08x" % code
    if code > 0xFF or character in "\n\\" or rng.random() < 0.05:
        return b"\\u%04x" % code
    return bytes([code])


def put(rng: Random, slot: int) -> bytes:
    """An opcode that stores the top of the stack in a memo slot."""
    return memo_opcode(rng, slot, (b"p", b"q", b"r"))


def get(rng: Random, slot: int) -> bytes:
    """An opcode that pushes a memo slot."""
    return memo_opcode(rng, slot, (b"g", b"h", b"j"))


def memo_opcode(rng: Random, slot: int, opcodes) -> bytes:
    """PUT, BINPUT and LONG_BINPUT, or their GETs."""
    kind = rng.randrange(3)
    if kind == 1 and slot < 256:
        return opcodes[1] + bytes([slot])
    if kind == 2:
        return opcodes[2] + struct.pack("<I", slot)
    return opcodes[0] + slot_line(rng, slot)


def slot_line(rng: Random, slot: int) -> bytes:
    """A slot in decimal, or nearly so."""
    digits = b"%d" % slot
    if rng.random() < 0.7:
        return digits + b"\n"
    return rng.choice((b" %b", b"%b ", b"+%b", b"0%b", b"0_%b", b"%b\x00zz",
                       b"%b\r", b"-%b", b"0x%b", b"%bL", b"%b.0")
                      ) % digits + b"\n"
