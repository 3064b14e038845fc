"""Approved frames with their infant, as a stream from which every format of frames is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from backend.core.database.tables import (
    Annotation,
    Camera,
    CameraFile,
    Candidate,
    Frame,
    FrameBox,
    Infant,
    Moment,
    Recording,
)
from backend.domain.boxes import Box, BoxOrigin
from backend.domain.consents import Consent
from backend.domain.errors import Conflict
from backend.domain.keypoints import Skeleton
from backend.domain.masks import Rle
from backend.labelling.conditions import BOX_USABLE, KEPT
from backend.publishing.exports.naming import unique_slugs
from backend.publishing.exports.repository import (
    LICENCES,
    lock_stages,
    require_approved,
    unusable_boxes,
)
from backend.publishing.formats.label_source import ImageSource, PersonSource
from backend.publishing.labelled import (
    FitReference,
    ImportedPerson,
    LabelledFrame,
    LabelledImage,
    LabelledInfant,
    LabelledMask,
)

ROWS_AT_A_TIME = 500

_ChosenPerson = aliased(Candidate)
_MaskPerson = aliased(Candidate)


def labelled_frames(
    session: Session,
    recording_ids: Sequence[int],
    fits: Mapping[int, FitReference] | None = None,
) -> Iterator[LabelledFrame]:
    """Kept frames of approved recordings, by recording and position, by a server-side cursor.

    An image has the id of its frame, which is the same in every file. Memory holds some hundred
    rows at a time.

    Args:
        session: A transaction; the recordings are locked in it against reopening.
        recording_ids: Which recordings.
        fits: By frame, where the body of its infant is to be found.

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
    for row in rows:
        folder = f"{slugs[row.recording_id]}/{cameras[row.camera_id]}"
        yield _frame(row, folder, (fits or {}).get(row.id))


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
            Frame.source.label("image_source"),
            Frame.source_frame,
            Frame.source_name,
            Camera.name.label("camera"),
            Camera.source_filename,
            _video(CameraFile.filename).label("video"),
            _video(CameraFile.first_frame).label("video_begins"),
            Moment.index.label("moment"),
            Moment.time_s.label("moment_time_s"),
            Recording.name.label("recording"),
            Recording.source.label("recording_source"),
            Recording.consent,
            Recording.age_months,
            Recording.is_demo,
            Recording.prelabel_model,
            Recording.prelabel_sha256,
            Recording.prelabel_boxes_from,
            Recording.prelabels_simulated,
            Infant.pseudonym,
            Infant.sex,
            Annotation.keypoints,
            Annotation.candidate_id,
            _ChosenPerson.source.label("person_source"),
            _ChosenPerson.skeleton.label("person_skeleton"),
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
            FrameBox.imported_from_id,
            _MaskPerson.source.label("mask_person"),
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(FrameBox, FrameBox.frame_id == Frame.id)
        .join(Camera, Camera.id == Frame.camera_id)
        .join(Moment, Moment.id == Frame.moment_id)
        .join(Recording, Recording.id == Frame.recording_id)
        .join(Infant, Infant.id == Recording.infant_id)
        .outerjoin(_ChosenPerson, _ChosenPerson.id == Annotation.candidate_id)
        .outerjoin(_MaskPerson, _MaskPerson.id == FrameBox.imported_from_id)
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


def _frame(row: Row[Any], folder: str, fit: FitReference | None) -> LabelledFrame:
    return LabelledFrame(
        image=_image(row, folder),
        infant=LabelledInfant(row.pseudonym, row.sex, row.age_months),
        joints=Skeleton.from_flat(row.keypoints),
        box=Box(row.x, row.y, row.box_width, row.box_height),
        mask=_mask(row),
        fit=fit,
        provenance={
            "state": row.state,
            "version": row.version,
            "prelabel_model": row.prelabel_model,
            "prelabel_sha256": row.prelabel_sha256,
            "prelabel_boxes_from": row.prelabel_boxes_from,
            "prelabels_simulated": row.prelabels_simulated,
            "box_origin": row.origin,
            "box_model": row.box_model,
            "box_simulated": row.box_simulated,
            "box_version": row.box_version,
            "mask_consistency": row.consistency,
        },
        imported=_imported(row),
    )


def _image(row: Row[Any], folder: str) -> LabelledImage:
    named = None if row.image_source is None else ImageSource.from_json(row.image_source)
    return LabelledImage(
        id=row.id,
        file_name=frame_file_name(folder, row.moment, row.image_key),
        width=row.width,
        height=row.height,
        licence=LICENCES[Consent(row.consent)]["id"],
        facts={
            "frame_id": row.id,
            "recording": row.recording,
            "recording_id": row.recording_id,
            "recording_source": row.recording_source,
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
        source=_source(row, named),
        extras=named.extras if named else {},
    )


def _video(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """A fact of the video that a frame was taken from; nothing where it was an image."""
    return (
        select(column)
        .where(
            CameraFile.camera_id == Frame.camera_id, CameraFile.first_frame <= Frame.source_frame
        )
        .order_by(CameraFile.first_frame.desc())
        .limit(1)
        .correlate(Frame)
        .scalar_subquery()
    )


def _source(row: Row[Any], named: ImageSource | None) -> dict[str, Any]:
    """Where an image came from: a video, an image file, or what an annotation file named."""
    if row.video is not None:
        frame = row.source_frame - row.video_begins
        return {"file": row.video, "frame": frame, "time_s": row.time_s}
    found = {"file": row.source_filename, "file_name": row.source_name}
    return found if named is None else {**named.told(), "image_file": row.source_name}


def _mask(row: Row[Any]) -> LabelledMask | None:
    if row.mask_counts is None:
        return None
    rle = Rle(size=[row.height, row.width], counts=row.mask_counts)
    if row.mask_person is None:
        return LabelledMask(rle, row.mask_area)
    mask = PersonSource.from_json(row.mask_person).mask
    return LabelledMask(rle, row.mask_area, mask if isinstance(mask, tuple) else None)


def _imported(row: Row[Any]) -> ImportedPerson | None:
    """What an annotation file said, as far as it still describes what is exported."""
    if row.person_source is None:
        return None
    person = PersonSource.from_json(row.person_source)
    own_mask = row.imported_from_id is not None and row.imported_from_id == row.candidate_id
    own_box = own_mask and row.origin == BoxOrigin.IMPORTED.value
    has_mask = row.mask_counts is not None
    return ImportedPerson(
        category=person.category,
        crowd=person.crowd and row.keypoints == row.person_skeleton,
        area=person.area if (own_mask if has_mask else own_box) else None,
        source=person.told(with_mask=not (own_mask and has_mask and person.placed is None)),
        extras=person.extras,
    )
