"""Names of categories propose the infant; crowds and caregivers are never it."""

from __future__ import annotations

import pytest

from backend.domain.infants import (
    PersonRole,
    RoleChoice,
    WhoIfUnclear,
    category_roles,
    chosen_roles,
    decided,
    names_people,
    proposed_infant,
)

I, O, U = PersonRole.INFANT, PersonRole.OTHER, PersonRole.UNCLEAR  # noqa: E741


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["infant", "caregiver"], [I, O]),
        (["adult", "Baby"], [O, I]),
        (["mother", "newborn", "nurse"], [O, I, O]),
        (["person", "infant"], [O, I]),
        (["preterm_infant", "hand_of_nurse"], [I, O]),
        (["child", "parent"], [I, O]),
        (["infant", "child"], [I, O]),
        (["toddler", "child"], [I, O]),
        (["infant", "infant's mother"], [I, O]),
        (["Bébé", "Mère"], [I, O]),
        (["赤ちゃん", "person"], [I, O]),
        (["babyDoll", "person"], [O, U]),
        (["person", "adult"], [U, O]),
        (["person"], [U]),
        (["human", "object"], [U, U]),
        (["caregiver"], [O]),
        (["Babylon"], [U]),
        (["infant", "baby"], [I, I]),
    ],
)
def test_category_names_tell_who_is_the_infant(names: list[str], roles: list[PersonRole]) -> None:
    assert list(category_roles(dict(enumerate(names))).values()) == roles


@pytest.mark.parametrize(
    ("roles", "proposed"),
    [
        ([], None),
        ([U], 0),
        ([U, U], None),
        ([O, I], 1),
        ([I, I], None),
        ([O], None),
        ([O, O], None),
        ([O, U], 1),
        ([I, O, O], 0),
    ],
)
def test_the_one_who_can_be_the_infant_is_proposed(
    roles: list[PersonRole], proposed: int | None
) -> None:
    assert proposed_infant(roles) == proposed


def test_things_are_told_from_people() -> None:
    assert all(map(names_people, ["person", "Caregiver", "infant", "men"]))
    assert not any(map(names_people, ["cat", "doll", "toy", "crib", "hand"]))


@pytest.mark.parametrize(
    ("rule", "roles", "decision"),
    [
        (WhoIfUnclear.ALONE, [U, U], [U, U]),
        (WhoIfUnclear.SMALLEST, [U, U], [O, I]),
        (WhoIfUnclear.LARGEST, [U, U], [I, O]),
        (WhoIfUnclear.NOBODY, [U, U], [O, O]),
        (WhoIfUnclear.NOBODY, [U], [O]),
        (WhoIfUnclear.LARGEST, [O, U], [O, I]),
        (WhoIfUnclear.SMALLEST, [I, U], [I, U]),
        (WhoIfUnclear.SMALLEST, [], []),
    ],
)
def test_a_rule_decides_what_names_leave_open(
    rule: WhoIfUnclear, roles: list[PersonRole], decision: list[PersonRole]
) -> None:
    assert decided(roles, [9.0, 4.0], rule) == decision


def test_whoever_names_the_infants_means_those_alone() -> None:
    roles = {"a": U, "b": I, "c": O}
    assert chosen_roles(roles, {"a": RoleChoice.INFANT}) == {"a": I, "b": O, "c": O}
    assert chosen_roles(roles, {"b": RoleChoice.OTHER}) == {"a": U, "b": O, "c": O}
