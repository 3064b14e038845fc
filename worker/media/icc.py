"""Colour profiles without what they tell of a device: what the colours need stays, texts go.

Source: ICC.1:2022, clause 7 (header, tag table) and 10 (types).
"""

from __future__ import annotations

import struct
from typing import Final

MAX_BYTES: Final = 4 << 20

_HEADER: Final = 128
_TABLE: Final = _HEADER + 4
_MAX_TAGS: Final = 200
_COLOUR_TAGS: Final = frozenset(
    (
        b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"bkpt", b"chad",
        b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"cicp",
    )
)  # fmt: skip
_NAME: Final = b"colour profile"


def cleaned(profile: bytes) -> bytes | None:
    """The same colours without names, dates, makers, models, serial numbers and private tags.

    Returns:
        None where it is no profile that can be read; decoders ignore such a one as well.
    """
    if not _TABLE <= len(profile) <= MAX_BYTES or profile[36:40] != b"acsp":
        return None
    (count,) = struct.unpack_from(">I", profile, _HEADER)
    if count > _MAX_TAGS or _TABLE + 12 * count > len(profile):
        return None
    tags: list[tuple[bytes, bytes]] = []
    for index in range(count):
        name, start, size = struct.unpack_from(">4sII", profile, _TABLE + 12 * index)
        if name in _COLOUR_TAGS:
            if start + size > len(profile) or size < 8:
                return None
            tags.append((name, profile[start : start + size]))
    if not tags:
        return None
    text = _name(profile[8])
    tags += [(b"desc", text), (b"cprt", text if profile[8] >= 4 else _plain())]
    return _written(profile[:_HEADER], tags)


def _written(header: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    table, data, places = bytearray(), bytearray(), dict[bytes, int]()
    begin = _TABLE + 12 * len(tags)
    for name, content in sorted(tags):
        if content not in places:
            places[content] = begin + len(data)
            data += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, places[content], len(content))
    size = begin + len(data)
    kept = bytearray(_HEADER)
    kept[0:4] = struct.pack(">I", size)
    # Version, class, colour spaces; a date that is none's; signature; attributes to illuminant.
    kept[8:24] = header[8:24]
    kept[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    kept[36:40] = b"acsp"
    kept[56:80] = header[56:80]
    return bytes(kept) + struct.pack(">I", len(tags)) + bytes(table) + bytes(data)


def _name(version: int) -> bytes:
    if version >= 4:
        words = _NAME.decode().encode("utf-16-be")
        return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(words), 28) + words
    text = _NAME + b"\0"
    return b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(8 + 3 + 67)


def _plain() -> bytes:
    return b"text" + bytes(4) + _NAME + b"\0"
