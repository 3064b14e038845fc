"""Which bodies infants can have."""

from __future__ import annotations

import pytest

from backend.domain.body_ranges import length_range, unusual_body


@pytest.mark.parametrize(
    ("age", "length"), [(0, 0.50), (3, 0.61), (6, 0.67), (12, 0.75), (24, 0.87), (36, 0.96)]
)
def test_the_usual_length_of_an_age_is_not_unusual(age: float, length: float) -> None:
    assert length_range(age)[1] == pytest.approx(length, abs=0.015)
    assert unusual_body(length, [0.0] * 20, age) == []


def test_a_toddlers_length_is_unusual_for_a_newborn() -> None:
    (told,) = unusual_body(0.87, [0.0] * 20, 1.0)
    assert "87 cm is unusual at an age of 1 months" in told


def test_a_body_of_a_wrongly_scaled_calibration_is_told_without_an_age() -> None:
    (told,) = unusual_body(1.4, [0.0] * 20)
    assert "140 cm" in told
    assert "scale" in told


def test_a_child_older_than_the_body_is_told_so() -> None:
    assert "0 to 36 months" in unusual_body(1.05, [0.0] * 20, 48)[0]


def test_a_shape_beyond_three_standard_deviations_is_named() -> None:
    (told,) = unusual_body(0.74, [0.1, -3.4, 0.0, 3.1])
    assert "number 2, 4 beyond 3" in told
