"""Handing out work: who is next, and when a lease ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.handouts import Handout, Load, Rules, in_rotation, lease_end

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_lease_ends_a_while_after_its_holder_was_last_active() -> None:
    assert lease_end(NOON, 90) == NOON + timedelta(minutes=90)


def test_each_goes_to_whoever_has_least_left_by_then() -> None:
    assert in_rotation([Load(1, 100), Load(2, 0)], [60, 30, 30]) == [2, 2, 2]
    assert in_rotation([Load(1, 100), Load(2, 0)], [150, 30, 30]) == [2, 1, 1]


def test_among_equals_the_one_who_was_given_nothing_for_longest_is_next() -> None:
    people = [Load(1, 0, NOON), Load(2, 0, NOON - timedelta(days=1)), Load(3, 0)]
    assert in_rotation(people, [10, 10, 10]) == [3, 2, 1]


def test_nobody_is_dealt_anything_where_nobody_annotates() -> None:
    assert in_rotation([], [1, 2]) == []


def test_people_choose_and_pull_only_where_the_rules_say_so() -> None:
    assert [(mode, Rules(mode).may_pull, Rules(mode).may_choose) for mode in Handout] == [
        (Handout.CHOICE, True, True),
        (Handout.QUEUE, True, False),
        (Handout.ROTATION, False, False),
        (Handout.ASSIGNED, False, False),
    ]


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=6),
    st.lists(st.integers(1, 300), max_size=30),
)
def test_nobody_who_was_dealt_to_ends_more_than_one_recording_above_the_least_laden(
    loads: list[int], sizes: list[int]
) -> None:
    people = [Load(i, load) for i, load in enumerate(loads)]
    after = dict(enumerate(loads))
    for person, size in zip(in_rotation(people, sizes), sizes, strict=True):
        after[person] += size
    dealt_to = {i for i, load in enumerate(loads) if after[i] > load}
    most = max(sizes, default=0)
    assert all(after[i] <= min(after.values()) + most for i in dealt_to)
