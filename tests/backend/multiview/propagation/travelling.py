"""A body that drifts through a recording, and what was inferred of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Candidate, Estimate, Recording, User
from backend.core.storage import BlobStore
from backend.domain.estimates import PoseEstimate
from backend.domain.keypoints import Visibility
from backend.domain.operations import ChooseCandidate, PlaceJoint
from backend.domain.skeleton import N_JOINTS
from backend.labelling.annotations.service import store_candidates
from backend.multiview.propagation import service
from backend.multiview.propagation.sessions import Sessions
from tests.factories import KEEP, edit, frames_of, make_skeleton

FRAMES = 24
WRIST = 9


def find_people(session: Session, recording: Recording, lost: Sequence[int] = ()) -> None:
    """A body that drifts through the picture; in some frames the model lost its left wrist."""
    found: dict[int, list[PoseEstimate]] = {}
    for frame in frames_of(session, recording):
        t = frame.time_s
        body = np.array([(j.x, j.y) for j in make_skeleton(160 + 9 * t, 120 + 6 * t, 28).joints])
        scores = np.full(N_JOINTS, 0.8)
        if frame.position in lost:
            scores[WRIST] = 0.0
        found[frame.id] = [PoseEstimate(body, scores, 0.9, (150.0, 110.0, 140.0, 170.0))]
    store_candidates(session, found, dict.fromkeys(found, 0), model="test-pose")


def solve(
    session: Session, storage: BlobStore, sessions: Sessions, recording: Recording
) -> int | None:
    session.flush()
    return service.solve_whole(session, storage, sessions, recording.id)


def estimates_of(session: Session, recording: Recording) -> dict[int, Estimate]:
    rows = session.scalars(
        select(Estimate)
        .where(Estimate.recording_id == recording.id)
        .execution_options(populate_existing=True)
    )
    return {row.frame_id: row for row in rows}


def wrist(estimate: Estimate) -> tuple[float, float]:
    return (estimate.joints[2 * WRIST], estimate.joints[2 * WRIST + 1])


def waved(at: tuple[float, float]) -> PlaceJoint:
    """The lost wrist is seen, higher up."""
    return PlaceJoint(WRIST, at[0], at[1] - 40, Visibility.VISIBLE)


def versions_of(session: Session, recording: Recording) -> dict[int, int]:
    rows = session.execute(
        select(Annotation.frame_id, Annotation.version).where(
            Annotation.recording_id == recording.id
        )
    )
    return {row.frame_id: row.version for row in rows}


def add_stranger(session: Session, frame_id: int) -> None:
    """Somebody twice as large is found beside the body."""
    infant = session.scalars(select(Candidate).where(Candidate.frame_id == frame_id)).one()
    stranger = np.array([(j.x, j.y) for j in make_skeleton(420, 240, 70).joints])
    known = np.array(infant.keypoints).reshape(-1, 3)
    people = [
        PoseEstimate(known[:, :2], known[:, 2], 0.9, (150.0, 110.0, 140.0, 170.0)),
        PoseEstimate(stranger, np.full(N_JOINTS, 0.9), 0.8, (300.0, 60.0, 240.0, 400.0)),
    ]
    store_candidates(session, {frame_id: people}, {frame_id: 0}, model="test-pose")


def choose_stranger(session: Session, user: User, frame_id: int) -> None:
    """Whoever goes fast accepts the stranger."""
    rows = session.scalars(
        select(Candidate).where(Candidate.frame_id == frame_id, ~Candidate.retired)
    ).all()
    largest = max(rows, key=lambda row: row.box[2])
    edit(session, user, frame_id, ChooseCandidate(largest.id), KEEP)
