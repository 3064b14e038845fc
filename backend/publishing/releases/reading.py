"""What a release froze, as a stream from which every format of frames is written.

Nothing here reads a current label: joints and box stand in the release's own rows, the mask in the
revision of the box that it names. What is said of recordings and infants stands in rows of the
release, too. So a release can be written again as it was, whatever people do meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    AnnotationRevision,
    BoxRevision,
    Camera,
    Frame,
    Moment,
    ReleaseFrame,
    ReleaseRecording,
)
from backend.domain.boxes import Box
from backend.domain.consents import ConsentScope
from backend.domain.keypoints import StoredSkeleton
from backend.domain.masks import Rle
from backend.publishing.labelled import (
    FitReference,
    LabelledFrame,
    LabelledImage,
    LabelledInfant,
    LabelledMask,
    in_playback,
)
from backend.publishing.labelled_postures import told_posture
from backend.publishing.releases.naming import told_model
from backend.publishing.releases.recordings import camera_names, recording_of
from backend.publishing.streamed_rows import batches, flat_joints


def frames_of(
    session: Session,
    release_id: int,
    split: str,
    *,
    audience: ConsentScope,
    fits: Mapping[int, FitReference] | None = None,
) -> Iterator[LabelledFrame]:
    """Frames of one split, by id, by a server-side cursor.

    Args:
        session: A transaction.
        release_id: The release.
        split: Which side.
        audience: For whom: names that people gave to recordings and files stay inside the group.
        fits: By frame, where the body of its infant is to be found.
    """
    cameras = camera_names(session, release_id)
    for rows in batches(session, _rows(release_id, split), "release_frames"):
        joints = flat_joints([row.keypoints for row in rows], 0.0)
        for row, flat in zip(rows, joints, strict=True):
            fit = (fits or {}).get(row.frame_id)
            yield _frame(row, flat, audience, cameras[row.recording_id], fit)


def _rows(release_id: int, split: str) -> Select[*tuple[Any, ...]]:
    of = ReleaseFrame
    return (
        select(
            of.frame_id,
            of.recording_id,
            of.split,
            of.file_name,
            of.image_sha256,
            of.width,
            of.height,
            of.annotation_version,
            of.keypoints,
            of.box_version,
            of.box_x,
            of.box_y,
            of.box_width,
            of.box_height,
            of.mask_area,
            of.posture,
            of.posture_version,
            # Single members: the whole state would be read as JSON for each frame.
            BoxRevision.state["mask_counts"].astext.label("mask_counts"),
            BoxRevision.state["origin"].astext.label("box_origin"),
            BoxRevision.state["model"].astext.label("box_model"),
            BoxRevision.state["simulated"].as_boolean().label("box_simulated"),
            BoxRevision.state["consistency"].as_float().label("consistency"),
            AnnotationRevision.state.label("state"),
            AnnotationRevision.round,
            AnnotationRevision.playback_fps,
            Frame.time_s,
            Frame.source_frame,
            Camera.index.label("camera"),
            of.camera_id,
            Moment.index.label("moment"),
            Moment.time_s.label("moment_time_s"),
            ReleaseRecording.name.label("recording"),
            ReleaseRecording.source.label("recording_source"),
            ReleaseRecording.age_months,
            ReleaseRecording.is_demo,
            ReleaseRecording.prelabel_model,
            ReleaseRecording.prelabel_sha256,
            ReleaseRecording.prelabels_simulated,
            ReleaseRecording.pseudonym,
            ReleaseRecording.sex,
        )
        .join(Frame, Frame.id == of.frame_id)
        .join(Camera, Camera.id == of.camera_id)
        .join(Moment, Moment.id == of.moment_id)
        .join(ReleaseRecording, recording_of(of))
        .join(
            AnnotationRevision,
            and_(
                AnnotationRevision.frame_id == of.frame_id,
                AnnotationRevision.version == of.annotation_version,
            ),
        )
        .join(
            BoxRevision,
            and_(BoxRevision.frame_id == of.frame_id, BoxRevision.version == of.box_version),
        )
        .where(of.release_id == release_id, of.split == split)
        .order_by(of.frame_id)
    )


def _frame(
    row: Any,
    flat: NDArray[np.float64],
    audience: ConsentScope,
    cameras: Mapping[int, str],
    fit: FitReference | None,
) -> LabelledFrame:
    counts = row.mask_counts
    return LabelledFrame(
        image=LabelledImage(
            id=row.frame_id,
            file_name=row.file_name,
            width=row.width,
            height=row.height,
            facts=_facts(row, audience, cameras),
            source={"frame": row.source_frame, "time_s": row.time_s},
        ),
        infant=LabelledInfant(row.pseudonym, row.sex, row.age_months),
        joints=StoredSkeleton(flat),
        box=Box(row.box_x, row.box_y, row.box_width, row.box_height),
        mask=(
            LabelledMask(Rle(size=[row.height, row.width], counts=counts), row.mask_area)
            if counts is not None
            else None
        ),
        fit=fit,
        provenance={
            "state": row.state,
            "version": row.annotation_version,
            "round": row.round,
            "prelabel_model": told_model(row.prelabel_model),
            "prelabel_sha256": row.prelabel_sha256,
            "prelabels_simulated": row.prelabels_simulated,
            "box_version": row.box_version,
            "box_origin": row.box_origin,
            "box_model": told_model(row.box_model),
            "box_simulated": row.box_simulated,
            "mask_consistency": row.consistency,
            **in_playback(row.playback_fps),
            **told_posture(row.posture, row.posture_version),
        },
    )


def _facts(row: Any, audience: ConsentScope, cameras: Mapping[int, str]) -> dict[str, Any]:
    inside = audience is ConsentScope.INTERNAL
    return {
        "frame_id": row.frame_id,
        "recording": row.recording if inside else f"r{row.recording_id:05d}",
        "recording_id": row.recording_id,
        "recording_source": row.recording_source,
        "camera": cameras[row.camera_id] if inside else f"c{row.camera + 1:02d}",
        "moment": row.moment,
        "moment_time_s": row.moment_time_s,
        "time_s": row.time_s,
        "infant": row.pseudonym,
        "sex": row.sex,
        "age_months": row.age_months,
        "demo": row.is_demo,
        "split": row.split,
        "sha256": row.image_sha256,
    }
