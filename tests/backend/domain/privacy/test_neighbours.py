"""Somebody who is missed in one frame of a video is found in the frame beside it."""

from __future__ import annotations

from backend.domain.boxes import Box
from backend.domain.privacy.neighbours import missing_people

INFANT = Box(100, 200, 80, 60)
ADULT = Box(300, 20, 150, 400)


def test_who_has_no_counterpart_is_missing() -> None:
    assert missing_people([INFANT], [INFANT, ADULT]) == [1]
    assert missing_people([], [ADULT]) == [0]


def test_nobody_is_missing_where_all_have_a_counterpart() -> None:
    moved = Box(110, 205, 80, 60)
    assert missing_people([INFANT, ADULT], [ADULT, moved]) == []


def test_who_moved_is_not_missing_while_there_are_as_many_people() -> None:
    assert missing_people([Box(10, 20, 80, 60)], [INFANT]) == []


def test_found_twice_at_one_place_is_nobody_more() -> None:
    assert missing_people([INFANT], [INFANT, Box(102, 203, 80, 60)]) == []
