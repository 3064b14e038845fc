"""Versions, states and consents of releases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.consents import (
    AUDIENCES,
    Consent,
    ConsentScope,
    allows,
    effective_scope,
)
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.releases.lifecycle import FINAL, ReleaseEvent, ReleaseState, after
from backend.domain.releases.versions import FIRST, Change, Version, change_needed, falls_short

numbers = st.integers(0, 999)
versions = st.builds(Version, numbers, numbers, numbers)


@given(versions)
def test_a_version_is_read_as_it_is_written(version: Version) -> None:
    assert Version.parse(str(version)) == version


@given(versions, st.sampled_from(Change))
def test_the_next_version_is_later(version: Version, change: Change) -> None:
    assert version.next(change) > version


def test_versions_are_ordered_by_number_and_not_by_letter() -> None:
    assert Version.parse("1.10.0") > Version.parse("1.9.9")


@pytest.mark.parametrize(
    "text", ["", "1", "1.0", "01.0.0", "1.0.0-beta", "v1.0.0", "1.0.0.0", "٣.0.0"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a version"):
        Version.parse(text)


@pytest.mark.parametrize(
    ("version", "changes", "short"),
    [
        ("1.1.0", {"frames_out": 1}, True),
        ("2.0.0", {"frames_out": 1}, False),
        ("1.1.0", {"splits_changed": 1}, True),
        ("1.0.1", {"frames_in": 9}, True),
        ("1.1.0", {"frames_in": 9}, False),
        ("1.0.1", {}, False),
        ("3.0.0", {}, False),
    ],
)
def test_a_version_may_not_say_less_than_what_changed(
    version: str, changes: dict[str, int], short: bool
) -> None:
    needed = change_needed(**{"frames_out": 0, "splits_changed": 0, "frames_in": 0} | changes)

    assert falls_short(Version.parse(version), FIRST, needed) is short
    assert not falls_short(FIRST.next(needed), FIRST, needed)


def test_versions_that_are_not_later_say_nothing_about_changes() -> None:
    assert not falls_short(FIRST, FIRST.next(Change.MINOR), Change.MAJOR)
    with pytest.raises(ValueError, match="not later"):
        FIRST.since(FIRST)


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("event", [ReleaseEvent.EDIT, ReleaseEvent.CHECK, ReleaseEvent.PUBLISH])
def test_what_was_published_is_never_changed(state: ReleaseState, event: ReleaseEvent) -> None:
    with pytest.raises(Conflict, match="cannot be"):
        after(state, event)


def test_a_draft_is_not_published_unchecked() -> None:
    with pytest.raises(Conflict):
        after(ReleaseState.DRAFT, ReleaseEvent.PUBLISH)


def test_a_wider_scope_allows_what_a_narrower_one_does() -> None:
    for i, audience in enumerate(AUDIENCES):
        assert [allows(scope, audience) for scope in AUDIENCES] == [j >= i for j in range(3)]
        assert not allows(ConsentScope.NONE, audience)


@pytest.mark.parametrize("consent", list(Consent))
def test_an_entry_of_the_infant_counts_more_than_the_recording(consent: Consent) -> None:
    for scope in ConsentScope:
        assert effective_scope(scope, consent) is scope


def test_a_recording_is_read_narrowly_without_an_entry() -> None:
    assert effective_scope(None, Consent.RESEARCH) is ConsentScope.INTERNAL
    assert effective_scope(None, Consent.NOT_RECORDED) is ConsentScope.NONE
