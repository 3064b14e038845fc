"""The stored videos of a session's cameras as files on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.domain.errors import Conflict
from worker.context import JobContext


@dataclass(frozen=True, slots=True)
class SourceVideo:
    """A camera with its video; ``name`` is what people call the camera."""

    camera_id: int
    name: str
    filename: str
    path: Path


@contextmanager
def source_videos(
    context: JobContext, cameras: Sequence[tuple[int, str, str | None, str | None]]
) -> Iterator[list[SourceVideo]]:
    """Videos of cameras given as (id, name, file name, key), fetched where storage is elsewhere.

    Raises:
        Conflict: a video is missing from the storage.
    """
    with tempfile.TemporaryDirectory(prefix="infantnet-") as folder:
        found = []
        for camera_id, name, filename, key in cameras:
            if key is None or not context.storage.exists(key):
                raise Conflict(f"The video of {name} is not in the storage any more.")
            path = context.storage.local_path(key)
            if path is None:
                context.check_cancelled()
                context.report(0, None, f"Fetching the video of {name}")
                path = Path(folder) / f"{camera_id}{Path(key).suffix}"
                context.storage.download(key, path)
            found.append(SourceVideo(camera_id, name, filename or name, path))
        yield found
