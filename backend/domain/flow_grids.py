"""Optical flow between consecutive frames of a camera, as small grids, and the file of them.

A *link* joins a frame with the next one of its camera. Its grid lies on a square around the infant
and says of each node how far the picture moves there until the next frame, and how much that is to
be trusted. Positions are image pixels, the corner of the first pixel at (0, 0).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from jaxtyping import Float, Float16, Int, UInt8
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput

GRID: Final = 48
"""Nodes along each side: in a square around its body an infant's forearm spans some four."""

FULL: Final = 255
"""A node that is trusted wholly."""

MAX_GAP_S: Final = 1.0
MAX_GAP_SHARE: Final = 2.5
"""Frames further apart than either, the second in median steps of the camera, are not linked."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in image pixels."""

_MARGIN: Final = 0.25
_MIN_SIDE: Final = 96.0


@dataclass(frozen=True, eq=False)
class FlowGrids:
    """n links of one camera.

    Attributes:
        before: Id of the first frame of each link.
        after: Id of the second.
        origin: x, y of the first node in the first frame, pixels.
        step: Pixels between nodes.
        displacement: x, y by which what is at node [row, column] moves until the second frame.
        reliability: From 0 (no idea) to 255.
    """

    before: Int[NDArray[Any], " n"]
    after: Int[NDArray[Any], " n"]
    origin: Float[NDArray[Any], "n 2"]
    step: Float[NDArray[Any], " n"]
    displacement: Float16[NDArray[Any], "n g g 2"]
    reliability: UInt8[NDArray[Any], "n g g"]

    def __len__(self) -> int:
        return len(self.before)

    def to_bytes(self) -> bytes:
        """As a file: numpy's ``npz``."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            before=self.before.astype("<i8"),
            after=self.after.astype("<i8"),
            origin=self.origin.astype("<f4"),
            step=self.step.astype("<f4"),
            displacement=self.displacement.astype("<f2"),
            reliability=self.reliability.astype("u1"),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """As it was written.

        Raises:
            InvalidInput: it is no such file, or is damaged.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as found:
                return cls(*(found[name] for name in cls.__dataclass_fields__))
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise InvalidInput(
                "The stored motion of a camera is damaged: measure it again."
            ) from error


def linked(times: Float[NDArray[Any], " t"]) -> NDArray[np.bool_]:
    """Which consecutive frames of a camera are near enough to be compared, (t - 1,).

    Args:
        times: Seconds, rising.
    """
    gaps = np.diff(times)
    if not len(gaps):
        return np.zeros(0, dtype=bool)
    limit = min(MAX_GAP_S, MAX_GAP_SHARE * float(np.median(gaps)))
    return np.asarray((gaps > 0) & (gaps <= limit))


def square_around(people: Sequence[Box], width: int, height: int) -> Box:
    """The square in which motion is measured: around all these people, with air, as far as it fits.

    Args:
        people: Rectangles of whoever may be the infant, in both frames; none: the whole image.
        width: Of the image.
        height: Of the image.
    """
    if not people:
        side = float(max(width, height))
        return ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    corners = np.array(people, dtype=float)
    left, top = corners[:, :2].min(axis=0)
    right, bottom = corners[:, 2:].max(axis=0)
    side = max(right - left, bottom - top) * (1 + 2 * _MARGIN)
    side = float(np.clip(side, _MIN_SIDE, max(_MIN_SIDE, width, height)))
    x, y = (left + right) / 2, (top + bottom) / 2
    return (x - side / 2, y - side / 2, x + side / 2, y + side / 2)
