"""How a team shares its work: rules for handing out, leases, and parts of long recordings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.handouts import Handout


class TeamRules(Base):
    """The house's rules for handing out work: one row, made by the migration."""

    __tablename__ = "team_rules"
    __table_args__ = (
        enum_column_check("handout", Handout),
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("lease_minutes BETWEEN 5 AND 20160", name="lease_bounds"),
        CheckConstraint("stuck_days BETWEEN 1 AND 365", name="stuck_bounds"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    handout: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'choice'"))
    lease_minutes: Mapped[int] = mapped_column(server_default=text("480"))
    stuck_days: Mapped[int] = mapped_column(server_default=text("7"))


class RecordingLease(Base):
    """Somebody took a recording from the queue: it is theirs as long as they are active.

    Ends with its submission or with an assignment. One that has run out stays until somebody else
    takes the recording: until then its holder simply goes on.
    """

    __tablename__ = "recording_leases"

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    taken_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RecordingPart(WithId, WithCreatedAt, Base):
    """Moments ``first`` to ``last`` of a recording, corrected by one person.

    ``submitted_at`` is set once that person is done with it in this round.
    """

    __tablename__ = "recording_parts"
    __table_args__ = (
        UniqueConstraint("recording_id", "index"),
        CheckConstraint("0 <= first AND first <= last", name="range"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    index: Mapped[int]
    first: Mapped[int]
    last: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
