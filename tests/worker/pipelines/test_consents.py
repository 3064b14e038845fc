"""Consent taken back: what of a release goes, what stays, and what is erased."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Annotation, Candidate, Frame, InfantConsent, Recording
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict, InvalidInput
from backend.publishing.consents import service as consents
from backend.publishing.consents.schemas import ConsentIn
from tests.worker.release_lab import Lab


def entry(scope: ConsentScope) -> ConsentIn:
    return ConsentIn(scope=scope, given_on=date(2026, 11, 1), document="A-12")


def infant_of(lab: Lab, number: int = 0) -> int:
    with Session(lab.bench.engine) as session:
        return session.get_one(Recording, lab.recordings[number]).infant_id


def take_back(lab: Lab, infant: int) -> None:
    with transaction(lab.bench.engine) as session:
        consents.note(session, lab.me(session), infant, entry(ConsentScope.NONE))


def test_a_withdrawal_makes_checked_releases_drafts_and_lists_published_ones(lab: Lab) -> None:
    lab.published(lab.release)
    second = lab.begin()
    lab.check(second)
    infant = infant_of(lab)
    with transaction(lab.bench.engine) as session:
        told = consents.note(session, lab.me(session), infant, entry(ConsentScope.NONE))
    assert [held.release_id for held in told.published] == [lab.release]
    assert told.infant.scope is ConsentScope.NONE
    assert lab.row(second).state == "draft"
    assert lab.row(lab.release).state == "published"
    assert lab.published(second).frames == 8


def test_a_wider_entry_leaves_checked_releases_alone(lab: Lab) -> None:
    lab.check(lab.release)
    with transaction(lab.bench.engine) as session:
        consents.note(session, lab.me(session), infant_of(lab), entry(ConsentScope.PUBLIC))
    assert lab.row(lab.release).state == "checked"


def test_an_infant_is_erased_only_after_the_withdrawal_and_by_its_pseudonym(lab: Lab) -> None:
    infant = infant_of(lab)
    with transaction(lab.bench.engine) as session:
        name = consents.consents_of(session, lab.me(session), infant).infant.pseudonym
        with pytest.raises(Conflict, match="note that first"):
            consents.erase(session, lab.me(session), infant, name, lab.storage)
    take_back(lab, infant)
    with transaction(lab.bench.engine) as session, pytest.raises(InvalidInput, match="to erase"):
        consents.erase(session, lab.me(session), infant, "somebody else", lab.storage)
    assert len(lab.bench.all(Recording)) == 3


def test_erasing_removes_rows_and_files_and_keeps_the_consents(lab: Lab) -> None:
    lab.published(lab.release)
    infant = infant_of(lab)
    take_back(lab, infant)
    with transaction(lab.bench.engine) as session:
        name = consents.consents_of(session, lab.me(session), infant).infant.pseudonym
        erased = consents.erase(session, lab.me(session), infant, name, lab.storage)
    assert (erased.recordings, erased.files) == (1, 4)
    assert [held.release_id for held in erased.published] == [lab.release]
    gone = lab.recordings[0]
    assert gone not in [row.id for row in lab.bench.all(Recording)]
    assert not [path for path in lab.bench.files() if path.startswith(f"recordings/{gone}/")]
    for table in (Frame, Annotation):
        assert {row.recording_id for row in lab.bench.all(table)} == set(lab.recordings[1:])
    assert len(lab.bench.all(Candidate)) == 2 * 8
    assert [row.scope for row in lab.bench.all(InfantConsent)] == ["none"]
    assert lab.row(lab.release).state == "published"
