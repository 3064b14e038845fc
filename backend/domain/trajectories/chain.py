"""Gaussian chains: the most likely states along time, and how sure they are, for many at once.

A chain's precision matrix is block tridiagonal. It is solved by block cyclic reduction (Hockney
1965; Golub and Van Loan, *Matrix Computations*, 4.5.4): all odd times are eliminated at once, then
all odd times of what is left, so that each step is one operation on large arrays rather than a
Kalman filter's walk through time. The way back gives the marginal covariances too (the selected
inverse; Takahashi 1973), equal to those of a Rauch-Tung-Striebel smoother.

Arrays carry the blocks in front and the batch last, ``(k, k, T, N)``: products are then sums over
long contiguous rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chain:
    """N chains of T states with k numbers each, in information form.

    Attributes:
        diagonal: (k, k, T, N) blocks of the precision matrix, symmetric.
        link: (k, k, T-1, N) blocks between t (rows) and t + 1 (columns).
        pull: (k, r, T, N) information vectors, r right-hand sides that share the matrix.
    """

    diagonal: Array
    link: Array
    pull: Array


@dataclass(frozen=True, eq=False)
class Marginals:
    """What a chain says of each state.

    Attributes:
        mean: (k, r, T, N). covariance: (k, k, T, N).
        cross: (k, k, T-1, N) covariance of states t (rows) and t + 1 (columns).
    """

    mean: Array
    covariance: Array
    cross: Array


def times(a: Array, b: Array) -> Array:
    """Product of blocks (i, j, …) and (j, k, …)."""
    return np.asarray(np.einsum("ij...,jk...->ik...", a, b))


def flipped(a: Array) -> Array:
    """Transposed blocks."""
    return a.swapaxes(0, 1)


def inverse(a: Array) -> Array:
    """Inverse of symmetric positive definite blocks (k, k, …), by closed forms and halving."""
    k = len(a)
    if k == 1:
        return np.asarray(1.0 / a)
    if k == 2:
        one = 1 / (a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0])
        out = np.empty_like(a)
        out[0, 0], out[1, 1] = a[1, 1] * one, a[0, 0] * one
        out[0, 1], out[1, 0] = -a[0, 1] * one, -a[1, 0] * one
        return out
    half = k // 2
    A, B, C = a[:half, :half], a[:half, half:], a[half:, half:]
    P = inverse(A)
    PB = times(P, B)
    S = inverse(C - times(flipped(B), PB))
    corner = -times(PB, S)
    out = np.empty_like(a)
    out[:half, :half], out[half:, half:] = P - times(corner, flipped(PB)), S
    out[:half, half:], out[half:, :half] = corner, flipped(corner)
    return out


def solve_chain(chain: Chain) -> Marginals:
    """Means, covariances and covariances of neighbours of all states."""
    *_, n, N = chain.diagonal.shape
    got = _solved(_flat(chain.diagonal), _flat(chain.link), _flat(chain.pull), n, N)
    return Marginals(*(a.reshape(*a.shape[:2], -1, N) for a in got))


def _solved(D: Array, U: Array, h: Array, n: int, N: int) -> tuple[Array, Array, Array]:
    """Means (k, r, n N), covariances (k, k, n N) and those of neighbours (k, k, (n-1) N), from a
    chain whose times and batch are one axis: sums then run over long rows, not over N."""
    if n == 1:
        P = inverse(D)
        return times(P, h), P, U
    k, odds, inner = len(D), n // 2, (n - 1) // 2
    left, right = _every(U, n - 1, N, 0), _padded(_every(U, n - 1, N, 1), odds * N)
    even, odd = _every(D, n, N, 0), _every(h, n, N, 1)
    pull = _every(h, n, N, 0)
    P = inverse(_every(D, n, N, 1))
    K = times(P, np.concatenate((flipped(left), right), axis=1))
    back = times(left, K)
    even[..., : odds * N] -= back[:, :k]
    even[..., N:] -= times(flipped(right), K[:, k:])[..., : inner * N]
    both = times(flipped(K), odd)
    pull[..., : odds * N] -= both[:k]
    pull[..., N:] -= both[k:, :, : inner * N]
    mean, S, X = _solved(even, -back[:, k:, : inner * N], pull, n - odds, N)
    # Of an eliminated state's neighbours: the one before in front, the one after behind.
    S1, S2, X = S[..., : odds * N], _padded(S[..., N:], odds * N), _padded(X, odds * N)
    beside = np.concatenate(
        (np.concatenate((S1, X), axis=1), np.concatenate((flipped(X), S2), axis=1))
    )
    # Covariance of an eliminated state with the one before (rows it) and the one after.
    across = -times(K, beside)
    around = np.concatenate((mean[..., : odds * N], _padded(mean[..., N:], odds * N)))
    own = P - times(across, flipped(K))
    between = (flipped(across[:, :k]), across[:, k:, : inner * N])
    return (
        _woven(mean, times(P, odd) - times(K, around), N),
        _woven(S, own, N),
        _woven(*between, N),
    )


def _flat(a: Array) -> Array:
    return np.ascontiguousarray(a).reshape(*a.shape[:2], -1)


def _every(a: Array, n: int, N: int, first: int) -> Array:
    """Every second of n blocks, from the first or the second one on, as rows of their own."""
    return _flat(a.reshape(*a.shape[:2], n, N)[:, :, first::2].copy())


def _woven(a: Array, b: Array, N: int) -> Array:
    """Blocks of both by turns, a's first."""
    n, m = a.shape[2] // N, b.shape[2] // N
    out = np.empty((*a.shape[:2], n + m, N))
    out[:, :, 0::2], out[:, :, 1::2] = (x.reshape(*a.shape[:2], -1, N) for x in (a, b))
    return out.reshape(*a.shape[:2], -1)


def _padded(a: Array, long: int) -> Array:
    """Blocks (k, r, …), with zeros behind where they are too few: the last of an even number of
    states has no neighbour after it."""
    if a.shape[2] == long:
        return a
    return np.concatenate((a, np.zeros((*a.shape[:2], long - a.shape[2]))), axis=2)
