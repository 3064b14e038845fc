"""What was inferred from people's corrections, and the motion of pictures that it is inferred with.

None of it is an annotation: all but what was foretold can be made anew from candidates,
annotations, calibrations and pictures.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import Base, WithCreatedAt, WithId


class FlowFile(WithId, WithCreatedAt, Base):
    """A stored file of optical flow between consecutive frames of a camera.

    It holds ``links`` pairs of frames, of which the first begins at ``first_position`` and the last
    ends at ``last_position``. ``domain.flow_grids`` knows its form.
    """

    __tablename__ = "flow_files"
    __table_args__ = (
        UniqueConstraint("camera_id", "first_position"),
        CheckConstraint("links >= 0 AND last_position >= first_position", name="range_rises"),
        Index("ix_flow_files_recording_id", "recording_id"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    first_position: Mapped[int]
    last_position: Mapped[int]
    links: Mapped[int]
    key: Mapped[str] = mapped_column(Text)


class Propagation(Base):
    """How a recording's corrections travel: whether at all, and how the last solve stands.

    ``evidence`` stamps what the last solve was made from: where it differs from what holds, there
    is something new to infer. ``expected_error`` is a mean of 1 - OKS, the target too; it was
    ``checked`` on so many frames. ``off_px`` says by how much labels of the model are off where
    they are off in all frames alike. ``cameras_off`` says by how many pixels calibrations are off,
    by the cameras' ids; null where none is.
    """

    __tablename__ = "propagations"
    __table_args__ = (
        CheckConstraint("number >= 0", name="number_counts"),
        CheckConstraint("target > 0", name="target_positive"),
    )

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    number: Mapped[int] = mapped_column(server_default=text("0"))
    evidence: Mapped[str | None] = mapped_column(Text)
    expected_error: Mapped[float | None]
    checked: Mapped[int] = mapped_column(server_default=text("0"))
    off_px: Mapped[float | None]
    cameras_off: Mapped[dict[str, float] | None] = mapped_column(JSONB(none_as_null=True))
    target: Mapped[float]
    solved_at: Mapped[datetime | None]


class PropagationSolve(Base):
    """One solve of a recording: what the bar of the falling error shows."""

    __tablename__ = "propagation_solves"

    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    confirmed: Mapped[int]
    expected_error: Mapped[float]
    seconds: Mapped[float]
    solved_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Foretold(Base):
    """What was inferred of a frame that was asked, before a person said anything of it.

    ``joints`` are 17 times x and y in image pixels, ``sigma`` the engine's own deviations, ``size``
    the body's, all in pixels. ``why`` is 1 where the frame was doubted, 2 where it was asked to
    check. It says how far what is inferred may be believed, and cannot be made anew.
    """

    __tablename__ = "foretold"
    __table_args__ = (
        CheckConstraint("cardinality(joints) = 34", name="joints_34"),
        CheckConstraint("cardinality(sigma) = 17", name="sigma_17"),
        CheckConstraint("why IN (1, 2)", name="why_known"),
        Index("ix_foretold_recording_id", "recording_id"),
    )

    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True
    )
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    why: Mapped[int] = mapped_column(SmallInteger)
    joints: Mapped[list[float]] = mapped_column(ARRAY(Double))
    sigma: Mapped[list[float]] = mapped_column(ARRAY(Double))
    size: Mapped[float]
    told_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Estimate(Base):
    """Where the infant's joints are in a frame that nobody decided, as inferred from others.

    ``joints`` are 17 times x and y in image pixels, ``sigma`` the standard deviations in pixels,
    ``visibility`` what is proposed of each joint (0, 1, 2). ``sources`` are the ids of the
    confirmed frames that say most, the nearest first.
    """

    __tablename__ = "estimates"
    __table_args__ = (
        CheckConstraint("cardinality(joints) = 34", name="joints_34"),
        CheckConstraint("cardinality(sigma) = 17", name="sigma_17"),
        CheckConstraint("cardinality(visibility) = 17", name="visibility_17"),
        Index("ix_estimates_recording_id", "recording_id"),
    )

    frame_id: Mapped[int] = mapped_column(
        ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True
    )
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    solve: Mapped[int]
    joints: Mapped[list[float]] = mapped_column(ARRAY(Double))
    sigma: Mapped[list[float]] = mapped_column(ARRAY(Double))
    visibility: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    sources: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
