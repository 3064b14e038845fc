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
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.camera_covariance import CameraCovariance
from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from backend.domain.limits import GOOD_LENS_RMS_PX
from worker.calibration.boards import BoardView, Target, drop_mirrored
from worker.calibration.lenses import (
    FIRST,
    MODELS,
    Model,
    Solution,
    fisheye,
    pinhole,
    rms_px,
    spread_of,
)
from worker.calibration.resize import view_at

Array = NDArray[np.float64]

MIN_VIEWS: Final = 4
"""Usual limit of a good calibration of the lens (caliscope, aniposelib)."""
_WORST_RMS_PX: Final = 3.0
"""Beyond this nothing was calibrated: wrong board, mirrored or swapped pictures."""
_OUTLIER: Final = 2.5
_MIN_TILT_DEG: Final = 10.0
"""Boards parallel to the image do not tell distance from focal length (Zhang, section 4)."""
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


def calibrate_intrinsics(
    name: str,
    views: Sequence[BoardView],
    board: Target,
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
    solve = fisheye if lens is Lens.FISHEYE else pinhole
    model, solution = FIRST, solve(used, board, FIRST)
    for _ in range(2):
        used, solution = _without_outliers(used, solution, board, model, gone, lens)
        _require(name, used, gone)
        if lens is Lens.FISHEYE:
            break
        model = _best_model(used, board)
        solution = pinhole(used, board, model)
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
                " One camera needs pictures of one size: the size in which it films visits.",
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
            f" {_by(size)}. Calibrate in the mode in which visits are filmed.",
            file=name,
            fault="resolution differs from the recording's",
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
    found = [view_at(view, size) for view in views]
    return None if None in found else [view for view in found if view is not None]


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


def _without_outliers(
    views: list[BoardView], solution: Solution, board: Target, model: Model,
    gone: list[Dropped], lens: Lens,
) -> tuple[list[BoardView], Solution]:  # fmt: skip
    """Leave out the worst view as long as it is far worse than the usual one."""
    solve = fisheye if lens is Lens.FISHEYE else pinhole
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


def _best_model(views: Sequence[BoardView], board: Target) -> Model:
    """The simplest model that predicts left-out views about as well as the best one."""
    if len(views) <= MIN_VIEWS:
        return FIRST
    # A spread of views is enough to compare models, and keeps long videos quick.
    step = max(1, len(views) // _MAX_CROSS_VALIDATED)
    scores = [_left_out_error(views, board, model, step) for model in MODELS]
    best = min(scores)
    return next(m for m, score in zip(MODELS, scores, strict=True) if score <= 1.02 * best)


def _left_out_error(views: Sequence[BoardView], board: Target, model: Model, step: int) -> float:
    squares = []
    for i in range(0, len(views), step):
        rest = [view for j, view in enumerate(views) if j != i]
        lens = pinhole(rest, board, model)
        points, seen = views[i].pairs(board)
        found, rotation, place = cv2.solvePnP(points, seen, lens.K, lens.distortion)
        if not found:
            return float("inf")
        there, _ = cv2.projectPoints(points, rotation, place, lens.K, lens.distortion)
        squares.append(rms_px(np.asarray(there, float), seen) ** 2)
    return float(np.sqrt(np.mean(squares)))


def _result(
    name: str, views: list[BoardView], solution: Solution, model: Model,
    gone: list[Dropped], lens: Lens, board: Target,
) -> Intrinsics:  # fmt: skip
    width, height = views[0].size
    rms = float(np.sqrt(np.square(solution.errors).mean()))
    focal = float(np.sqrt(solution.K[0, 0] * solution.K[1, 1]))
    spread = solution.focal_sd / focal
    if rms > _WORST_RMS_PX:
        raise InvalidInput(
            f"{name}: no lens explains the pictures (RMS {rms:.1f} px). Is it really a"
            f" {board.words}, flat, and are all pictures from this camera?",
            file=name,
            fault="calibration does not fit",
        )
    too_flat = solution.tilts.max() < _MIN_TILT_DEG
    if spread > 0.1 or too_flat or not 0.15 < focal / max(width, height) < 25:
        raise InvalidInput(
            f"{name}: the pictures do not determine the focal length; they all show the board "
            "from much the same side. Tilt the board by 20° to 45° in several directions.",
            file=name,
            fault="views too similar",
        )
    coverage = coverage_share([view.corners[view.seen] for view in views], (width, height))
    notes = []
    if rms > GOOD_LENS_RMS_PX:
        notes.append(f"RMS {rms:.2f} px; {GOOD_LENS_RMS_PX} px or less is good.")
    if spread > 0.01:
        notes.append(f"Focal length known only to ± {100 * spread:.1f} %; tilt the board more.")
    if coverage < 0.5:
        notes.append(
            f"The board covered {100 * coverage:.0f} % of the image; hold it in the corners too."
        )
    known = spread_of(views, board, solution, None if lens is Lens.FISHEYE else model)
    camera = Camera.from_opencv(
        name, (width, height), solution.K, solution.distortion, lens,
        covariance=None if known is None else CameraCovariance(lens=known),
    )  # fmt: skip
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
