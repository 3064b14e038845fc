"""What a person has to do in recordings that are cut into parts: of their own parts alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Comment,
    Frame,
    Moment,
    RecordingPart,
)
from backend.domain.verdicts import FrameState
from backend.labelling.reviews.revising import to_revise
from backend.overview.recordings.schemas import OwnPart, RecordingSummary, StateCounts, WorkItem
from backend.recordings.counts import suspicious_in_parts


def of_person(
    session: Session, user_id: int, recordings: Sequence[RecordingSummary]
) -> list[WorkItem]:
    """Recordings with the numbers of a person's open parts where they are cut, else unchanged."""
    cut = [row.id for row in recordings if row.in_parts]
    found = _parts(session, user_id, cut) if cut else {}
    doubted = suspicious_in_parts(session, user_id, list(found)) if found else {}
    return [
        WorkItem(**row.model_dump() | found[row.id] | {"suspicious": doubted.get(row.id, 0)})
        if row.id in found
        else WorkItem(**row.model_dump())
        for row in recordings
    ]


def _parts(
    session: Session, user_id: int, recording_ids: Sequence[int]
) -> dict[int, dict[str, object]]:
    """By recording: frames, their states, what is to be revised and said, and the parts."""
    waiting = to_revise(lambda table: table.recording_id.in_(recording_ids))
    said = (
        select(Comment.frame_id, func.count().label("n"))
        .where(Comment.recording_id.in_(recording_ids), Comment.resolved_at.is_(None))
        .group_by(Comment.frame_id)
        .subquery("said")
    )
    whole = (
        select(func.count())
        .select_from(every := RecordingPart.__table__.alias("every"))
        .where(every.c.recording_id == RecordingPart.recording_id)
        .correlate(RecordingPart)
        .scalar_subquery()
    )
    revise = waiting.c.frame_id.is_not(None)
    undecided = Annotation.state == FrameState.UNDECIDED.value
    position = func.min(Frame.position)
    rows = session.execute(
        select(
            RecordingPart.recording_id,
            RecordingPart.index,
            RecordingPart.first,
            RecordingPart.last,
            whole.label("parts"),
            func.count(Frame.id).label("frames"),
            *(
                func.count().filter(Annotation.state == state.value).label(state.value)
                for state in FrameState
            ),
            func.count().filter(revise).label("to_revise"),
            func.count().filter(or_(revise, undecided)).label("left"),
            func.coalesce(func.sum(said.c.n), 0).label("comments"),
            func.coalesce(position.filter(revise), position.filter(undecided), position, 0).label(
                "start"
            ),
        )
        .join(
            Moment,
            and_(
                Moment.recording_id == RecordingPart.recording_id,
                Moment.index.between(RecordingPart.first, RecordingPart.last),
            ),
        )
        .join(Frame, Frame.moment_id == Moment.id)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .outerjoin(waiting, waiting.c.frame_id == Frame.id)
        .outerjoin(said, said.c.frame_id == Frame.id)
        .where(
            RecordingPart.recording_id.in_(recording_ids),
            RecordingPart.user_id == user_id,
            RecordingPart.submitted_at.is_(None),
        )
        .group_by(RecordingPart.id)
        .order_by(RecordingPart.recording_id, RecordingPart.index)
    ).all()
    found: dict[int, dict[str, object]] = {}
    for key in dict.fromkeys(row.recording_id for row in rows):
        own = [row._mapping for row in rows if row.recording_id == key]
        found[key] = {
            "frames": sum(row["frames"] for row in own),
            "counts": StateCounts(
                **{state: sum(row[state] for row in own) for state in StateCounts.model_fields}
            ),
            "to_revise": sum(row["to_revise"] for row in own),
            "open_comments": sum(int(row["comments"]) for row in own),
            "own_parts": [
                OwnPart(
                    index=row["index"],
                    parts=row["parts"],
                    first=row["first"],
                    last=row["last"],
                    left=row["left"],
                    start_position=row["start"],
                )
                for row in own
            ],
        }
    return found
