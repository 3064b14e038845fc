"""JPEG and PNG files without metadata, their pixels untouched: nothing is decoded or encoded.

What leaves: Exif (place, time, camera, the small unmasked picture in it), XMP, IPTC, comments,
makers' segments, thumbnails of JFIF, further pictures behind the first, and whatever follows the
end. What stays: the picture, and what its colours need (``icc``).

Sources: ITU-T T.81 annex B, T.871 (JFIF), ICC.1 annex B.4; PNG (W3C 2025), clause 11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from worker.media import icc
from worker.media.decode import invalid

JPEG_START: Final = b"\xff\xd8\xff"
PNG_START: Final = b"\x89PNG\r\n\x1a\n"

_ICC: Final = b"ICC_PROFILE\0"
_ICC_CHUNK: Final = 65_519
_FRAMES: Final = frozenset((*range(0xC0, 0xD0),)) - {0xC4, 0xC8, 0xCC}
_SOS, _EOI, _COMMENT = 0xDA, 0xD9, 0xFE
_ORIENTATION_TAG, _SHORT = 0x0112, 3
_ALONE: Final = frozenset((0x01, *range(0xD0, 0xD8)))

_PNG_KEPT: Final = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"cICP")
)
_PNG_COLOUR: Final = frozenset((b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP"))
_PNG_MAY_TURN: Final = frozenset((b"eXIf", b"iTXt", b"tEXt", b"zTXt"))


@dataclass(frozen=True, slots=True)
class Stripped:
    """A file without metadata.

    Attributes:
        parts: Its bytes, in order.
        media_type: Its kind.
        width: Pixels as they are stored.
        height: Pixels as they are stored.
        may_turn: Whether it had metadata that may have said how it is to be turned.
        profile: Its cleaned colour profile, if it has one.
        orientation: How it is to be turned, as Exif numbers it, where that is plain: a JPEG whose
            only metadata is one block of Exif with at most one such entry. None where it is to be
            looked for.
    """

    parts: tuple[bytes | memoryview, ...]
    media_type: str
    width: int
    height: int
    may_turn: bool
    profile: bytes | None
    orientation: int | None = None

    @property
    def data(self) -> bytes:
        """All of it."""
        return b"".join(self.parts)


def stripped(data: bytes, name: str, *, bare: bool = False) -> Stripped:
    """Take the metadata out of a JPEG or PNG.

    The picture itself is not decoded: damage within it is not seen, but that it has an end is.

    Args:
        data: The file's bytes.
        name: What to call it in errors.
        bare: Whether the caller knows, by its hash, that the file came from here: then a JPEG's
            coded picture and what is behind it are taken as they are, and only what stands before
            is looked through.

    Raises:
        InvalidInput: neither JPEG nor PNG, or a file that is cut off or not built as they are.
    """
    try:
        if data.startswith(JPEG_START):
            return _jpeg(data, name, bare)
        if data.startswith(PNG_START):
            return _png(data, name)
    except (struct.error, IndexError, zlib.error) as error:
        raise _broken(name) from error
    if not data:
        raise invalid(name, "the file is empty (0 bytes)")
    raise invalid(name, "released images are JPEG or PNG, and this is neither")


def _broken(name: str) -> InvalidInput:
    return invalid(name, "the image is truncated or damaged")


def _jpeg(data: bytes, name: str, bare: bool) -> Stripped:
    view, values = memoryview(data), np.frombuffer(data, dtype=np.uint8)
    parts: list[bytes | memoryview] = [view[:2]]
    chunks: dict[int, bytes] = {}
    profile_at: int | None = None
    size: tuple[int, int] | None = None
    told: list[memoryview] = []
    scans, place = 0, 2
    while True:
        if data[place] != 0xFF:
            raise _broken(name)
        while data[place] == 0xFF:
            place += 1
        marker, start, place = data[place], place - 1, place + 1
        if marker in _ALONE:
            continue
        if marker == _EOI:
            break
        (length,) = struct.unpack_from(">H", data, place)
        body, place = place + 2, place + length
        if length < 2 or place > len(data):
            raise _broken(name)
        if marker == _SOS and bare:
            parts.append(view[start:])
            scans = 1
            break
        if marker == _SOS:
            end = _end_of_scan(values, place)
            parts.append(view[start:end])
            scans, place = scans + 1, end
        elif marker == 0xE0:
            if data.startswith(b"JFIF\0", body) and place - body >= 14:
                # Without the thumbnail behind its density.
                parts.append(b"\xff\xe0\0\x10" + data[body : body + 12] + b"\0\0")
        elif marker == 0xE2 and data.startswith(_ICC, body) and place - body >= 14:
            chunks[data[body + 12]] = data[body + 14 : place]
            profile_at = len(parts) if profile_at is None else profile_at
        elif marker == 0xEE:
            if data.startswith(b"Adobe", body) and place - body >= 12:
                # It says how colours are coded.
                parts.append(b"\xff\xee\0\x0e" + data[body : body + 12])
        elif 0xE1 <= marker <= 0xEF or marker == _COMMENT:
            if marker == 0xE1:
                told.append(view[body:place])
        else:
            if marker in _FRAMES:
                height, width = struct.unpack_from(">HH", data, body + 1)
                size = (width, height)
            parts.append(view[start:place])
    if size is None or not scans or 0 in size:
        raise _broken(name)
    if not bare:
        parts.append(b"\xff\xd9")
    profile = icc.cleaned(b"".join(chunks[k] for k in sorted(chunks))) if chunks else None
    if profile is not None and profile_at is not None:
        parts[profile_at:profile_at] = jpeg_profile(profile)
    turn = plain_orientation(bytes(told[0])) if len(told) == 1 else None
    return Stripped(tuple(parts), "image/jpeg", *size, bool(told), profile, turn)


def plain_orientation(segment: bytes) -> int | None:
    """The orientation that a JPEG's segment of Exif gives, where nothing about it is odd.

    Source: CIPA DC-008 (Exif 2.32), 4.5.2 and 4.6.5 (tag 274, one SHORT).

    Args:
        segment: What the segment APP1 holds.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(segment[6:10])
    if order is None or not segment.startswith(b"Exif\0\0"):
        return None
    tiff = segment[6:]
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        entries = [
            struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * i) for i in range(count)
        ]
    except struct.error:
        return None
    found = [entry for entry in entries if entry[0] == _ORIENTATION_TAG]
    if not found:
        return 1
    if len(found) != 1 or found[0][1:3] != (_SHORT, 1) or not 1 <= found[0][3] <= 8:
        return None
    return int(found[0][3])


def jpeg_profile(profile: bytes) -> list[bytes]:
    """A colour profile as segments of a JPEG."""
    pieces = [profile[i : i + _ICC_CHUNK] for i in range(0, len(profile), _ICC_CHUNK)]
    return [
        b"\xff\xe2" + struct.pack(">H", len(piece) + 16) + _ICC + bytes((i, len(pieces))) + piece
        for i, piece in enumerate(pieces, start=1)
    ]


def _end_of_scan(values: NDArray[np.uint8], place: int) -> int:
    """Where the next marker is that is no restart: within coded data 255 is followed by 0."""
    at = np.flatnonzero(values[place:-1] == 0xFF)
    after = values[place + 1 :][at]
    markers = np.flatnonzero((after != 0) & (after != 0xFF) & ((after < 0xD0) | (after > 0xD7)))
    if not len(markers):
        raise IndexError
    return place + int(at[markers[0]])


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind of each chunk, where it begins, and where it ends.

    Raises:
        struct.error: it is cut off.
        IndexError: a chunk reaches beyond the end.
    """
    place = len(PNG_START)
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise IndexError
        yield kind, place, end
        place = end


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def png_colours(data: bytes) -> bytes:
    """The chunks of a PNG without metadata that say what its colours mean."""
    return b"".join(data[start:end] for kind, start, end in png_chunks(data) if kind in _PNG_COLOUR)


def _png(data: bytes, name: str) -> Stripped:
    view = memoryview(data)
    parts: list[bytes | memoryview] = [view[: len(PNG_START)]]
    size: tuple[int, int] | None = None
    may_turn, pixels, profile = False, False, None
    for kind, start, end in png_chunks(data):
        if kind == b"IHDR":
            size = struct.unpack_from(">II", data, start + 8)
        elif kind in _PNG_MAY_TURN:
            may_turn = True
        elif kind == b"iCCP" and profile is None:
            profile = _png_profile(data[start + 8 : end - 4])
            if profile is not None:
                content = b"profile\0\0" + zlib.compress(profile, 9)
                parts.append(png_chunk(b"iCCP", content))
        pixels = pixels or kind == b"IDAT"
        if kind in _PNG_KEPT:
            parts.append(view[start:end])
    if size is None or not pixels or 0 in size:
        raise _broken(name)
    return Stripped(tuple(parts), "image/png", *size, may_turn, profile)


def _png_profile(content: bytes) -> bytes | None:
    _, _, packed = content.partition(b"\0")
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed[1:], icc.MAX_BYTES + 1)
    except zlib.error:
        return None
    return icc.cleaned(profile)
