"""Small pictures of source frames around a few instants, for comparing clocks by eye.

The server decodes no video. The job that compares clocks leaves these pictures in the blob store,
with one list of them per recording that is replaced as a whole.
"""

from __future__ import annotations

from bisect import bisect_left

from pydantic import BaseModel, ValidationError

from backend.core.storage import BlobStore
from backend.domain.errors import NotFound


class StoredFrame(BaseModel):
    """One picture: camera time in seconds, number in the video, key of the blob."""

    time_s: float
    number: int
    key: str


class StoredStrips(BaseModel):
    """All pictures of a recording, by camera id; times ascending."""

    instants_s: list[float] = []
    cameras: dict[int, list[StoredFrame]] = {}


def index_key(recording_id: int) -> str:
    """Where the list of a recording lies."""
    return f"recordings/{recording_id}/sync/strips.json"


def picture_key(recording_id: int, sha256: str) -> str:
    """Where a picture lies."""
    return f"recordings/{recording_id}/sync/{sha256}.jpg"


def load(storage: BlobStore, recording_id: int) -> StoredStrips:
    """The list of a recording, empty where there is none."""
    try:
        return StoredStrips.model_validate_json(storage.read(index_key(recording_id)))
    except (NotFound, ValidationError):
        return StoredStrips()


def save(storage: BlobStore, recording_id: int, strips: StoredStrips) -> None:
    """Replace the list of a recording, then remove the pictures that only the old one names."""
    before = load(storage, recording_id)
    storage.put(index_key(recording_id), strips.model_dump_json().encode())
    kept = {frame.key for frames in strips.cameras.values() for frame in frames}
    for frames in before.cameras.values():
        for frame in frames:
            if frame.key not in kept:
                storage.delete(frame.key)


def nearest(frames: list[StoredFrame], time_s: float) -> StoredFrame | None:
    """The picture nearest to a camera time."""
    k = bisect_left(frames, time_s, key=lambda frame: frame.time_s)
    return min(
        frames[max(0, k - 1) : k + 1], key=lambda frame: abs(frame.time_s - time_s), default=None
    )
