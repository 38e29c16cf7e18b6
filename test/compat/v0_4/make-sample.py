#!/usr/bin/env python3
"""Makes sample.rkm, the frozen module of format version 0.4.

Written from docs/module-format.md alone and sharing no code with the C++ writer,
so that the two check each other. `make-sample.py FILE` writes the module;
`make-sample.py --check FILE` compares, and exits with 1 if the bytes differ.
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
NAME, PRODUCER, SOURCE = "bank", "rkc 0.1.0", "bank/actors.cpp"
# name, type name, size, align
MESSAGES = [
    ("Balance", "7Balance", 8, 8),
    ("Deposit", "7Deposit", 8, 8),
    ("Query", "5Query", 1, 1),
    ("geo::Move", "N3geo4MoveE", 24, 4),
]
# name, type name, size, align, line, fields (name, offset, size), resident
ACTORS = [
    ("Account", "7Account", 16, 8, 12, [("auditor_", 0, 8), ("cents_", 8, 8)], 0),
    ("Auditor", "7Auditor", 4, 4, 31, [("overdrawn_", 0, 4)], 1),
    ("Empty", "5Empty", 1, 1, 40, [], 0),
]
# actor, message, reply, lanes, line, column
HANDLERS = [
    (0, 1, NONE, 1, 14, 3),
    (0, 2, 0, 1, 18, 3),
    (1, 0, NONE, 32, 33, 3),
]
# kind, target, entry, registers, stack, spills, shared, payload
IMAGES = [
    (1, "sm_80", "rk_kernel", 40, 0, 0, 1024, b"\x7fELF sm_80" + bytes(range(200))),
    (1, "sm_90a", "rk_kernel", 42, 16, 8, 2048, b"\x7fELF sm_90a" + b"\x5a" * 117),
    (2, "sm_90", "rk_kernel", 0, 0, 0, 0, b".version 9.0\n.target sm_90\n"),
    (3, "x86_64-v3", "rk_agent_run", 0, 0, 0, 0, b"\x7fELF host" + b"\xc3" * 54),
]
# name, type name, size, align, dimensions, radius, line,
# arrays (name, offset, bytes, levels, entries, flags, halo, part),
# plans (name, entry, block, tile, steps, shared),
# boundary (entry, sets, levels, reads the step),
# reductions (name, name of the tag's type, entry, later entry, size, align)
STENCILS = [
    ("Wave", "4Wave", 8, 4, 3, 1, 51,
     [("pressure", 0, 4, 2, 2, 5, (1, 1, 1), 0),
      ("speed", 1, 4, 1, 1, 3, (0, 0, 0), 0),
      ("flow.0", 2, 2, 1, 2, 13, (0, 1, 0), 0),
      ("flow.1", 2, 2, 1, 2, 4, (0, 1, 0), 1)],
     [("global", "rk_stencil_0_global", (64, 4, 1), (64, 4, 1), 1, 0)],
     ("rk_stencil_0_boundary", 5, 1, 1),
     [("energy", "N2rk6detail12ReductionTagIXadL_ZNK4Wave6energyEvEEEE",
       "rk_stencil_0_reduce_energy", "rk_stencil_0_reduce_energy_fold", 16, 8)]),
]
HEADER, ROW, RECORD_BYTES = 64, 24, (8, 1, 24, 40, 16, 32, 48, 1, 64)


def padded(size, alignment):
    return -size % alignment


def build():
    texts = {NAME, PRODUCER, SOURCE}
    texts |= {message[0] for message in MESSAGES}
    texts |= {actor[0] for actor in ACTORS}
    texts |= {field[0] for actor in ACTORS for field in actor[5]}
    texts |= {text for image in IMAGES for text in image[1:3]}
    for stencil in STENCILS:
        arrays, plans, boundary, reductions = stencil[7:]
        texts |= {stencil[0], "boundary", boundary[0]}
        texts |= {array[0] for array in arrays}
        texts |= {text for plan in plans for text in plan[:2]}
        texts |= {text for reduction in reductions
                  for text in (reduction[0], *reduction[2:4])}
    texts = sorted(texts, key=str.encode)
    number = {text: index for index, text in enumerate(texts)}

    strings, text = b"", b""
    for string in texts:
        encoded = string.encode()
        strings += struct.pack("<2I", len(text), len(encoded))
        text += encoded + b"\0"
    messages = b"".join(
        struct.pack("<Q4I", fnv1a(typeid), number[name], size, align, 0)
        for name, typeid, size, align in MESSAGES
    )
    actors = fields = b""
    for name, typeid, size, align, line, members, resident in ACTORS:
        actors += struct.pack(
            "<Q8I", fnv1a(typeid), number[name], size, align, number[SOURCE],
            line, len(fields) // 16, len(members), 0x100 * resident)
        for member, offset, bytes_ in members:
            fields += struct.pack("<4I", number[member], offset, bytes_, 0)
    handlers = b"".join(
        struct.pack("<8I", actor, message, reply, lanes, number[SOURCE], line,
                    column, 0)
        for actor, message, reply, lanes, line, column in HANDLERS
    )

    stencils = b""

    def add_row(kind, name, hash_, *numbers):
        nonlocal stencils
        numbers += (0,) * (12 - len(numbers))
        stencils += struct.pack("<2IQ12I", kind, number[name], hash_, *numbers)

    for (name, typeid, size, align, dims, radius, line, arrays, plans, boundary,
         reductions) in STENCILS:
        add_row(1, name, fnv1a(typeid), size, align, dims, radius,
                number[SOURCE], line)
        for array, *numbers, halo, part in arrays:
            add_row(2, array, 0, *numbers, *halo, part)
        for plan, entry, block, tile, steps, shared in plans:
            add_row(3, plan, 0, number[entry], *block, *tile, steps, shared)
        add_row(4, "boundary", 0, number[boundary[0]], *boundary[1:])
        for reduction, tag, entry, later, size, align in reductions:
            add_row(5, reduction, fnv1a(tag), number[entry], number[later], size,
                    align)

    start = HEADER + ROW * len(RECORD_BYTES)
    body, rows = b"", b""
    sections = [strings, text, messages, actors, fields, handlers]
    for kind, content in enumerate(sections, 1):
        body += bytes(padded(start + len(body), 8))
        rows += struct.pack("<2I2Q", kind, RECORD_BYTES[kind - 1],
                            start + len(body), len(content))
        body += content

    body += bytes(padded(start + len(body), 8))
    images_at = start + len(body)
    payload_at = images_at + 48 * len(IMAGES)
    payload_at += padded(payload_at, 64)
    images = payload = b""
    for kind, target, entry, registers, stack, spills, shared, content in IMAGES:
        images += struct.pack("<2Q8I", payload_at + len(payload), len(content),
                              kind, number[target], number[entry], registers,
                              stack, spills, shared, 0)
        payload += content + b"\0"
        payload += bytes(padded(len(payload), 64))
    rows += struct.pack("<2I2Q", 7, 48, images_at, len(images))
    rows += struct.pack("<2I2Q", 8, 1, payload_at, len(payload))
    body += images
    body += bytes(padded(start + len(body), 64))
    body += payload
    rows += struct.pack("<2I2Q", 9, 64, start + len(body), len(stencils))
    body += stencils

    front = b"\x89RKM\r\n\x1a\n" + struct.pack("<2HIQ", 0, 4, HEADER,
                                              start + len(body))
    rest = struct.pack("<4I2Q", len(RECORD_BYTES), 1, number[NAME],
                       number[PRODUCER], 0, 0) + rows + body
    return front + struct.pack("<Q", xxh64(rest, xxh64(front, 0))) + rest


def main(arguments):
    module = build()
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
