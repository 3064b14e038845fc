"""Bodies of the endpoints of face samples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from backend.core.jobs.schemas import Named

MAX_SAMPLE = 1000
Path = Annotated[str, Field(min_length=1, max_length=1000)]


class GroundLooked(BaseModel):
    """How many images of a ground somebody looked at, and how many the release has of it."""

    ground: str
    looked: int
    of: int


class GroundOut(BaseModel):
    """The sample of one ground: what is known where the head is. The weakest ground comes first."""

    ground: str
    of: int
    images: list[str]


class FaceMarkOut(BaseModel):
    """An image in which somebody could be recognised."""

    path: str
    ground: str
    why: str
    by: Named | None
    created_at: datetime


class FaceCheckOut(BaseModel):
    """Somebody looked through the sample and recognised nobody."""

    id: int
    by: Named | None
    created_at: datetime
    images: int
    grounds: list[GroundLooked]


class FacesStanding(BaseModel):
    """What people said of a release's faces so far, newest check first."""

    checks: list[FaceCheckOut]
    marks: list[FaceMarkOut]


class FacesOut(FacesStanding):
    """A release's sample and what people said of it."""

    method: str
    cells: int | None
    grounds: list[GroundOut]


class MarkIn(BaseModel):
    """An image of the sample in which somebody could be recognised, and how."""

    path: Path
    why: Annotated[str, Field(min_length=1, max_length=400)]


class CheckIn(BaseModel):
    """The images that somebody looked at and recognised nobody in."""

    looked: Annotated[list[Path], Field(min_length=1, max_length=MAX_SAMPLE)]
