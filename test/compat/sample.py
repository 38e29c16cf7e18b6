"""What the scripts make-sample.py of the versions share: the hashes, and the
module that all of them freeze, but for what a version has of its own.

Written from docs/module-format.md alone and sharing no code with the C++ writer,
so that the two check each other.
"""

import struct
import sys

MASK = (1 << 64) - 1
P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def rotl(value, count):
    return (value << count | value >> (64 - count)) & MASK


def lane_round(lane, word):
    return rotl((lane + word * P2) & MASK, 31) * P1 & MASK


def xxh64(data, seed):
    at, size = 0, len(data)
    if size >= 32:
        lanes = [seed + P1 + P2, seed + P2, seed, seed - P1]
        while size - at >= 32:
            words = struct.unpack_from("<4Q", data, at)
            lanes = [lane_round(a & MASK, w) for a, w in zip(lanes, words)]
            at += 32
        value = sum(rotl(a, n) for a, n in zip(lanes, (1, 7, 12, 18)))
        for lane in lanes:
            value = ((value ^ lane_round(0, lane)) * P1 + P4) & MASK
    else:
        value = seed + P5
    value = (value + size) & MASK
    while size - at >= 8:
        (word,) = struct.unpack_from("<Q", data, at)
        value = (rotl(value ^ lane_round(0, word), 27) * P1 + P4) & MASK
        at += 8
    if size - at >= 4:
        (word,) = struct.unpack_from("<I", data, at)
        value = (rotl(value ^ (word * P1 & MASK), 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        value = rotl(value ^ (byte * P5 & MASK), 11) * P1 & MASK
    value = (value ^ value >> 33) * P2 & MASK
    value = (value ^ value >> 29) * P3 & MASK
    return value ^ value >> 32


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


NONE = 4095  # a handler that does not reply
HEADER, ROW = 64, 24
# The sections in the order of their numbers: bytes of a record.
RECORD_BYTES = (8, 1, 24, 40, 16, 32, 48, 1, 64)
STENCILS = 9  # the number of that section


def padded(size, alignment):
    return -size % alignment


def stencil_row(kind, name, hash_, *numbers):
    """A row of the section of stencils; `name` is the number of a text."""
    numbers += (0,) * (12 - len(numbers))
    return struct.pack("<2IQ12I", kind, name, hash_, *numbers)


class Sample:
    """The module as tables, which may be changed before it is built."""

    def __init__(self, minor):
        """The module in format version 0.`minor`."""
        self.minor = minor
        self.name, self.producer = "bank", "rkc 0.1.0"
        self.source = "bank/actors.cpp"
        # name, type name, size, align
        self.messages = [
            ("Balance", "7Balance", 8, 8),
            ("Deposit", "7Deposit", 8, 8),
            ("Query", "5Query", 1, 1),
            ("geo::Move", "N3geo4MoveE", 24, 4),
        ]
        # name, type name, size, align, line, fields (name, offset, size),
        # resident (from 0.2 on)
        self.actors = [
            ("Account", "7Account", 16, 8, 12,
             [("auditor_", 0, 8), ("cents_", 8, 8)], 0),
            ("Auditor", "7Auditor", 4, 4, 31, [("overdrawn_", 0, 4)], minor >= 2),
            ("Empty", "5Empty", 1, 1, 40, [], 0),
        ]
        # actor, message, reply, lanes, line, column
        self.handlers = [
            (0, 1, NONE, 1, 14, 3),
            (0, 2, 0, 1, 18, 3),
            (1, 0, NONE, 32, 33, 3),
        ]
        # kind, target, entry, registers, stack, spills, shared, payload
        self.images = [
            (1, "sm_80", "rk_kernel", 40, 0, 0, 1024,
             b"\x7fELF sm_80" + bytes(range(200))),
            (1, "sm_90a", "rk_kernel", 42, 16, 8, 2048,
             b"\x7fELF sm_90a" + b"\x5a" * 117),
            (2, "sm_90", "rk_kernel", 0, 0, 0, 0,
             b".version 9.0\n.target sm_90\n"),
            (3, "x86_64-v3", "rk_agent_run", 0, 0, 0, 0,
             b"\x7fELF host" + b"\xc3" * 54),
        ]

    # What a version with stencils has of its own.

    def stencil_texts(self):
        return set()

    def stencil_rows(self, number):
        """The section of stencils; `number` has the number of each text. None
        in versions without it."""
        del number

    # The parts of the module, in the order of the file.

    def numbered_texts(self):
        texts = {self.name, self.producer, self.source} | self.stencil_texts()
        texts |= {message[0] for message in self.messages}
        texts |= {actor[0] for actor in self.actors}
        texts |= {field[0] for actor in self.actors for field in actor[5]}
        texts |= {text for image in self.images for text in image[1:3]}
        texts = sorted(texts, key=str.encode)
        return {text: index for index, text in enumerate(texts)}

    def tables(self, number):
        """The sections 1 to 6."""
        strings, text = b"", b""
        for string in number:
            encoded = string.encode()
            strings += struct.pack("<2I", len(text), len(encoded))
            text += encoded + b"\0"
        messages = b"".join(
            struct.pack("<Q4I", fnv1a(typeid), number[name], size, align, 0)
            for name, typeid, size, align in self.messages)
        actors = fields = b""
        for name, typeid, size, align, line, members, resident in self.actors:
            actors += struct.pack(
                "<Q8I", fnv1a(typeid), number[name], size, align,
                number[self.source], line, len(fields) // 16, len(members),
                0x100 * resident)
            for member, offset, bytes_ in members:
                fields += struct.pack("<4I", number[member], offset, bytes_, 0)
        handlers = b"".join(
            struct.pack("<8I", actor, message, reply, lanes,
                        number[self.source], line, column, 0)
            for actor, message, reply, lanes, line, column in self.handlers)
        return [strings, text, messages, actors, fields, handlers]

    def image_sections(self, number, images_at):
        """The sections 7 and 8; the first begins at byte `images_at`."""
        payload_at = images_at + 48 * len(self.images)
        payload_at += padded(payload_at, 64)
        images = payload = b""
        for kind, target, entry, *numbers, content in self.images:
            images += struct.pack(
                "<2Q8I", payload_at + len(payload), len(content), kind,
                number[target], number[entry], *numbers, 0)
            payload += content + b"\0"
            payload += bytes(padded(len(payload), 64))
        return images, payload

    def build(self):
        number = self.numbered_texts()
        stencils = self.stencil_rows(number)
        sections = STENCILS if stencils is not None else STENCILS - 1
        start = HEADER + ROW * sections
        body, rows = b"", b""

        def add(content, alignment):
            nonlocal body, rows
            kind = len(rows) // ROW + 1
            body += bytes(padded(start + len(body), alignment))
            rows += struct.pack("<2I2Q", kind, RECORD_BYTES[kind - 1],
                                start + len(body), len(content))
            body += content

        for content in self.tables(number):
            add(content, 8)
        images_at = start + len(body)
        images_at += padded(images_at, 8)
        images, payload = self.image_sections(number, images_at)
        add(images, 8)
        add(payload, 64)
        if stencils is not None:
            add(stencils, 1)

        front = b"\x89RKM\r\n\x1a\n" + struct.pack("<2HIQ", 0, self.minor,
                                                  HEADER, start + len(body))
        rest = struct.pack("<4I2Q", sections, 1, number[self.name],
                           number[self.producer], 0, 0) + rows + body
        return front + struct.pack("<Q", xxh64(rest, xxh64(front, 0))) + rest


def main(sample, arguments):
    """make-sample.py FILE writes `sample`; make-sample.py --check FILE compares."""
    module = sample.build()
    if len(arguments) == 2 and arguments[0] == "--check":
        with open(arguments[1], "rb") as file:
            frozen = file.read()
        if frozen == module:
            return 0
        print(f"{arguments[1]} is not what this script makes", file=sys.stderr)
        return 1
    if len(arguments) == 1:
        with open(arguments[0], "wb") as file:
            file.write(module)
        return 0
    print("usage: make-sample.py [--check] FILE", file=sys.stderr)
    return 2
