"""What is counted of a dataset: joints, boxes, poses, shapes, and the time that people took.

After Table 2 and the figures of the InfantNet paper. Everything works on columns, a row for each
frame, since a release has a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import ArrayLike, NDArray

from backend.domain.skeleton import JOINTS, N_JOINTS

POSE_REACH: Final = 2.5
"""A pose map reaches so many torso lengths from the middle of the hips to each side."""

POSE_CELLS: Final = 40
"""Cells of a pose map along each axis."""

MIN_TORSO: Final = 0.1
"""A torso shorter than this share of the box's longer side points at the camera: it gives no
direction to turn the pose by."""

MAX_PAUSE_S: Final = 300.0
"""Between two saves of one person that lie further apart, nobody knows whether it worked."""

BOX_PARTS: Final = 10
"""Sizes of boxes are counted in so many parts."""

_LEFT_SHOULDER, _RIGHT_SHOULDER = JOINTS.index("left_shoulder"), JOINTS.index("right_shoulder")
_LEFT_HIP, _RIGHT_HIP = JOINTS.index("left_hip"), JOINTS.index("right_hip")
_TRUNK = [_LEFT_SHOULDER, _RIGHT_SHOULDER, _LEFT_HIP, _RIGHT_HIP]


def visibility_counts(
    joints: Float[NDArray[Any], "n 17 3"], group: Int[NDArray[Any], " n"], groups: int
) -> Int[NDArray[Any], "groups 17 3"]:
    """How often each joint is absent, occluded and visible, by group of frames.

    Args:
        joints: x, y, visibility 0 to 2.
        group: Of each frame, from 0.
        groups: How many there are.
    """
    place = (group[:, None] * N_JOINTS + np.arange(N_JOINTS)) * 3 + joints[..., 2].astype(np.int64)
    counts = np.bincount(place.ravel(), minlength=groups * N_JOINTS * 3)
    return counts.reshape(groups, N_JOINTS, 3)


def box_part(
    boxes: Float[NDArray[Any], "n 4"],
    width: Int[NDArray[Any], " n"],
    height: Int[NDArray[Any], " n"],
) -> Int[NDArray[Any], " n"]:
    """Size of each box: the side of a square of the same share of the image, in tenths from 0.

    A box that fills the image is in the last.
    """
    share = np.sqrt(boxes[:, 2] * boxes[:, 3] / (width * height))
    return np.asarray(np.clip((share * BOX_PARTS).astype(np.int64), 0, BOX_PARTS - 1))


def in_torso_frame(
    joints: Float[NDArray[Any], "n 17 3"], boxes: Float[NDArray[Any], "n 4"]
) -> tuple[Float[NDArray[Any], "2 n 17"], Bool[NDArray[Any], " n"]]:
    """Joints as seen from the torso: turned upright, shifted and scaled, never mirrored.

    The origin is the middle of the hips, the middle of the shoulders lies one unit above it.

    Args:
        joints: x, y in image pixels (y down), visibility.
        boxes: left, top, width, height in pixels.

    Returns:
        (2, n, 17) to the image's right and up, in torso lengths; and which frames have a torso:
        shoulders and hips placed, and not foreshortened to nearly nothing.
    """
    hips = joints[:, [_LEFT_HIP, _RIGHT_HIP], :2].mean(axis=1)
    trunk = joints[:, [_LEFT_SHOULDER, _RIGHT_SHOULDER], :2].mean(axis=1) - hips
    length = np.hypot(trunk[:, 0], trunk[:, 1])
    placed = (joints[:, _TRUNK, 2] > 0).all(axis=1)
    known = placed & (length > 0) & (length >= MIN_TORSO * boxes[:, 2:].max(axis=1))
    up = trunk / np.where(known, length, 1.0)[:, None]
    scaled = up / np.where(known, length, 1.0)[:, None]
    x, y = joints[..., 0] - hips[:, :1], joints[..., 1] - hips[:, 1:]
    right = y * scaled[:, :1] - x * scaled[:, 1:]
    above = x * scaled[:, :1] + y * scaled[:, 1:]
    return np.stack([right, above]), known


@dataclass(frozen=True, slots=True)
class PoseMap:
    """Where each joint lies, seen from the torso.

    Attributes:
        frames: Frames with a torso to turn by.
        counts: (17, 40, 40) placed joints by cell: rows from the top, columns from the left.
        outside: (17,) placed joints beyond the map.
    """

    frames: int
    counts: Int[NDArray[Any], "17 cells cells"]
    outside: Int[NDArray[Any], "17"]


def pose_map(joints: Float[NDArray[Any], "n 17 3"], boxes: Float[NDArray[Any], "n 4"]) -> PoseMap:
    """Count where joints lie in the torso's frame.

    Args:
        joints: x, y in image pixels, visibility.
        boxes: left, top, width, height in pixels.
    """
    seen, known = in_torso_frame(joints, boxes)
    placed = (joints[..., 2] > 0) & known[:, None]
    column, above = np.floor((seen + POSE_REACH) * (POSE_CELLS / (2 * POSE_REACH)))
    inside = placed & (column >= 0) & (column < POSE_CELLS) & (above >= 0) & (above < POSE_CELLS)
    size = N_JOINTS * POSE_CELLS * POSE_CELLS
    place = (np.arange(N_JOINTS) * POSE_CELLS + POSE_CELLS - 1 - above) * POSE_CELLS + column
    # What lies beyond is counted behind the last cell.
    counts = np.bincount(np.where(inside, place, size).astype(np.int64).ravel(), minlength=size)
    return PoseMap(
        frames=int(known.sum()),
        counts=counts[:size].reshape(N_JOINTS, POSE_CELLS, POSE_CELLS),
        outside=(placed & ~inside).sum(axis=0),
    )


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a joint mostly lies in a pose map.

    Attributes:
        placed: How often it lies in the map.
        right: Mean place to the right of the middle of the hips, torso lengths.
        up: Mean place above it.
        spread: Deviation from the mean place.
    """

    placed: int
    right: float
    up: float
    spread: float


def spot_of(counts: ArrayLike, reach: float) -> Spot | None:
    """Where a joint mostly lies; None where it never was in the map.

    Args:
        counts: Of a square map, row after row from the top.
        reach: Torso lengths from its middle to each side.
    """
    flat = np.asarray(counts, dtype=np.float64).ravel()
    cells = round(float(np.sqrt(flat.size)))
    placed = flat.sum()
    if not placed:
        return None
    middle = (np.arange(cells) + 0.5) * (2 * reach / cells) - reach
    table = flat.reshape(cells, cells) / placed
    across, down = table.sum(axis=0), table.sum(axis=1)
    right, up = float(across @ middle), float(down @ -middle)
    spread = np.sqrt(across @ (middle - right) ** 2 + down @ (-middle - up) ** 2)
    return Spot(int(placed), right, up, float(spread))


def joint_angles(pose: Float[NDArray[Any], "n 24 3"]) -> Float[NDArray[Any], "n 24"]:
    """By how many degrees each joint of a body is turned from its rest, 0 to 180.

    Args:
        pose: Axis-angles, radians.
    """
    angle = np.linalg.norm(pose, axis=-1) % (2 * np.pi)
    return np.asarray(np.degrees(np.minimum(angle, 2 * np.pi - angle)))


def hours_of_film(
    camera: Int[NDArray[Any], " n"], time_s: Float[NDArray[Any], " n"], film: Sequence[int]
) -> float:
    """Hours of film that frames cover: of each camera, from its first frame to its last.

    Args:
        camera: Camera of each frame.
        time_s: When it was taken, seconds.
        film: Cameras that filmed; those that only took photographs cover no time.
    """
    filmed = np.isin(camera, np.asarray(film, dtype=np.int64))
    camera, time_s = camera[filmed], time_s[filmed]
    if not len(camera):
        return 0.0
    order = np.argsort(camera, kind="stable")
    begins = np.flatnonzero(np.diff(camera[order], prepend=-1))
    last = np.maximum.reduceat(time_s[order], begins)
    first = np.minimum.reduceat(time_s[order], begins)
    return float((last - first).sum()) / 3600


def working_time(
    person: Int[NDArray[Any], " n"], at_s: Float[NDArray[Any], " n"]
) -> dict[int, float]:
    """Seconds that lie between each person's saves, pauses left out.

    Nothing else is recorded of how long people worked: what they did before their first save of a
    sitting is not in it.

    Args:
        person: Who saved.
        at_s: When.
    """
    order = np.lexsort((at_s, person))
    who, when = person[order], at_s[order]
    same = who[1:] == who[:-1]
    between = when[1:] - when[:-1]
    worked = np.where(same & (between <= MAX_PAUSE_S), between, 0.0)
    people, place = np.unique(who, return_inverse=True)
    sums = np.bincount(place[1:], weights=worked, minlength=len(people))
    return dict(zip(people.tolist(), sums.tolist(), strict=True))
