"""Parts of long recordings: how they are cut, and which come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.parts import MAX_PARTS, Part, check_cover, cut, to_reopen


@given(st.integers(2, MAX_PARTS), st.integers(0, 5000))
def test_equal_parts_cover_every_moment_once(parts: int, more: int) -> None:
    moments = parts + more
    found = cut(moments, parts)
    check_cover(found, moments)
    assert len(found) == parts
    assert max(map(len, found)) - min(map(len, found)) <= 1


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([Part(0, 4), Part(6, 9)], "Part 2 begins at moment 7; it must begin at 6"),
        ([Part(0, 5), Part(5, 9)], "Part 2 begins at moment 6; it must begin at 7"),
        ([Part(1, 4), Part(5, 9)], "Part 1 begins at moment 2"),
        ([Part(0, 4), Part(5, 3)], "Part 2 ends before it begins"),
        ([Part(0, 4), Part(5, 8)], "ends at moment 9; the recording has 10"),
        ([Part(0, 9)], "2 to 50 parts, not 1"),
    ],
)
def test_parts_that_do_not_cover_the_recording_are_refused(parts: list[Part], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        check_cover(parts, 10)


def test_a_recording_is_not_cut_into_more_parts_than_it_has_moments() -> None:
    with pytest.raises(InvalidInput, match="3 moments are too few for 4 parts"):
        cut(3, 4)


def test_only_parts_with_something_to_revise_come_back() -> None:
    assert to_reopen([Part(0, 4), Part(5, 9), Part(10, 14)], [7, 8, 14]) == [1, 2]


def test_a_note_about_the_whole_is_for_everybody() -> None:
    assert to_reopen([Part(0, 4), Part(5, 9)], []) == [0, 1]
