"""What recordings add up to, kept by the database itself: triggers write these tables.

Lists need counts of hundreds of thousands of rows, and fifty people save at once. So a write that
changes a count only adds a note of the difference (``RecordingCount``), in its own transaction, and
waits for nobody; now and then the notes of a recording become one. Frames that go take their
recording to be counted anew. ``migrations/versions/0017_counts_of_recordings.py`` holds the
triggers, and ``recordings.counts`` reads, compares with a recount, and repairs.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithId


class RecordingCount(WithId, Base):
    """A number of things in a recording, or a change of it; the sum over all rows is what holds.

    ``what`` is such as ``state:corrected``, ``reason:motion_blur``, ``box:stale``,
    ``comment:open``.
    """

    __tablename__ = "recording_counts"
    __table_args__ = (
        Index("ix_recording_counts_recording_id", "recording_id", postgresql_include=["what", "n"]),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(Text)
    n: Mapped[int] = mapped_column(BigInteger)


class RecordingAnnotator(WithId, Base):
    """A person who ever changed an annotation in a recording: they may not inspect it.

    A trigger notes it. Two tabs that save for the first time at once note it twice: neither waits.
    """

    __tablename__ = "recording_annotators"
    __table_args__ = (
        Index("ix_recording_annotators_recording_id_user_id", "recording_id", "user_id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)


class RecordingFacts(Base):
    """What a recording's frames say together, as long as none of them changes.

    A row may be missing, and is then made by whoever asks; there is never one that is wrong.
    """

    __tablename__ = "recording_facts"

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RecordingFits(Base):
    """How many body fits stood where, as of a number of changes (``fits:changes``).

    What makes a fit stale is noted as such a change; where there were more since, the row is old.
    """

    __tablename__ = "recording_fits"

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    changes: Mapped[int] = mapped_column(BigInteger)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
