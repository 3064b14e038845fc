"""Which recordings may be exported, and exports with the names that pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Export,
    FrameBox,
    Recording,
)
from backend.domain.consents import Consent
from backend.domain.errors import Conflict
from backend.domain.workflow import Stage
from backend.labelling.conditions import BOX_USABLE, KEPT

LICENCES: Mapping[Consent, Mapping[str, Any]] = {
    Consent.PUBLIC_VIDEO: {"id": 1, "name": "Public video; its uploader’s terms apply", "url": ""},
    Consent.RESEARCH: {"id": 2, "name": "Research within the project only", "url": ""},
    Consent.RESEARCH_AND_RELEASE: {
        "id": 3,
        "name": "Research; the family agreed to release",
        "url": "",
    },
    Consent.NOT_RECORDED: {"id": 4, "name": "No consent recorded", "url": ""},
}
"""What the family agreed to, as COCO's licence of each image."""


def lock_stages(session: Session, recording_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Name and stage by id, locked so that nobody reopens one until the transaction ends."""
    rows = session.execute(
        select(Recording.id, Recording.name, Recording.stage)
        .where(Recording.id.in_(recording_ids))
        .order_by(Recording.id)
        .with_for_update(read=True)
    )
    return {row.id: (row.name, row.stage) for row in rows}


def count_kept(session: Session, recording_ids: Sequence[int]) -> int:
    """Frames that an export of these recordings holds."""
    return session.scalar(
        select(func.count())
        .select_from(Annotation)
        .where(Annotation.recording_id.in_(recording_ids), KEPT)
    ) or 0  # fmt: skip


def unusable_boxes(session: Session, recording_ids: Sequence[int]) -> dict[str, int]:
    """Kept frames without a box, or with a stale or rejected one: recording name → count."""
    rows = session.execute(
        select(Recording.name, func.count())
        .select_from(Annotation)
        .join(Recording, Recording.id == Annotation.recording_id)
        .outerjoin(FrameBox, FrameBox.frame_id == Annotation.frame_id)
        .where(
            Annotation.recording_id.in_(recording_ids),
            KEPT,
            BOX_USABLE.is_not(True),
        )
        .group_by(Recording.id, Recording.name)
        .order_by(Recording.id)
    )
    return {row[0]: row[1] for row in rows}


def require_approved(found: Mapping[int, tuple[str, str]], recording_ids: Sequence[int]) -> None:
    """Refuse recordings that are gone or not approved.

    Raises:
        Conflict: the context names them.
    """
    missing = [key for key in recording_ids if key not in found]
    if missing:
        raise Conflict(
            f"Recording {', '.join(map(str, missing))} does not exist.", recording_ids=missing
        )
    others = {key: v for key, v in found.items() if v[1] != Stage.APPROVED.value}
    if others:
        listed = ", ".join(f"{name} ({stage.replace('_', ' ')})" for name, stage in others.values())
        raise Conflict(
            f"Only approved recordings are exported. Not approved: {listed}.",
            recording_ids=list(others),
        )


def all_exports(session: Session, before: int | None = None, limit: int = 200) -> Sequence[Export]:
    """Exports, newest first."""
    query = select(Export).order_by(Export.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Export.id < before)
    return session.scalars(query).all()


def recording_names(session: Session, recording_ids: Sequence[int]) -> dict[int, str]:
    """Names of the recordings that still exist."""
    rows = session.execute(
        select(Recording.id, Recording.name).where(Recording.id.in_(recording_ids))
    )
    return {row.id: row.name for row in rows}


def label_sources(session: Session, recording_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What is kept of the annotation files that recordings came from, by recording."""
    rows = session.execute(
        select(Recording.id, Recording.label_source).where(
            Recording.id.in_(recording_ids), Recording.label_source.is_not(None)
        )
    )
    return {row.id: row.label_source for row in rows}
