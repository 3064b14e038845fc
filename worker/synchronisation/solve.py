"""From lags between pairs of cameras to one clock per camera, and how far to trust it.

A camera's clock is right if a chain of right lags links it with the reference. Chains that agree
support each other; a lag that contradicts the others takes from them what speaks for it. What
repeats (music, rocking) repeats in all pairs, so that agreement proves nothing there. Last comes
precision: a lag may be the right one, and yet not known to half a frame over the whole recording.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import erf, sqrt
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.domain.clocks import sampling_step
from backend.domain.confidence import SURE, contradicted
from backend.domain.errors import InvalidInput
from worker.synchronisation.confidence import MAX_CHANCE
from worker.synchronisation.least_squares import Solved, components, solve_clocks
from worker.synchronisation.result import CameraClock, PairLag, PairReport, Synchronised

Floats = NDArray[np.float64]
T = TypeVar("T")
V = TypeVar("V")

MIN_QUALITY: Final = 0.02
"""Lags that are less likely say nothing."""
_DISAGREEING: Final = 0.2


@dataclass(frozen=True, slots=True)
class Precision:
    """What "right" means for clocks.

    Attributes:
        intervals_s: By camera, seconds between frames.
        ends_s: By camera, when its recording ends.
        floor_s: Standard deviation of what the method cannot know, such as the way of sound.
    """

    intervals_s: Mapping[int, float]
    ends_s: Mapping[int, float]
    floor_s: float = 0.0

    def half_frame_s(self, first: int, second: int) -> float:
        """Half a frame of the slower of two cameras."""
        return max(self.intervals_s[first], self.intervals_s[second]) / 2


def interval_of(times_s: Sequence[float]) -> float:
    """Median seconds between frames; a fifth of a second where there is one frame."""
    step = sampling_step(times_s)
    return step if np.isfinite(step) else 0.2


def settle(
    videos: Sequence[V], names: Sequence[str], read: Callable[[V, str], T]
) -> tuple[dict[int, T], dict[int, str]]:
    """Read what can be read.

    Returns:
        What was read by index, and by index what is wrong with the others.
    """
    good: dict[int, T] = {}
    faults: dict[int, str] = {}
    for i, (video, name) in enumerate(zip(videos, names, strict=True)):
        try:
            good[i] = read(video, name)
        except InvalidInput as error:
            faults[i] = error.fault or error.message
    return good, faults


def solve(
    method: str,
    names: Sequence[str],
    pairs: Sequence[PairLag],
    left_out: Mapping[int, str],
    *,
    tolerance_s: float,
    precision: Precision | None = None,
) -> Synchronised:
    """All clocks from all pairs.

    Args:
        method: For the result.
        names: Of all cameras.
        pairs: What was measured.
        left_out: By index, why a camera took no part.
        tolerance_s: A pair whose residual is larger disagrees.
        precision: What counts as right; without it, only whether lags are the right ones.

    Raises:
        InvalidInput: no two cameras have anything in common.
    """
    usable = [pair for pair in pairs if pair.quality > MIN_QUALITY]
    groups = components(len(names), [(pair.first, pair.second) for pair in usable])
    linked = groups[0] if groups and len(groups[0]) > 1 else []
    if not linked:
        raise InvalidInput(_nothing_in_common(method, names, left_out))
    notes = {i: f"Left out: {why.rstrip('.')}." for i, why in left_out.items()}
    for i in range(len(names)):
        if i not in left_out and i not in linked:
            notes[i] = "Left out: nothing in it matches the other cameras."
    used = [pair for pair in usable if pair.first in linked and pair.second in linked]
    reference = linked[0]
    solved = solve_clocks(linked, used, reference)
    disagreeing = _disagreeing(linked, used, solved.residuals, tolerance_s)
    said: list[str] = []
    if disagreeing is not None:
        said.append(f"{names[disagreeing]} disagrees with the other cameras: check it by eye.")
        notes[disagreeing] = "Its lags contradict those between the other cameras."
    else:
        said += [
            f"{names[pair.first]} and {names[pair.second]}, compared directly, differ by "
            f"{abs(residual) * 1000:.1f} ms from what all pairs together say."
            for pair, residual in zip(used, solved.residuals, strict=True)
            if abs(residual) > tolerance_s
        ]
    agrees = np.abs(solved.residuals) <= tolerance_s
    sure = {
        i: chance_of(i, reference, used, agrees.tolist())
        * _precise(i, reference, solved, precision)
        for i in linked
        if i != reference
    }
    if disagreeing is not None and disagreeing in sure:
        sure[disagreeing] = min(sure[disagreeing], _DISAGREEING)
    sure[reference] = _DISAGREEING if disagreeing == reference else max(sure.values())
    said += _doubts(names, used, sure)
    said += _drifts(names, reference, solved, precision)
    clocks = tuple(
        CameraClock(
            name, solved.clocks[i][0] * 1000, solved.clocks[i][1] * 1e6, sure[i], notes.get(i),
            1000 * _sigma(i, solved, precision),
        ) if i in solved.clocks else CameraClock(name, None, note=notes.get(i))
        for i, name in enumerate(names)
    )  # fmt: skip
    said += [f"{clock.name}: {clock.note}" for clock in clocks if not clock.measured]
    weights = np.array([pair.quality / pair.sigma_s**2 for pair in used])
    rms = float(np.sqrt(np.average(solved.residuals**2, weights=weights))) * 1000
    reports = tuple(
        PairReport(pair, float(residual) * 1000, bool(ok))
        for pair, residual, ok in zip(used, solved.residuals, agrees, strict=True)
    )
    checked = len(used) >= len(linked)
    return Synchronised(method, clocks, reports, rms if checked else None, disagreeing, tuple(said))


def chance_of(
    camera: int,
    reference: int,
    pairs: Sequence[PairLag],
    agrees: Sequence[bool] | NDArray[np.bool_],
) -> float:
    """Chance that a camera's lag to the reference is the right one, by all pairs.

    Paths of one or two pairs that have no pair in common are taken as independent.
    """
    quality: dict[tuple[int, int], float] = {}
    distinct: dict[tuple[int, int], float] = {}
    against: list[float] = []
    for pair, ok in zip(pairs, agrees, strict=True):
        if ok:
            for key in ((pair.first, pair.second), (pair.second, pair.first)):
                quality[key], distinct[key] = pair.quality, pair.distinct
        elif camera in (pair.first, pair.second):
            against.append(pair.quality)
    others = {i for key in quality for i in key} - {camera, reference}
    paths = [[(reference, camera)], *([(reference, k), (k, camera)] for k in others)]
    paths = [path for path in paths if all(step in quality for step in path)]
    if not paths:  # a longer chain
        chain = _chain(camera, reference, quality)
        paths = [chain] if chain else []
    wrong = float(np.prod([1 - np.prod([quality[step] for step in path]) for path in paths]))
    clear = max((min(distinct[step] for step in path) for path in paths), default=0.0)
    chance = min(1 - wrong, clear, MAX_CHANCE) if paths else 0.0
    for other in against:
        chance = contradicted(chance, other)
    return chance


def _chain(
    camera: int, reference: int, quality: Mapping[tuple[int, int], float]
) -> list[tuple[int, int]]:
    """The likeliest chain of pairs from the reference, by Dijkstra's algorithm."""
    best = {reference: 1.0}
    came: dict[int, int] = {}
    left = {i for key in quality for i in key}
    while left:
        here = max(left, key=lambda i: best.get(i, 0.0))
        left.discard(here)
        for (a, b), value in quality.items():
            if a == here and best.get(a, 0.0) * value > best.get(b, 0.0):
                best[b], came[b] = best[a] * value, a
    steps = []
    while camera in came:
        steps.append((came[camera], camera))
        camera = came[camera]
    return steps[::-1]


def within(half_s: float, sigma_s: float) -> float:
    """Chance that a normally distributed error is no larger than half a frame."""
    return erf(half_s / max(sigma_s, 1e-9) / sqrt(2))


def _sigma(camera: int, solved: Solved, precision: Precision | None) -> float:
    if precision is None:
        return solved.sigma_s(camera, 0.0)
    sigma = solved.sigma_s(camera, precision.ends_s[camera])
    return float(np.hypot(sigma, precision.floor_s)) if camera in solved.covariances else 0.0


def _precise(camera: int, reference: int, solved: Solved, precision: Precision | None) -> float:
    if precision is None:
        return 1.0
    half = precision.half_frame_s(camera, reference)
    return within(half, _sigma(camera, solved, precision))


def _doubts(names: Sequence[str], pairs: Sequence[PairLag], sure: Mapping[int, float]) -> list[str]:
    """What speaks against the pairs of cameras that are not sure."""
    return [
        f"{names[pair.first]} and {names[pair.second]}: {pair.doubt}."
        for pair in pairs
        if pair.doubt and min(sure[pair.first], sure[pair.second]) < SURE
    ]


def _drifts(
    names: Sequence[str], reference: int, solved: Solved, precision: Precision | None
) -> list[str]:
    """Clocks that run apart by more than half a frame."""
    if precision is None:
        return []
    said = []
    for i, (_, drift) in solved.clocks.items():
        if i == reference:
            continue
        half = precision.half_frame_s(i, reference)
        apart = abs(drift) * precision.ends_s[i]
        if apart > half:
            said.append(
                f"{names[i]}: its clock runs {abs(drift) * 1e6:.0f} ppm "
                f"{'slow' if drift > 0 else 'fast'}, {apart * 1000:.0f} ms over the recording. "
                "This is part of the result (drift)."
            )
    return said


def _disagreeing(
    cameras: Sequence[int], pairs: Sequence[PairLag], residuals: Floats, tolerance_s: float
) -> int | None:
    """The camera without which everything fits, where with it something does not."""
    if len(cameras) < 3 or float(np.max(np.abs(residuals))) <= tolerance_s:
        return None
    candidates: list[tuple[float, int]] = []
    for camera in cameras:
        rest = [pair for pair in pairs if camera not in (pair.first, pair.second)]
        others = [other for other in cameras if other != camera]
        bad = [
            abs(residual) > tolerance_s
            for pair, residual in zip(pairs, residuals, strict=True)
            if camera in (pair.first, pair.second)
        ]
        if sum(bad) < 2 and len(cameras) > 3:
            continue  # one bad pair is a bad pair, not a bad camera
        if len(rest) < len(others) or len(others) < 3:
            continue  # without a loop among the others there is nothing to compare with
        worst = float(np.max(np.abs(solve_clocks(others, rest, others[0]).residuals)))
        if worst <= tolerance_s:
            candidates.append((worst, camera))
    return min(candidates)[1] if candidates else None


def _nothing_in_common(method: str, names: Sequence[str], left_out: Mapping[int, str]) -> str:
    what = {"audio": "sound", "motion": "motion"}.get(method, method)
    told = "; ".join(f"{names[i]}: {why.rstrip('.')}" for i, why in sorted(left_out.items()))
    if len(names) - len(left_out) < 2:
        reason = f"{what.capitalize()} can be compared only between two cameras or more"
    else:
        reason = f"No two cameras have {what} in common"
    return f"{reason}." + (f" {told}." if told else "")


__all__ = [
    "Precision", "chance_of", "components", "interval_of", "settle", "solve", "within",
]  # fmt: skip
