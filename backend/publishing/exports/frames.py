"""Approved frames with their infant, as a stream from which every format of frames is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import Select, and_, null, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    Annotation,
    Candidate,
    Frame,
    FrameBox,
    Moment,
)
from backend.domain.boxes import BoxOrigin
from backend.domain.carried import Carried
from backend.domain.errors import Conflict
from backend.domain.skeleton import JOINTS
from backend.labelling.conditions import BOX_USABLE, KEPT
from backend.labelling.postures.standing import standing_in, versions_of
from backend.publishing.exports.cameras import AboutCamera, about_cameras, frame_file_name
from backend.publishing.exports.repository import (
    label_sources,
    lock_stages,
    require_approved,
    unusable_boxes,
)
from backend.publishing.formats.label_source import ImageSource, PersonSource
from backend.publishing.labelled import (
    FitReference,
    ImportedPerson,
    LabelledFrame,
    in_playback,
)
from backend.publishing.labelled_columns import (
    Labelled,
    LabelledColumns,
    members,
    number_texts,
    string_texts,
)
from backend.publishing.labelled_postures import told_code
from backend.publishing.streamed_rows import batches, flat_joints

_ChosenPerson = aliased(Candidate)
_MaskPerson = aliased(Candidate)


def labelled(
    session: Session,
    recording_ids: Sequence[int],
    fits: Mapping[int, FitReference] | None = None,
) -> Iterator[Labelled]:
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
    about = about_cameras(session, recording_ids, {key: name for key, (name, _) in found.items()})
    told = fits or {}
    versions = versions_of(session, recording_ids)
    postures = standing_in(session, recording_ids)
    imported = bool(label_sources(session, recording_ids))
    for rows in batches(session, _rows(recording_ids, imported=imported), "labelled_frames"):
        of: Any = type(rows[0])(*zip(*rows, strict=True))
        codes = postures.codes_at(
            np.array(of.recording_id, np.int64), np.array(of.moment, np.int64)
        ).tolist()
        told_postures = [
            (code, versions.get(key)) for code, key in zip(codes, of.recording_id, strict=True)
        ]
        columns = _columns(of, about, told, told_postures)
        if _from_here(of):
            yield columns
        else:
            for row, frame in zip(rows, columns.frames(), strict=True):
                yield _as_imported(row, frame)


def _rows(recording_ids: Sequence[int], *, imported: bool) -> Select[*tuple[Any, ...]]:
    """What is written of frames.

    Args:
        recording_ids: Of which recordings.
        imported: Whether annotation files said something of them: where they did not, nobody is
            looked up whom they may have named.
    """
    query = (
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
            (_ChosenPerson.source if imported else null()).label("person_source"),
            (_ChosenPerson.skeleton if imported else null()).label("person_skeleton"),
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
            (_MaskPerson.source if imported else null()).label("mask_person"),
        )
        .join(Annotation, Annotation.frame_id == Frame.id)
        .join(FrameBox, FrameBox.frame_id == Frame.id)
        .join(Moment, Moment.id == Frame.moment_id)
        .where(Frame.recording_id.in_(recording_ids), KEPT, BOX_USABLE)
        .order_by(Frame.recording_id, Frame.position)
    )
    if not imported:
        return query
    said = and_(_ChosenPerson.id == Annotation.candidate_id, _ChosenPerson.source.is_not(None))
    return query.outerjoin(_ChosenPerson, said).outerjoin(
        _MaskPerson, _MaskPerson.id == FrameBox.imported_from_id
    )


def _carried(propagated: dict[str, Any] | None) -> dict[str, Any]:
    """Joints that lie as they were inferred from other frames, and those frames."""
    if propagated is None:
        return {}
    carried = Carried.from_json(propagated)
    names = [name for joint, name in enumerate(JOINTS) if carried.holds(joint)]
    return {"propagated": {"from_frames": list(carried.sources), "joints": names}}


def _columns(
    of: Any,
    about: Mapping[int, AboutCamera],
    fits: Mapping[int, FitReference],
    postures: Sequence[tuple[int, int | None]],
) -> LabelledColumns:
    """Rows without what annotation files said of them.

    Args:
        of: The rows' columns by name.
        about: By camera.
        fits: By frame.
        postures: Of each row the code, and the version of its recording's postures.
    """
    cameras = [about[key] for key in of.camera_id]
    times = number_texts(of.time_s)
    return LabelledColumns(
        ids=of.id,
        file_names=[
            frame_file_name(camera.folder, moment, key)
            for camera, moment, key in zip(cameras, of.moment, of.image_key, strict=True)
        ],
        widths=of.width,
        heights=of.height,
        licences=[camera.licence for camera in cameras],
        facts=_facts(of, cameras, times),
        sources=[
            camera.source_of(frame, name, time_s)
            for camera, frame, name, time_s in zip(
                cameras, of.source_frame, string_texts(of.source_name), times, strict=True
            )
        ],
        infants=[camera.infant for camera in cameras],
        joints=flat_joints(of.keypoints, 0.0),
        boxes=np.array([of.x, of.y, of.box_width, of.box_height], np.float64).T,
        masks=of.mask_counts,
        mask_areas=of.mask_area,
        fits=[fits.get(key) for key in of.id],
        provenance=_provenance(of, cameras, postures),
    )


def _facts(of: Any, cameras: Sequence[AboutCamera], times: Sequence[bytes]) -> list[bytes]:
    return [
        b'"frame_id":%d,%b,"moment":%d,"moment_time_s":%b,"time_s":%b,"position":%d,%b,"sha256":%b'
        % (key, camera.before, moment, of_moment, time_s, position, camera.after, sha256)
        for camera, key, moment, of_moment, time_s, position, sha256 in zip(
            cameras, of.id, of.moment, number_texts(of.moment_time_s), times, of.position,
            string_texts(of.sha256), strict=True,
        )
    ]  # fmt: skip


def _provenance(
    of: Any, cameras: Sequence[AboutCamera], postures: Sequence[tuple[int, int | None]]
) -> list[bytes]:
    """How labels came about; what many frames have in common is made into text once."""
    known: dict[tuple[Any, ...], tuple[bytes, bytes]] = {}
    texts = []
    for camera_id, camera, state, propagated, version, consistency, fps, posture, *box in zip(
        of.camera_id, cameras, of.state, of.propagated, of.version, number_texts(of.consistency),
        of.playback_fps, postures, of.origin, of.box_model, of.box_simulated, of.box_version,
        strict=True,
    ):  # fmt: skip
        alike = (camera_id, state, version, fps, posture, *box)
        parts = known.get(alike) if propagated is None else None
        if parts is None:
            before = {"state": state, **_carried(propagated), "version": version}
            origin, model, simulated, box_version = box
            made = {
                "box_origin": origin,
                "box_model": model,
                "box_simulated": simulated,
                "box_version": box_version,
            }
            after = in_playback(fps) | told_code(*posture)
            parts = (
                b'%b,"mask_consistency":' % members(before | camera.prelabels | made),
                b",%b" % members(after) if after else b"",
            )
            if propagated is None:
                known[alike] = parts
        texts.append(parts[0] + consistency + parts[1])
    return texts


def _from_here(of: Any) -> bool:
    """Whether no annotation file said anything of these rows."""
    sides = (of.image_source, of.person_source, of.mask_person)
    return all(side.count(None) == len(side) for side in sides)


def _as_imported(row: Any, frame: LabelledFrame) -> LabelledFrame:
    """A frame with what annotation files said of its image, its infant and its mask."""
    image, mask = frame.image, frame.mask
    if row.image_source is not None:
        named = ImageSource.from_json(row.image_source)
        source = image.source
        if "file_name" in source:
            source = {**named.told(), "image_file": row.source_name}
        image = replace(image, source=source, extras=named.extras)
    if mask is not None and row.mask_person is not None:
        outlines = PersonSource.from_json(row.mask_person).mask
        if isinstance(outlines, tuple):
            mask = replace(mask, outlines=outlines)
    return replace(frame, image=image, mask=mask, imported=_imported(row))


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
