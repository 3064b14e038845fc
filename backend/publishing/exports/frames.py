"""Approved frames with their infant, as a stream from which every format of frames is written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased, selectinload

from backend.core.database.tables import (
    Annotation,
    Camera,
    Candidate,
    Frame,
    FrameBox,
    Infant,
    Moment,
    Recording,
)
from backend.domain.boxes import Box, BoxOrigin
from backend.domain.carried import Carried
from backend.domain.consents import Consent
from backend.domain.errors import Conflict
from backend.domain.keypoints import StoredSkeleton
from backend.domain.masks import Rle
from backend.domain.skeleton import JOINTS
from backend.labelling.conditions import BOX_USABLE, KEPT
from backend.labelling.postures.standing import standing_in, versions_of
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
    in_playback,
)
from backend.publishing.labelled_postures import told_code
from backend.publishing.streamed_rows import batches, flat_joints

_ChosenPerson = aliased(Candidate)
_MaskPerson = aliased(Candidate)


def labelled_frames(
    session: Session,
    recording_ids: Sequence[int],
    fits: Mapping[int, FitReference] | None = None,
) -> Iterator[LabelledFrame]:
    """Kept frames of approved recordings, by recording and position, by a server-side cursor.

    An image has the id of its frame, which is the same in every file. Memory holds some thousand
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
    about = _about(session, recording_ids, {key: name for key, (name, _) in found.items()})
    told = fits or {}
    versions = versions_of(session, recording_ids)
    postures = standing_in(session, recording_ids)
    for rows in batches(session, _rows(recording_ids), "labelled_frames"):
        joints = flat_joints([row.keypoints for row in rows], 0.0)
        codes = postures.codes_at(
            np.array([row.recording_id for row in rows], np.int64),
            np.array([row.moment for row in rows], np.int64),
        ).tolist()
        for row, flat, code in zip(rows, joints, codes, strict=True):
            posture = told_code(code, versions.get(row.recording_id))
            yield _frame(row, flat, about[row.camera_id], told.get(row.id), posture)


@dataclass(frozen=True, slots=True)
class _About:
    """What all frames of a camera have in common.

    Attributes:
        folder: Where their files are.
        licence: By the consent.
        infant: Who is to be seen.
        before: Facts of the image that stand before those of the frame.
        after: Facts that stand behind them.
        prelabels: Of the provenance, how the pre-labels came about.
        source_filename: The video's, or the archive's.
        videos: First frame and name of each video file, in their order.
    """

    folder: str
    licence: int
    infant: LabelledInfant
    before: dict[str, Any]
    after: dict[str, Any]
    prelabels: dict[str, Any]
    source_filename: str | None
    videos: list[tuple[int, str]]


def _about(
    session: Session, recording_ids: Sequence[int], names: Mapping[int, str]
) -> dict[int, _About]:
    """By camera, what is the same for all of its frames."""
    slugs = unique_slugs(names)
    folders = camera_folders(session, recording_ids)
    rows = session.execute(
        select(Camera, Recording, Infant)
        .join(Recording, Recording.id == Camera.recording_id)
        .join(Infant, Infant.id == Recording.infant_id)
        .where(Camera.recording_id.in_(recording_ids))
        .options(selectinload(Camera.files))
    )
    return {
        camera.id: _About(
            folder=f"{slugs[recording.id]}/{folders[camera.id]}",
            licence=LICENCES[Consent(recording.consent)]["id"],
            infant=LabelledInfant(infant.pseudonym, infant.sex, recording.age_months),
            before={
                "recording": recording.name,
                "recording_id": recording.id,
                "recording_source": recording.source,
                "camera": camera.name,
            },
            after={
                "infant": infant.pseudonym,
                "sex": infant.sex,
                "age_months": recording.age_months,
                "consent": recording.consent,
                "demo": recording.is_demo,
            },
            prelabels={
                "prelabel_model": recording.prelabel_model,
                "prelabel_sha256": recording.prelabel_sha256,
                "prelabel_boxes_from": recording.prelabel_boxes_from,
                "prelabels_simulated": recording.prelabels_simulated,
            },
            source_filename=camera.source_filename,
            videos=sorted((file.first_frame, file.filename) for file in camera.files),
        )
        for camera, recording, infant in rows
    }


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
            Moment.index.label("moment"),
            Moment.time_s.label("moment_time_s"),
            Annotation.keypoints,
            Annotation.candidate_id,
            _ChosenPerson.source.label("person_source"),
            _ChosenPerson.skeleton.label("person_skeleton"),
            Annotation.version,
            Annotation.state,
            Annotation.propagated,
            Annotation.playback_fps,
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
        .join(Moment, Moment.id == Frame.moment_id)
        .outerjoin(
            _ChosenPerson,
            and_(_ChosenPerson.id == Annotation.candidate_id, _ChosenPerson.source.is_not(None)),
        )
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
    name = image_key.rpartition("/")[2]
    at = name.rfind(".")
    # As PurePosixPath.suffix, which takes as long as all other facts of an image.
    suffix = name[at:] if 0 < at < len(name) - 1 else ".jpg"
    return f"{folder}/{moment:06d}{suffix}"


def _carried(propagated: dict[str, Any] | None) -> dict[str, Any]:
    """Joints that lie as they were inferred from other frames, and those frames."""
    if propagated is None:
        return {}
    carried = Carried.from_json(propagated)
    names = [name for joint, name in enumerate(JOINTS) if carried.holds(joint)]
    return {"propagated": {"from_frames": list(carried.sources), "joints": names}}


def _frame(
    row: Any,
    flat: NDArray[np.float64],
    about: _About,
    fit: FitReference | None,
    posture: Mapping[str, Any],
) -> LabelledFrame:
    return LabelledFrame(
        image=_image(row, about),
        infant=about.infant,
        joints=StoredSkeleton(flat),
        box=Box(row.x, row.y, row.box_width, row.box_height),
        mask=_mask(row),
        fit=fit,
        provenance={
            "state": row.state,
            **_carried(row.propagated),
            "version": row.version,
            **about.prelabels,
            "box_origin": row.origin,
            "box_model": row.box_model,
            "box_simulated": row.box_simulated,
            "box_version": row.box_version,
            "mask_consistency": row.consistency,
            **in_playback(row.playback_fps),
            **posture,
        },
        imported=_imported(row),
    )


def _image(row: Any, about: _About) -> LabelledImage:
    named = None if row.image_source is None else ImageSource.from_json(row.image_source)
    return LabelledImage(
        id=row.id,
        file_name=frame_file_name(about.folder, row.moment, row.image_key),
        width=row.width,
        height=row.height,
        licence=about.licence,
        facts={
            "frame_id": row.id,
            **about.before,
            "moment": row.moment,
            "moment_time_s": row.moment_time_s,
            "time_s": row.time_s,
            "position": row.position,
            **about.after,
            "sha256": row.sha256,
        },
        source=_source(row, about, named),
        extras=named.extras if named else {},
    )


def _source(row: Any, about: _About, named: ImageSource | None) -> dict[str, Any]:
    """Where an image came from: a video, an image file, or what an annotation file named."""
    if about.videos and row.source_frame is not None:
        at = bisect_right(about.videos, row.source_frame, key=itemgetter(0)) - 1
        if at >= 0:
            begins, video = about.videos[at]
            return {"file": video, "frame": row.source_frame - begins, "time_s": row.time_s}
    found = {"file": about.source_filename, "file_name": row.source_name}
    return found if named is None else {**named.told(), "image_file": row.source_name}


def _mask(row: Any) -> LabelledMask | None:
    if row.mask_counts is None:
        return None
    rle = Rle(size=[row.height, row.width], counts=row.mask_counts)
    if row.mask_person is None:
        return LabelledMask(rle, row.mask_area)
    mask = PersonSource.from_json(row.mask_person).mask
    return LabelledMask(rle, row.mask_area, mask if isinstance(mask, tuple) else None)


def _imported(row: Any) -> ImportedPerson | None:
    """What an annotation file said, as far as it still describes what is exported."""
    if row.person_source is None:
        return None
    person = PersonSource.from_json(row.person_source)
    own_mask = row.imported_from_id is not None and row.imported_from_id == row.candidate_id
    own_box = own_mask and row.origin == BoxOrigin.IMPORTED.value
    has_mask = row.mask_counts is not None
    return ImportedPerson(
        category=person.category,
        crowd=person.crowd and _same(row.keypoints, row.person_skeleton),
        area=person.area if (own_mask if has_mask else own_box) else None,
        source=person.told(with_mask=not (own_mask and has_mask and person.placed is None)),
        extras=person.extras,
    )


def _same(one: bytes, other: bytes) -> bool:
    """Whether two arrays of joints hold the same numbers."""
    a, b = flat_joints([one, other], 0.0)
    return bool((a == b).all())
