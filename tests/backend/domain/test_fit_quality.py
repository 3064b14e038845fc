"""Words and sizes of how sure a fit is."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.fit_quality import (
    GOOD_MM,
    LEVELS,
    POOR_MM,
    RADII,
    Trust,
    half_widths,
    pack,
    trust_of,
    unpack,
)


def test_six_numbers_hold_a_covariance() -> None:
    root = np.random.default_rng(0).normal(size=(17, 3, 3))
    covariance = root @ root.transpose(0, 2, 1)
    packed = pack(covariance)
    assert packed.shape == (102,)
    assert np.allclose(unpack(packed.tolist()), covariance)


def test_an_interval_is_as_wide_as_its_longest_axis() -> None:
    covariance = np.diag([1.0, 4.0, 9.0])[None] / 1e6
    assert half_widths(covariance, 0.95)[0] == pytest.approx(0.003 * RADII[2])


def test_larger_shares_have_wider_intervals() -> None:
    assert list(RADII) == sorted(RADII)
    assert len(RADII) == len(LEVELS)


@pytest.mark.parametrize(
    ("expected", "word"),
    [(GOOD_MM, Trust.GOOD), (GOOD_MM + 0.1, Trust.FAIR), (POOR_MM + 0.1, Trust.POOR)],
)
def test_the_expected_error_has_a_word(expected: float, word: Trust) -> None:
    assert trust_of(expected) is word
