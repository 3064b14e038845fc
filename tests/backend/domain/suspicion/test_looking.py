"""Frames accepted without being looked at, and which of them are drawn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.suspicion.looking import SAMPLED_LEAST, is_hasty, sampled


def test_a_frame_is_accepted_quickly_only_where_the_time_is_known():
    assert is_hasty(0.2)
    assert not is_hasty(0.7)
    assert not is_hasty(None)


@given(st.sets(st.integers(1, 10**6), max_size=300))
def test_a_fifth_is_drawn_and_ten_at_least(ids: set[int]):
    drawn = sampled(sorted(ids), "7/1")
    assert set(drawn) <= ids
    assert len(drawn) == min(len(ids), max(SAMPLED_LEAST, -(-len(ids) // 5)))


def test_the_same_seed_draws_the_same_and_another_round_others():
    ids = range(1, 401)
    assert sampled(ids, "7/1") == sampled(list(reversed(ids)), "7/1")
    assert sampled(ids, "7/1") != sampled(ids, "7/2")
