"""A body that drifts through a recording, and what was inferred of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Estimate, Recording
from backend.core.storage import BlobStore
from backend.domain.estimates import PoseEstimate
from backend.domain.keypoints import Visibility
from backend.domain.operations import PlaceJoint
from backend.domain.skeleton import N_JOINTS
from backend.labelling.annotations.service import store_candidates
from backend.multiview.propagation import service
from backend.multiview.propagation.sessions import Sessions
from tests.factories import frames_of, make_skeleton

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
