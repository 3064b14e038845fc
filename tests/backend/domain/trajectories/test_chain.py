"""Chains give what dense linear algebra gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.trajectories.chain import Chain, inverse, solve_chain
from backend.domain.trajectories.motion import transitions


def _random_chain(seed: int, k: int, states: int, chains: int) -> Chain:
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(k, k, states, chains))
    diagonal = mixed + mixed.swapaxes(0, 1) + (6 * k * np.eye(k))[:, :, None, None]
    link = rng.normal(size=(k, k, states - 1, chains))
    return Chain(diagonal, link, rng.normal(size=(k, 2, states, chains)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 99), st.sampled_from((1, 2, 3, 6)), st.integers(1, 12))
def test_means_and_covariances_are_those_of_the_whole_matrix(seed: int, k: int, n: int) -> None:
    chain = _random_chain(seed, k, n, 2)
    got = solve_chain(chain)
    for c in range(2):
        whole = np.zeros((n, k, n, k))
        for t in range(n):
            whole[t, :, t] = chain.diagonal[:, :, t, c]
            if t + 1 < n:
                whole[t, :, t + 1] = chain.link[:, :, t, c]
                whole[t + 1, :, t] = chain.link[:, :, t, c].T
        dense = np.linalg.inv(whole.reshape(n * k, n * k))
        mean = dense @ chain.pull[..., c].transpose(2, 0, 1).reshape(n * k, 2)
        S = dense.reshape(n, k, n, k)
        assert np.allclose(got.mean[..., c].transpose(2, 0, 1).reshape(n * k, 2), mean)
        for t in range(n):
            assert np.allclose(got.covariance[:, :, t, c], S[t, :, t])
            if t + 1 < n:
                assert np.allclose(got.cross[:, :, t, c], S[t, :, t + 1])


@pytest.mark.parametrize("k", [1, 2, 3, 5, 6])
def test_blocks_are_inverted(k: int) -> None:
    A = np.random.default_rng(k).normal(size=(k, k, 7))
    A = np.einsum("ij...,kj...->ik...", A, A) + np.eye(k)[..., None]
    assert np.allclose(np.einsum("ij...,jk...->ik...", A, inverse(A)), np.eye(k)[..., None])


def test_a_gap_grows_uncertain_as_the_root_of_time_and_not_faster() -> None:
    # Places known at both ends of a chain that is free in between, over short and long gaps.
    deviations = []
    for n in (61, 241):
        before, after, between = transitions(np.full(n - 1, 1 / 30), 0.2)
        D = np.zeros((2, 2, n, 1))
        D[:, :, :-1, 0] += before
        D[:, :, 1:, 0] += after
        D[1, 1, 0] += 1
        D[0, 0, (0, -1)] += 1e9
        got = solve_chain(Chain(D, between[..., None], np.zeros((2, 1, n, 1))))
        deviations.append(float(np.sqrt(got.covariance[0, 0, n // 2, 0])))
    assert 1.6 < deviations[1] / deviations[0] < 2.4


def test_a_moving_joint_moves_on_for_a_while() -> None:
    n = 31
    before, after, between = transitions(np.full(n - 1, 1 / 30), 0.2)
    D = np.zeros((2, 2, n, 1))
    D[:, :, :-1, 0] += before
    D[:, :, 1:, 0] += after
    pull = np.zeros((2, 1, n, 1))
    D[0, 0, 0], D[1, 1, 0] = 1e9, 1e9
    pull[1, 0, 0] = 1e9
    place = solve_chain(Chain(D, between[..., None], pull)).mean[0, 0, :, 0]
    assert place[3] == pytest.approx(0.1, rel=0.3)
    assert place[-1] == pytest.approx(0.2, rel=0.05)
