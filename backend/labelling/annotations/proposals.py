"""What models and imported files say of frames. A person's work is never written over.

Everything here takes a batch, and is idempotent by content: what is stored already is left as it
is, so that a job that is run again changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, AnnotationRevision, Candidate, Recording
from backend.domain.boxes import Box
from backend.domain.document import (
    ChooseCandidate,
    Operation,
    SetSkeleton,
    skeleton_from_scores,
)
from backend.domain.errors import InvalidInput
from backend.domain.estimates import PoseEstimate
from backend.domain.infants import Apart, PersonRole, proposed_infant
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.limits import LOW_SCORE
from backend.domain.operations import operation_to_json
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import FrameState
from backend.labelling.annotations import repository

IMPORTED_SCORES: Final = {
    Visibility.ABSENT: 0.0,
    Visibility.OCCLUDED: LOW_SCORE * 2 / 3,
    Visibility.VISIBLE: 1.0,
}
"""Scores that stand for a file's visibility: below ``LOW_SCORE`` means occluded, as for models."""


class FoundPerson(Protocol):
    """One person in an imported file, such as ``formats.coco.CocoAnnotation``."""

    @property
    def skeleton(self) -> Skeleton:
        """The joints, with the file's visibility."""

    @property
    def box(self) -> Box | None:
        """The file's box, if it has one."""

    @property
    def score(self) -> float | None:
        """The confidence, where a model wrote the file."""

    @property
    def joint_scores(self) -> Sequence[float] | None:
        """The confidence of each joint, where the file has one."""

    @property
    def role(self) -> PersonRole:
        """Whether the person is the infant, as far as names tell."""

    @property
    def apart(self) -> Apart | None:
        """Why the person cannot be the infant; None for whoever may be it."""

    @property
    def source(self) -> dict[str, Any] | None:
        """What the file said of the person, as it is kept; JSON values."""


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A candidate as it is stored."""

    score: float
    keypoints: list[float]
    skeleton: list[float]
    box: list[float]
    apart: str | None = None
    source: dict[str, Any] | None = None

    @classmethod
    def of_row(cls, row: Candidate) -> _Proposal:
        return cls(row.score, row.keypoints, row.skeleton, row.box, row.apart, row.source)


def store_candidates(
    session: Session,
    people: Mapping[int, Sequence[PoseEstimate]],
    proposed: Mapping[int, int | None],
    *,
    model: str,
    simulated: bool = False,
) -> int:
    """Keep everybody whom a model found in a batch of frames, and propose the likeliest infant.

    Candidates of an earlier run are retired, not deleted. The proposed person becomes the frame's
    annotation, still undecided, unless a person has changed that frame.

    Args:
        session: The transaction.
        people: Frame id → people found, best first. A frame without people has an empty list.
        proposed: Frame id → index of the likeliest infant in that list; None or left out for none.
        model: Name of the model.
        simulated: Whether the estimates were made up from known truth, for the demo.

    Returns:
        How many frames were changed.

    Raises:
        NotFound: one of the frames does not exist.
        InvalidInput: a number is not finite, or an index has nobody.
    """
    sizes = repository.frame_sizes(session, people.keys())
    found = {
        frame_id: [_from_estimate(estimate, *sizes.get(frame_id, (0, 0))) for estimate in estimates]
        for frame_id, estimates in people.items()
    }
    return _store(session, found, proposed, model=model, simulated=simulated)


def import_annotations(
    session: Session, people: Mapping[int, Sequence[FoundPerson]], *, source: str
) -> int:
    """Keep the people of an annotation file as candidates, and propose the infant among them.

    Whom to propose is ``domain.infants.proposed_infant``'s rule. Crowds and people without joints
    are kept apart: they are neither offered nor proposed. Joints outside of the image stay as they
    were placed (``domain.pixels.OutsideJoints``).

    Args:
        session: The transaction.
        people: Frame id → people in that image, in the file's order.
        source: What the history names as their origin, such as ``COCO import people.json``.

    Returns:
        How many frames were changed.

    Raises:
        NotFound: one of the frames does not exist.
    """
    found = {
        frame_id: [_from_file(person) for person in persons] for frame_id, persons in people.items()
    }
    proposed = {frame_id: _proposed(persons) for frame_id, persons in people.items()}
    return _store(session, found, proposed, model=source[:120], simulated=False)


def _proposed(people: Sequence[FoundPerson]) -> int | None:
    offered = [i for i, person in enumerate(people) if person.apart is None]
    chosen = proposed_infant([people[i].role for i in offered])
    return None if chosen is None else offered[chosen]


def _from_estimate(estimate: PoseEstimate, width: int, height: int) -> _Proposal:
    scores = np.asarray(estimate.scores, dtype=np.float64)
    keypoints = np.asarray(estimate.keypoints, dtype=np.float64)
    if keypoints.shape != (N_JOINTS, 2) or scores.shape != (N_JOINTS,):
        raise InvalidInput(f"A person has {N_JOINTS} joints with x, y and a score each.")
    flat = np.column_stack([keypoints, scores]).ravel()
    box = [float(value) for value in estimate.box]
    if not (np.isfinite(flat).all() and np.isfinite(box).all() and np.isfinite(estimate.score)):
        raise InvalidInput("A person's joints, box and scores must be finite numbers.")
    skeleton = skeleton_from_scores(keypoints, scores, width, height)
    return _Proposal(float(estimate.score), flat.tolist(), _flat(skeleton), box)


def _from_file(person: FoundPerson) -> _Proposal:
    skeleton = person.skeleton
    scores = person.joint_scores or [IMPORTED_SCORES[j.visibility] for j in skeleton.joints]
    keypoints = [
        float(value)
        for joint, score in zip(skeleton.joints, scores, strict=True)
        for value in (joint.x, joint.y, score if joint.present else 0.0)
    ]
    box = person.box
    extent = [box.x, box.y, box.width, box.height] if box else _extent(skeleton.joints)
    return _Proposal(
        score=1.0 if person.score is None else float(person.score),
        keypoints=keypoints,
        skeleton=_flat(skeleton),
        box=[float(value) for value in extent],
        apart=None if person.apart is None else person.apart.value,
        source=person.source,
    )


def _extent(joints: Sequence[Joint]) -> list[float]:
    present = [joint for joint in joints if joint.present]
    if not present:
        return [0.0, 0.0, 0.0, 0.0]
    xs, ys = [joint.x for joint in present], [joint.y for joint in present]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def _flat(skeleton: Skeleton) -> list[float]:
    return [float(value) for value in skeleton.to_flat()]


def _store(
    session: Session,
    found: Mapping[int, Sequence[_Proposal]],
    proposed: Mapping[int, int | None],
    *,
    model: str,
    simulated: bool,
) -> int:
    if not found:
        return 0
    annotations = repository.lock_annotations(session, found.keys())
    live = repository.live_candidates(session, found.keys())
    ids: dict[int, list[int]] = {}
    fresh: list[dict[str, Any]] = []
    retired: list[int] = []
    for frame_id, people in found.items():
        known = live[frame_id]
        same = all(row.model == model and row.simulated == simulated for row in known)
        if same and [_Proposal.of_row(row) for row in known] == list(people):
            ids[frame_id] = [row.id for row in known]
            continue
        retired += [row.id for row in known]
        ids[frame_id] = []
        fresh += [
            {
                "frame_id": frame_id,
                "rank": rank,
                "score": person.score,
                "keypoints": person.keypoints,
                "skeleton": person.skeleton,
                "box": person.box,
                "apart": person.apart,
                "source": person.source,
                "model": model,
                "simulated": simulated,
            }
            for rank, person in enumerate(people)
        ]
    if retired:
        session.execute(update(Candidate).where(Candidate.id.in_(retired)).values(retired=True))
    if fresh:
        new_ids = session.scalars(
            insert(Candidate).returning(Candidate.id, sort_by_parameter_order=True), fresh
        )
        for row, candidate_id in zip(fresh, new_ids, strict=True):
            ids[row["frame_id"]].append(candidate_id)
    changed = {row["frame_id"] for row in fresh}
    return len(changed | _propose(session, annotations, found, ids, proposed, model))


def _propose(
    session: Session,
    annotations: Mapping[int, Annotation],
    found: Mapping[int, Sequence[_Proposal]],
    ids: Mapping[int, Sequence[int]],
    proposed: Mapping[int, int | None],
    model: str,
) -> set[int]:
    """Put the likeliest infant into the frames that no person has touched; returns which."""
    rounds = _rounds(session, {row.recording_id for row in annotations.values()})
    now = session.execute(select(func.now())).scalar_one()
    revisions: list[dict[str, Any]] = []
    for frame_id, annotation in annotations.items():
        index = proposed.get(frame_id)
        if index is not None and not 0 <= index < len(found[frame_id]):
            raise InvalidInput(f"Frame {frame_id} has no person {index} to propose.")
        if annotation.updated_by_id is not None or annotation.state != FrameState.UNDECIDED.value:
            continue
        candidate_id = ids[frame_id][index] if index is not None else None
        keypoints = found[frame_id][index].skeleton if index is not None else None
        if (annotation.candidate_id, annotation.keypoints) == (candidate_id, keypoints):
            continue
        operation: Operation = (
            SetSkeleton(None, None) if candidate_id is None else ChooseCandidate(candidate_id)
        )
        annotation.version += 1
        annotation.candidate_id = candidate_id
        annotation.keypoints = keypoints
        annotation.updated_at = now
        revisions.append(
            {
                "frame_id": frame_id,
                "version": annotation.version,
                "round": rounds[annotation.recording_id],
                "model": model,
                "operation_id": uuid.uuid4(),
                "operations": [operation_to_json(operation)],
                "verdict": annotation.verdict,
                "state": annotation.state,
                "candidate_id": candidate_id,
                "keypoints": keypoints,
            }
        )
    if revisions:
        session.execute(insert(AnnotationRevision), revisions)
        session.flush()
    return {row["frame_id"] for row in revisions}


def _rounds(session: Session, recording_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(Recording.id, Recording.round).where(Recording.id.in_(recording_ids))
    )
    return {row.id: row.round for row in rows}
