"""What was foretold of frames that were asked is kept, and tells how far the rest is believed."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Foretold, Recording, User
from backend.core.storage import BlobStore
from backend.domain.trajectories.sureness import CHECKED, ENOUGH
from backend.multiview.propagation import repository, service
from backend.multiview.propagation.sessions import Sessions
from tests.backend.multiview.propagation.travelling import (
    add_stranger,
    choose_stranger,
    estimates_of,
    find_people,
    solve,
)
from tests.factories import accept, frame_ids_of, make_recording


def _ask(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> tuple[int, bool]:
    found = service.question(session, storage, sessions, recording.id)
    assert found.frame_id is not None
    return found.frame_id, found.check


def test_what_was_foretold_of_an_asked_frame_is_kept_as_it_was(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    solve(session, storage, sessions, recording)
    frame_id, check = _ask(session, storage, sessions, recording)
    assert check
    before = estimates_of(session, recording)[frame_id]
    accept(session, annotator, frame_id)
    session.flush()
    service.near(session, storage, sessions, recording.id, frame_id, 3)
    row = session.get_one(Foretold, frame_id)
    assert (row.recording_id, row.why) == (recording.id, CHECKED)
    assert row.joints == before.joints
    assert all(sigma > 0 for sigma in row.sigma)
    # Whatever is said later is not news any more.
    accept(session, annotator, frame_id)
    session.flush()
    solve(session, storage, sessions, recording)
    assert session.query(Foretold).count() == 1


def test_a_check_that_went_by_too_fast_to_be_seen_is_none(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    solve(session, storage, sessions, recording)
    frame_id, check = _ask(session, storage, sessions, recording)
    assert check
    before = estimates_of(session, recording)[frame_id]
    accept(session, annotator, frame_id, seconds_shown=0.25)
    solve(session, storage, sessions, recording)
    assert service.status(session, annotator, recording.id).checked == 0
    assert frame_id not in estimates_of(session, recording)
    # Looked at after all, the frame tells what was foretold of it truly.
    accept(session, annotator, frame_id, seconds_shown=1.5)
    solve(session, storage, sessions, recording)
    assert service.status(session, annotator, recording.id).checked == 1
    assert session.get_one(Foretold, frame_id).joints == before.joints


def test_what_was_accepted_in_playback_says_nothing_of_the_rest(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    solve(session, storage, sessions, recording)
    _ask(session, storage, sessions, recording)
    error = service.status(session, annotator, recording.id).expected_error
    for frame_id in frame_ids_of(session, recording):
        accept(session, annotator, frame_id).playback_fps = 5.0
    solve(session, storage, sessions, recording)
    after = service.status(session, annotator, recording.id)
    assert error is not None
    assert after.expected_error is not None
    assert after.expected_error > error / 2
    assert (after.checked, after.reached) == (0, False)
    assert _ask(session, storage, sessions, recording)[1]


def test_the_next_question_is_asked_by_the_target_of_the_recording(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    solve(session, storage, sessions, recording)
    frame_id, _ = _ask(session, storage, sessions, recording)
    accept(session, annotator, frame_id)
    solve(session, storage, sessions, recording)
    # The first question checks; the second one only where the target is thought reached.
    for target, check in ((0.999, True), (0.0001, False)):
        repository.propagation(session, recording.id).target = target
        session.flush()
        assert _ask(session, storage, sessions, recording)[1] == check


def test_frames_that_people_chose_by_themselves_are_no_checks(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording, annotator: User
) -> None:
    solve(session, storage, sessions, recording)
    accept(session, annotator, frame_ids_of(session, recording)[5])
    solve(session, storage, sessions, recording)
    assert session.query(Foretold).count() == 0
    assert service.status(session, annotator, recording.id).checked == 0


def test_an_accepted_stranger_is_asked_for_again_once_and_who_stands_by_him_is_heard(
    session: Session, storage: BlobStore, sessions: Sessions, annotator: User
) -> None:
    recording = make_recording(session, frames=24, annotator=annotator)
    find_people(session, recording)
    wrong = frame_ids_of(session, recording)[12]
    add_stranger(session, wrong)
    for frame_id in frame_ids_of(session, recording)[3:22:18]:
        accept(session, annotator, frame_id)
    solve(session, storage, sessions, recording)
    before = service.status(session, annotator, recording.id).expected_error
    beside = estimates_of(session, recording)[frame_ids_of(session, recording)[13]].joints
    choose_stranger(session, annotator, wrong)
    solve(session, storage, sessions, recording)
    after = service.status(session, annotator, recording.id).expected_error
    assert before is not None
    assert after is not None
    assert after > before
    assert estimates_of(session, recording)[
        frame_ids_of(session, recording)[13]
    ].joints == pytest.approx(beside, abs=3)
    found = service.question(session, storage, sessions, recording.id)
    assert (found.frame_id, found.again) == (wrong, True)
    assert not service.question(session, storage, sessions, recording.id).again
    accept(session, annotator, wrong)
    solve(session, storage, sessions, recording)
    assert set(session.get_one(Foretold, wrong).sigma) == {0.0}
    # Another process knows that somebody stood by it.
    elsewhere = Sessions()
    accept(session, annotator, frame_ids_of(session, recording)[0])
    solve(session, storage, elsewhere, recording)
    assert not service.question(session, storage, elsewhere, recording.id).again


def test_the_target_is_reached_once_it_was_checked_and_a_new_process_knows_it(
    session: Session, storage: BlobStore, sessions: Sessions, annotator: User
) -> None:
    recording = make_recording(session, frames=40, annotator=annotator)
    find_people(session, recording)
    solve(session, storage, sessions, recording)
    repository.propagation(session, recording.id).target = 0.9
    counts: list[int] = []
    while len(counts) < 12:
        status = service.status(session, annotator, recording.id)
        counts.append(status.checked)
        if status.checked >= ENOUGH:
            break
        assert not status.reached
        frame_id, _ = _ask(session, storage, sessions, recording)
        accept(session, annotator, frame_id)
        solve(session, storage, sessions, recording)
    assert counts == sorted(counts)
    assert status.checks == ENOUGH == status.checked
    assert status.reached
    assert status.off_px is None
    elsewhere = Sessions()
    accept(session, annotator, frame_ids_of(session, recording)[0])
    solve(session, storage, elsewhere, recording)
    assert service.status(session, annotator, recording.id).checked == ENOUGH
