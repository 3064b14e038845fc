"""Recording sessions with their infant, cameras, moments and frames."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.core.database.tables.accounts import User
from backend.domain.consents import Consent
from backend.domain.videos import Damage
from backend.domain.workflow import Stage


class Source(StrEnum):
    """Where a recording comes from."""

    YOUTUBE = "youtube"
    HOME_VISIT = "home_visit"
    OTHER = "other"


class Sex(StrEnum):
    """Sex of the infant, where the family told it."""

    FEMALE = "female"
    MALE = "male"


class Infant(WithId, WithCreatedAt, Base):
    """An infant under a pseudonym; never a name."""

    __tablename__ = "infants"
    __table_args__ = (enum_column_check("sex", Sex),)

    pseudonym: Mapped[str] = mapped_column(String(80), unique=True)
    sex: Mapped[str | None] = mapped_column(ENUM_TEXT)


class Recording(WithId, WithCreatedAt, Base):
    """A recording session: the unit of assignment and of review.

    ``calibration_id`` and ``synchronisation_id`` name the versions in use. ``drift`` is what the
    cameras did between the calibrations before and after the session, ``drift_flagged`` whether
    that is beyond the limit. ``label_source`` tells of the annotation file that it was imported
    from: its name, and by which rules its coordinates were read
    (``publishing.formats.label_source``). ``in_parts`` says that it is cut (``RecordingPart``).
    """

    __tablename__ = "recordings"
    __table_args__ = (
        enum_column_check("stage", Stage),
        enum_column_check("source", Source),
        enum_column_check("consent", Consent),
        CheckConstraint("round >= 1", name="round_from_one"),
        CheckConstraint("age_months BETWEEN 0 AND 60", name="age_plausible"),
        Index("ix_recordings_stage_id", "stage", "id"),
    )

    name: Mapped[str] = mapped_column(String(120), unique=True)
    source: Mapped[str] = mapped_column(ENUM_TEXT)
    infant_id: Mapped[int] = mapped_column(ForeignKey("infants.id"), index=True)
    age_months: Mapped[float | None]
    consent: Mapped[str] = mapped_column(ENUM_TEXT)
    notes: Mapped[str | None] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'ingesting'"))
    stage_since: Mapped[datetime] = mapped_column(server_default=func.now())
    round: Mapped[int] = mapped_column(server_default=text("1"))
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_demo: Mapped[bool] = mapped_column(server_default=text("false"))
    prelabel_model: Mapped[str | None] = mapped_column(String(120))
    prelabel_sha256: Mapped[str | None] = mapped_column(String(64))
    prelabel_boxes_from: Mapped[str | None] = mapped_column(String(120))
    prelabels_simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    import_request: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    calibration_id: Mapped[int | None] = mapped_column(
        ForeignKey("calibrations.id", ondelete="SET NULL", use_alter=True)
    )
    synchronisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("synchronisations.id", ondelete="SET NULL", use_alter=True)
    )
    drift: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    drift_flagged: Mapped[bool] = mapped_column(server_default=text("false"))
    label_source: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    in_parts: Mapped[bool] = mapped_column(server_default=text("false"))

    infant: Mapped[Infant] = relationship(lazy="raise")
    annotator: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[annotator_id])
    inspector: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[inspector_id])
    cameras: Mapped[list[Camera]] = relationship(lazy="raise", order_by="Camera.index")


class Camera(WithId, Base):
    """One camera of a recording session; image folders have one as well.

    ``frame_interval_s`` is the median time between the source's frames, however few were taken.
    ``source_filename`` is the first file's name, or that of the archive of images.
    Of the frames that were to be taken, ``undecodable`` could not be, ``damaged`` are so in the
    file, ``untimed`` have no time of their own, ``by_field`` held two instants. ``pixel_aspect`` is
    the shape of stored pixels (4:3) where it is not 1:1; ``remarks`` say in words what was found.
    """

    __tablename__ = "cameras"
    __table_args__ = (
        UniqueConstraint("recording_id", "index"),
        CheckConstraint(
            "undecodable >= 0 AND damaged >= 0 AND untimed >= 0 AND by_field >= 0",
            name="counts_not_negative",
        ),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    index: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    width: Mapped[int | None]
    height: Mapped[int | None]
    fps: Mapped[float | None]
    rotation: Mapped[int] = mapped_column(server_default=text("0"))
    duration_s: Mapped[float | None]
    frame_interval_s: Mapped[float | None]
    source_filename: Mapped[str | None] = mapped_column(String(255))
    undecodable: Mapped[int] = mapped_column(server_default=text("0"))
    damaged: Mapped[int] = mapped_column(server_default=text("0"))
    untimed: Mapped[int] = mapped_column(server_default=text("0"))
    by_field: Mapped[int] = mapped_column(server_default=text("0"))
    pixel_aspect: Mapped[str | None] = mapped_column(String(40))
    remarks: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))

    files: Mapped[list[CameraFile]] = relationship(lazy="raise", order_by="CameraFile.index")


class CameraFile(WithId, Base):
    """One stored video of a camera; a long recording is several, in order of time.

    The camera's frames are counted through: frame n of this file is number ``first_frame`` + n, and
    was taken ``start_s`` + its own time after the camera's first.
    """

    __tablename__ = "camera_files"
    __table_args__ = (
        UniqueConstraint("camera_id", "index"),
        CheckConstraint("first_frame >= 0 AND start_s >= 0", name="begins_from_zero"),
    )

    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    index: Mapped[int]
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(Text)
    first_frame: Mapped[int] = mapped_column(server_default=text("0"))
    frames: Mapped[int | None]
    start_s: Mapped[float] = mapped_column(server_default=text("0"))
    duration_s: Mapped[float | None]


class Moment(WithId, Base):
    """One instant that all cameras of a session saw."""

    __tablename__ = "moments"
    __table_args__ = (UniqueConstraint("recording_id", "index"),)

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    index: Mapped[int]
    time_s: Mapped[float]


class Frame(WithId, Base):
    """One image: a moment seen by a camera.

    ``position`` counts the session's frames from 0 in working order: camera by camera, then by
    time. ``dhash`` is a 64-bit difference hash as a signed integer. ``source`` holds what an
    annotation file said of the image, as it came. ``sha256`` is of the file as it was imported,
    ``stored_sha256`` of the one in the store: without its metadata, turned upright, or coded anew.
    It is null for frames of videos, which are stored as they were cut, and for photographs of which
    nobody has looked yet whether they hold metadata. ``damage`` is what is wrong with the picture
    in its file; ``own_time`` is false where the file gives it no time.
    """

    __tablename__ = "frames"
    __table_args__ = (
        UniqueConstraint("camera_id", "moment_id"),
        UniqueConstraint("recording_id", "position"),
        CheckConstraint("width > 0 AND height > 0", name="size_positive"),
        enum_column_check("damage", Damage),
        Index("ix_frames_sha256", "sha256"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    moment_id: Mapped[int] = mapped_column(ForeignKey("moments.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    time_s: Mapped[float]
    source_frame: Mapped[int | None]
    source_name: Mapped[str | None] = mapped_column(String(255))
    source: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_sha256: Mapped[str | None] = mapped_column(String(64))
    image_key: Mapped[str] = mapped_column(Text)
    thumbnail_key: Mapped[str] = mapped_column(Text)
    sharpness: Mapped[float]
    mean_luma: Mapped[float]
    clipped_dark: Mapped[float]
    clipped_bright: Mapped[float]
    dhash: Mapped[int] = mapped_column(BigInteger)
    damage: Mapped[str | None] = mapped_column(ENUM_TEXT)
    own_time: Mapped[bool] = mapped_column(server_default=text("true"))
    duplicate_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("frames.id", ondelete="SET NULL"), index=True
    )
