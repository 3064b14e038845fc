"""What stands still in a camera's own pictures, before a movement of the camera against after it.

Joints tell only roughly how a camera turned: half a minute of them leaves a quarter of a degree.
The room behind the infant tells it to hundredths. Features (SIFT) are looked for in a few pictures
of each side; those that keep their place within a side stand still; those of the two sides are
matched, and kept where one turn of the camera brings them together but for the little by which a
lens that moves aside shifts what is near. That rest is left to the adjustment
(``worker.calibration.refine``), in which each such feature is a point of unknown distance.

Source: Lowe (2004), *Distinctive image features from scale-invariant keypoints*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.estimates import RgbImage
from backend.domain.pixels import OPENCV, to_inside

Array = NDArray[np.float64]

PICTURES: Final = 4
"""Of each side; more add little."""
_MOST_FEATURES: Final = 2500
_LONGEST_PX: Final = 1280
"""Larger pictures are looked at reduced to this."""
_RATIO: Final = 0.8
"""A match counts where the next best is so much worse (Lowe)."""
_STILL_PX: Final = 1.0
"""Within a side, features move less than this; for pictures no longer than _LONGEST_PX."""
_ASIDE: Final = 0.015
"""By how many focal lengths a movement aside may shift what stands near: 3 cm at 2 m."""
_LEAST: Final = 25
_LEAST_SHARE: Final = 0.3
"""Of all matches, how many one turn must explain."""
_DRAWS: Final = 300
_MOST_KEPT: Final = 300


@dataclass(frozen=True)
class Backdrop:
    """Features of the room in one camera before and after it moved.

    Attributes:
        before: (N, 2) pixels in our image convention.
        after: (N, 2) the same features afterwards.
        turned_deg: The one turn that explains them best.
    """

    before: Float[Array, "n 2"]
    after: Float[Array, "n 2"]
    turned_deg: float


def compare_backdrops(
    camera: Camera, before: Sequence[RgbImage], after: Sequence[RgbImage], seed: int = 0
) -> Backdrop | None:
    """Features that stand still in pictures before and after a movement.

    Args:
        camera: Its lens; pictures have its size.
        before: One picture or more, best some seconds apart.
        after: The same.
        seed: Of the draws by which the turn is found.

    Returns:
        None where the pictures do not show enough of the room to say.
    """
    sides = [_still(pictures[:PICTURES]) for pictures in (before, after)]
    if min(len(places) for places, _ in sides) < _LEAST:
        return None
    (places, words), (places_after, words_after) = sides
    pairs = _matches(words, words_after)
    if len(pairs) < _LEAST:
        return None
    first, second = places[pairs[:, 0]], places_after[pairs[:, 1]]
    rays = [directions(camera, side) for side in (first, second)]
    known = np.isfinite(rays[0]).all(axis=1) & np.isfinite(rays[1]).all(axis=1)
    first, second, rays = first[known], second[known], [side[known] for side in rays]
    near, turn = _one_turn(rays[0], rays[1], _ASIDE, np.random.default_rng(seed))
    if near.sum() < max(_LEAST, _LEAST_SHARE * len(first)):
        return None
    kept = np.flatnonzero(near)
    kept = kept[:: max(1, -(-len(kept) // _MOST_KEPT))]
    angle = float(np.degrees(np.linalg.norm(cv2.Rodrigues(turn)[0])))
    return Backdrop(first[kept], second[kept], angle)


def directions(camera: Camera, pixels: Array) -> Array:
    """(N, 3) unit directions in the camera's own axes."""
    xy = camera.undistort(pixels)
    local = np.column_stack((xy, np.ones(len(xy))))
    return np.asarray(local / np.linalg.norm(local, axis=1, keepdims=True))


def _features(picture: RgbImage) -> tuple[Array, NDArray[np.float32]]:
    """Places (N, 2) in our pixels and descriptors (N, 128) of a picture."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    scale = min(1.0, _LONGEST_PX / max(grey.shape))
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found, words = cv2.SIFT.create(_MOST_FEATURES).detectAndCompute(grey, None)
    if words is None:
        return np.empty((0, 2)), np.empty((0, 128), np.float32)
    places = to_inside(np.array([feature.pt for feature in found], float), OPENCV) / scale
    return places, np.asarray(words, np.float32)


def _still(pictures: Sequence[RgbImage]) -> tuple[Array, NDArray[np.float32]]:
    """Features of the first picture that most of the others show at the same place; their mean."""
    places, words = _features(pictures[0])
    if len(pictures) == 1 or not len(places):
        return places, words
    scale = max(1.0, max(pictures[0].shape[:2]) / _LONGEST_PX)
    sums, seen = places.copy(), np.ones(len(places))
    for picture in pictures[1:]:
        others, their_words = _features(picture)
        pairs = _matches(words, their_words)
        if not len(pairs):
            continue
        apart = np.linalg.norm(others[pairs[:, 1]] - places[pairs[:, 0]], axis=1)
        same = pairs[apart < _STILL_PX * scale]
        sums[same[:, 0]] += others[same[:, 1]]
        seen[same[:, 0]] += 1
    kept = 2 * seen > len(pictures)
    return sums[kept] / seen[kept, None], words[kept]


def _matches(words: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.int64]:
    """(M, 2) pairs that are each other's best and clearly better than the next."""
    if len(words) < 2 or len(others) < 2:
        return np.empty((0, 2), np.int64)
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    there = {m.queryIdx: m.trainIdx for m, n in matcher.knnMatch(words, others, 2)
             if m.distance < _RATIO * n.distance}  # fmt: skip
    back = {m.queryIdx: m.trainIdx for m in matcher.match(others, words)}
    return np.array(
        [(a, b) for a, b in there.items() if back.get(b) == a], np.int64
    ).reshape(-1, 2)  # fmt: skip


def _one_turn(
    first: Array, second: Array, limit: float, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], Array]:
    """Which directions one rotation (3, 3) brings together within ``limit``, and that rotation."""
    best, near = 0, np.zeros(len(first), bool)
    for _ in range(_DRAWS):
        some = rng.choice(len(first), 2, replace=False)
        here = (
            np.linalg.norm(second - first @ turn_between(first[some], second[some]).T, axis=1)
            < limit
        )
        if here.sum() > best:
            best, near = int(here.sum()), here
    turn = np.eye(3)
    for _ in range(4):
        if near.sum() < 3:
            break
        turn = turn_between(first[near], second[near])
        near = np.linalg.norm(second - first @ turn.T, axis=1) < limit
    return near, turn


def turn_between(first: Array, second: Array) -> Array:
    """The rotation that brings directions together best (Kabsch)."""
    U, _, Vt = np.linalg.svd(second.T @ first)
    return np.asarray(U @ np.diag([1, 1, np.sign(np.linalg.det(U @ Vt))]) @ Vt)
