"""Offset and drift of each camera from lags between pairs, by weighted least squares.

For an event seen at ``t_i`` and ``t_j``: ``o_i + (1 + d_i) t_i = o_j + (1 + d_j) t_j``. Each pair
gives one such equation at the middle of what was compared and, where the lag was followed over
time, a second one for its slope. Solving begins with the spanning tree of pairs that most others
agree with, and pairs that contradict it lose their say by redescending weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from worker.synchronisation.result import PairLag

Floats = NDArray[np.float64]

_ROUNDS: Final = 30
_BEND: Final = 3.0
"""Standard deviations from which on an equation loses weight."""
_TREES: Final = 100
_CRYSTAL_PPM: Final = 50.0
"""How far cameras' crystals stay from each other: more must be shown."""
_UNMEASURED_PPM: Final = 20.0
"""Standard deviation of a drift that was not measured."""


@dataclass(frozen=True, slots=True)
class Solved:
    """Clocks of linked cameras.

    Attributes:
        clocks: By camera, offset (s) and drift (1).
        residuals: Per pair, measured minus expected lag, seconds.
        covariances: By camera but the reference, of its offset (s) and drift (1), shape (2, 2).
    """

    clocks: dict[int, tuple[float, float]]
    residuals: Floats
    covariances: dict[int, Floats]

    def sigma_s(self, camera: int, end_s: float) -> float:
        """Largest standard deviation of a camera's clock from its time 0 to ``end_s``."""
        covariance = self.covariances.get(camera)
        if covariance is None:
            return 0.0
        rows = np.array([[1.0, 0.0], [1.0, end_s]])
        return float(np.sqrt(np.einsum("ki,ij,kj->k", rows, covariance, rows).max()))


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


def solve_clocks(cameras: Sequence[int], pairs: Sequence[PairLag], reference: int) -> Solved:
    """Offset and drift of each camera, and what is left over per pair.

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
    followed = any(pair.slope is not None for pair in pairs)
    for k in range(n):
        row = np.zeros(2 * n)
        row[n + k] = 1.0
        rows.append(row)
        values.append(0.0)
        sigmas.append(_CRYSTAL_PPM if followed else 1e-3)
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
    deviation = np.where(sigma == 1e-3, _UNMEASURED_PPM, sigma)
    scaled = matrix * (np.sqrt(weights) / deviation)[:, None]
    spread = np.linalg.pinv(scaled.T @ scaled)
    unit = np.array([1.0, 1e-6])
    covariances = {
        camera: np.asarray(
            spread[np.ix_([k, n + k], [k, n + k])] * np.outer(unit, unit), np.float64
        )
        for camera, k in column.items()
    }
    return Solved(
        clocks,
        residuals[[o >= 0 for o in owners]],
        {camera: np.asarray(c, dtype=np.float64) for camera, c in covariances.items()},
    )


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
