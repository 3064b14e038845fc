"""The stored videos of a recording's cameras as files on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from backend.core.database.tables import Camera
from backend.domain.errors import Conflict
from worker.context import JobContext
from worker.media.chapters import Chapter


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A camera and where its files are stored: (file name, key, first frame, start_s) each."""

    camera_id: int
    name: str
    files: tuple[tuple[str, str, int, float], ...]


@dataclass(frozen=True, slots=True)
class SourceVideo:
    """A camera with its video; ``name`` is what people call the camera."""

    camera_id: int
    name: str
    chapters: tuple[Chapter, ...]


def stored_videos(session: Session, recording_id: int) -> list[StoredVideo]:
    """A recording's cameras in their order; without files where the video is not stored."""
    cameras = session.scalars(
        select(Camera)
        .where(Camera.recording_id == recording_id)
        .order_by(Camera.index)
        .options(selectinload(Camera.files))
    )
    return [
        StoredVideo(
            camera.id,
            camera.name,
            tuple((f.filename, f.key, f.first_frame, f.start_s) for f in camera.files),
        )
        for camera in cameras
    ]


@contextmanager
def source_videos(
    context: JobContext, cameras: Sequence[StoredVideo]
) -> Iterator[list[SourceVideo]]:
    """Videos of cameras, fetched where storage is elsewhere.

    Raises:
        Conflict: a video is missing from the storage.
    """
    with tempfile.TemporaryDirectory(prefix="infantnet-") as folder:
        found = []
        for camera in cameras:
            chapters = []
            for place, (filename, key, first_frame, start_s) in enumerate(camera.files):
                path = _local(
                    context, camera.name, key, Path(folder) / f"{camera.camera_id}_{place}"
                )
                chapters.append(Chapter(path, filename, first_frame, start_s))
            if not chapters:
                raise _missing(camera.name)
            found.append(SourceVideo(camera.camera_id, camera.name, tuple(chapters)))
        yield found


def _local(context: JobContext, name: str, key: str, place: Path) -> Path:
    if not context.storage.exists(key):
        raise _missing(name)
    path = context.storage.local_path(key)
    if path is None:
        context.check_cancelled()
        context.report(0, None, f"Fetching the video of {name}")
        path = place.with_suffix(Path(key).suffix)
        context.storage.download(key, path)
    return path


def _missing(name: str) -> Conflict:
    return Conflict(f"The video of {name} is not in the storage any more.")
