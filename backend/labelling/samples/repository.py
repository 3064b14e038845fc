"""Reading and writing samples, looks and the rule."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Frame,
    FrameLook,
    FrameMark,
    InspectionRule,
    InspectionSample,
    JointMark,
)
from backend.domain.reviews import JointMark as Word
from backend.domain.reviews import Mark, ReviewKind
from backend.domain.vouching import MIN_LOOK_S
from backend.labelling.reviews import repository as reviews
from backend.labelling.reviews.approving import unmarked


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame of a sample: how far it is, and what was found.

    Attributes:
        frame_id: The frame.
        position: Its place in working order.
        seen: Whether the inspector looked at it in this round.
        mark: What they said of it; None before.
        joints: How many joints it has.
        wrong: How many of them were marked wrong; None where none was named.
    """

    frame_id: int
    position: int
    seen: bool
    mark: Mark | None
    joints: int
    wrong: int | None

    @property
    def done(self) -> bool:
        """Looked at and marked."""
        return self.seen and self.mark is not None

    @property
    def errors(self) -> int:
        """Wrong joints; all of them where a frame goes back and none was named."""
        if self.mark is not Mark.REVISE:
            return 0
        return self.joints if self.wrong is None else min(self.wrong, self.joints)


def rule(session: Session) -> InspectionRule | None:
    """The rule that somebody set."""
    return session.scalar(select(InspectionRule).execution_options(populate_existing=True).limit(1))


def set_rule(session: Session, values: dict[str, float], user_id: int) -> None:
    """Set the rule; whoever comes last counts."""
    row = insert(InspectionRule).values(id=1, updated_by_id=user_id, **values)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["id"],
            set_={**values, "updated_by_id": user_id, "updated_at": func.now()},
        )
    )


def note_looks(
    session: Session, recording_id: int, round_number: int, user_id: int, looks: dict[int, float]
) -> int:
    """Note how long frames of a recording were looked at; others are left out."""
    here = session.scalars(
        select(Frame.id).where(Frame.recording_id == recording_id, Frame.id.in_(looks))
    ).all()
    if not here:
        return 0
    row = insert(FrameLook).values(
        [
            {
                "frame_id": frame_id,
                "round": round_number,
                "user_id": user_id,
                "recording_id": recording_id,
                "seconds": looks[frame_id],
            }
            for frame_id in sorted(here)
        ]
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["frame_id", "round", "user_id"],
            set_={"seconds": func.greatest(FrameLook.seconds, row.excluded.seconds)},
        )
    )
    return len(here)


def seen_unmarked(session: Session, recording_id: int, round_number: int, user_id: int) -> int:
    """How many of the frames that have no mark yet a person looked at in a round."""
    frames = unmarked(recording_id, round_number).where(reviews.seen(user_id, round_number))
    return session.scalars(select(func.count()).select_from(frames.order_by(None).subquery())).one()


def sample_of_operation(session: Session, operation_id: uuid.UUID) -> InspectionSample | None:
    """The sample that a draw with this id made, if it was made."""
    return session.scalar(
        select(InspectionSample).where(InspectionSample.operation_id == operation_id)
    )


def samples_of(session: Session, recording_id: int) -> Sequence[InspectionSample]:
    """All samples of a recording, newest first."""
    return session.scalars(
        select(InspectionSample)
        .where(InspectionSample.recording_id == recording_id)
        .order_by(InspectionSample.id.desc())
    ).all()


def looked(session: Session, sample: InspectionSample) -> list[Looked]:
    """The frames of a sample in the order in which they were drawn."""
    named = (
        select(
            JointMark.frame_id,
            func.count().filter(JointMark.mark == Word.WRONG.value).label("wrong"),
        )
        .where(JointMark.recording_id == sample.recording_id, JointMark.round == sample.round)
        .group_by(JointMark.frame_id)
        .subquery("named")
    )
    rows = session.execute(
        select(
            Frame.id,
            Frame.position,
            FrameMark.mark,
            case((Annotation.verdict == "keep", Annotation.keypoints)).label("keypoints"),
            named.c.wrong,
            reviews.seen(sample.inspector_id, sample.round).label("seen"),
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .outerjoin(
            FrameMark,
            (FrameMark.frame_id == Frame.id)
            & (FrameMark.kind == ReviewKind.KEYPOINTS.value)
            & (FrameMark.round == sample.round),
        )
        .outerjoin(named, named.c.frame_id == Frame.id)
        .where(Frame.id.in_(sample.frame_ids))
    )
    found = {
        row.id: Looked(
            frame_id=row.id,
            position=row.position,
            seen=row.seen,
            mark=Mark(row.mark) if row.mark else None,
            joints=sum(1 for v in (row.keypoints or [])[2::3] if v),
            wrong=row.wrong or None,
        )
        for row in rows
    }
    return [found[frame_id] for frame_id in sample.frame_ids if frame_id in found]


def waiting(session: Session, recording_id: int, round_number: int) -> InspectionSample | None:
    """The sample of a round that was drawn and not finished, if there is one."""
    return session.scalar(
        select(InspectionSample).where(
            InspectionSample.recording_id == recording_id,
            InspectionSample.round == round_number,
            InspectionSample.finished_at.is_(None),
        )
    )


def left_of(session: Session, sample: InspectionSample) -> list[int]:
    """Frames of a sample that were not both looked at and marked in its round, in order."""
    seen = exists().where(
        FrameLook.frame_id == Frame.id,
        FrameLook.round == sample.round,
        FrameLook.seconds >= MIN_LOOK_S,
    )
    marked = exists().where(
        FrameMark.frame_id == Frame.id,
        FrameMark.kind == ReviewKind.KEYPOINTS.value,
        FrameMark.round == sample.round,
    )
    return list(
        session.scalars(
            select(Frame.id)
            .where(Frame.id.in_(sample.frame_ids), or_(~seen, ~marked))
            .order_by(Frame.position)
        )
    )
