"""Joints as points of a C3D file: millimetres, z up, Intel byte order, numbers as floats.

Written after *The C3D File Format: User Guide* (Motion Lab Systems): a header of 512 bytes, a
section of parameters, then x, y, z and residual of each point and frame. A point that is not known
has the residual −1. What cannot be said in the layout itself stands in the group PROCESSING.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.tracks.layout import PRIOR_ONLY, Poses, Track, filter_names

Array = NDArray[np.float64]

_BLOCK: Final = 512
_FIRST: Final = 2
"""Block of the parameters; the header is block 1."""
_MOST: Final = 65_535
_INTEL: Final = 84
_CHARACTERS, _WHOLE, _REAL = -1, 2, 4


@dataclass(frozen=True)
class _Parameter:
    name: str
    kind: int
    sizes: tuple[int, ...]
    data: bytes
    about: str = ""


def write(track: Track, poses: Poses, filtered: bool) -> bytes:
    """The COCO joints of a motion.

    Args:
        track: The motion. poses: Those of it that are written.
        filtered: Whether its filter was at work on them.

    Raises:
        InvalidInput: more frames than the format counts.
    """
    points = 1000.0 * track.on_grid(poses.coco)
    frames = len(points)
    if frames > _MOST:
        fault = f"{track.name} has {frames:,} frames, and C3D counts no more than {_MOST:,}"
        raise InvalidInput(f"{fault}.", fault=fault)
    used = filter_names(track) if filtered else "none: each moment was fitted for itself"
    groups = {
        "POINT": [
            _whole("USED", len(JOINTS)),
            _real("SCALE", -1.0),
            _real("RATE", track.rate_hz),
            _Parameter("DATA_START", _WHOLE, (), struct.pack("<h", 0)),
            _whole("FRAMES", frames),
            _texts("LABELS", JOINTS),
            _texts("DESCRIPTIONS", [f"COCO joint {name}" for name in JOINTS]),
            _text("UNITS", "mm"),
            _text("X_SCREEN", "+X"),
            _text("Y_SCREEN", "+Z"),
        ],
        "ANALOG": [
            _whole("USED", 0),
            _real("GEN_SCALE", 1.0),
            _Parameter("RATE", _REAL, (), struct.pack("<f", track.rate_hz)),
        ],
        "PROCESSING": [
            _text("FILTER", used),
            _text("PRIOR_ONLY", PRIOR_ONLY),
            _text("BODY_MODEL", track.body_name or "unknown"),
            _text("RECORDING", track.name[:120]),
            _real("TIME_OF_FIRST_FRAME_S", float(track.time_s[0])),
        ],
    }
    section, where = _section(groups)
    start = _FIRST + len(section) // _BLOCK
    section = section[:where] + struct.pack("<h", start) + section[where + 2 :]
    rows = np.zeros((frames, len(JOINTS), 4), "<f4")
    known: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(2))
    rows[..., :3] = np.where(known[..., None], points, 0.0)
    rows[..., 3] = np.where(known, 0.0, -1.0)
    data = rows.tobytes()
    return _header(frames, track.rate_hz, start) + section + data + _padding(len(data))


def _header(frames: int, rate: float, start: int) -> bytes:
    head = struct.pack(
        "<BBHHHHHfHHf", _FIRST, 0x50, len(JOINTS), 0, 1, min(frames, _MOST), 0, -1.0, start, 0, rate
    )
    return head + bytes(_BLOCK - len(head))


def _section(groups: dict[str, list[_Parameter]]) -> tuple[bytes, int]:
    """The parameters, padded to whole blocks, and where POINT:DATA_START is in them."""
    out = bytearray(4)
    where = 0
    for number, (name, parameters) in enumerate(groups.items(), start=1):
        out += struct.pack("<bb", len(name), -number) + name.encode()
        out += struct.pack("<hB", 3, 0)
        for parameter in parameters:
            about = parameter.about.encode()
            body = struct.pack("<bB", parameter.kind, len(parameter.sizes))
            body += bytes(parameter.sizes) + parameter.data
            label = parameter.name.encode()
            out += struct.pack("<bb", len(label), number) + label
            out += struct.pack("<h", 2 + len(body) + 1 + len(about))
            if (name, parameter.name) == ("POINT", "DATA_START"):
                where = len(out) + 2
            out += body + struct.pack("<B", len(about)) + about
    out += bytes(2)
    out += _padding(len(out))
    blocks = len(out) // _BLOCK
    out[:4] = struct.pack("<BBBB", 1, 0x50, blocks, _INTEL)
    return bytes(out), where


def _padding(length: int) -> bytes:
    return bytes(-length % _BLOCK)


def _whole(name: str, value: int) -> _Parameter:
    return _Parameter(name, _WHOLE, (), struct.pack("<H", value))


def _real(name: str, value: float) -> _Parameter:
    return _Parameter(name, _REAL, (), struct.pack("<f", value))


def _text(name: str, value: str) -> _Parameter:
    data = _ascii(value)[:255]
    return _Parameter(name, _CHARACTERS, (len(data),), data)


def _texts(name: str, values: Sequence[str]) -> _Parameter:
    coded = [_ascii(value) for value in values]
    width = max(map(len, coded))
    return _Parameter(
        name, _CHARACTERS, (width, len(coded)), b"".join(text.ljust(width) for text in coded)
    )


def _ascii(text: str) -> bytes:
    return text.replace("’", "'").encode("ascii", "replace")
