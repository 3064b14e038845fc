"""What an import would make of its files, as the HTTP interface takes and shows it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from backend.core.jobs.schemas import JobOut
from backend.domain.limits import MAX_PSEUDONYM_LENGTH
from backend.recordings.schemas import Sampling

Path = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class InspectFile(BaseModel):
    """A finished upload, and where it lay: cameras write files of the same names into folders."""

    upload_id: int
    path: Path | None = None


class InspectCamera(BaseModel):
    """A camera as a person arranged it, its files in order of time."""

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_PSEUDONYM_LENGTH)
    ]
    upload_ids: list[int] = Field(min_length=1, max_length=1000)


class InspectIn(BaseModel):
    """Files to look at, and how they are to be understood.

    Cameras that are named are taken as they are; the other files are put together by name and time
    unless ``separate`` is wanted.
    """

    files: list[InspectFile] = Field(min_length=1, max_length=1000)
    cameras: list[InspectCamera] = Field(default_factory=list, max_length=64)
    separate: bool = False
    sampling: Sampling = Sampling()

    @model_validator(mode="after")
    def _each_once(self) -> InspectIn:
        given = [file.upload_id for file in self.files]
        if len(set(given)) != len(given):
            raise ValueError("a file is named twice")
        arranged = [i for camera in self.cameras for i in camera.upload_ids]
        if len(set(arranged)) != len(arranged):
            raise ValueError("a file belongs to one camera")
        if strange := set(arranged) - set(given):
            raise ValueError(f"upload {min(strange)} is not among the files")
        return self


class InspectedFile(BaseModel):
    """What a file says of itself; ``fault`` says why it cannot be used."""

    upload_id: int
    filename: str
    size_bytes: int
    fault: str | None = None
    width: int | None = None
    height: int | None = None
    rotation: int | None = None
    codec: str | None = None
    fps: float | None = None
    """One over the median time between frames."""
    frames: int | None = None
    duration_s: float | None = None
    has_audio: bool | None = None
    timecode: str | None = None
    created_s: float | None = None
    """Seconds since 1970."""
    clock_s: float | None = None
    """What the file's own clock shows at its first picture, from which times are counted."""


class CameraFilePlan(BaseModel):
    """Where a file lies on its camera's clock."""

    upload_id: int
    start_s: float
    gap_s: float
    """Seconds without pictures before it."""


class InspectedCamera(BaseModel):
    """One camera as the import would make it."""

    name: str
    files: list[CameraFilePlan]
    reason: str
    """Why these files are one, or stay alone; empty where there is nothing to say."""
    sure: bool
    """False: a person should look at it."""
    duration_s: float
    fps: float | None
    taken: int
    """Frames that would be taken."""
    missing: int
    """Moments in which it has no picture."""


class InspectOut(BaseModel):
    """What was understood; while files are being looked at, the job that does.

    A job that failed or was cancelled stays here until it is tried again.
    """

    ready: bool
    job: JobOut | None
    files: list[InspectedFile]
    cameras: list[InspectedCamera]
    moments: int
    complete: int
    """Moments that all cameras saw."""
    warnings: list[str]
