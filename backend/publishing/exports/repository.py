"""Reading approved frames as a stream, and exports with the names that pages show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Camera,
    Export,
    Frame,
    FrameBox,
    Infant,
    Moment,
    Recording,
)
from backend.core.database.tables.recordings import Consent
from backend.domain.boxes import Box
from backend.domain.errors import Conflict
from backend.domain.keypoints import Skeleton
from backend.domain.workflow import Stage
from backend.labelling.conditions import BOX_USABLE, KEPT
from backend.publishing.exports.naming import unique_slugs
from backend.publishing.formats.coco import ExportAnnotation, ExportImage, Rle

ROWS_AT_A_TIME = 500

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


def iterate_export(
    session: Session,
    recording_ids: Sequence[int],
    references: Mapping[int, Mapping[str, Any]] | None = None,
) -> Iterator[tuple[ExportImage, ExportAnnotation]]:
    """Approved frames with their infant, by recording and position, through a server-side cursor.

    Only kept frames of approved recordings; image ids count from 1 in this order. Memory holds
    some hundred rows at a time.

    Args:
        session: A transaction; the recordings are locked in it against reopening.
        recording_ids: Which recordings.
        references: By frame, where the body of its infant is to be found.

    Raises:
        Conflict: a recording is not approved, or a kept frame's box is missing, sent back or older
            than its joints. Nothing has been given out by then.
    """
    found = lock_stages(session, recording_ids)
    require_approved(found, recording_ids)
    if bad := unusable_boxes(session, recording_ids):
        listed = ", ".join(f"{name} ({count})" for name, count in bad.items())
        raise Conflict(
            f"Frames without a box that fits their joints: {listed}. Reopen and box them again.",
            recordings=list(bad),
        )
    slugs = unique_slugs({key: name for key, (name, _) in found.items()})
    cameras = camera_folders(session, recording_ids)
    rows = session.execute(
        _rows(recording_ids).execution_options(yield_per=ROWS_AT_A_TIME, stream_results=True)
    )
    for image_id, row in enumerate(rows, start=1):
        folder = f"{slugs[row.recording_id]}/{cameras[row.camera_id]}"
        yield _image(image_id, folder, row), _annotation(row, (references or {}).get(row.id))


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


def _rows(recording_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Frame.id,
            Frame.recording_id,
            Frame.camera_id,
            Frame.width,
            Frame.height,
            Frame.sha256,
            Frame.image_key,
            Frame.time_s,
            Frame.position,
            Camera.name.label("camera"),
            Moment.index.label("moment"),
            Moment.time_s.label("moment_time_s"),
            Recording.name.label("recording"),
            Recording.source,
            Recording.consent,
            Recording.age_months,
            Recording.is_demo,
            Recording.prelabel_model,
            Recording.prelabels_simulated,
            Infant.pseudonym,
            Infant.sex,
            Annotation.keypoints,
            Annotation.version,
            Annotation.state,
            FrameBox.x,
            FrameBox.y,
            FrameBox.width.label("box_width"),
            FrameBox.height.label("box_height"),
            FrameBox.mask_counts,
            FrameBox.mask_area,
            FrameBox.consistency,
            FrameBox.origin,
            FrameBox.model.label("box_model"),
            FrameBox.simulated.label("box_simulated"),
            FrameBox.version.label("box_version"),
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(FrameBox, FrameBox.frame_id == Frame.id)
        .join(Camera, Camera.id == Frame.camera_id)
        .join(Moment, Moment.id == Frame.moment_id)
        .join(Recording, Recording.id == Frame.recording_id)
        .join(Infant, Infant.id == Recording.infant_id)
        .where(Frame.recording_id.in_(recording_ids), KEPT, BOX_USABLE)
        .order_by(Frame.recording_id, Frame.position)
    )


def camera_folders(session: Session, recording_ids: Sequence[int]) -> dict[int, str]:
    """Folder of each camera inside its recording's folder, by camera id."""
    by_recording: dict[int, dict[int, str]] = {}
    for camera_id, recording_id, name in session.execute(
        select(Camera.id, Camera.recording_id, Camera.name).where(
            Camera.recording_id.in_(recording_ids)
        )
    ):
        by_recording.setdefault(recording_id, {})[camera_id] = name
    return {
        camera_id: folder
        for cameras in by_recording.values()
        for camera_id, folder in unique_slugs(cameras).items()
    }


def frame_file_name(folder: str, moment: int, image_key: str) -> str:
    """Name of a frame's file: after its moment, so that synchronised cameras share names."""
    return f"{folder}/{moment:06d}{PurePosixPath(image_key).suffix or '.jpg'}"


def _image(image_id: int, folder: str, row: Row[Any]) -> ExportImage:
    return ExportImage(
        id=image_id,
        file_name=frame_file_name(folder, row.moment, row.image_key),
        width=row.width,
        height=row.height,
        license=LICENCES[Consent(row.consent)]["id"],
        provenance={
            "frame_id": row.id,
            "recording": row.recording,
            "recording_id": row.recording_id,
            "source": row.source,
            "camera": row.camera,
            "moment": row.moment,
            "moment_time_s": row.moment_time_s,
            "time_s": row.time_s,
            "position": row.position,
            "infant": row.pseudonym,
            "sex": row.sex,
            "age_months": row.age_months,
            "consent": row.consent,
            "demo": row.is_demo,
            "sha256": row.sha256,
        },
    )


def _annotation(row: Row[Any], fit: Mapping[str, Any] | None) -> ExportAnnotation:
    has_mask = row.mask_counts is not None
    return ExportAnnotation(
        skeleton=Skeleton.from_flat(row.keypoints),
        box=Box(row.x, row.y, row.box_width, row.box_height),
        area=float(row.mask_area if has_mask else row.box_width * row.box_height),
        segmentation=Rle(row.height, row.width, row.mask_counts) if has_mask else None,
        provenance={
            "state": row.state,
            "version": row.version,
            "prelabel_model": row.prelabel_model,
            "prelabels_simulated": row.prelabels_simulated,
            "box_origin": row.origin,
            "box_model": row.box_model,
            "box_simulated": row.box_simulated,
            "box_version": row.box_version,
            "mask_consistency": row.consistency,
            "area_of": "mask" if has_mask else "box",
        }
        | ({"fit": dict(fit)} if fit else {}),
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
