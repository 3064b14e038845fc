"""Datasets, their releases, and what each release froze.

A published release is never changed: triggers refuse it (``migrations/versions/0012_releases.py``).
Its rows name frames, recordings and infants by number without a foreign key, so that they outlive
what is deleted from the store.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database.base import ENUM_TEXT, Base, WithCreatedAt, WithId, enum_column_check
from backend.domain.consents import ConsentScope
from backend.domain.releases.lifecycle import ReleaseState


class Dataset(WithId, WithCreatedAt, Base):
    """What is released under one name, version after version."""

    __tablename__ = "datasets"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, server_default=text("''"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Release(WithId, WithCreatedAt, Base):
    """One version of a dataset.

    ``settings`` is what was asked for (``publishing.releases.settings``), ``gate`` what the last
    check found, ``statistics`` what was counted when the selection was frozen. ``content_sha256``
    is the hash of the list of all files with theirs. ``base_id`` is the version before it.
    """

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("dataset_id", "version"),
        enum_column_check("state", ReleaseState),
        enum_column_check("audience", ConsentScope),
        CheckConstraint(
            "(state IN ('published', 'withdrawn')) = (published_at IS NOT NULL"
            " AND content_sha256 IS NOT NULL)",
            name="published_with_its_hash",
        ),
        CheckConstraint("state = 'draft' OR frozen_at IS NOT NULL", name="frozen_unless_draft"),
    )

    dataset_id: Mapped[int] = mapped_column(ForeignKey("datasets.id"))
    version: Mapped[str] = mapped_column(String(40))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    state: Mapped[str] = mapped_column(ENUM_TEXT, server_default=text("'draft'"))
    audience: Mapped[str] = mapped_column(ENUM_TEXT)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    notes: Mapped[str] = mapped_column(Text, server_default=text("''"))
    licence: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    contact: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    citation: Mapped[str] = mapped_column(Text, server_default=text("''"))
    doi: Mapped[str | None] = mapped_column(String(200))
    gate: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    statistics: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    split_counts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    frames: Mapped[int | None]
    files: Mapped[int | None]
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    content_sha256: Mapped[str | None] = mapped_column(String(64))
    prefix: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    frozen_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_why: Mapped[str | None] = mapped_column(Text)


class ReleaseSplit(Base):
    """On which side of a release's split an infant is; ``inherited`` from an earlier version."""

    __tablename__ = "release_splits"

    release_id: Mapped[int] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    infant_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    split: Mapped[str] = mapped_column(String(40))
    inherited: Mapped[bool] = mapped_column(server_default=text("false"))


class ReleaseFrame(Base):
    """One frame as a release froze it: which versions of its labels, and the labels themselves.

    ``keypoints`` is 17 × (x, y, v), the box is in image pixels; the mask is the one of
    ``box_version``. ``fit_id`` and ``fit_version`` name the body fit, if it has one; its distances
    in this view, which have no history, are kept in ``fit_errors`` and ``fit_mask_iou``.
    ``image_sha256`` is of the imported file, ``stored_sha256`` of the stored one where it differs.
    ``calibration_id`` names the recording's cameras, where they belong to the release.
    ``posture_version`` is that of the recording's postures, where any were said.
    """

    __tablename__ = "release_frames"
    __table_args__ = (
        CheckConstraint("cardinality(keypoints) = 51", name="keypoints_51"),
        Index("ix_release_frames_frame_id", "frame_id"),
        Index("ix_release_frames_release_id_infant_id", "release_id", "infant_id"),
    )

    release_id: Mapped[int] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    frame_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    recording_id: Mapped[int] = mapped_column(BigInteger)
    infant_id: Mapped[int] = mapped_column(BigInteger)
    camera_id: Mapped[int] = mapped_column(BigInteger)
    moment_id: Mapped[int] = mapped_column(BigInteger)
    split: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(Text)
    image_sha256: Mapped[str] = mapped_column(String(64))
    stored_sha256: Mapped[str | None] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    annotation_version: Mapped[int]
    keypoints: Mapped[list[float]] = mapped_column(ARRAY(Double))
    box_version: Mapped[int]
    box_x: Mapped[float]
    box_y: Mapped[float]
    box_width: Mapped[float]
    box_height: Mapped[float]
    mask_area: Mapped[int | None]
    fit_id: Mapped[int | None] = mapped_column(BigInteger)
    fit_version: Mapped[int | None]
    fit_errors: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    fit_mask_iou: Mapped[float | None]
    calibration_id: Mapped[int | None] = mapped_column(BigInteger)
    posture: Mapped[str | None] = mapped_column(ENUM_TEXT)
    posture_version: Mapped[int | None]


class ReleaseRecording(Base):
    """What a release says of a recording and its infant, as it was when the frames were frozen.

    ``cameras`` is a list of [camera's id, name] in the cameras' order. ``consent_noted`` says that
    a consent of the infant was on file.
    """

    __tablename__ = "release_recordings"

    release_id: Mapped[int] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    recording_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    infant_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(ENUM_TEXT)
    age_months: Mapped[float | None]
    is_demo: Mapped[bool]
    prelabel_model: Mapped[str | None] = mapped_column(String(120))
    prelabel_sha256: Mapped[str | None] = mapped_column(String(64))
    prelabels_simulated: Mapped[bool]
    inspector_id: Mapped[int | None] = mapped_column(BigInteger)
    cameras: Mapped[list[Any]] = mapped_column(JSONB)
    pseudonym: Mapped[str] = mapped_column(String(80))
    sex: Mapped[str | None] = mapped_column(ENUM_TEXT)
    consent_noted: Mapped[bool]


class ReleaseComparison(Base):
    """How a frozen version differs from the one before; ``content`` holds arrays (``.npz``).

    It is worked out from both versions' frames, and can be at any time again.
    """

    __tablename__ = "release_comparisons"

    release_id: Mapped[int] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    base_id: Mapped[int] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes]


class ReleaseFile(Base):
    """One file of a published release; ``path`` is relative to the release's folder.

    ``crc32`` is what a zip archive says of a file; null where it was written before it was counted.
    """

    __tablename__ = "release_files"
    __table_args__ = (
        CheckConstraint("bytes >= 0", name="bytes_not_negative"),
        CheckConstraint("crc32 BETWEEN 0 AND 4294967295", name="crc32_of_32_bits"),
    )

    release_id: Mapped[int] = mapped_column(
        ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    crc32: Mapped[int | None] = mapped_column(BigInteger)
