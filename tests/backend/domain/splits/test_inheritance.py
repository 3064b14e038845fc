from __future__ import annotations

import pytest
from hypothesis import given, settings

from backend.domain.errors import Conflict
from backend.domain.splits.components import find_components
from backend.domain.splits.inheritance import find_conflicts, find_faults, inherit
from backend.domain.splits.proposing import propose
from backend.domain.splits.units import Link, LinkReason, SplitUnit
from tests.backend.domain.splits.makers import TARGETS, releases, unit


def test_components_take_the_side_of_their_infants() -> None:
    components = find_components([unit(1, "A"), unit(2, "B"), unit(3, "new")])
    assert inherit({"A": "test", "B": "train", "gone": "val"}, components) == {
        1: "test",
        2: "train",
    }


def test_a_new_infant_joins_the_side_of_the_one_it_is_tied_to() -> None:
    link = Link(1, 2, LinkReason.NEAR_DUPLICATE)
    components = find_components([unit(1, "A"), unit(2, "new")], [link])
    fixed = inherit({"A": "test"}, components)
    assert propose(components, TARGETS, fixed=fixed).infants == {"A": "test", "new": "test"}


def test_a_link_between_two_sides_is_refused_and_named() -> None:
    units = [unit(1, "A"), unit(2, "B"), unit(3, "C")]
    components = find_components(units, [Link(1, 2, LinkReason.SAME_FILE)])
    previous = {"A": "train", "B": "test", "C": "val"}
    with pytest.raises(Conflict, match=r"different sides \(A in train; B in test\)") as caught:
        inherit(previous, components, {1: "visit 1", 2: "visit 2"})
    assert "visit 1 and visit 2 were imported from a file" in caught.value.message
    assert caught.value.context["components"] == [1]
    (conflict,) = find_conflicts(previous, components)
    assert conflict.sides == {"A": "train", "B": "test"}


def test_all_conflicts_are_listed() -> None:
    units = [unit(i, f"I{i}") for i in range(4)]
    links = [Link(0, 1, LinkReason.SAME_FILE), Link(2, 3, LinkReason.SAME_FILE)]
    previous = {f"I{i}": "train" if i % 2 else "test" for i in range(4)}
    with pytest.raises(Conflict, match="And 1 more") as caught:
        inherit(previous, find_components(units, links))
    assert len(caught.value.context["conflicts"]) == 2


@settings(max_examples=30)
@given(releases(), releases())
def test_an_infant_never_changes_sides_between_versions(
    first: tuple[list[SplitUnit], list[Link]], second: tuple[list[SplitUnit], list[Link]]
) -> None:
    before = propose(find_components(*first), TARGETS).infants
    components = find_components(*second)
    if find_conflicts(before, components):
        with pytest.raises(Conflict):
            inherit(before, components)
        return
    after = propose(components, TARGETS, fixed=inherit(before, components)).infants
    assert {key: after[key] for key in before.keys() & after.keys()} == {
        key: before[key] for key in before.keys() & after.keys()
    }


def test_an_assignment_by_hand_is_told_what_it_cuts_and_moves() -> None:
    components = find_components([unit(1, "A"), unit(2, "A"), unit(3, "B"), unit(4, "C")])
    by_hand = {1: "train", 2: "test", 3: "train", 4: "val"}
    cut, moved = find_faults(by_hand, components, {"B": "test", "C": "val"})
    assert (cut.component, cut.cut, cut.moved) == (1, {1: "train", 2: "test"}, {})
    assert (moved.component, moved.cut, moved.moved) == (3, {}, {"B": "test"})
    assert find_faults(dict.fromkeys((1, 2, 3, 4), "train"), components) == []
