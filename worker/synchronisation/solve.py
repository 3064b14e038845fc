"""From lags between pairs of cameras to one clock per camera, and how far to trust it.

For an event seen at ``t_i`` and ``t_j``: ``o_i + (1 + d_i) t_i = o_j + (1 + d_j) t_j``. Each pair
gives one such equation at the middle of what was compared and, where the lag was followed over
time, a second one for its slope; all are solved together by weighted least squares. It begins with
the spanning tree of pairs that most others agree with, and pairs that contradict it lose their say
by redescending weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from worker.synchronisation.result import CameraClock, PairLag, PairReport, Synchronised

Floats = NDArray[np.float64]
T = TypeVar("T")

_ROUNDS: Final = 30
_BEND: Final = 3.0
"""Standard deviations from which on an equation loses weight."""
_TREES: Final = 100
_CRYSTAL_PPM: Final = 50.0
_UNCHECKED: Final = 0.85
"""Most that a camera is trusted whose lags no third camera confirms."""


def settle(
    videos: Sequence[Path], names: Sequence[str], read: Callable[[Path, str], T]
) -> tuple[dict[int, T], dict[int, str]]:
    """Read what can be read.

    Returns:
        What was read by index, and by index what is wrong with the others.
    """
    good: dict[int, T] = {}
    faults: dict[int, str] = {}
    for i, (path, name) in enumerate(zip(videos, names, strict=True)):
        try:
            good[i] = read(path, name)
        except InvalidInput as error:
            faults[i] = error.fault or error.message
    return good, faults


def components(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Cameras that are linked with each other, largest group first, each ascending."""
    group = list(range(count))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    for a, b in pairs:
        ra, rb = root(a), root(b)
        group[max(ra, rb)] = min(ra, rb)
    found: dict[int, list[int]] = {}
    for i in range(count):
        found.setdefault(root(i), []).append(i)
    return sorted(found.values(), key=lambda members: (-len(members), members[0]))


def solve_clocks(
    cameras: Sequence[int], pairs: Sequence[PairLag], reference: int
) -> tuple[dict[int, tuple[float, float]], Floats]:
    """Offset (s) and drift (1) of each camera, and each pair's residual (s).

    Args:
        cameras: Indices of linked cameras.
        pairs: Lags between them, linking all.
        reference: The camera with offset and drift 0.
    """
    free = [camera for camera in cameras if camera != reference]
    column = {camera: n for n, camera in enumerate(free)}
    n = len(free)
    rows: list[Floats] = []
    values: list[float] = []
    sigmas: list[float] = []
    owners: list[int] = []
    for p, pair in enumerate(pairs):
        row = np.zeros(2 * n)
        slope_row = np.zeros(2 * n)
        for camera, sign, at in (
            (pair.first, 1.0, pair.at_s),
            (pair.second, -1.0, pair.at_s + pair.lag_s),
        ):
            if camera in column:
                row[column[camera]] = sign
                row[n + column[camera]] = sign * at * 1e-6
                slope_row[n + column[camera]] = sign * 1e-6
        rows.append(row)
        values.append(pair.lag_s)
        sigmas.append(pair.sigma_s)
        owners.append(p)
        if pair.slope is not None and pair.slope_sigma is not None:
            rows.append(slope_row)
            values.append(pair.slope)
            sigmas.append(pair.slope_sigma)
            owners.append(-1)
    # Cameras' crystals stay within some 50 ppm of each other: more must be shown.
    for k in range(n):
        row = np.zeros(2 * n)
        row[n + k] = 1.0
        rows.append(row)
        values.append(0.0)
        sigmas.append(_CRYSTAL_PPM if any(p.slope is not None for p in pairs) else 1e-3)
        owners.append(-1)
    matrix, target, sigma = np.array(rows), np.array(values), np.array(sigmas)
    quality = np.array([pairs[o].quality if o >= 0 else 1.0 for o in owners])
    base = np.sqrt(np.maximum(quality, 0.01)) / sigma
    owner = np.array(owners)
    weights = _begin(matrix, target, sigma, base, owner, cameras, pairs)
    solution = np.zeros(2 * n)
    for _ in range(_ROUNDS):
        scale = (base * np.sqrt(weights))[:, None]
        solution = np.linalg.lstsq(matrix * scale, target * scale[:, 0], rcond=None)[0]
        standard = np.abs(matrix @ solution - target) / sigma
        weights = _weights(standard)
    residuals = target - matrix @ solution
    clocks = {reference: (0.0, 0.0)}
    for camera, k in column.items():
        clocks[camera] = (float(solution[k]), float(solution[n + k]) * 1e-6)
    return clocks, residuals[[o >= 0 for o in owners]]


def _weights(standard: Floats) -> Floats:
    far = (_BEND / np.maximum(standard, 1e-12)) ** 2
    return np.where(standard > _BEND, far, 1.0)


def _begin(
    matrix: Floats,
    target: Floats,
    sigma: Floats,
    base: Floats,
    owner: NDArray[np.int64],
    cameras: Sequence[int],
    pairs: Sequence[PairLag],
) -> Floats:
    """Weights after the spanning tree of pairs that the others contradict least."""
    rng = np.random.default_rng(0)
    best, weights = np.inf, np.ones(len(target))
    for attempt in range(_TREES if len(pairs) >= len(cameras) else 1):
        order = (
            np.argsort([-pair.quality for pair in pairs], kind="stable")
            if attempt == 0
            else rng.permutation(len(pairs))
        )
        tree: list[int] = []
        groups = {camera: camera for camera in cameras}
        for p in order:
            a, b = groups[pairs[p].first], groups[pairs[p].second]
            if a != b:
                tree.append(int(p))
                groups = {camera: a if group == b else group for camera, group in groups.items()}
        chosen = np.isin(owner, tree) | (owner < 0)
        scale = (base * chosen)[:, None]
        solution = np.linalg.lstsq(matrix * scale, target * scale[:, 0], rcond=None)[0]
        standard = np.abs(matrix @ solution - target) / sigma
        loss = float(np.sum((base * sigma) ** 2 * np.minimum(standard / (2 * _BEND), 1.0) ** 2))
        if loss < best:
            best, weights = loss, _weights(standard)
    return weights


def solve(
    method: str,
    names: Sequence[str],
    pairs: Sequence[PairLag],
    left_out: dict[int, str],
    *,
    tolerance_s: float,
    warnings: Sequence[str] = (),
) -> Synchronised:
    """All clocks from all pairs.

    Args:
        method: For the result.
        names: Of all cameras.
        pairs: What was measured.
        left_out: By index, why a camera took no part.
        tolerance_s: A pair whose residual is larger disagrees.
        warnings: Passed on.

    Raises:
        InvalidInput: no two cameras have anything in common.
    """
    taking_part = [i for i in range(len(names)) if i not in left_out]
    usable = [pair for pair in pairs if pair.quality > 0]
    groups = components(len(names), [(pair.first, pair.second) for pair in usable])
    linked = groups[0] if groups and len(groups[0]) > 1 else []
    if not linked:
        raise InvalidInput(_nothing_in_common(method, names, left_out))
    notes = {i: f"Left out: {why.rstrip('.')}." for i, why in left_out.items()}
    said = list(warnings)
    for i in taking_part:
        if i not in linked:
            notes[i] = "Left out: nothing in it matches the other cameras."
    used = [pair for pair in usable if pair.first in linked and pair.second in linked]
    reference = linked[0]
    clocks, residuals = solve_clocks(linked, used, reference)
    disagreeing = _disagreeing(linked, used, residuals, tolerance_s)
    if disagreeing is not None:
        said.append(f"{names[disagreeing]} disagrees with the other cameras: check it by eye.")
        notes[disagreeing] = "Its lags contradict those between the other cameras."
    agrees = np.abs(residuals) <= tolerance_s
    loops = len(used) >= len(linked)
    if disagreeing is None:
        said += [
            f"{names[pair.first]} and {names[pair.second]}, compared directly, differ by "
            f"{abs(residual) * 1000:.1f} ms from what all pairs together say."
            for pair, residual in zip(used, residuals, strict=True)
            if abs(residual) > tolerance_s
        ]
    out = []
    for i, name in enumerate(names):
        if i not in clocks:
            out.append(CameraClock(name, None, note=notes.get(i)))
            continue
        offset, drift = clocks[i]
        sure = _confidence(i, used, residuals, tolerance_s)
        if i == disagreeing:
            sure = min(sure, 0.2)
        out.append(CameraClock(name, offset * 1000, drift * 1e6, sure, notes.get(i)))
    said += [f"{names[i]}: {notes[i]}" for i in range(len(names)) if out[i].offset_ms is None]
    weights = np.array([pair.quality / pair.sigma_s**2 for pair in used])
    rms = float(np.sqrt(np.average(residuals**2, weights=weights))) * 1000
    reports = tuple(
        PairReport(pair, float(residual) * 1000, bool(ok))
        for pair, residual, ok in zip(used, residuals, agrees, strict=True)
    )
    return Synchronised(
        method, tuple(out), reports, rms if loops else None, disagreeing, tuple(said)
    )


def _confidence(
    camera: int, pairs: Sequence[PairLag], residuals: Floats, tolerance_s: float
) -> float:
    """Chance that at least one of a camera's agreeing pairs is right, less what contradicts."""
    doubt, weight, consistent = 1.0, 0.0, 0.0
    links = 0
    for pair, residual in zip(pairs, residuals, strict=True):
        if camera not in (pair.first, pair.second):
            continue
        links += 1
        closeness = float(np.exp(-0.5 * (residual / tolerance_s) ** 2))
        doubt *= 1 - pair.quality * closeness
        weight += pair.quality
        consistent += pair.quality * closeness
    if not weight:
        return 0.0
    sure = (1 - doubt) * consistent / weight
    return min(sure, 0.99 if links > 1 else _UNCHECKED)


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
        _, left = solve_clocks(others, rest, others[0])
        worst = float(np.max(np.abs(left)))
        if worst <= tolerance_s:
            candidates.append((worst, camera))
    return min(candidates)[1] if candidates else None


def _nothing_in_common(method: str, names: Sequence[str], left_out: dict[int, str]) -> str:
    what = {"audio": "sound", "motion": "motion"}.get(method, method)
    told = "; ".join(f"{names[i]}: {why.rstrip('.')}" for i, why in sorted(left_out.items()))
    if len(names) - len(left_out) < 2:
        reason = f"{what.capitalize()} can be compared only between two cameras or more"
    else:
        reason = f"No two cameras have {what} in common"
    return f"{reason}." + (f" {told}." if told else "")
