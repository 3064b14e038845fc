"""Confidence in words, and what agreement and contradiction make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.confidence import Trust, contradicted, rounded, supported, trust_of

chances = st.floats(0, 1)


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(0.995, "sure"), (0.989, "likely"), (0.7, "likely"), (0.5, "doubtful"), (0.1, "guess")],
)
def test_each_confidence_has_a_word(confidence: float, word: str) -> None:
    assert trust_of(confidence) == Trust(word)


@given(chances, st.integers(2, 5))
def test_rounding_makes_nothing_surer(confidence: float, digits: int) -> None:
    assert rounded(confidence, digits) <= confidence + 1e-8
    assert confidence - rounded(confidence, digits) < 10.0**-digits


def test_agreement_raises_and_contradiction_lowers() -> None:
    assert supported(0.9, 0.8, 0.05) > 0.99
    assert supported(0.9, 0.8, 1.0) < supported(0.9, 0.8, 0.05)
    assert contradicted(0.9, 0.9) == pytest.approx(0.4737, abs=1e-3)
    assert contradicted(0.9, 0.0) == pytest.approx(0.9)


@given(chances, chances)
def test_two_methods_that_contradict_each_other_are_not_both_right(a: float, b: float) -> None:
    assert contradicted(a, b) + contradicted(b, a) <= 1 + 1e-9
