"""What SQL calls a stale fit is what the rule calls so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Fit, FitView, Frame, Moment, Scan, User
from backend.domain.document import MoveJoint
from backend.domain.keypoints import Skeleton
from backend.domain.scans import ScanKind
from backend.domain.staleness import is_fit_stale
from backend.domain.verdicts import Verdict
from backend.multiview.fits.standing import STALE_FIT
from backend.multiview.scans.pairing import SCAN_FRAME
from tests.backend.multiview.fits.making import make_fits, make_seen_recording
from tests.factories import accept, discard, edit, frame_ids_of, make_annotator

Change = Callable[[Session, User, list[int]], object]


def _add_scan(session: Session, user: User, frames: list[int]) -> None:
    frame = session.get_one(Frame, frames[1])
    session.add(
        Scan(
            recording_id=frame.recording_id,
            camera_id=frame.camera_id,
            kind=ScanKind.CLOUD.value,
            source_frame=frame.source_frame,
            filename="one.ply",
            sha256="0" * 64,
            size=1,
            key="one",
            points=1,
        )
    )


def _take_to_another_moment(session: Session, user: User, frames: list[int]) -> None:
    frame = session.get_one(Frame, frames[1])
    moment = Moment(recording_id=frame.recording_id, index=9, time_s=9.0)
    session.add(moment)
    session.flush()
    frame.moment_id = moment.id


def _move_and_move_back(session: Session, user: User, frames: list[int]) -> None:
    edit(session, user, frames[1], MoveJoint(9, 30.0, 40.0))
    before = session.scalars(select(FitView.made_from).where(FitView.frame_id == frames[1])).one()
    edit(session, user, frames[1], MoveJoint(9, before[27], before[28]))


CHANGES: dict[str, Change] = {
    "nothing": lambda session, user, frames: None,
    "a joint moved": lambda session, user, frames: edit(
        session, user, frames[1], MoveJoint(9, 30.0, 40.0)
    ),
    "a joint moved there and back": _move_and_move_back,
    "a view discarded": lambda session, user, frames: discard(session, user, frames[1]),
    "a view that came to be": lambda session, user, frames: accept(session, user, frames[-1]),
    "frames paired anew": _take_to_another_moment,
    "a scan": _add_scan,
}


def _by_the_rule(session: Session, fit: Fit) -> bool:
    made_from = {
        view.frame_id: Skeleton.from_flat(view.made_from)
        for view in session.scalars(select(FitView).where(FitView.fit_id == fit.id))
    }
    current = {
        row.frame_id: Skeleton.from_flat(row.keypoints or [])
        for row in session.scalars(
            select(Annotation)
            .join(Frame, Frame.id == Annotation.frame_id)
            .where(
                Frame.moment_id == fit.moment_id,
                Annotation.verdict == Verdict.KEEP.value,
                Annotation.keypoints.is_not(None),
            )
        )
    }
    scans = session.scalars(
        select(Scan.id).join(Frame, SCAN_FRAME).where(Frame.moment_id == fit.moment_id)
    ).all()
    return is_fit_stale(made_from, current, fit.scans, scans)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_fit_is_stale_in_sql_when_it_is_by_the_rule(session: Session, change: Change) -> None:
    annotator = make_annotator(session)
    recording = make_seen_recording(session, annotator)
    frames = frame_ids_of(session, recording)
    discard(session, annotator, frames[-1])
    make_fits(session, recording)
    change(session, annotator, frames)
    session.flush()
    fits = session.execute(
        select(Fit, STALE_FIT)
        .join(Moment, Moment.id == Fit.moment_id)
        .where(Fit.recording_id == recording.id)
        .order_by(Moment.index)
    ).all()
    assert len(fits) == 3
    assert [stale for _, stale in fits] == [_by_the_rule(session, fit) for fit, _ in fits]
    quiet = change in (CHANGES["nothing"], CHANGES["a joint moved there and back"])
    assert any(stale for _, stale in fits) is not quiet
