"""A camera's lens from pictures of a board: OpenCV's calibration, bad views dropped, model chosen.

How many distortion terms a camera is given is decided by what predicts best: each view in turn is
left out, and the model is preferred whose lens, found without the view, reprojects the view best
(leave-one-out cross-validation). With seven pictures five coefficients fit noise; with forty they
may be needed. Simpler models win unless a richer one is better by 2 %.

Source: Zhang (2000), *A flexible new technique for camera calibration*; fisheye after Kannala and
Brandt (2006), both as OpenCV has them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from worker.calibration.boards import Board, BoardView, drop_mirrored

Array = NDArray[np.float64]

MIN_VIEWS: Final = 4
GOOD_RMS_PX: Final = 0.5
"""Usual limit of a good calibration of the lens (caliscope, aniposelib)."""
_WORST_RMS_PX: Final = 3.0
"""Beyond this nothing was calibrated: wrong board, mirrored or swapped pictures."""
_OUTLIER: Final = 2.5
_NEVER_OUTLIER_PX: Final = 0.3
_MAX_CROSS_VALIDATED: Final = 12


@dataclass(frozen=True, slots=True)
class Dropped:
    """A picture that was left out, and why; ``rms_px`` where it was left out for its error."""

    file: str
    reason: str
    rms_px: float | None = None


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """A calibrated lens.

    Attributes:
        camera: The camera, without a place in the world.
        rms_px: Root mean square distance of corners, pixels.
        views: The views used, each with its own RMS in pixels.
        dropped: What was left out.
        model: Which terms were estimated, in words.
        focal_sd_px: Standard deviation of the focal length, pixels; NaN where unknown (fisheye).
        coverage: Share of the picture inside the hull of some board, 0 … 1.
        notes: What a person should know: little coverage, high error.
    """

    camera: Camera
    rms_px: float
    views: tuple[tuple[BoardView, float], ...]
    dropped: tuple[Dropped, ...]
    model: str
    focal_sd_px: float
    coverage: float
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Solution:
    K: Array
    distortion: Array
    errors: Array
    focal_sd: float


@dataclass(frozen=True, slots=True)
class _Model:
    name: str
    flags: int


_ONE = cv2.CALIB_ZERO_TANGENT_DIST | cv2.CALIB_FIX_K2 | cv2.CALIB_FIX_K3
_TWO = cv2.CALIB_ZERO_TANGENT_DIST | cv2.CALIB_FIX_K3
_SQUARE = cv2.CALIB_FIX_ASPECT_RATIO
# From simple to rich.
_MODELS: Final = (
    _Model("one radial term, square pixels", _ONE | _SQUARE),
    _Model("two radial terms, square pixels", _TWO | _SQUARE),
    _Model("two radial and the tangential terms, square pixels", cv2.CALIB_FIX_K3 | _SQUARE),
    _Model("two radial and the tangential terms", cv2.CALIB_FIX_K3),
    _Model("three radial and the tangential terms", 0),
)
_FIRST = _MODELS[1]


def calibrate_intrinsics(
    name: str,
    views: Sequence[BoardView],
    board: Board,
    lens: Lens = Lens.PINHOLE,
    *,
    dropped: Sequence[Dropped] = (),
    size: tuple[int, int] | None = None,
    hint: str = "",
) -> Intrinsics:
    """Find a camera's focal length, centre and distortion.

    Args:
        name: The camera's name.
        views: Boards found in its pictures.
        board: The board.
        lens: ``pinhole`` (with distortion) or ``fisheye``.
        dropped: Pictures that were left out before, to be listed with the others.
        size: Width and height that the pictures must have; default: what most of them have.
        hint: What to add to a refusal for too few views.

    Raises:
        InvalidInput: too few usable views, pictures of other sizes, or no lens explains them.
    """
    gone = list(dropped)
    used = _one_size(name, list(views), gone, size)
    used, mirrored = drop_mirrored(used)
    gone += [Dropped(v.name, "mirrored, unlike the other pictures") for v in mirrored]
    _require(name, used, gone, hint)
    solve = _fisheye if lens is Lens.FISHEYE else _pinhole
    model, solution = _FIRST, solve(used, board, _FIRST)
    for _ in range(2):
        used, solution = _without_outliers(used, solution, board, model, gone, lens)
        _require(name, used, gone)
        if lens is Lens.FISHEYE:
            break
        model = _best_model(used, board)
        solution = _pinhole(used, board, model)
    return _result(name, used, solution, model, gone, lens, board)


def _one_size(
    name: str, views: list[BoardView], gone: list[Dropped], size: tuple[int, int] | None
) -> list[BoardView]:
    if not views:
        return views
    counts = Counter(view.size for view in views).most_common()
    if size is None:
        if len(counts) > 1 and counts[0][1] == counts[1][1]:
            raise InvalidInput(
                f"{name}: as many pictures of {_by(counts[0][0])} as of {_by(counts[1][0])} pixels."
                " One camera needs pictures of one size: those that it films sessions with.",
                file=name,
                fault="mixed resolutions",
            )
        size = counts[0][0]
    elif all(view.size != size for view in views):
        scaled = _scaled(views, size)
        if scaled is not None:
            return scaled
        raise InvalidInput(
            f"{name}: its pictures have {_by(counts[0][0])} pixels, the camera films"
            f" {_by(size)}. Calibrate in the mode that sessions are filmed in.",
            file=name,
            fault="other resolution than the session",
        )
    gone += [
        Dropped(v.name, f"{_by(v.size)} pixels, the others have {_by(size)}")
        for v in views
        if v.size != size
    ]
    return [view for view in views if view.size == size]


def _scaled(views: list[BoardView], size: tuple[int, int]) -> list[BoardView] | None:
    """Views of pictures that have the wanted shape in another size, brought to that size."""
    if len({view.size for view in views}) != 1:
        return None
    ratio = size[0] / views[0].size[0]
    if abs(views[0].size[1] * ratio - size[1]) > 1:
        return None
    return [replace(v, size=size, corners=(v.corners + 0.5) * ratio - 0.5) for v in views]


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"


def _require(
    name: str, views: Sequence[BoardView], gone: Sequence[Dropped], hint: str = ""
) -> None:
    if len(views) >= MIN_VIEWS:
        return
    reasons = Counter(d.reason for d in gone)
    first = {reason: next(d.file for d in gone if d.reason == reason) for reason in reasons}
    why = "; ".join(
        f"{first[reason]}{f' and {count - 1} more' if count > 1 else ''}: {reason}"
        for reason, count in reasons.most_common(5)
    )
    raise InvalidInput(
        f"{name}: {len(views)} usable pictures of the board, at least {MIN_VIEWS} are needed"
        " (10 or more are better), from different sides."
        + (f" Left out: {why}." if gone else "")
        + (f" {hint}" if hint else ""),
        file=name,
        fault="too few views",
    )


def _arrays(views: Sequence[BoardView], board: Board) -> tuple[list[Any], list[Any]]:
    points = board.points.astype(np.float32).reshape(-1, 1, 3)
    corners = [view.corners.astype(np.float32).reshape(-1, 1, 2) for view in views]
    return [points] * len(views), corners


def _guesses(views: Sequence[BoardView]) -> list[Array]:
    width, height = views[0].size
    return [
        np.array([[f, 0, (width - 1) / 2], [0, f, (height - 1) / 2], [0, 0, 1.0]])
        for f in (1.2 * max(width, height), 0.55 * max(width, height))
    ]


def _pinhole(views: Sequence[BoardView], board: Board, model: _Model) -> _Solution:
    points, corners = _arrays(views, board)
    best: _Solution | None = None
    for K0 in _guesses(views):
        found = cv2.calibrateCameraExtended(
            points, corners, views[0].size, K0.copy(), np.zeros(5),
            flags=model.flags | cv2.CALIB_USE_INTRINSIC_GUESS,
            criteria=(cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 80, 1e-9),
        )  # fmt: skip
        K, distortion, spread, errors = found[1], found[2], found[5], found[7]
        solution = _Solution(
            np.asarray(K, float),
            np.asarray(distortion, float).reshape(-1)[:5],
            np.asarray(errors, float).reshape(-1),
            float(np.max(np.asarray(spread).reshape(-1)[:2])),
        )
        if best is None or np.square(solution.errors).mean() < np.square(best.errors).mean():
            best = solution
        if best is not None and np.sqrt(np.square(best.errors).mean()) < 1:
            break
    assert best is not None
    return best


def _fisheye(views: Sequence[BoardView], board: Board, model: _Model) -> _Solution:
    points, corners = _arrays(views, board)
    points64 = [np.asarray(p, np.float64) for p in points]
    corners64 = [np.asarray(c, np.float64) for c in corners]
    flags = _fisheye_flag("CALIB_RECOMPUTE_EXTRINSIC") | _fisheye_flag("CALIB_FIX_SKEW")
    guess = _fisheye_flag("CALIB_USE_INTRINSIC_GUESS")
    best: _Solution | None = None
    width, height = views[0].size
    failed = ""
    for focal in (max(width, height) / np.pi, 0.5 * max(width, height), 0.8 * max(width, height)):
        K0 = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])
        try:
            _, K, distortion, rotations, places = cv2.fisheye.calibrate(
                points64, corners64, (width, height), K0, np.zeros(4),
                flags=flags | guess,
                criteria=(cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 120, 1e-9),
            )  # fmt: skip
        except cv2.error as error:
            failed = str(error).splitlines()[0]
            continue
        errors = np.array(
            [
                _rms(cv2.fisheye.projectPoints(p, r, t, K, distortion)[0], c)
                for p, c, r, t in zip(points64, corners64, rotations, places, strict=True)
            ]
        )
        if not np.isfinite(errors).all():
            continue
        solution = _Solution(
            np.asarray(K, float), np.asarray(distortion, float).reshape(-1), errors, float("nan")
        )
        if best is None or np.square(errors).mean() < np.square(best.errors).mean():
            best = solution
    if best is None:
        raise InvalidInput(
            "No fisheye lens explains the pictures; add pictures with the board towards the"
            f" corners of the image, or calibrate as pinhole. {failed}".strip(),
            fault="fisheye calibration failed",
        )
    return best


def _fisheye_flag(name: str) -> int:
    """A flag by name: OpenCV 5 keeps them in the package, OpenCV 4 beside the fisheye functions."""
    return int(getattr(cv2.fisheye, name, None) or getattr(cv2, name))


def _rms(projected: Any, corners: Any) -> float:
    miss = np.asarray(projected, float).reshape(-1, 2) - np.asarray(corners, float).reshape(-1, 2)
    return float(np.sqrt(np.square(miss).sum(axis=1).mean()))


def _without_outliers(
    views: list[BoardView], solution: _Solution, board: Board, model: _Model,
    gone: list[Dropped], lens: Lens,
) -> tuple[list[BoardView], _Solution]:  # fmt: skip
    """Leave out the worst view as long as it is far worse than the usual one."""
    solve = _fisheye if lens is Lens.FISHEYE else _pinhole
    views = list(views)
    while len(views) > MIN_VIEWS:
        worst = int(solution.errors.argmax())
        limit = max(_OUTLIER * float(np.median(solution.errors)), _NEVER_OUTLIER_PX)
        if solution.errors[worst] <= limit:
            break
        view = views.pop(worst)
        fitting = solve(views, board, model)
        gone.append(
            Dropped(
                view.name,
                f"its corners fit {solution.errors[worst]:.2f} px badly, the others"
                f" {np.median(solution.errors):.2f} px (blurred, bent or wrongly found)",
                float(solution.errors[worst]),
            )
        )
        solution = fitting
    return views, solution


def _best_model(views: Sequence[BoardView], board: Board) -> _Model:
    """The simplest model that predicts left-out views about as well as the best one."""
    if len(views) <= MIN_VIEWS:
        return _FIRST
    # A spread of views is enough to compare models, and keeps long videos quick.
    step = max(1, len(views) // _MAX_CROSS_VALIDATED)
    scores = [_left_out_error(views, board, model, step) for model in _MODELS]
    best = min(scores)
    return next(m for m, score in zip(_MODELS, scores, strict=True) if score <= 1.02 * best)


def _left_out_error(views: Sequence[BoardView], board: Board, model: _Model, step: int) -> float:
    squares = []
    for i in range(0, len(views), step):
        rest = [view for j, view in enumerate(views) if j != i]
        lens = _pinhole(rest, board, model)
        found, rotation, place = cv2.solvePnP(
            board.points, views[i].corners, lens.K, lens.distortion
        )
        if not found:
            return float("inf")
        there, _ = cv2.projectPoints(board.points, rotation, place, lens.K, lens.distortion)
        squares.append(_rms(np.asarray(there, float), views[i].corners) ** 2)
    return float(np.sqrt(np.mean(squares)))


def _result(
    name: str, views: list[BoardView], solution: _Solution, model: _Model,
    gone: list[Dropped], lens: Lens, board: Board,
) -> Intrinsics:  # fmt: skip
    width, height = views[0].size
    rms = float(np.sqrt(np.square(solution.errors).mean()))
    focal = float(np.sqrt(solution.K[0, 0] * solution.K[1, 1]))
    spread = solution.focal_sd / focal
    if rms > _WORST_RMS_PX:
        raise InvalidInput(
            f"{name}: no lens explains the pictures (RMS {rms:.1f} px). Is the board really"
            f" {board} inner corners, flat, and are all pictures from this camera?",
            file=name,
            fault="calibration does not fit",
        )
    if spread > 0.1 or not 0.15 < focal / max(width, height) < 25:
        raise InvalidInput(
            f"{name}: the pictures do not tell the focal length; they show the board too much from"
            " the same side. Tilt the board by 20° to 45° in several directions.",
            file=name,
            fault="views too similar",
        )
    coverage = coverage_share([view.corners for view in views], (width, height))
    notes = []
    if rms > GOOD_RMS_PX:
        notes.append(f"RMS {rms:.2f} px; {GOOD_RMS_PX} px or less is good.")
    if spread > 0.01:
        notes.append(f"Focal length known to ± {100 * spread:.1f} % only; tilt the board more.")
    if coverage < 0.5:
        notes.append(
            f"The board covered {100 * coverage:.0f} % of the image; hold it into the corners too."
        )
    camera = Camera.from_opencv(name, (width, height), solution.K, solution.distortion, lens)
    return Intrinsics(
        camera,
        rms,
        tuple(zip(views, (float(e) for e in solution.errors), strict=True)),
        tuple(gone),
        "four fisheye terms" if lens is Lens.FISHEYE else model.name,
        solution.focal_sd,
        coverage,
        tuple(notes),
    )


def coverage_share(corners: Sequence[Array], size: tuple[int, int]) -> float:
    """Share (0 … 1) of an image of ``size`` that lies inside the hull of some board's corners."""
    scale = 256 / max(size)
    mask = np.zeros((max(1, round(size[1] * scale)), max(1, round(size[0] * scale))), np.uint8)
    for found in corners:
        hull = cv2.convexHull((found * scale).astype(np.float32))
        cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), 1)
    return float(mask.mean())
