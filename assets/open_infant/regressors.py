"""Sparse joint regressors: each joint as a convex combination of few vertices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Array = NDArray[np.float64]


def fit(
    vertices: Array,
    joints: Array,
    weights: Array,
    parents: tuple[int, ...],
    near: int = 700,
    candidates: int = 140,
) -> Array:
    """(J, V) non-negative rows that sum to 1 and reproduce joints (N, J, 3) from (N, V, 3).

    Only vertices that the joint or its parent moves take part, so that the place of a joint
    depends on the surface around it and not on chance correlations far away.
    """
    n, v = vertices.shape[:2]
    mean = vertices.mean(axis=0)
    out = np.zeros((joints.shape[1], v))
    for j in range(joints.shape[1]):
        moved = weights[:, j] + (weights[:, parents[j]] if parents[j] >= 0 else 0.0)
        distance = np.linalg.norm(mean - joints[:, j].mean(axis=0), axis=1)
        distance[moved < 0.3] = np.inf
        pool = np.argsort(distance)[:near]
        pool = pool[np.isfinite(distance[pool])]
        chosen = pool[_spread(mean[pool], min(candidates, len(pool)))]
        # Relative to the joint the target is zero: residuals in metres, and a row for sum = 1.
        rows = (vertices[:, chosen] - joints[:, j][:, None]).transpose(0, 2, 1)
        A = np.concatenate([rows.reshape(3 * n, -1), np.full((1, len(chosen)), 10.0)])
        b = np.zeros(len(A))
        b[-1] = 10.0
        # The normal equations are far smaller; a ridge spreads the load over several vertices.
        G = A.T @ A + 1e-5 * np.eye(len(chosen))
        L = np.linalg.cholesky(G)
        x, _ = nnls(L.T, np.linalg.solve(L, A.T @ b))
        x[x < 1e-4 * x.max()] = 0.0
        out[j, chosen] = x / x.sum()
    return out


def _spread(points: Array, count: int) -> NDArray[np.int64]:
    """Indices of points far from each other (farthest-point sampling)."""
    taken = [0]
    distance = np.linalg.norm(points - points[0], axis=1)
    while len(taken) < count:
        k = int(distance.argmax())
        taken.append(k)
        distance = np.minimum(distance, np.linalg.norm(points - points[k], axis=1))
    return np.array(taken)
