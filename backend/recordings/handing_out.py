"""What the house's rules for handing out work say, and who has how much of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    any_,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    QualityRule,
    Recording,
    RecordingCount,
    RecordingLease,
    TeamRules,
    TrainingPass,
    User,
)
from backend.domain.errors import Conflict
from backend.domain.handouts import Handout, Load, Rules, in_rotation
from backend.domain.verdicts import FrameState
from backend.domain.workflow import Role, Stage

_WAITING = (
    Stage.INGESTED, Stage.PRELABELLED, Stage.ANNOTATING, Stage.RETURNED, Stage.BOXES_RETURNED,
)  # fmt: skip


def row(session: Session, *, lock: bool = False) -> TeamRules:
    """The one row of rules; locked by those who deal out, so that two do not deal at once."""
    return session.get_one(TeamRules, 1, with_for_update=lock, populate_existing=lock)


def rules(session: Session) -> Rules:
    """The rules for handing out work."""
    found = row(session)
    return Rules(Handout(found.handout), found.lease_minutes, found.stuck_days)


def is_trained(session: Session, user_id: int) -> bool:
    """Whether somebody may be given work: the house asks for no training, or they passed it."""
    return bool(session.scalar(select(_trained()).where(User.id == user_id)))


def _trained() -> ColumnElement[bool]:
    return or_(
        ~select(QualityRule.training_required).where(QualityRule.id == 1).scalar_subquery(),
        exists().where(TrainingPass.user_id == User.id),
    )


def require_trained(session: Session, user_id: int) -> None:
    """Refuse work to whoever has not reached the standard, where the house asks for it.

    Raises:
        Conflict: the training comes first.
    """
    if not is_trained(session, user_id):
        raise Conflict("Finish your training first: you find it under My work.")


def end_lease(session: Session, recording_id: int) -> None:
    """A recording is no longer held by whoever took it from the queue."""
    session.execute(delete(RecordingLease).where(RecordingLease.recording_id == recording_id))


def last_saved() -> ScalarSelect[datetime]:
    """When the annotator of a query's ``Recording`` last saved in it."""
    return (
        select(func.max(Annotation.updated_at))
        .where(
            Annotation.recording_id == Recording.id,
            Annotation.updated_by_id == Recording.annotator_id,
        )
        .correlate(Recording)
        .scalar_subquery()
    )


def loads(session: Session, *, without: int | None = None) -> list[Load]:
    """Everybody who annotates and is trained, with the frames that they still have to decide.

    Args:
        session: The transaction.
        without: A person who takes no part: the inspector.
    """
    undecided = (
        select(Recording.annotator_id, func.sum(RecordingCount.n).label("frames"))
        .join(RecordingCount, RecordingCount.recording_id == Recording.id)
        .where(
            Recording.stage.in_([stage.value for stage in _WAITING]),
            RecordingCount.what == f"state:{FrameState.UNDECIDED.value}",
        )
        .group_by(Recording.annotator_id)
        .subquery()
    )
    given = (
        select(
            Recording.annotator_id,
            func.max(
                case((Recording.stage_since > Recording.created_at, Recording.stage_since),
                     else_=Recording.created_at)
            ).label("at"),
        )
        .group_by(Recording.annotator_id)
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        select(User.id, func.coalesce(undecided.c.frames, 0), given.c.at)
        .outerjoin(undecided, undecided.c.annotator_id == User.id)
        .outerjoin(given, given.c.annotator_id == User.id)
        .where(User.is_active, literal(Role.ANNOTATOR.value) == any_(User.roles), _trained())
        .order_by(User.id)
    )
    return [Load(key, int(frames), at) for key, frames, at in rows if key != without]


def next_in_rotation(session: Session, recording: Recording) -> int | None:
    """Whose turn it is for a recording; None where nobody annotates."""
    dealt = in_rotation(loads(session, without=recording.inspector_id), [1])
    return dealt[0] if dealt else None
