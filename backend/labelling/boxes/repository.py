"""Reading and locking boxes, and what they say about a recording as a whole."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    RowMapping,
    and_,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, BoxRevision, Frame, FrameBox
from backend.domain.boxes import BoxStatus
from backend.domain.errors import Conflict
from backend.labelling.conditions import BOX_AWAITS_DECISION, BOX_STALE, BOX_USABLE, KEPT


@dataclass(frozen=True, slots=True)
class BoxBlockers:
    """Frames, in working order, for whose boxes a recording cannot be approved.

    Attributes:
        missing: Kept frames without a box.
        stale: Kept frames whose joints changed since their box was made.
        sent_back: Kept frames whose box the inspector refused.
        undecided: Kept frames whose box is flagged, and that nobody approved or sent back.
    """

    missing: list[int]
    stale: list[int]
    sent_back: list[int]
    undecided: list[int]

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.sent_back or self.undecided)


def find_box(session: Session, frame_id: int, *, lock: bool = False) -> FrameBox | None:
    """The box of a frame, if it has one; ``lock`` holds it for this transaction."""
    query = select(FrameBox).where(FrameBox.frame_id == frame_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def last_version(session: Session, frame_id: int) -> int:
    """The version of the last step of a frame's box, also where it was taken away; else 0."""
    return (
        session.scalar(
            select(func.coalesce(func.max(BoxRevision.version), 0)).where(
                BoxRevision.frame_id == frame_id
            )
        )
        or 0
    )


def revision_of_operation(session: Session, operation_id: uuid.UUID) -> BoxRevision | None:
    """The step that a write with this operation id made, if it was made."""
    return session.scalar(select(BoxRevision).where(BoxRevision.operation_id == operation_id))


def state_at(session: Session, frame_id: int, version: int) -> dict[str, Any] | None:
    """A frame's box at a version, as the whole row of that time; None where there was none."""
    return session.scalar(
        select(BoxRevision.state).where(
            BoxRevision.frame_id == frame_id, BoxRevision.version == version
        )
    )


def states(session: Session, frame_id: int) -> Sequence[dict[str, Any]]:
    """Every state of a frame's box that its history keeps, the newest first."""
    found = session.scalars(
        select(BoxRevision.state)
        .where(BoxRevision.frame_id == frame_id, BoxRevision.state.is_not(None))
        .order_by(BoxRevision.version.desc())
    )
    return [state for state in found if state is not None]


def require_unused(session: Session, operation_id: uuid.UUID | None) -> None:
    """Refuse an operation id that made another write.

    Raises:
        Conflict: it did.
    """
    if operation_id is not None and revision_of_operation(session, operation_id) is not None:
        raise Conflict("This operation id was already used for another write.")


def append_revisions(
    session: Session,
    frame_ids: Sequence[int],
    *,
    round_number: int,
    author_id: int | None,
    model: str | None,
    operation_id: uuid.UUID | None = None,
    operations: list[dict[str, Any]] | None = None,
) -> None:
    """Write the boxes as they are now into their history.

    Raises:
        Conflict: the operation id belongs to another write.
    """
    require_unused(session, operation_id)
    session.flush()
    whole_row = func.to_jsonb(literal_column(FrameBox.__tablename__))
    session.execute(
        insert(BoxRevision).from_select(
            [
                "frame_id",
                "version",
                "round",
                "author_id",
                "model",
                "operation_id",
                "operations",
                "state",
            ],
            select(
                FrameBox.frame_id,
                FrameBox.version,
                literal(round_number),
                literal(author_id, BoxRevision.author_id.type),
                literal(model, BoxRevision.model.type),
                literal(operation_id, BoxRevision.operation_id.type),
                literal(operations, BoxRevision.operations.type),
                whole_row,
            ).where(FrameBox.frame_id.in_(frame_ids)),
        )
    )


def boxes_of_recording(
    session: Session, recording_id: int, order: Literal["flagged", "position"]
) -> Sequence[RowMapping]:
    """Boxes of kept frames without the masks themselves, in one query.

    Args:
        session: A session.
        recording_id: The recording session.
        order: ``position`` for working order; ``flagged`` for those first that need a look:
            flagged, then stale, then the least consistent.
    """
    query = (
        select(
            FrameBox.frame_id,
            Frame.position,
            FrameBox.version,
            FrameBox.x,
            FrameBox.y,
            FrameBox.width,
            FrameBox.height,
            FrameBox.mask_counts.is_not(None).label("has_mask"),
            FrameBox.mask_area,
            FrameBox.mask_score,
            FrameBox.consistency,
            FrameBox.flagged,
            BOX_STALE.label("stale"),
            FrameBox.status,
            FrameBox.origin,
            FrameBox.model,
            FrameBox.simulated,
            FrameBox.attempts,
            FrameBox.updated_at,
        )
        .join(Frame, Frame.id == FrameBox.frame_id)
        .join(Annotation, Annotation.frame_id == FrameBox.frame_id)
        .where(FrameBox.recording_id == recording_id, KEPT)
    )
    if order == "flagged":
        query = query.order_by(
            FrameBox.flagged.desc(), BOX_STALE.desc(), FrameBox.consistency.asc().nulls_first()
        )
    return session.execute(query.order_by(Frame.position)).mappings().all()


def box_blockers(session: Session, recording_id: int) -> BoxBlockers:
    """Why a recording's boxes cannot be approved yet; falsy when they can."""
    rows = session.execute(
        select(
            Annotation.frame_id,
            FrameBox.frame_id.is_(None).label("missing"),
            BOX_STALE.label("stale"),
            (FrameBox.status == BoxStatus.SENT_BACK.value).label("sent_back"),
            BOX_AWAITS_DECISION.label("undecided"),
        )
        .join(Frame, Frame.id == Annotation.frame_id)
        .outerjoin(FrameBox, FrameBox.frame_id == Annotation.frame_id)
        .where(
            Annotation.recording_id == recording_id,
            KEPT,
            or_(BOX_USABLE.is_not(True), BOX_AWAITS_DECISION),
        )
        .order_by(Frame.position)
    ).all()
    return BoxBlockers(
        missing=[row.frame_id for row in rows if row.missing],
        stale=[row.frame_id for row in rows if row.stale and not row.missing],
        sent_back=[row.frame_id for row in rows if row.sent_back],
        undecided=[row.frame_id for row in rows if row.undecided],
    )


def approve_proposed(
    session: Session,
    recording_id: int,
    user_id: int,
    round_number: int,
    *,
    include_flagged: bool,
) -> list[int]:
    """Approve the boxes of kept frames that are proposed and not stale; returns their frames."""
    fit = and_(
        FrameBox.recording_id == recording_id,
        FrameBox.status == BoxStatus.PROPOSED.value,
        Annotation.frame_id == FrameBox.frame_id,
        KEPT,
        ~BOX_STALE,
    )
    if not include_flagged:
        fit = and_(fit, ~FrameBox.flagged)
    return list(
        session.scalars(
            update(FrameBox)
            .where(fit)
            .values(
                status=BoxStatus.APPROVED.value,
                judged_round=round_number,
                version=FrameBox.version + 1,
                updated_by_id=user_id,
                updated_at=func.now(),
            )
            .returning(FrameBox.frame_id)
            .execution_options(synchronize_session=False)
        )
    )
