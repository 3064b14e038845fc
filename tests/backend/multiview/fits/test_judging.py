"""Body fits are stored, judged, and go stale with their joints."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from backend.domain.document import MoveJoint, SetVerdict
from backend.domain.errors import Conflict, Forbidden, InvalidInput, StaleVersion
from backend.domain.fits import FitRejection, FitStatus
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.multiview.fits import repository, service
from backend.multiview.fits.proposals import store_fits
from backend.multiview.fits.schemas import FitOut, FitRequest, FitSeen
from tests.backend.multiview.fits.making import make_fits, make_run, make_seen_recording, propose
from tests.factories import (
    edit,
    frame_ids_of,
    make_annotator,
    make_inspector,
    make_maintainer,
    make_recording,
)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def inspector(session: Session) -> User:
    return make_inspector(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    recording = make_seen_recording(session, annotator)
    make_fits(session, recording)
    return recording


def _fits(session: Session, user: User, recording: Recording) -> list[FitOut]:
    session.expire_all()
    return service.session_fits(session, user, recording.id).fits


def _seen(fits: list[FitOut]) -> list[FitSeen]:
    return [FitSeen(id=fit.id, version=fit.version) for fit in fits]


def _verify(session: Session, user: User, recording: Recording, fits: list[FitOut]) -> None:
    service.judge(session, user, recording.id, _seen(fits), FitStatus.VERIFIED, None, None)


def test_fits_are_listed_by_moment_with_what_each_view_says(
    session: Session, inspector: User, recording: Recording
) -> None:
    shown = service.session_fits(session, inspector, recording.id)
    assert [fit.moment_index for fit in shown.fits] == [0, 1, 2]
    assert [len(fit.views) for fit in shown.fits] == [2, 2, 2]
    assert shown.fits[0].views[0].mean_error_px == pytest.approx(2.5)
    assert shown.counts.fitted == 3
    assert shown.counts.stale == shown.counts.without == 0
    assert shown.run is not None
    assert shown.run.calibration is not None
    assert shown.run.calibration.version == 1


def test_others_are_told_which_inspector_judges_the_fits(
    session: Session, inspector: User, recording: Recording
) -> None:
    recording.inspector_id = inspector.id
    session.flush()
    shown = service.session_fits(session, make_maintainer(session), recording.id)
    assert shown.why_not_judge == (
        f"Only the inspector to whom this recording is assigned, {inspector.name}, judges its"
        " body fits."
    )


def test_an_inspector_verifies_a_range_and_each_fit_remembers_it(
    session: Session, inspector: User, recording: Recording
) -> None:
    fits = _fits(session, inspector, recording)
    _verify(session, inspector, recording, fits[:2])
    after = _fits(session, inspector, recording)
    assert [fit.status for fit in after] == ["verified", "verified", "fitted"]
    assert after[0].reviewed_by is not None
    assert after[0].reviewed_by.id == inspector.id
    steps = repository.history(session, after[0].id)
    assert [(step.version, step.status) for step in steps] == [(2, "verified"), (1, "fitted")]


def test_a_rejected_fit_has_its_reason(
    session: Session, inspector: User, recording: Recording
) -> None:
    fits = _fits(session, inspector, recording)[:1]

    def reject(reason: FitRejection | None, text: str | None) -> FitOut:
        return service.judge(
            session, inspector, recording.id, _seen(fits), FitStatus.REJECTED, reason, text
        )[0]

    with pytest.raises(InvalidInput, match="why"):
        reject(None, None)
    with pytest.raises(InvalidInput, match="words"):
        reject(FitRejection.OTHER, "  ")
    rejected = reject(FitRejection.LIMB_OFF, "left arm")
    assert (rejected.status, rejected.reason, rejected.reason_text) == (
        "rejected",
        "limb_off",
        "left arm",
    )


def test_who_annotated_does_not_judge(
    session: Session, annotator: User, recording: Recording
) -> None:
    annotator.roles = ["annotator", "inspector"]
    session.flush()
    fits = _fits(session, annotator, recording)
    with pytest.raises(Forbidden, match="nobody inspects"):
        _verify(session, annotator, recording, fits)
    assert service.session_fits(session, annotator, recording.id).may_judge is False


def test_a_verdict_on_an_outdated_look_changes_nothing(
    session: Session, inspector: User, recording: Recording
) -> None:
    fits = _fits(session, inspector, recording)
    _verify(session, inspector, recording, fits[:1])
    with pytest.raises(StaleVersion) as caught:
        _verify(session, inspector, recording, fits)
    assert caught.value.context["fit_ids"] == [fits[0].id]
    assert [f.status for f in _fits(session, inspector, recording)] == [
        "verified",
        "fitted",
        "fitted",
    ]


def test_a_moved_joint_makes_only_its_moment_stale_and_it_cannot_be_verified(
    session: Session, annotator: User, inspector: User, recording: Recording
) -> None:
    edit(session, annotator, frame_ids_of(session, recording)[1], MoveJoint(9, 30.0, 40.0))
    fits = _fits(session, inspector, recording)
    assert [fit.stale for fit in fits] == [False, True, False]
    assert repository.stale_moments(session, recording.id) == [fits[1].moment_id]
    with pytest.raises(Conflict, match="older than the joints") as caught:
        _verify(session, inspector, recording, fits)
    assert caught.value.context["fit_ids"] == [fits[1].id]


def test_a_discarded_view_makes_its_moment_stale(
    session: Session, annotator: User, inspector: User, recording: Recording
) -> None:
    verdict = SetVerdict(Decision(Verdict.DISCARD, DiscardReason.MOTION_BLUR))
    edit(session, annotator, frame_ids_of(session, recording)[5], verdict)
    assert [fit.stale for fit in _fits(session, inspector, recording)] == [False, False, True]


def test_fitting_again_leaves_verified_fits_alone_unless_asked(
    session: Session, inspector: User, recording: Recording
) -> None:
    _verify(session, inspector, recording, _fits(session, inspector, recording)[:1])
    run = make_fits(session, recording, mean_error_px=1.0)
    fits = _fits(session, inspector, recording)
    assert [fit.status for fit in fits] == ["verified", "fitted", "fitted"]
    assert [fit.run_id == run.id for fit in fits] == [False, True, True]
    make_fits(session, recording, replace_verified=True)
    assert [f.status for f in _fits(session, inspector, recording)] == ["fitted"] * 3


def test_a_neighbour_that_hardly_moved_keeps_its_verdict(
    session: Session, annotator: User, inspector: User, recording: Recording
) -> None:
    _verify(session, inspector, recording, _fits(session, inspector, recording))
    edit(session, annotator, frame_ids_of(session, recording)[1], MoveJoint(9, 30.0, 40.0))
    proposals = propose(session, recording)
    neighbours = frozenset(p.moment_id for i, p in enumerate(proposals) if i != 1)
    run = make_run(session, recording)
    written = store_fits(
        session, recording, run, proposals, replace_verified=True, neighbours=neighbours
    )
    assert written == 1
    assert [(f.status, f.stale) for f in _fits(session, inspector, recording)] == [
        ("verified", False),
        ("fitted", False),
        ("verified", False),
    ]


def test_a_neighbour_that_moved_is_judged_again(
    session: Session, inspector: User, recording: Recording
) -> None:
    _verify(session, inspector, recording, _fits(session, inspector, recording))
    moved = propose(session, recording, body_joints=np.full((24, 3), 0.01))
    everyone = frozenset(p.moment_id for p in moved)
    run = make_run(session, recording)
    store_fits(session, recording, run, moved, replace_verified=True, neighbours=everyone)
    assert {f.status for f in _fits(session, inspector, recording)} == {"fitted"}


def test_fits_are_asked_for_with_what_is_in_use(session: Session, recording: Recording) -> None:
    maintainer = make_maintainer(session)
    job = service.request_fit(session, maintainer, recording.id, FitRequest())
    assert job.payload["calibration_id"] == recording.calibration_id
    with pytest.raises(Conflict, match="already running"):
        service.request_fit(session, maintainer, recording.id, FitRequest())


def test_only_stale_fits_when_none_is_says_so(session: Session, recording: Recording) -> None:
    with pytest.raises(Conflict, match="No fit is stale"):
        service.request_fit(
            session, make_maintainer(session), recording.id, FitRequest(only_stale=True)
        )


def test_several_cameras_need_their_places_first(session: Session, annotator: User) -> None:
    recording = make_seen_recording(session, annotator)
    recording.calibration_id = None
    session.flush()
    with pytest.raises(Conflict, match="where the cameras stand"):
        service.request_fit(session, make_maintainer(session), recording.id, FitRequest())


def test_without_a_kept_frame_there_is_nothing_to_fit(session: Session, annotator: User) -> None:
    recording = make_recording(session, annotator=annotator)
    with pytest.raises(Conflict, match="nothing to fit"):
        service.request_fit(session, make_maintainer(session), recording.id, FitRequest())


def test_annotators_do_not_start_fits(session: Session, annotator: User) -> None:
    recording = make_seen_recording(session, annotator)
    with pytest.raises(Forbidden):
        service.request_fit(session, annotator, recording.id, FitRequest())
