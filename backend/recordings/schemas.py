"""Recordings as the HTTP interface takes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from backend.core.database.tables.recordings import Sex, Source
from backend.domain.consents import Consent
from backend.domain.limits import MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_PSEUDONYM_LENGTH
from backend.domain.workflow import Event
from backend.recordings.first_pass import ChoicesIn, LabelFiles

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_LENGTH)
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NOTE_LENGTH)]


class InfantIn(BaseModel):
    """The infant's pseudonym; an infant that is known already is found by it."""

    pseudonym: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_PSEUDONYM_LENGTH)
    ]
    sex: Sex | None = None


class CameraIn(BaseModel):
    """One camera of a recording and the uploads that hold its video.

    A long recording may be several files, given in order of time; ``upload_id`` is for one alone.
    """

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_PSEUDONYM_LENGTH)
    ]
    upload_id: int | None = None
    upload_ids: list[int] = Field(default_factory=list, max_length=1000)

    @model_validator(mode="after")
    def _one_or_several(self) -> CameraIn:
        if (self.upload_id is None) == (not self.upload_ids):
            raise ValueError("a camera needs upload_id, or upload_ids in order of time")
        return self

    def files(self) -> list[int]:
        """Uploads in order of time."""
        return self.upload_ids or [self.upload_id or 0]


class Sampling(BaseModel):
    """Which frames of a video are taken: every n-th, or so many per second."""

    mode: Literal["every", "fps"] = "every"
    value: float = Field(default=1, gt=0, le=100_000)

    @model_validator(mode="after")
    def _whole_step(self) -> Sampling:
        if self.mode == "every" and self.value != int(self.value):
            raise ValueError("“every n-th frame” needs a whole number")
        return self


class ImportIn(LabelFiles):
    """A request to import a recording from finished uploads."""

    kind: Literal["video", "images", "coco", "labels"]
    name: Name
    source: Source
    infant: InfantIn
    age_months: float | None = Field(default=None, ge=0, le=60)
    consent: Consent
    notes: Text | None = None
    cameras: list[CameraIn] = Field(default_factory=list, max_length=64)
    choices: ChoicesIn = Field(
        default=ChoicesIn(), description="For labels: what to do about what is odd in them."
    )
    sampling: Sampling = Sampling()

    @model_validator(mode="after")
    def _complete(self) -> ImportIn:
        if self.kind == "video":
            if not self.cameras:
                raise ValueError("a video import needs at least one camera")
            names = [camera.name.lower() for camera in self.cameras]
            if len(set(names)) != len(names):
                raise ValueError("each camera needs a name of its own")
        elif not self.uploads():
            raise ValueError("an import needs files")
        elif not self.upload_ids and self.kind != "labels":
            raise ValueError("an image import needs images, or a zip of them")
        if self.kind == "coco" and self.coco_upload_id is None:
            raise ValueError("a COCO import needs the annotation file")
        return self

    def uploads(self) -> list[int]:
        """Ids of all uploads that the import reads."""
        ids = [i for camera in self.cameras for i in camera.files()] + self.upload_ids
        return ids + self.labels()


class RecordingPatch(BaseModel):
    """Facts to change; what is left out stays."""

    name: Name | None = None
    notes: Text | None = None
    age_months: float | None = Field(default=None, ge=0, le=60)
    consent: Consent | None = None
    source: Source | None = None


class AssignIn(BaseModel):
    """Who annotates and who inspects; what is left out stays, null takes away."""

    annotator_id: int | None = None
    inspector_id: int | None = None


class EventIn(BaseModel):
    """An event to fire."""

    event: Event
    note: Text | None = None
    model: str | None = Field(default=None, max_length=80)
    boxes_from: str | None = Field(
        default=None,
        max_length=80,
        description="With `prelabel` and a model that takes boxes of people: the checkpoint that"
        " finds them, or `whole picture`. By default the best present one that finds people.",
    )
    by_hand: bool = Field(
        default=False,
        description="With `box`: no model runs, people draw every box that is missing.",
    )
