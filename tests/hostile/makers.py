# SPDX-License-Identifier: Apache-2.0
"""Files that attack whoever reads them: makers, each of which writes one file.

A maker is called with the path to write and a scale from 0 to 1; its
docstring says what it is.  None of them does anything when it is loaded."""
import gzip
import io
import os
import struct
import zipfile
import zlib

MAKERS = []
ZIP_TIME = (2020, 1, 1, 0, 0, 0)


def maker(fn):
    MAKERS.append(fn)
    return fn


def write(path, *parts):
    with open(path, "wb") as f:
        for p in parts:
            f.write(p)


def zeros_deflated(n):
    """A raw deflate stream of n zeros, without holding them."""
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    out, block, left, crc = [], bytes(1 << 20), n, 0
    while left:
        piece = block[:min(left, len(block))]
        out.append(c.compress(piece))
        crc = zlib.crc32(piece, crc)
        left -= len(piece)
    out.append(c.flush())
    return b"".join(out), crc


def raw_zip(members, zip64_count=False):
    """(name, method, crc, packed bytes, size)... as a zip."""
    body, central = [], []
    at = 0
    for name, method, crc, packed, size in members:
        local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, method, 0, 33, crc,
                            len(packed), size, len(name), 0) + name
        body.append(local + packed)
        central.append(struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, method, 0, 33, crc,
            len(packed), size, len(name), 0, 0, 0, 0, 0, at) + name)
        at += len(local) + len(packed)
    directory = b"".join(central)
    n = len(central)
    tail = b""
    if n > 65535:
        tail = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, n, n,
                           len(directory), at)
        tail += struct.pack("<4sIQI", b"PK\6\7", 0, at + len(directory), 1)
        n = 65535
    tail += struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, n, n, len(directory),
                        at if not zip64_count else 0xffffffff, 0)
    return b"".join(body) + directory + tail


def stored(name, data):
    return name, 0, zlib.crc32(data), data, len(data)


@maker
def nested_zip_bomb(path, scale):
    """zips in zips: 10 GiB of zeros in a few kilobytes"""
    packed, crc = zeros_deflated(64 << 20)
    inner = raw_zip([(b"%d.pkl" % i, 8, crc, packed, 64 << 20)
                     for i in range(4)])
    copies = max(1, int(10 * scale))
    for level in range(2):
        deflated = zlib.compressobj(9, zlib.DEFLATED, -15)
        small = deflated.compress(inner) + deflated.flush()
        inner = raw_zip([(b"%d.zip" % i, 8, zlib.crc32(inner), small,
                          len(inner)) for i in range(copies if level else 4)])
    write(path, inner)


@maker
def overlapping_zip_bomb(path, scale):
    """one deflated member named ten thousand times by the directory"""
    packed, crc = zeros_deflated(16 << 20)
    name = b"a.pkl"
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, crc,
                        len(packed), 16 << 20, len(name), 0) + name + packed
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc,
                        len(packed), 16 << 20, len(name), 0, 0, 0, 0, 0,
                        0) + name
    n = int(10000 * scale) or 1
    write(path, local, entry * n, struct.pack(
        "<4s4H2IH", b"PK\5\6", 0, 0, n, n, n * len(entry), len(local), 0))


@maker
def gzip_of_zeros(path, scale):
    """one gzip stream of 10 GiB"""
    packed, _ = zeros_deflated(int(10 * scale * (1 << 30)) or 1)
    write(path, b"\x1f\x8b\x08\0\0\0\0\0\0\3", packed, bytes(8))


@maker
def gzip_in_gzip(path, scale):
    """gzip within gzip, five thousand deep"""
    data = b"\x80\x02N."
    for _ in range(int(5000 * scale)):
        data = gzip.compress(data, 0, mtime=0)
    write(path, data)


@maker
def zip_in_zip(path, scale):
    """zip within zip, five thousand deep"""
    data = b"\x80\x02N."
    for _ in range(int(5000 * scale)):
        data = raw_zip([stored(b"a", data)])
    write(path, data)


@maker
def empty_gzip_members(path, scale):
    """a million gzip members that hold nothing"""
    write(path, gzip.compress(b"", mtime=0) * int(1e6 * scale))


@maker
def million_members_zip(path, scale):
    """a million members in a zip"""
    write(path, raw_zip(stored(b"%07d.pkl" % i, b"")
                        for i in range(int(1e6 * scale))))


@maker
def million_pickles_zip(path, scale):
    """a hundred thousand members, each a pickle with an import of its own"""
    write(path, raw_zip(stored(b"%07d.pkl" % i, b"cm%d\nf\n." % i)
                        for i in range(int(1e5 * scale))))


def tar_header(name, size=b"00000000000", kind=b"0"):
    h = bytearray(512)
    h[0:len(name)] = name
    h[100:108] = b"0000644\0"
    h[124:136] = size.ljust(12, b"\0")
    h[136:148] = b"00000000000\0"
    h[156:157] = kind
    h[257:265] = b"ustar\x0000"
    h[148:156] = b" " * 8
    h[148:156] = b"%06o\0 " % sum(h)
    return bytes(h)


@maker
def million_members_tar_gz(path, scale):
    """a million members in a tar in a gzip"""
    with gzip.GzipFile(path, "wb", 1, mtime=0) as f:
        for i in range(int(1e6 * scale)):
            f.write(tar_header(b"%07d.pkl" % i))
        f.write(bytes(1024))


@maker
def pickle_of_2_to_the_5000(path, scale):
    """a pickle of a tuple in a tuple twice, 5000 times: 2^5000 leaves"""
    write(path, b"\x80\x02]", b"2\x86" * 5000, b".")


@maker
def pickle_list_of_itself(path, scale):
    """two million appends of a list to itself"""
    write(path, b"\x80\x02]q\0", b"h\0a" * int(2e6 * scale), b".")


@maker
def pickle_marks(path, scale):
    """two million marks"""
    write(path, b"\x80\x02", b"(" * int(2e6 * scale), b".")


@maker
def pickle_tuples(path, scale):
    """a tuple in a tuple, two million deep"""
    write(path, b"\x80\x02N", b"\x85" * int(2e6 * scale), b".")


@maker
def pickle_lists(path, scale):
    """two million lists, then each appended to the one before"""
    n = int(2e6 * scale)
    write(path, b"\x80\x02", b"]" * n, b"a" * (n - 1), b".")


@maker
def pickle_calls(path, scale):
    """two million calls of what a call gave"""
    write(path, b"\x80\x02ccollections\nOrderedDict\n",
          b")R" * int(2e6 * scale), b".")


@maker
def pickle_memo(path, scale):
    """memo numbers that ask for a table of 2^32 entries"""
    write(path, b"\x80\x02N", b"".join(
        b"r" + struct.pack("<I", 0xffffffff - 4099 * i)
        for i in range(int(1e6 * scale))), b".")


@maker
def pickle_integer(path, scale):
    """an integer of a hundred million digits"""
    write(path, b"L" + b"9" * int(1e8 * scale), b"L\n.")


@maker
def pickle_pop(path, scale):
    """a hundred million one-byte opcodes"""
    write(path, b"\x80\x02" + b")0" * int(5e7 * scale), b"N.")


@maker
def pickle_imports(path, scale):
    """a million imports, all different"""
    write(path, b"".join(b"cm%d\nf\n0" % i for i in range(int(1e6 * scale))),
          b"N.")


@maker
def pickle_findings(path, scale):
    """a million dangerous calls"""
    write(path, b"cos\nsystem\n(S'echo inert'\ntR0" * int(1e6 * scale), b"N.")


@maker
def pickle_long_name(path, scale):
    """an import with a name of fifty million bytes"""
    write(path, b"c" + b"a" * int(5e7 * scale) + b"\nf\n.")


@maker
def pickles_in_a_row(path, scale):
    """a million pickles, one behind another"""
    write(path, b"\x80\x02N." * int(1e6 * scale))


CLAIM = struct.pack("<Q", 1 << 63)


@maker
def pickle_claims(path, scale):
    """bytes of a claimed length of 2^63"""
    write(path, b"\x80\x04\x8e", CLAIM, b"abc.")


@maker
def pickle_claims_text(path, scale):
    """text of a claimed length of 2^63 - 1"""
    write(path, b"\x80\x04\x8d", struct.pack("<Q", (1 << 63) - 1), b"abc.")


@maker
def pickle_claims_frame(path, scale):
    """a frame of a claimed length of 2^63"""
    write(path, b"\x80\x04\x95", CLAIM, b"N.")


@maker
def npy_claims(path, scale):
    """an array of 2^62 elements"""
    head = (b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }"
            % (1 << 62)).ljust(117) + b"\n"
    write(path, b"\x93NUMPY\1\0" + struct.pack("<H", len(head)), head)


@maker
def safetensors_claims(path, scale):
    """a SafeTensors header of a claimed length of 2^63"""
    write(path, CLAIM, b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}')


@maker
def safetensors_nested(path, scale):
    """a SafeTensors header of two million brackets"""
    head = b'{"a":' + b"[" * int(2e6 * scale)
    write(path, struct.pack("<Q", len(head)), head)


@maker
def json_nested(path, scale):
    """two million brackets"""
    write(path, b"[" * int(2e6 * scale))


@maker
def json_nested_objects(path, scale):
    """a million objects within one another"""
    write(path, b'{"a":' * int(1e6 * scale))


@maker
def gguf_claims(path, scale):
    """a GGUF of 2^63 tensors and as many keys"""
    write(path, b"GGUF" + struct.pack("<I", 3) + CLAIM + CLAIM)


@maker
def gguf_nested(path, scale):
    """a GGUF array of arrays, a hundred thousand deep"""
    n = int(1e5 * scale)
    write(path, b"GGUF" + struct.pack("<IQQ", 3, 0, 1),
          struct.pack("<Q", 1), b"a", struct.pack("<I", 9),
          struct.pack("<IQ", 9, 1) * n)


@maker
def zip64_claims(path, scale):
    """a zip member of a claimed length of 2^63"""
    extra = struct.pack("<HHQQ", 1, 16, 1 << 63, 1 << 63)
    name = b"a.pkl"
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 45, 0, 0, 0, 33, 0,
                        0xffffffff, 0xffffffff, len(name), len(extra))
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 45, 45, 0, 0, 0, 33, 0,
                        0xffffffff, 0xffffffff, len(name), len(extra), 0, 0,
                        0, 0, 0)
    first = local + name + extra + b"N."
    second = entry + name + extra
    write(path, first, second, struct.pack(
        "<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(second), len(first), 0))


@maker
def tar_claims(path, scale):
    """a tar member of a claimed length of 2^63"""
    write(path, tar_header(b"a.pkl", b"\x80\0\0\0" + struct.pack(">Q", 1 << 63)),
          bytes(1024))


@maker
def protobuf_claims(path, scale):
    """an ONNX field of a claimed length of 2^63"""
    write(path, b"\x08\x08\x12\x04test\x3a" + b"\xff" * 8 + b"\x7f", bytes(64))


@maker
def protobuf_nested(path, scale):
    """groups within groups, two million deep"""
    write(path, b"\x08\x08\x3a\x80\x80\x80\x01", b"\x0b" * int(2e6 * scale))


@maker
def hdf5_claims(path, scale):
    """an HDF5 superblock whose addresses are 2^63"""
    write(path, b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00", CLAIM * 4, bytes(64))


@maker
def xml_laughs(path, scale):
    """a billion laughs"""
    lines = [b'<!ENTITY l0 "lol">']
    for i in range(1, 12):
        lines.append(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10))
    write(path, b"<?xml version='1.0'?><!DOCTYPE PMML [",
          b"".join(lines), b"]><PMML>&l11;</PMML>")


@maker
def xml_nested(path, scale):
    """a million elements within one another"""
    write(path, b"<?xml version='1.0'?><net>", b"<a>" * int(1e6 * scale))


@maker
def yaml_laughs(path, scale):
    """anchors that double forty times"""
    lines = [b"a0: &a0 [x, x]"]
    for i in range(1, 40):
        lines.append(b"a%d: &a%d [*a%d, *a%d]" % (i, i, i - 1, i - 1))
    write(path, b"\n".join(lines) + b"\nflavors:\n  python_function: *a39\n")


@maker
def yaml_nested(path, scale):
    """a million flow sequences within one another"""
    write(path, b"flavors: " + b"[" * int(1e6 * scale))


@maker
def msgpack_nested(path, scale):
    """a million arrays within one another"""
    write(path, b"\x81\xa1a" + b"\x91" * int(1e6 * scale))


@maker
def zeros(path, scale):
    """64 GiB of nothing, sparse"""
    with open(path, "wb") as f:
        f.truncate(64 << 30)


@maker
def pickle_then_nothing(path, scale):
    """a pickle, and a hole of 64 GiB behind it"""
    with open(path, "wb") as f:
        f.write(b"\x80\x02N.")
        f.truncate(64 << 30)


@maker
def one_opcode_for_ever(path, scale):
    """PROTO, then a hole of 8 GiB, as a pickle's name promises"""
    with open(path, "wb") as f:
        f.write(b"\x80\x02cos\nsystem\n")
        f.truncate(8 << 30)


@maker
def quadratic_magic(path, scale):
    """a pickle followed by fifty megabytes of zip ends"""
    write(path, b"\x80\x02N." + b"PK\5\6" * int(12e6 * scale))


@maker
def quadratic_pickles(path, scale):
    """unexplained bytes that all look like the start of a pickle"""
    write(path, b"\x93NUMPY\1\0\x76\0{'descr': '<f8', 'fortran_order': False,"
          b" 'shape': (1,), }".ljust(127) + b"\n" + bytes(8),
          b"\x80\x04\x95" * int(5e6 * scale))
