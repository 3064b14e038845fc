"""Reading and locking annotations, their revisions and their candidates."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CollectionAggregate,
    ColumnElement,
    any_,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from backend.core.database.copying import random_uuids
from backend.core.database.engine import json_text
from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Attempt,
    Candidate,
    Frame,
    User,
)
from backend.domain.document import Document
from backend.domain.errors import NotFound
from backend.domain.keypoints import Skeleton
from backend.domain.operations import ChooseCandidate, SetSkeleton, operation_to_json
from backend.domain.verdicts import Decision, DiscardReason, FrameState, Verdict


def to_skeleton(values: Sequence[float] | None) -> Skeleton | None:
    """A stored flat list as a skeleton."""
    return None if values is None else Skeleton.from_flat(values)


def from_skeleton(skeleton: Skeleton | None) -> list[float] | None:
    """A skeleton as it is stored: 51 floats."""
    return None if skeleton is None else [float(value) for value in skeleton.to_flat()]


def to_document(row: Annotation | AnnotationRevision | Attempt) -> Document:
    """A stored state as a document."""
    reason = DiscardReason(row.reason) if row.reason else None
    return Document(
        candidate_id=row.candidate_id,
        skeleton=to_skeleton(row.keypoints),
        decision=Decision(Verdict(row.verdict), reason, row.reason_text),
    )


def get_annotation(session: Session, frame_id: int) -> Annotation:
    """The current annotation of a frame.

    Raises:
        NotFound: there is no such frame.
    """
    annotation = session.get(Annotation, frame_id)
    if annotation is None:
        raise NotFound(f"There is no frame {frame_id}.")
    return annotation


def lock_annotation(session: Session, frame_id: int) -> Annotation:
    """The current annotation, held for this transaction; waits for whoever holds it.

    Raises:
        NotFound: there is no such frame.
    """
    annotation = session.scalar(
        select(Annotation)
        .where(Annotation.frame_id == frame_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if annotation is None:
        raise NotFound(f"There is no frame {frame_id}.")
    return annotation


def _any_of(frame_ids: Collection[int]) -> CollectionAggregate[Any]:
    """Any of these ids, as one parameter: a thousand of them take longer to send than to find."""
    return any_(cast(list(frame_ids), ARRAY(BigInteger)))


def hold_annotations(session: Session, frame_ids: Collection[int]) -> None:
    """Hold several annotations for this transaction.

    In the order of their ids, so that two batches never wait for each other.

    Raises:
        NotFound: one of the frames does not exist.
    """
    found = session.scalars(
        select(Annotation.frame_id)
        .where(Annotation.frame_id == _any_of(frame_ids))
        .order_by(Annotation.frame_id)
        .with_for_update()
    )
    if missing := sorted(set(frame_ids) - set(found)):
        raise NotFound(f"There are no frames {missing}.", frame_ids=missing)


# That frames are named twice lets them be found by their index: of what ``unnest`` gives, the
# database cannot know that it is few, and read all annotations and candidates for each batch.
_PROPOSE: Final = text(
    """
    WITH made AS (
        UPDATE annotations a
        SET version = a.version + 1, candidate_id = p.candidate_id, keypoints = c.skeleton,
            updated_at = now()
        FROM unnest(CAST(:frames AS bigint[]), CAST(:candidates AS bigint[]),
                CAST(:operation_ids AS uuid[])) AS p (frame_id, candidate_id, operation_id)
            LEFT JOIN candidates c ON c.id = p.candidate_id
        WHERE a.frame_id = p.frame_id AND a.frame_id = ANY(CAST(:frames AS bigint[]))
            AND a.updated_by_id IS NULL AND a.state = :undecided
            AND (a.candidate_id IS DISTINCT FROM p.candidate_id
                OR a.keypoints IS DISTINCT FROM c.skeleton)
        RETURNING a.frame_id, a.recording_id, a.version, a.verdict, a.state, a.candidate_id,
            a.keypoints, p.operation_id
    )
    INSERT INTO annotation_revisions (frame_id, version, round, model, operation_id, operations,
        verdict, state, candidate_id, keypoints)
    SELECT m.frame_id, m.version, r.round, :model, m.operation_id,
        CASE WHEN m.candidate_id IS NULL THEN CAST(:nobody AS jsonb) ELSE
            jsonb_build_array(
                CAST(:chosen AS jsonb) || jsonb_build_object('candidate_id', m.candidate_id))
        END,
        m.verdict, m.state, m.candidate_id, m.keypoints
    FROM made m JOIN recordings r ON r.id = m.recording_id
    RETURNING frame_id
    """
)


def propose(session: Session, chosen: Mapping[int, int | None], *, model: str) -> set[int]:
    """Put candidates into the frames that no person has touched; returns which were changed.

    Args:
        session: The transaction, which holds the frames' annotations.
        chosen: The candidate of each frame, by the frame's id; None for nobody.
        model: Whose proposal it is.
    """
    session.flush()
    with counted_together(session):
        changed = session.scalars(
            _PROPOSE,
            {
                "frames": list(chosen),
                "candidates": list(chosen.values()),
                "operation_ids": random_uuids(len(chosen)),
                "undecided": FrameState.UNDECIDED.value,
                "model": model,
                "nobody": json_text([operation_to_json(SetSkeleton(None, None))]),
                "chosen": json_text(operation_to_json(ChooseCandidate(0))),
            },
        ).all()
    forget_read(session)
    return set(changed)


def forget_read(session: Session) -> None:
    """Annotations that were read before a statement changed rows are read again when asked for."""
    for row in session.identity_map.values():
        if isinstance(row, Annotation):
            session.expire(row)


_TOGETHER: Final = text("SELECT set_config('infantnet.together', :value, true)")


@contextmanager
def counted_together(session: Session) -> Iterator[None]:
    """Write many frames whose counts change by one note each, not by one a frame.

    What triggers do then stands in ``migrations/versions/0020_ranges.py``.
    """
    session.execute(_TOGETHER, {"value": "on"})
    yield
    session.execute(_TOGETHER, {"value": "off"})


def revision_of_operation(session: Session, operation_id: uuid.UUID) -> AnnotationRevision | None:
    """The revision that a write with this operation id made, if it was made."""
    return session.scalar(
        select(AnnotationRevision).where(AnnotationRevision.operation_id == operation_id)
    )


def revision_at(session: Session, frame_id: int, version: int) -> AnnotationRevision | None:
    """A frame's state at a version; None for version 0, which nobody made."""
    return session.scalar(
        select(AnnotationRevision).where(
            AnnotationRevision.frame_id == frame_id, AnnotationRevision.version == version
        )
    )


def last_revision_before_round(
    session: Session, frame_id: int, round_number: int
) -> AnnotationRevision | None:
    """A frame's state at the last submission before a round."""
    return session.scalar(
        select(AnnotationRevision)
        .where(AnnotationRevision.frame_id == frame_id, AnnotationRevision.round < round_number)
        .order_by(AnnotationRevision.version.desc())
        .limit(1)
    )


def came_back_to(revision: type[AnnotationRevision]) -> ColumnElement[Any]:
    """The latest earlier version of a revision's frame with the very same joints and verdict.

    It is the version before where a write changed nothing in the end, an older one after an undo or
    a restoration, and null where the state is new.
    """
    earlier = aliased(AnnotationRevision)
    same = [
        getattr(earlier, name).is_not_distinct_from(getattr(revision, name))
        for name in ("verdict", "reason", "reason_text", "candidate_id", "keypoints", "propagated")
    ]
    before = (earlier.frame_id == revision.frame_id, earlier.version < revision.version)
    return select(func.max(earlier.version)).where(*before, *same).scalar_subquery()


def history(
    session: Session, frame_id: int
) -> list[tuple[AnnotationRevision, User | None, int | None]]:
    """All revisions of a frame, oldest first, with author and the version each came back to."""
    rows = session.execute(
        select(AnnotationRevision, User, came_back_to(AnnotationRevision))
        .outerjoin(User, AnnotationRevision.author_id == User.id)
        .where(AnnotationRevision.frame_id == frame_id)
        .order_by(AnnotationRevision.version)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def candidates(session: Session, frame_id: int) -> Sequence[Candidate]:
    """Everybody that models or files ever found in a frame, best first.

    Retired people are included, and so are those who are kept apart.
    """
    return session.scalars(
        select(Candidate)
        .where(Candidate.frame_id == frame_id)
        .order_by(Candidate.retired, Candidate.rank, Candidate.id)
    ).all()


class CandidateSkeletons(Mapping[int, Skeleton]):
    """What choosing each candidate of a frame gives, by candidate id.

    Args:
        flat: Flat skeletons as they are stored; each is read when somebody asks for it.
    """

    def __init__(self, flat: Mapping[int, Sequence[float]]) -> None:
        self._flat = flat

    def __getitem__(self, candidate_id: int) -> Skeleton:
        return Skeleton.from_flat(self._flat[candidate_id])

    def __contains__(self, candidate_id: object) -> bool:
        return candidate_id in self._flat

    def __iter__(self) -> Iterator[int]:
        return iter(self._flat)

    def __len__(self) -> int:
        return len(self._flat)


_SKELETONS = select(Candidate.id, Candidate.skeleton).where(
    Candidate.frame_id == bindparam("frame_id"), Candidate.apart.is_(None)
)


def candidate_skeletons(session: Session, frame_id: int) -> CandidateSkeletons:
    """What choosing each candidate of a frame gives, by candidate id; nobody who is kept apart."""
    rows = session.execute(_SKELETONS, {"frame_id": frame_id})
    return CandidateSkeletons({row.id: row.skeleton for row in rows})


def live_candidates(
    session: Session, frame_ids: Collection[int]
) -> Mapping[int, Sequence[Candidate]]:
    """The candidates of the latest run for each of these frames, in their rank's order."""
    rows = session.scalars(
        select(Candidate)
        .where(Candidate.frame_id == _any_of(frame_ids), ~Candidate.retired)
        .order_by(Candidate.frame_id, Candidate.rank)
    )
    found: dict[int, list[Candidate]] = {frame_id: [] for frame_id in frame_ids}
    for row in rows:
        found[row.frame_id].append(row)
    return found


def frame_sizes(session: Session, frame_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """(width, height) in pixels by frame id."""
    rows = session.execute(
        select(Frame.id, Frame.width, Frame.height).where(Frame.id.in_(frame_ids))
    )
    return {row.id: (row.width, row.height) for row in rows}


def undecided_frames(session: Session, recording_id: int) -> list[int]:
    """Frames that nobody has kept or discarded yet, in working order."""
    return list(
        session.scalars(
            select(Annotation.frame_id)
            .join(Frame, Frame.id == Annotation.frame_id)
            .where(
                Annotation.recording_id == recording_id,
                Annotation.state == FrameState.UNDECIDED.value,
            )
            .order_by(Frame.position)
        )
    )
