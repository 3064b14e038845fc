"""Boards of markers found in pictures: ChArUco, grids of ArUco markers, and AprilGrids.

Each marker says which one it is, so a part of the board is enough, several boards can be told
apart, and nothing looks the same upside down or in a mirror.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numpy.typing import NDArray

from worker.calibration.boards import BoardView, as_gray
from worker.calibration.edges import meet_of_sides, sharpness
from worker.calibration.marker_boards import (
    DICTIONARIES,
    LEAST_POINTS,
    Array,
    MarkerBoard,
    MarkerKind,
    charuco,
)

Gray = NDArray[np.uint8]

_SPREAD: Final = 0.02


Found = tuple[Array, Array]
"""Numbers of markers (n,), and their corners (n, 4, 2) in pixels."""


@lru_cache(maxsize=16)
def _detector(dictionary: str, border_bits: int) -> Any:
    settings = cv2.aruco.DetectorParameters()
    settings.markerBorderBits = border_bits
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    settings.cornerRefinementMaxIterations = 50
    settings.cornerRefinementMinAccuracy = 1e-3
    settings.relativeCornerRefinmentWinSize = 0.3
    settings.minMarkerPerimeterRate = 0.01
    settings.adaptiveThreshWinSizeMax = 53
    chosen = cv2.aruco.getPredefinedDictionary(DICTIONARIES[dictionary])
    return cv2.aruco.ArucoDetector(chosen, settings)


def read_markers(gray: UInt8[Gray, "h w"], board: MarkerBoard) -> Found:
    """The markers of a board in a picture."""
    corners, ids, _ = _detector(board.dictionary, board.border_bits).detectMarkers(gray)
    if ids is None or not len(ids):
        return np.zeros(0), np.zeros((0, 4, 2))
    numbers = np.asarray(ids).reshape(-1)
    places = np.stack([np.asarray(c, float).reshape(4, 2) for c in corners])
    kept = (numbers >= board.first_id) & (numbers < board.first_id + board.markers)
    # A marker that is read twice is a mistake at least once.
    once = np.array([np.sum(numbers == n) == 1 for n in numbers])
    numbers, places = numbers[kept & once] - board.first_id, places[kept & once]
    exact = meet_of_sides(gray, places, board.plain_reach)
    return numbers, np.where(np.isfinite(exact), exact, places)


def count_markers(gray: UInt8[Gray, "h w"], dictionary: str, border_bits: int) -> tuple[int, int]:
    """How many markers of a set a picture shows, and their highest number."""
    _, ids, _ = _detector(dictionary, border_bits).detectMarkers(gray)
    if ids is None or not len(ids):
        return 0, 0
    return len(set(np.asarray(ids).reshape(-1).tolist())), int(np.max(ids))


def find_markers(
    image: UInt8[NDArray[np.uint8], "h w *colours"],
    board: MarkerBoard,
    name: str,
    *,
    time_s: float | None = None,
) -> BoardView | None:
    """Find the points of a board, of which a part is enough.

    Args:
        image: (h, w) grey or (h, w, 3) BGR.
        board: What to look for.
        name: What to call the picture.
        time_s: Time of the picture in its video.

    Returns:
        The view with NaN for points that are not seen; None where too little of the board is.
    """
    gray = as_gray(image)
    numbers, places = read_markers(gray, board)
    if not len(numbers):
        return None
    if board.kind is MarkerKind.CHARUCO:
        corners = _charuco_corners(gray, board, numbers, places)
    else:
        corners = _grid_corners(gray, board, numbers, places)
    if corners is None:
        return None
    seen = np.isfinite(corners).all(axis=1)
    if seen.sum() < LEAST_POINTS or not _spread(board.points[seen, :2]):
        return None
    height, width = gray.shape
    sharp = sharpness(gray, corners[seen])
    return BoardView(name, (width, height), corners, sharp, time_s=time_s, board=board)


def _spread(points: Array) -> bool:
    """Whether points (n, 2) span an area: on one line they do not tell a pose."""
    values = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(values[1] > _SPREAD * values[0])


def _charuco_corners(gray: Gray, board: MarkerBoard, numbers: Array, places: Array) -> Array | None:
    """Inner corners between markers: placed by the nearest ones, then refined in the picture."""
    made = _pattern(board, numbers, places)
    outlines = np.stack([np.asarray(p, float)[:, :2] for p in made.getObjPoints()])
    grid = board.points[:, :2] + board.square_m  # OpenCV counts from the board's own corner
    corners = np.full((board.corners, 2), np.nan)
    centres = outlines.mean(axis=1)
    have = {int(n): k for k, n in enumerate(numbers)}
    for k, at in enumerate(grid):
        near = np.flatnonzero(np.abs(centres - at).max(axis=1) < board.square_m)
        mine = [int(n) for n in near if int(n) in have]
        if not mine:
            continue
        # A homography of the one or two markers beside the corner: lenses bend larger areas.
        source = np.concatenate([outlines[n] for n in mine])
        H, _ = cv2.findHomography(source, np.concatenate([places[have[n]] for n in mine]))
        if H is not None:
            there = H @ (*at, 1.0)
            corners[k] = there[:2] / there[2]
    return _refined(gray, corners, _side(places) * board.square_m / board.marker_m)


def _pattern(board: MarkerBoard, numbers: Array, places: Array) -> Any:
    """OpenCV's newer or older pattern, whichever puts the markers where they are."""
    if board.rows % 2 or len(numbers) < 2:
        return charuco(board, old=False)
    left = {}
    for old in (False, True):
        made = charuco(board, old=old)
        outlines = np.stack([np.asarray(p, float)[:, :2] for p in made.getObjPoints()])
        source, target = outlines[numbers.astype(int)].reshape(-1, 2), places.reshape(-1, 2)
        H, _ = cv2.findHomography(source, target, cv2.LMEDS)
        if H is None:
            left[old] = np.inf
        else:
            miss = cv2.perspectiveTransform(source[None], H)[0] - target
            left[old] = float(np.median(np.linalg.norm(miss, axis=1)))
    return charuco(board, old=left[True] < 0.5 * left[False])


def _side(places: Array) -> float:
    """Usual side of markers (n, 4, 2), pixels."""
    return float(np.median(np.linalg.norm(places - np.roll(places, 1, axis=1), axis=-1)))


def _refined(gray: Gray, corners: Array, square_px: float) -> Array:
    """Corners to a fraction of a pixel; NaN where a corner lies outside or runs away."""
    height, width = gray.shape
    half = int(np.clip(0.2 * square_px, 2, 9))
    with np.errstate(invalid="ignore"):
        inside = (corners > half + 1).all(axis=1) & (
            corners < np.array((width, height)) - half - 2
        ).all(axis=1)
    out = np.full(corners.shape, np.nan)
    if not inside.any():
        return out
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 60, 1e-4)
    start = corners[inside].astype(np.float32).reshape(-1, 1, 2)
    fine = np.asarray(
        cv2.cornerSubPix(gray, start.copy(), (half, half), (-1, -1), criteria), float
    ).reshape(-1, 2)
    away = np.linalg.norm(fine - corners[inside], axis=1)
    fine[away > max(1.5, 0.2 * square_px)] = np.nan
    out[inside] = fine
    return out


def _grid_corners(gray: Gray, board: MarkerBoard, numbers: Array, places: Array) -> Array | None:
    """Corners of markers in the board's order, turned as the makers of the print turned them.

    Programs disagree on which corner of a marker is its first; the order is taken under which all
    markers together lie in one plane. Markers that do not are left out.
    """
    outlines = board.points[:, :2].reshape(-1, 4, 2)[numbers.astype(int)]
    best: tuple[float, int, NDArray[np.bool_]] | None = None
    limit = max(2.0, 0.35 * _side(places))
    for turn in range(4):
        seen = np.roll(places, -turn, axis=1)
        H, kept = cv2.findHomography(
            outlines.reshape(-1, 1, 2), seen.reshape(-1, 1, 2), cv2.RANSAC, limit
        )
        if H is None:
            continue
        whole = np.asarray(np.asarray(kept, bool).reshape(-1, 4).all(axis=1))
        if not whole.any():
            continue
        there = cv2.perspectiveTransform(outlines.reshape(1, -1, 2), H).reshape(-1, 4, 2)
        error = float(np.linalg.norm(there - seen, axis=-1)[whole].mean())
        score = error - 1e3 * float(whole.sum())
        if best is None or score < best[0]:
            best = (score, turn, whole)
    if best is None:
        return None
    _, turn, whole = best
    read = numbers.astype(int)[whole]
    return _completed(gray, board, read, np.roll(places, -turn, axis=1)[whole]).reshape(-1, 2)


def _completed(
    gray: Gray, board: MarkerBoard, read: NDArray[np.int64], places: Array
) -> Float[Array, "m 4 2"]:
    """All markers whose sides are seen where their neighbours put them, the unread ones too.

    Squares that touch the corners of an AprilGrid's markers spoil the outlines of some.
    """
    outlines = board.points[:, :2].reshape(-1, 4, 2)
    middles = outlines.mean(axis=1)
    height, width = gray.shape
    there = np.full((board.markers, 4, 2), np.nan)
    for k in range(board.markers):
        apart = np.linalg.norm(middles[read] - middles[k], axis=1) / board.square_m
        near = np.argsort(apart)[:6]
        if k not in read and (len(near) < 3 or apart[near[2]] > 2.3):
            continue
        H, _ = cv2.findHomography(outlines[read[near]].reshape(-1, 2), places[near].reshape(-1, 2))
        if H is not None:
            there[k] = cv2.perspectiveTransform(outlines[k][None], H)[0]
    inside = np.isfinite(there).all(axis=(1, 2)) & (there > 2).all(axis=(1, 2))
    inside &= (there < (width - 3, height - 3)).all(axis=(1, 2))
    exact = np.full(there.shape, np.nan)
    exact[inside] = meet_of_sides(gray, there[inside], board.plain_reach)
    off = np.linalg.norm(exact - there, axis=-1).max(axis=1)
    exact[~(off < max(1.5, 0.08 * _side(places)))] = np.nan
    return exact
