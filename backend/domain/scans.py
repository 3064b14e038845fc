"""Scans of a recording: what their names say, whether they can be an infant's, depth as points.

Depth is measured along the optical axis (z of the camera), as depth cameras store it, not along the
ray of a pixel.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.pixels import PixelRule, to_inside

Array = NDArray[np.float64]
BoolMask = NDArray[np.bool_]

MIN_POINTS: Final = 50
"""A cloud of fewer points says nothing of a body's surface."""

_EXTENT_M: Final = (0.1, 3.0)
"""What a cloud of one infant, seen in part or with something around it, can measure across."""

_MAX_AWAY_M: Final = 100.0
_DEPTH_M: Final = (0.15, 12.0)
"""Between these lies the middle of a depth image of an infant in a room."""

_BODY_DEPTH_M: Final = 0.5
"""Depth farther than this from the middle of the infant's depth belongs to something else."""


class ScanKind(StrEnum):
    """What a scan is."""

    CLOUD = "cloud"
    DEPTH = "depth"


_KINDS: Final = {
    ".ply": ScanKind.CLOUD,
    ".npz": ScanKind.CLOUD,
    ".npy": ScanKind.CLOUD,
    ".png": ScanKind.DEPTH,
}

SUFFIXES: Final = tuple(_KINDS)


def kind_of(filename: str) -> ScanKind:
    """What a file is, by its ending.

    Raises:
        InvalidInput: no ending of a scan.
    """
    found = _KINDS.get(PurePath(filename).suffix.lower())
    if found is None:
        raise wrong(filename, f"a scan ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    return found


def number_in(filename: str) -> int | None:
    """The last run of digits of a name without its ending; None where there is none."""
    runs = re.findall(r"[0-9]+", PurePath(filename).stem)
    return int(runs[-1]) if runs and len(runs[-1]) < 10 else None


def number_of(filename: str) -> int:
    """The frame number that a scan's name carries: ``cloud_000120.ply`` → 120.

    Raises:
        InvalidInput: there is none.
    """
    number = number_in(filename)
    if number is None:
        raise wrong(filename, "its name contains no frame number, such as cloud_000120.ply")
    return number


def check_cloud(points: Array, filename: str) -> None:
    """See that a cloud can be an infant in metres.

    Args:
        points: (P, 3), finite.
        filename: For the message.

    Raises:
        InvalidInput: too few points, or an extent that no infant has: wrong units, most likely.
    """
    if len(points) < MIN_POINTS:
        raise wrong(filename, f"it has {len(points)} points, at least {MIN_POINTS} are needed")
    low, high = np.percentile(points, (1, 99), axis=0)
    across = float((high - low).max())
    smallest, largest = _EXTENT_M
    if across > largest:
        raise wrong(
            filename,
            f"it measures {across:,.1f} m across, if its units are metres; perhaps they are"
            " millimetres, or it contains more than the infant",
        )
    if across < smallest:
        raise wrong(filename, f"it measures {1000 * across:.2g} mm across, if its units are metres")
    if float(np.abs(points).max()) > _MAX_AWAY_M:
        raise wrong(filename, f"it has points more than {_MAX_AWAY_M:g} m away, if they are metres")


def check_depth(depth: NDArray[np.uint16], unit_mm: float, filename: str) -> None:
    """See that a depth image can be a room in these units.

    Args:
        depth: (height, width), 0 where nothing was measured.
        unit_mm: Millimetres of one step.
        filename: For the message.

    Raises:
        InvalidInput: nothing was measured, or at a distance that no room has.
    """
    measured = depth[depth > 0]
    if len(measured) < MIN_POINTS:
        raise wrong(filename, f"only {len(measured)} of its pixels hold a depth")
    middle = float(np.median(measured)) * unit_mm / 1000
    if not _DEPTH_M[0] <= middle <= _DEPTH_M[1]:
        raise wrong(
            filename,
            f"its pixels are {middle:,.3g} m away, if a step is {unit_mm:g} mm; name the right step"
            " (--depth-unit-mm)",
        )


def points_of_depth(
    camera: Camera, depth: NDArray[np.uint16], unit_mm: float, mask: BoolMask
) -> Array:
    """The infant in a depth image as points.

    Args:
        camera: The image's camera, with its place.
        depth: (height, width), 0 where nothing was measured.
        unit_mm: Millimetres of one step.
        mask: (height, width), where the infant is. Its outermost pixel is left out: there cameras
            mix the infant's depth with what lies behind.

    Returns:
        (P, 3) world metres.

    Raises:
        InvalidInput: image or mask are not of the camera's size.
    """
    for what, size in (("depth image", depth.shape), ("mask", mask.shape)):
        if size != (camera.height, camera.width):
            raise InvalidInput(
                f"The {what} is {size[1]}×{size[0]} pixels, but {camera.name} was calibrated for"
                f" {camera.width}×{camera.height}.",
                fault="image size",
            )
    rows, columns = np.nonzero(_inner(mask) & (depth > 0))
    if not len(rows):
        return np.zeros((0, 3))
    z = depth[rows, columns] * (unit_mm / 1000)
    near = np.abs(z - np.median(z)) <= _BODY_DEPTH_M
    rows, columns, z = rows[near], columns[near], z[near]
    plane = camera.undistort(to_inside(np.stack([columns, rows], axis=1), PixelRule.INDEX))
    local = np.concatenate([plane * z[:, None], z[:, None]], axis=1)
    T = camera.pose
    return np.asarray((local - T[:3, 3]) @ T[:3, :3])


def _inner(mask: BoolMask) -> BoolMask:
    """A mask without its outermost pixel."""
    held = np.pad(mask, 1)
    return np.asarray(
        held[1:-1, 1:-1] & held[:-2, 1:-1] & held[2:, 1:-1] & held[1:-1, :-2] & held[1:-1, 2:]
    )


def wrong(filename: str, fault: str) -> InvalidInput:
    """The refusal of a scan, by the name of its file."""
    return InvalidInput(f"{filename} cannot be used: {fault}.", file=filename, fault=fault)
