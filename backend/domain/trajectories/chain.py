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
        det = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
        turned = np.stack((np.stack((a[1, 1], -a[0, 1])), np.stack((-a[1, 0], a[0, 0]))))
        return np.asarray(turned / det)
    half = k // 2
    A, B, C = a[:half, :half], a[:half, half:], a[half:, half:]
    P = inverse(A)
    PB = times(P, B)
    S = inverse(C - times(flipped(B), PB))
    corner = -times(PB, S)
    return np.concatenate(
        (
            np.concatenate((P - times(corner, flipped(PB)), corner), axis=1),
            np.concatenate((flipped(corner), S), axis=1),
        ),
        axis=0,
    )


def solve_chain(chain: Chain) -> Marginals:
    """Means, covariances and covariances of neighbours of all states."""
    D, U, h = chain.diagonal, chain.link, chain.pull
    n = D.shape[2]
    if n == 1:
        P = inverse(D)
        return Marginals(times(P, h), P, U)
    odds, inner = n // 2, (n - 1) // 2
    left, right = U[:, :, 0::2], _padded(U[:, :, 1::2], odds)
    P = inverse(D[:, :, 1::2])
    K1, K2 = times(P, flipped(left)), times(P, right)
    even, pull, odd = D[:, :, 0::2].copy(), h[:, :, 0::2].copy(), h[:, :, 1::2]
    even[:, :, :odds] -= times(left, K1)
    even[:, :, 1:] -= times(flipped(right), K2)[:, :, :inner]
    pull[:, :, :odds] -= times(flipped(K1), odd)
    pull[:, :, 1:] -= times(flipped(K2), odd)[:, :, :inner]
    got = solve_chain(Chain(even, -times(left, K2)[:, :, :inner], pull))
    S, X = got.covariance, _padded(got.cross, odds)
    S1, S2 = S[:, :, :odds], _padded(S[:, :, 1:], odds)
    # Covariance of an eliminated state with the one before (rows it) and the one after.
    before = -(times(K1, S1) + times(K2, flipped(X)))
    after = -(times(K1, X) + times(K2, S2))
    mean = np.empty((*h.shape[:2], *D.shape[2:]))
    covariance, cross = np.empty_like(D), np.empty_like(U)
    mean[:, :, 0::2] = got.mean
    after_mean = _padded(got.mean[:, :, 1:], odds)
    mean[:, :, 1::2] = times(P, odd) - times(K1, got.mean[:, :, :odds]) - times(K2, after_mean)
    covariance[:, :, 0::2] = S
    covariance[:, :, 1::2] = P - times(before, flipped(K1)) - times(after, flipped(K2))
    cross[:, :, 0::2], cross[:, :, 1::2] = flipped(before), after[:, :, :inner]
    return Marginals(mean, covariance, cross)


def _padded(a: Array, n: int) -> Array:
    """Blocks (k, r, m, N), with one of zeros behind where there is one too few: the last of an even
    number of states has no neighbour after it."""
    if a.shape[2] == n:
        return a
    return np.concatenate((a, np.zeros((*a.shape[:2], n - a.shape[2], *a.shape[3:]))), axis=2)
