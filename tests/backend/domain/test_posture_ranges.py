"""Postures painted over each other."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.posture_ranges import (
    PostureOrigin,
    PostureRange,
    Stroke,
    beneath,
    check_strokes,
    covered,
    named,
    paint,
    runs_until,
)
from backend.domain.postures import LABELS, PostureLabel, label_of_code, label_of_posture

MOMENTS = 40
SITTING = label_of_posture("sitting_without_support")
PRONE = label_of_posture("prone_lying")
ROLLING = label_of_posture("rolling")


@st.composite
def strokes(draw: st.DrawFn) -> Stroke:
    first = draw(st.integers(0, MOMENTS - 1))
    last = draw(st.integers(first, MOMENTS - 1))
    label = draw(st.sampled_from((None, *LABELS)))
    return Stroke(first, last, label, draw(st.sampled_from(PostureOrigin)))


def by_moment(ranges: tuple[PostureRange, ...]) -> list[PostureLabel | None]:
    found: list[PostureLabel | None] = [None] * MOMENTS
    for part in ranges:
        found[part.first : part.last + 1] = [part.label] * (part.last - part.first + 1)
    return found


def places(ranges: tuple[PostureRange, ...]) -> list[tuple[int, int, PostureLabel]]:
    return [(part.first, part.last, part.label) for part in ranges]


@given(st.lists(strokes(), max_size=12))
def test_every_moment_shows_the_stroke_that_lies_uppermost(painted: list[Stroke]) -> None:
    expected: list[PostureLabel | None] = [None] * MOMENTS
    for stroke in painted:
        for i in range(stroke.first, stroke.last + 1):
            expected[i] = stroke.label
    ranges = paint((), painted)
    assert by_moment(ranges) == expected
    assert covered(ranges) == sum(label is not None for label in expected)
    assert named(ranges) == sum(bool(label and label.posture) for label in expected)


@given(st.lists(strokes(), max_size=12))
def test_ranges_never_overlap_and_equal_neighbours_are_one(painted: list[Stroke]) -> None:
    ranges = paint((), painted)
    for left, right in itertools.pairwise(ranges):
        assert left.last < right.first
        assert left.last + 1 < right.first or not left.says_the_same(right)


@given(st.lists(strokes(), max_size=8), strokes())
def test_what_lay_beneath_painted_again_leads_back(before: list[Stroke], stroke: Stroke) -> None:
    ranges = paint((), before)
    inverse = beneath(ranges, stroke.first, stroke.last)
    assert paint(paint(ranges, [stroke]), inverse) == ranges


@given(st.lists(strokes(), max_size=8), st.lists(strokes(), max_size=8))
def test_strokes_may_be_painted_at_once_or_in_turn(one: list[Stroke], two: list[Stroke]) -> None:
    assert paint(paint((), one), two) == paint((), [*one, *two])


def test_a_posture_runs_until_the_next_change() -> None:
    ranges = paint((), [Stroke(5, 9, PRONE), Stroke(20, 29, SITTING)])
    assert runs_until(ranges, 0, MOMENTS) == 4
    assert runs_until(ranges, 7, MOMENTS) == 9
    assert runs_until(ranges, 10, MOMENTS) == 19
    assert runs_until(ranges, 30, MOMENTS) == MOMENTS - 1


def test_a_stroke_within_a_range_splits_it() -> None:
    ranges = paint((), [Stroke(0, 20, PRONE), Stroke(8, 10, ROLLING)])
    assert places(ranges) == [(0, 7, PRONE), (8, 10, ROLLING), (11, 20, PRONE)]


def test_what_two_people_said_stays_apart_although_it_is_the_same() -> None:
    ranges = paint((), [Stroke(0, 9, PRONE)], author=1)
    ranges = paint(ranges, [Stroke(10, 19, PRONE)], author=2)
    assert [(part.first, part.author) for part in ranges] == [(0, 1), (10, 2)]


@pytest.mark.parametrize(
    ("stroke", "words"),
    [
        (Stroke(5, 4, PRONE), "ends at moment 5, before it begins at 6"),
        (Stroke(-1, 4, PRONE), "not all in the recording"),
        (Stroke(0, MOMENTS, None), "which has 40"),
    ],
)
def test_what_cannot_be_painted_is_refused_with_words(stroke: Stroke, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        check_strokes([stroke], MOMENTS)


def test_an_act_paints_something_and_not_without_end() -> None:
    with pytest.raises(InvalidInput, match="Nothing"):
        check_strokes([], MOMENTS)
    with pytest.raises(InvalidInput, match="the most"):
        check_strokes([Stroke(0, 1, PRONE)] * 2001, MOMENTS)


VECTORS = Path(__file__).parents[2] / "vectors/postures.json"


def stroke_of(told: dict[str, Any]) -> Stroke:
    code = told["code"]
    label = None if code is None else label_of_code(code)
    return Stroke(told["first"], told["last"], label, PostureOrigin(told["origin"]))


def range_of(told: dict[str, Any]) -> PostureRange:
    stroke = stroke_of(told)
    assert stroke.label is not None
    return PostureRange(stroke.first, stroke.last, stroke.label, stroke.origin)


def test_the_browser_paints_alike() -> None:
    for case in json.loads(VECTORS.read_text()):
        ranges = paint((), map(stroke_of, case["before"]))
        strokes = [stroke_of(told) for told in case["act"]]
        assert ranges == tuple(map(range_of, case["ranges"]))
        assert paint(ranges, strokes) == tuple(map(range_of, case["after"]))
        assert [part for one in strokes for part in beneath(ranges, one.first, one.last)] == [
            stroke_of(told) for told in case["beneath"]
        ]
        assert runs_until(ranges, case["start"], 20) == case["until"]


def test_every_label_has_a_code_of_its_own_that_leads_back() -> None:
    codes = [label.code for label in LABELS]
    assert len(set(codes)) == 16
    assert codes == sorted(codes)
    assert [label_of_code(code) for code in codes] == list(LABELS)
    assert label_of_code(32) == PostureLabel("sitting", "sitting_with_arm_support")
    with pytest.raises(InvalidInput, match="code 44"):
        label_of_code(44)


def test_a_posture_stands_in_its_own_group_only() -> None:
    with pytest.raises(InvalidInput, match="no posture of the group"):
        PostureLabel("prone", "standing")
    with pytest.raises(InvalidInput, match="no group"):
        PostureLabel("flying")
    with pytest.raises(InvalidInput, match="no posture"):
        label_of_posture("prone")
