"""Precision matrices of paths through time, and block tridiagonal systems with their covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Array = NDArray[np.float64]


def path_precision(
    times: Float[Array, " t"], level: Float[Array, "t k"], relax: Float[Array, " k"]
) -> Float[Array, "t k 3"]:
    """What ∫ (|a|² + |v|²/τ²)/q dt costs K paths, as a matrix of five diagonals for each.

    Returns:
        Entries of t with itself, with t + 1 and with t + 2.
    """
    t, k = level.shape
    out = np.zeros((t, k, 3))
    if t < 2:
        return out
    d = np.diff(times)
    between = (level[1:] + level[:-1]) / 2
    w = 1.0 / (d[:, None] * between * relax**2)
    out[:-1, :, 0] += w
    out[1:, :, 0] += w
    out[:-1, :, 1] -= w
    if t < 3:
        return out
    d0, d1 = d[:-1], d[1:]
    c0, c1, c2 = 2 / (d0 * (d0 + d1)), -2 / (d0 * d1), 2 / (d1 * (d0 + d1))
    w = (0.5 * (d0 + d1))[:, None] / level[1:-1]
    out[:-2, :, 0] += w * (c0 * c0)[:, None]
    out[1:-1, :, 0] += w * (c1 * c1)[:, None]
    out[2:, :, 0] += w * (c2 * c2)[:, None]
    out[:-2, :, 1] += w * (c0 * c1)[:, None]
    out[1:-1, :, 1] += w * (c1 * c2)[:, None]
    out[:-2, :, 2] += w * (c0 * c2)[:, None]
    return out


def times_precision(
    bands: Float[Array, "t k 3"], values: Float[Array, "t k d"]
) -> Float[Array, "t k d"]:
    """The five-diagonal matrices times paths (T, K, D)."""
    out = bands[..., :1] * values
    for lag in (1, 2):
        w = bands[:-lag, :, lag, None]
        out[:-lag] += w * values[lag:]
        out[lag:] += w * values[:-lag]
    return np.asarray(out)


@dataclass(frozen=True, eq=False)
class Banded:
    """A symmetric matrix of T × T blocks (n, n) that reaches two blocks to each side.

    diagonal: (T, n, n). first: (T − 1, n, n) rows t, columns t + 1. second: (T − 2, n, n).
    """

    diagonal: Array
    first: Array
    second: Array


def solve_banded(
    matrix: Banded, right: Float[Array, "t n"], *, covariance: bool = False
) -> tuple[Array, Array | None]:
    """Solution (T, n) of matrix·x = right, and the blocks (T, n, n) of the inverse's diagonal.

    Two moments at a time make it block tridiagonal: Cholesky forwards, substitution backwards; the
    inverse's blocks follow on the way back (Takahashi 1973).

    Raises:
        numpy.linalg.LinAlgError: the matrix is not positive definite.
    """
    t, n = right.shape
    pairs = (t + 1) // 2
    D = np.zeros((pairs, 2 * n, 2 * n))
    U = np.zeros((max(pairs - 1, 0), 2 * n, 2 * n))
    b = np.zeros((pairs, 2 * n))
    even, odd = (t + 1) // 2, t // 2
    D[:even, :n, :n] = matrix.diagonal[0::2]
    D[:odd, n:, n:] = matrix.diagonal[1::2]
    D[odd:, n:, n:] = np.eye(n)
    joined = matrix.first[0::2]
    D[: len(joined), :n, n:] = joined
    D[: len(joined), n:, :n] = joined.transpose(0, 2, 1)
    over = matrix.first[1::2]
    U[: len(over), n:, :n] = over
    both = matrix.second[0::2]
    U[: len(both), :n, :n] = both
    both = matrix.second[1::2]
    U[: len(both), n:, n:] = both
    b[:even, :n] = right[0::2]
    b[:odd, n:] = right[1::2]
    factors: list[tuple[Array, bool]] = []
    gains: list[Array] = []
    S, r = D[0], b[0]
    for i in range(pairs):
        if i:
            S = D[i] - U[i - 1].T @ gains[-1]
            r = b[i] - gains[-1].T @ r
        factors.append(cho_factor(S, lower=True, check_finite=False))
        b[i] = r
        if i < pairs - 1:
            gains.append(cho_solve(factors[i], U[i], check_finite=False))
    x = np.zeros((pairs, 2 * n))
    blocks = np.zeros((pairs, 2 * n, 2 * n)) if covariance else None
    for i in range(pairs - 1, -1, -1):
        x[i] = cho_solve(factors[i], b[i], check_finite=False)
        if i < pairs - 1:
            x[i] -= gains[i] @ x[i + 1]
        if blocks is not None:
            blocks[i] = cho_solve(factors[i], np.eye(2 * n), check_finite=False)
            if i < pairs - 1:
                blocks[i] += gains[i] @ blocks[i + 1] @ gains[i].T
    flat = x.reshape(2 * pairs, n)[:t]
    if blocks is None:
        return flat, None
    spread = np.empty((2 * pairs, n, n))
    spread[0::2], spread[1::2] = blocks[:, :n, :n], blocks[:, n:, n:]
    return flat, spread[:t]
