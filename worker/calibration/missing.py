"""What pictures of boards do not show yet: where, how tilted, how far, how sharp, by whom.

Good pictures for a lens have the board in all parts of the image, tilted in all directions and at
several distances (Zhang 2000, section 4). For places, cameras must be linked by boards that they
saw together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from worker.calibration.boards import BoardView, Target
from worker.calibration.poses import object_poses

Array = NDArray[np.float64]

_CELLS: Final = (
    ("upper left", "top", "upper right"),
    ("left", "middle", "right"),
    ("lower left", "bottom", "lower right"),
)
_COVERED: Final = 0.25
"""Share of a ninth of the image that boards must have covered."""
_TILT_DEG: Final = 20.0
_DISTANCES: Final = 1.5
"""Farthest over nearest board."""
_BLURRED: Final = 0.6
_FEW_VIEWS: Final = 10
_FEW_SHARED: Final = 5


def cells_covered(corners: Sequence[Array], size: tuple[int, int]) -> NDArray[np.float64]:
    """(3, 3) share of each ninth of the image inside the hull of some board."""
    scale = 240 / max(size)
    mask = np.zeros((max(3, round(size[1] * scale)), max(3, round(size[0] * scale))), np.uint8)
    for found in corners:
        hull = cv2.convexHull((found * scale).astype(np.float32))
        cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), 1)
    return np.array(
        [[part.mean() for part in np.array_split(band, 3, axis=1)]
         for band in np.array_split(mask, 3, axis=0)]
    )  # fmt: skip


def lens_missing(camera: Camera, views: Sequence[BoardView], board: Target) -> list[str]:
    """What the pictures of one camera lack for its lens.

    Args:
        camera: Its lens as it was found.
        views: The views that were used.
        board: The board.
    """
    out = []
    if len(views) < _FEW_VIEWS:
        out.append(f"Only {len(views)} pictures could be used; {_FEW_VIEWS} or more are better.")
    covered = cells_covered([view.corners[view.seen] for view in views], views[0].size)
    empty = [
        _CELLS[row][column] for row in range(3) for column in range(3)
        if covered[row, column] < _COVERED
    ]  # fmt: skip
    if empty:
        out.append(f"The board was hardly ever in this part of the image: {', '.join(empty)}.")
    poses = [found[0][0] for view in views if (found := object_poses(camera, *view.pairs(board)))]
    if not poses:
        return out
    # Which way a board leans: its normal in the image, by its angle from the line of sight.
    normals = np.array([T[:3, 2] * (1 if T[2, 2] >= 0 else -1) for T in poses])
    lean = np.degrees(np.arctan2(normals[:, :2], normals[:, 2:]))
    for axis, ways in ((0, ("to the left", "to the right")), (1, ("upwards", "downwards"))):
        reach = (float(-lean[:, axis].min()), float(lean[:, axis].max()))
        lacking = [way for way, far in zip(ways, reach, strict=True) if far < _TILT_DEG]
        if lacking:
            out.append(
                f"The board was not tilted {' or '.join(lacking)} by {_TILT_DEG:g}° or more"
                f" (at most {max(0.0, min(reach)):.0f}°)."
            )
    far = np.array([np.linalg.norm(T[:3, 3]) for T in poses])
    if far.max() < _DISTANCES * far.min():
        out.append(
            f"The board was always about as far away ({far.min():.2f} to {far.max():.2f} m); show"
            " it nearer and farther too."
        )
    return out + _sharpness(views)


def _sharpness(views: Sequence[BoardView]) -> list[str]:
    sharp = np.array([view.sharpness for view in views])
    if not (sharp > 0).all() or len(sharp) < 4:
        return []
    blurred = int((sharp < _BLURRED * np.percentile(sharp, 80)).sum())
    if blurred <= 0.25 * len(sharp):
        return []
    return [f"{blurred} of {len(sharp)} pictures are blurred; move the board more slowly."]


def places_missing(
    cameras: Sequence[Camera], moments: Sequence[Mapping[int, BoardView]]
) -> list[str]:
    """Which cameras boards do not link yet.

    Args:
        cameras: All cameras.
        moments: Views by camera index.
    """
    shared = {
        (a, b): sum(a in moment and b in moment for moment in moments)
        for a, b in combinations(range(len(cameras)), 2)
    }
    out = []
    never = [(a, b) for (a, b), count in shared.items() if count == 0]
    if never:
        names = "; ".join(f"{cameras[a].name} and {cameras[b].name}" for a, b in never)
        out.append(f"Never saw a board at the same moment: {names}.")
    few = {pair: count for pair, count in shared.items() if 0 < count < _FEW_SHARED}
    if few:
        names = "; ".join(
            f"{cameras[a].name} and {cameras[b].name} {count}" for (a, b), count in few.items()
        )
        out.append(f"Saw a board together in fewer than {_FEW_SHARED} moments: {names}.")
    groups = _groups(len(cameras), [pair for pair, count in shared.items() if count])
    if len(groups) > 1:
        said = " | ".join(", ".join(cameras[i].name for i in sorted(group)) for group in groups)
        out.append(
            f"These groups of cameras have no frame in common: {said}. Show the board where a"
            " camera of one group and one of another see it at once."
        )
    return out


def _groups(count: int, linked: Sequence[tuple[int, int]]) -> list[set[int]]:
    groups = [{i} for i in range(count)]
    for a, b in linked:
        first = next(group for group in groups if a in group)
        second = next(group for group in groups if b in group)
        if first is not second:
            first |= second
            groups.remove(second)
    return groups
