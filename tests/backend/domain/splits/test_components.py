from __future__ import annotations

import pytest
from hypothesis import given, settings

from backend.domain.errors import InvalidInput
from backend.domain.splits.components import TieKind, find_components, join
from backend.domain.splits.units import Link, LinkReason, SplitUnit, age_group
from tests.backend.domain.splits.makers import releases, unit

Release = tuple[list[SplitUnit], list[Link]]


def members(units: list[SplitUnit], links: list[Link] | None = None) -> list[tuple[object, ...]]:
    return [component.recordings for component in find_components(units, links or [])]


def test_recordings_of_one_infant_go_together() -> None:
    assert members([unit(3, "B"), unit(1, "A"), unit(2, "B")]) == [(1,), (2, 3)]


def test_recordings_of_one_video_go_together_though_infants_differ() -> None:
    units = [
        unit(1, "A", videos=frozenset({"v", "w"})),
        unit(2, "B", videos=frozenset({"w"})),
        unit(3, "C", videos=frozenset({"x"})),
    ]
    assert members(units) == [(1, 2), (3,)]


def test_links_join_and_are_transitive() -> None:
    units = [unit(i, f"I{i}") for i in range(1, 5)]
    links = [Link(1, 2, LinkReason.NEAR_DUPLICATE), Link(3, 2, LinkReason.SAME_FILE)]
    assert members(units, links) == [(1, 2, 3), (4,)]


def test_links_to_recordings_outside_are_passed_over() -> None:
    assert members([unit(1, "A")], [Link(1, 9, LinkReason.SAME_FILE)]) == [(1,)]


def test_a_component_says_why_two_of_its_recordings_go_together() -> None:
    units = [unit(1, "A"), unit(2, "A"), unit(3, "B"), unit(4, "B")]
    (component,) = find_components(units, [Link(3, 2, LinkReason.NEAR_DUPLICATE, 3)])
    chain = component.why(1, 4)
    assert [tie.kind for tie in chain] == [TieKind.INFANT, TieKind.NEAR_DUPLICATE, TieKind.INFANT]
    words = [tie.words({1: "visit 1", 2: "visit 2"}) for tie in chain]
    assert words == [
        "visit 1 and visit 2 show the infant A",
        "visit 2 and 3 hold 3 pairs of images that nearly repeat each other",
        "3 and 4 show the infant B",
    ]
    assert component.why(2, 2) == ()
    assert component.title == "2 infants that go together (A, B)"


def test_links_of_one_pair_are_counted_together() -> None:
    links = [Link(1, 2, LinkReason.SAME_FILE), Link(2, 1, LinkReason.SAME_FILE)]
    (component,) = find_components([unit(1, "A"), unit(2, "B")], links)
    assert [tie.count for tie in component.ties] == [2]
    assert component.ties[0].words() == "1 and 2 were imported from 2 files with the same content"


def test_a_recording_given_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="recording 1 is given twice"):
        find_components([unit(1, "A"), unit(1, "B")])


@settings(max_examples=40)
@given(releases())
def test_what_shares_anything_is_in_one_component(release: Release) -> None:
    units, links = release
    of = {u.recording: c.key for c in find_components(units, links) for u in c.units}
    assert len(of) == len(units)
    for a in units:
        for b in units:
            if a.infant == b.infant or a.videos & b.videos:
                assert of[a.recording] == of[b.recording]
    for link in links:
        assert of[link.first] == of[link.second]


@settings(max_examples=40)
@given(releases())
def test_nothing_is_together_without_a_chain_of_reasons(release: Release) -> None:
    for component in find_components(*release):
        for recording in component.recordings:
            reached = {component.key}
            for tie in component.why(component.key, recording):
                assert reached & set(tie.recordings)
                reached = set(tie.recordings)
            assert recording in reached


@settings(max_examples=40)
@given(releases())
def test_the_order_of_the_input_does_not_matter(release: Release) -> None:
    units, links = release
    assert find_components(units, links) == find_components(units[::-1], links[::-1])


def test_joined_nodes_are_named_by_their_first() -> None:
    assert join("abcd", ["bd", "cd"]) == {"a": "a", "b": "b", "c": "b", "d": "b"}


def test_age_groups_begin_at_their_bounds() -> None:
    ages = (None, 0.0, 2.9, 3, 11.9, 12, 18, 40)
    assert [age_group(age) for age in ages] == [
        "unknown",
        "0 to 3 months",
        "0 to 3 months",
        "3 to 6 months",
        "9 to 12 months",
        "12 to 18 months",
        "18 months and older",
        "18 months and older",
    ]
