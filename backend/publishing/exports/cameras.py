"""What all exported frames of a camera have in common, made into text once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from backend.core.database.tables import (
    Camera,
    Infant,
    Recording,
)
from backend.domain.consents import Consent
from backend.publishing.exports.naming import unique_slugs
from backend.publishing.exports.repository import (
    LICENCES,
)
from backend.publishing.labelled import (
    LabelledInfant,
)
from backend.publishing.labelled_columns import (
    members,
)


@dataclass(frozen=True, slots=True)
class AboutCamera:
    """What all frames of a camera have in common.

    Attributes:
        folder: Where their files are.
        licence: By the consent.
        infant: Who is to be seen.
        before: Facts of the image that stand before those of the frame, as text.
        after: Facts that stand behind them, as text.
        prelabels: Of the provenance, how the pre-labels came about.
        file: Name of the video or the archive, as text.
        videos: First frame and name, as text, of each video file, in their order.
    """

    folder: str
    licence: int
    infant: LabelledInfant
    before: bytes
    after: bytes
    prelabels: dict[str, Any]
    file: bytes
    videos: list[tuple[int, bytes]]

    def source_of(self, frame: int | None, name: bytes, time_s: bytes) -> bytes:
        """Where an image came from, as text: a video, or an image file."""
        if self.videos and frame is not None:
            at = bisect_right(self.videos, frame, key=itemgetter(0)) - 1
            if at >= 0:
                begins, video = self.videos[at]
                return b'"file":%b,"frame":%d,"time_s":%b' % (video, frame - begins, time_s)
        return b'"file":%b,"file_name":%b' % (self.file, name)


def about_cameras(
    session: Session, recording_ids: Sequence[int], names: Mapping[int, str]
) -> dict[int, AboutCamera]:
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
        camera.id: AboutCamera(
            folder=f"{slugs[recording.id]}/{folders[camera.id]}",
            licence=LICENCES[Consent(recording.consent)]["id"],
            infant=LabelledInfant(infant.pseudonym, infant.sex, recording.age_months),
            before=members(
                {
                    "recording": recording.name,
                    "recording_id": recording.id,
                    "recording_source": recording.source,
                    "camera": camera.name,
                }
            ),
            after=members(
                {
                    "infant": infant.pseudonym,
                    "sex": infant.sex,
                    "age_months": recording.age_months,
                    "consent": recording.consent,
                    "demo": recording.is_demo,
                }
            ),
            prelabels={
                "prelabel_model": recording.prelabel_model,
                "prelabel_sha256": recording.prelabel_sha256,
                "prelabel_boxes_from": recording.prelabel_boxes_from,
                "prelabels_simulated": recording.prelabels_simulated,
            },
            file=orjson.dumps(camera.source_filename),
            videos=sorted((file.first_frame, orjson.dumps(file.filename)) for file in camera.files),
        )
        for camera, recording, infant in rows
    }


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
