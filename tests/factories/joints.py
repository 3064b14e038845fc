"""Joints for tests: what models propose, and what people say of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Candidate, Recording, User
from backend.domain.document import ChooseCandidate, Operation, SetVerdict
from backend.domain.estimates import PoseEstimate
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.labelling.annotations.service import store_candidates
from backend.labelling.documents.service import Read, apply_operations
from tests.factories.recordings import frame_ids_of

MODEL = "test-pose"
KEEP = SetVerdict(Decision(Verdict.KEEP))


def annotation_of(session: Session, frame_id: int) -> Annotation:
    """The current annotation of a frame as the database has it."""
    annotation = session.get(Annotation, frame_id, populate_existing=True)
    assert annotation is not None
    return annotation


def make_skeleton(
    x: float = 100.0,
    y: float = 60.0,
    scale: float = 10.0,
    *,
    occluded: Sequence[int] = (),
    absent: Sequence[int] = (),
) -> Skeleton:
    """A skeleton whose joints are all at different places, ``scale`` pixels apart."""
    joints = []
    for i in range(N_JOINTS):
        seen = Visibility.OCCLUDED if i in occluded else Visibility.VISIBLE
        seen = Visibility.ABSENT if i in absent else seen
        joints.append(Joint(x + scale * (i % 4), y + scale * (i // 4), seen))
    return Skeleton(tuple(joints))


def make_estimate(x: float = 100.0, score: float = 0.9) -> PoseEstimate:
    """A person as a model sees them, at the places of :func:`make_skeleton`."""
    places = [(j.x, j.y) for j in make_skeleton(x).joints]
    return PoseEstimate(
        keypoints=np.array(places),
        scores=np.full(N_JOINTS, 0.8),
        score=score,
        box=(x - 10.0, 50.0, 50.0, 60.0),
    )


def make_candidates(
    session: Session,
    recording: Recording,
    *,
    people: int = 2,
    proposed: int | None = 0,
    model: str = MODEL,
    simulated: bool = False,
) -> dict[int, list[Candidate]]:
    """Pre-labels: the same ``people`` in each frame, one of them proposed; by frame id."""
    ids = frame_ids_of(session, recording)
    estimates = [make_estimate(100.0 + 120.0 * i, score=0.9 - 0.1 * i) for i in range(people)]
    store_candidates(
        session,
        dict.fromkeys(ids, estimates),
        dict.fromkeys(ids, proposed if people else None),
        model=model,
        simulated=simulated,
    )
    rows = session.scalars(
        select(Candidate)
        .where(Candidate.frame_id.in_(ids), ~Candidate.retired)
        .order_by(Candidate.frame_id, Candidate.rank)
    )
    found: dict[int, list[Candidate]] = {frame_id: [] for frame_id in ids}
    for row in rows:
        found[row.frame_id].append(row)
    return found


def edit(
    session: Session,
    user: User,
    frame_id: int,
    *operations: Operation,
    seconds_shown: float | None = None,
) -> Annotation:
    """Write operations as a person does, on top of whatever is stored."""
    version = annotation_of(session, frame_id).version
    apply_operations(
        session,
        user,
        frame_id,
        Read(version),
        uuid.uuid4(),
        operations,
        seconds_shown=seconds_shown,
    )
    return annotation_of(session, frame_id)


def accept(
    session: Session, user: User, frame_id: int, seconds_shown: float | None = None
) -> Annotation:
    """Accept a frame as it is; the best candidate where nobody is proposed."""
    if annotation_of(session, frame_id).keypoints is not None:
        return edit(session, user, frame_id, KEEP, seconds_shown=seconds_shown)
    best = session.scalars(
        select(Candidate.id).where(Candidate.frame_id == frame_id).order_by(Candidate.rank)
    ).first()
    assert best is not None, "make_candidates first"
    return edit(session, user, frame_id, ChooseCandidate(best), KEEP, seconds_shown=seconds_shown)


def discard(
    session: Session,
    user: User,
    frame_id: int,
    reason: DiscardReason = DiscardReason.MOTION_BLUR,
) -> Annotation:
    """Discard a frame."""
    decision = Decision(Verdict.DISCARD, reason)
    return edit(session, user, frame_id, SetVerdict(decision))
