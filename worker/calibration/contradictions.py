"""What contradicts itself in pictures of boards: exchanged cameras, lengths that were not so."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import cv2
import numpy as np
from jaxtyping import UInt8
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.pixels import OPENCV, to_inside
from backend.domain.views import triangulate
from worker.calibration.boards import BoardView, Moment, Target, as_gray
from worker.calibration.marker_boards import MarkerBoard, MarkerKind, charuco
from worker.calibration.markers import read_markers
from worker.calibration.marks import Marks, Rig, cross_errors, level_of
from worker.calibration.poses import object_poses

Array = NDArray[np.float64]

_LEAST_MARKERS: Final = 4
_MARKER_OFF: Final = 0.04
_LENGTH_OFF: Final = 0.01
_STRETCHED: Final = 0.006
_JUDGES: Final = 12
_BAD_PX: Final = 10.0


def marker_share(
    image: UInt8[NDArray[np.uint8], "h w *colours"], board: MarkerBoard
) -> float | None:
    """How large markers are against what was said: 1 where it is right.

    Under the right size all markers of a flat board lie as one plane puts them; the factor is
    sought under which they do so best.
    """
    numbers, places = read_markers(as_gray(image), board)
    if len(numbers) < _LEAST_MARKERS:
        return None
    outlines = _outlines(board)[numbers.astype(int)]
    middles = outlines.mean(axis=1, keepdims=True)
    shares = np.linspace(0.6, 1.6, 41)
    lefts = [_left(middles + share * (outlines - middles), places) for share in shares]
    k = int(np.argmin(lefts))
    if not 0 < k < len(shares) - 1 or lefts[k] > 0.5 * np.median(lefts):
        return None
    # The lowest point of the parabola through three neighbours.
    a, b, c = np.square(lefts[k - 1 : k + 2])
    return float(shares[k] + 0.5 * (shares[1] - shares[0]) * (a - c) / max(a - 2 * b + c, 1e-12))


def _outlines(board: MarkerBoard) -> Array:
    if board.kind is MarkerKind.CHARUCO:
        made = charuco(board, old=False)
        return np.stack([np.asarray(p, float)[:, :2] for p in made.getObjPoints()])
    return board.points[:, :2].reshape(-1, 4, 2)


def _left(outlines: Array, places: Array) -> float:
    """RMS of the best homography over the ways in which a marker's corners may be counted."""
    best = np.inf
    for turn in range(4):
        seen = np.roll(places, -turn, axis=1)
        H, _ = cv2.findHomography(outlines.reshape(-1, 1, 2), seen.reshape(-1, 1, 2))
        if H is None:
            continue
        there = cv2.perspectiveTransform(outlines.reshape(1, -1, 2), H).reshape(-1, 4, 2)
        best = min(best, float(np.sqrt(np.square(there - seen).sum(axis=-1).mean())))
    return best


def marker_words(shares: Sequence[float], board: MarkerBoard) -> str | None:
    """What to say where markers have another size than was given; None where it is right."""
    if not shares:
        return None
    share = float(np.median(shares))
    if abs(share - 1) < _MARKER_OFF:
        return None
    side, said = board.square_m * 1000, board.marker_m * 1000
    return (
        f"The markers measure {said * share:.1f} mm if a square measures {side:g} mm, not"
        f" {said:g} mm: one of the two lengths is wrong. Measure both on the print."
    )


def board_lengths(cameras: Sequence[Camera], moments: Sequence[Moment], board: Target) -> list[str]:
    """What boards measure between the placed cameras, against what was said of them.

    Corners are triangulated without regard to the board; their distances along rows and columns
    tell whether several boards agree in scale, and whether a print was stretched.
    """
    measured: dict[Target, list[tuple[float, float]]] = {}
    for moment in moments:
        here = {i: v for i, v in moment.items() if cameras[i].placed}
        if len(here) < 2:
            continue
        of = next(iter(here.values())).board or board
        pixels = np.stack([to_inside(v.corners, OPENCV) for v in here.values()])
        points = triangulate([cameras[i] for i in here], pixels)
        ratios = _along(points, of.points)
        if ratios is not None:
            measured.setdefault(of, []).append(ratios)
    out = []
    middle = {
        of: np.median(np.array(rows), axis=0) for of, rows in measured.items() if len(rows) > 2
    }
    for of, (x, y) in middle.items():
        if abs(x / y - 1) > _STRETCHED:
            out.append(
                f"The {of.words} is {100 * abs(x / y - 1):.1f} % longer"
                f" {'across' if x > y else 'down'} than its squares allow: was the print stretched,"
                " or is a square not square?"
            )
    for (a, one), (b, two) in combinations(middle.items(), 2):
        share = float(np.mean(two) / np.mean(one))
        if abs(share - 1) > _LENGTH_OFF:
            out.append(
                f"The sizes of two boards contradict each other: if the {a.words} is right, the"
                f" {b.words} is {100 * abs(share - 1):.1f} % {'larger' if share > 1 else 'smaller'}"
                " than was said. Measure both."
            )
    return out


def _along(found: Array, said: Array) -> tuple[float, float] | None:
    """Measured over said distances, of points that share a row and of those that share a column."""
    known = np.isfinite(found).all(axis=1)
    found, said = found[known], said[known]
    if len(found) < 8:
        return None
    out = []
    for axis in (0, 1):
        apart = said[:, None] - said[None]
        line = (np.abs(apart[..., 1 - axis]) < 1e-9) & (apart[..., axis] > 1e-9)
        if not line.any():
            return None
        lengths = np.linalg.norm(found[:, None] - found[None], axis=-1)[line]
        out.append(float(lengths.sum() / apart[..., axis][line].sum()))
    return out[0], out[1]


def exchanged_lenses(
    cameras: Sequence[Camera], moments: Sequence[Moment], board: Target
) -> list[str]:
    """Pairs of cameras whose pictures each fit the other's lens, and not their own."""
    by_camera: dict[int, list[BoardView]] = {}
    for moment in moments:
        for i, view in moment.items():
            by_camera.setdefault(i, []).append(view)

    def level(pictures: int, lens: int) -> float:
        views = by_camera[pictures]
        step = max(1, len(views) // _JUDGES)
        errors = [
            found[0][1] for view in views[::step]
            if (found := object_poses(cameras[lens], *view.pairs(board)))
        ]  # fmt: skip
        return float(np.median(errors)) if errors else np.inf

    out = []
    own = {i: level(i, i) for i in by_camera}
    for a, b in combinations(by_camera, 2):
        size = [(cameras[i].width, cameras[i].height) for i in (a, b)]
        if size[0] != size[1] or min(own[a], own[b]) < 0.4:
            continue
        other = (level(a, b), level(b, a))
        if other[0] < 0.5 * own[a] and other[1] < 0.5 * own[b]:
            out.append(
                f"{cameras[a].name} and {cameras[b].name} seem to be exchanged: the pictures of"
                f" each fit the other's lens ({other[0]:.2f} and {other[1]:.2f} px, with their own"
                f" {own[a]:.2f} and {own[b]:.2f} px). Are their folders the right way round?"
            )
    return out


def exchanged_views(cameras: Sequence[Camera], marks: Marks) -> tuple[int, int] | None:
    """Two cameras whose marks agree with the others' once exchanged, and not as they are."""
    rig = Rig.still(cameras, len(marks.pixels))
    now = level_of(cross_errors(rig, marks))
    if not now > _BAD_PX:
        return None
    best = min(
        (level_of(cross_errors(rig, marks.exchanged(a, b))), a, b)
        for a, b in combinations(range(len(cameras)), 2)
    )
    return (best[1], best[2]) if best[0] < 0.4 * now else None
