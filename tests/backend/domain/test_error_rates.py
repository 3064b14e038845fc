"""How many joints in a thousand are wrong, and how sure that is."""

from __future__ import annotations

from backend.domain.error_rates import ErrorRate, error_rate


def test_no_error_among_510_joints_leaves_room_for_some_in_a_thousand() -> None:
    assert error_rate([17] * 30, [0] * 30) == ErrorRate(0.0, 0.0, 7.48)


def test_joints_that_err_together_count_as_fewer() -> None:
    alone = error_rate([17] * 30, [1] * 5 + [0] * 25)
    together = error_rate([17] * 30, [5] + [0] * 29)
    assert alone is not None
    assert together is not None
    assert alone.estimate == together.estimate
    assert together.high > alone.high


def test_a_sample_of_all_frames_leaves_nothing_to_chance() -> None:
    assert error_rate([17, 17], [1, 0], out_of=2) == ErrorRate(29.41, 29.41, 29.41)
    few = error_rate([17] * 30, [0] * 30, out_of=40)
    assert few is not None
    assert few.high < 7.48


def test_frames_without_joints_say_nothing() -> None:
    assert error_rate([0, 0], [0, 0]) is None
    assert error_rate([], []) is None
