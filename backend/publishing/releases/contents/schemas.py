"""What is told of a release's statistics, frames and changes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from backend.core.database.tables.recordings import Source
from backend.domain.releases.differences import ChangeKind
from backend.domain.releases.versions import Change
from backend.domain.skeleton import N_JOINTS
from backend.domain.splits.units import UNKNOWN, age_groups
from backend.domain.verdicts import DiscardReason

UNKNOWN_AGE: Final = -1
ANY_REASON: Final = "any"

_Id = Annotated[int, Field(ge=1, lt=2**63)]


def _known_group(name: str) -> str:
    if name != UNKNOWN and name not in age_groups():
        known = ", ".join((*age_groups(), UNKNOWN))
        raise ValueError(f"there is no age group {name!r}; there are {known}")
    return name


AgeGroup = Annotated[str, Field(max_length=40), AfterValidator(_known_group)]


class TableRow(BaseModel):
    """A source and split in Table 2 of the InfantNet paper."""

    source: str
    split: str
    views: list[int] | None = None
    """How many cameras recorded at once; several where recordings differ."""
    recordings: int
    infants: int
    cameras: int
    raw: int
    kept: int
    fitted: int


class AgeRow(BaseModel):
    """Frames of a split at an age in whole months; null where nobody noted it."""

    split: str
    months: int | None
    frames: int
    infants: int


class PostureRow(BaseModel):
    """Frames of a split in a posture."""

    split: str
    posture: str
    frames: int


class ImageSize(BaseModel):
    """Images of a size in pixels."""

    width: int
    height: int
    images: int


class BoxSize(BaseModel):
    """Boxes by the side of a square of the same share of the image, in tenths from 0."""

    split: str
    tenth: int
    boxes: int


class PoseMapOut(BaseModel):
    """Where joints lie seen from the torso: hips at the middle, shoulders one unit above it."""

    frames: int
    reach: float
    """Torso lengths from the middle to each side."""
    cells: int
    """Along each axis."""
    counts: list[list[int]]
    """By joint, row after row from the top."""
    outside: list[int]
    """By joint, beyond the map."""


class AngleRow(BaseModel):
    """By how many degrees a joint of the body is turned: 5th, 50th and 95th percentile."""

    joint: str
    low: float
    middle: float
    high: float


class ShapeOut(BaseModel):
    """Shapes of one body model: a number for each direction of shape, over runs."""

    runs: int
    mean: list[float]
    deviation: list[float]
    scale: list[float]
    """Smallest, middle, largest."""


class FitStatistics(BaseModel):
    """Body fits of a release."""

    fits: int
    frames: int
    recordings: int
    angles: list[AngleRow]
    shapes: dict[str, ShapeOut]


class PersonRow(BaseModel):
    """What one person did, by number and role; only what is recorded."""

    person: int
    role: Literal["annotator", "inspector"]
    frames: int
    versions: int | None = None
    minutes: int | None = None
    """Between saves, pauses left out."""
    rounds: int | None = None


class LabelWork(BaseModel):
    """Who made the labels."""

    annotators: int
    revisions: int
    rounds: int | None
    inspectors: int
    minutes: int | None = None
    people: list[PersonRow] | None = None


class LabelledImports(BaseModel):
    """Recordings, and their frames, whose labels began in a file that came with them."""

    recordings: int
    frames: int


class StatisticsOut(BaseModel):
    """What a release holds, in numbers; sections that were not counted then are null."""

    frozen_at: datetime | None
    """When they were counted for good; null for a draft, of which the rule of now is counted."""
    version: int
    table: list[TableRow]
    infants: int | None = None
    """In all: an infant may be in several sources."""
    discards: dict[str, int]
    discards_by_source: dict[str, dict[str, int]] | None = None
    joints: dict[str, dict[str, list[int]]]
    """By split and joint: absent, occluded, visible."""
    ages: list[AgeRow]
    postures: list[PostureRow] | None = None
    image_sizes: list[ImageSize]
    box_sizes: list[BoxSize]
    pose_map: PoseMapOut | None = None
    fits: FitStatistics | None = None
    work: LabelWork
    came_with_labels: LabelledImports | None = None
    boxes_approved: int | None = None
    """Frames whose box an inspector approved; a model made the others, and none is doubtful."""
    film_hours: float | None = None


class CountingOut(BaseModel):
    """A large draft is being counted; ask again in a moment."""

    counting: Literal[True] = True


class JointStanding(StrEnum):
    """How a joint stands in a frame."""

    ABSENT = "absent"
    OCCLUDED = "occluded"
    VISIBLE = "visible"
    PLACED = "placed"
    """Visible or occluded."""


class FrameFilter(BaseModel):
    """Which frames; all that is given holds together."""

    model_config = ConfigDict(extra="forbid")

    split: Annotated[str, Field(max_length=40)] | None = None
    """Empty for infants of a draft that are in no split yet."""
    recording_id: _Id | None = None
    infant_id: _Id | None = None
    source: Source | None = None
    months: Annotated[int, Field(ge=UNKNOWN_AGE, le=60)] | None = None
    """Age in whole months; -1 where nobody noted it."""
    age_group: AgeGroup | None = None
    """Ages that splits balance together."""
    sex: Literal["female", "male", "unknown"] | None = None
    joint: Annotated[int, Field(ge=0, lt=N_JOINTS)] | None = None
    visibility: JointStanding | None = None
    """Of ``joint``."""
    posture: Annotated[str, Field(max_length=40)] | None = None
    box: Annotated[int, Field(ge=0, le=9)] | None = None
    """Tenth of the box's size."""
    width: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    height: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    fitted: bool | None = None
    annotated_by: _Id | None = None
    """Number of a person who saved a version of its labels."""
    inspected_by: _Id | None = None
    """Number of the inspector of its recording."""
    reason: DiscardReason | Literal["any"] | None = None
    """Discarded frames of the release's recordings instead of those that it holds."""
    raw: bool = False
    """All frames of the release's recordings instead of those that it holds."""
    frame_id: _Id | None = None
    cursor: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 60

    @model_validator(mode="after")
    def _of_a_joint(self) -> Self:
        if self.visibility is not None and self.joint is None:
            raise ValueError("visibility is that of a joint: name one")
        return self


class HeldBox(BaseModel):
    """A box in image pixels."""

    x: float
    y: float
    width: float
    height: float


class HeldFrameOut(BaseModel):
    """A frame as a release holds it; what was erased from the store since has no picture."""

    frame_id: int
    recording_id: int
    recording: str | None
    """What people called it."""
    infant_id: int
    pseudonym: str | None
    source: str | None
    age_months: float | None
    split: str
    file_name: str | None
    width: int
    height: int
    keypoints: list[float] | None
    """17 × (x, y, visibility)."""
    box: HeldBox | None
    fitted: bool
    posture: str | None
    reason: str | None
    position: int | None
    """Its place in its recording, to open it in the editor."""
    thumbnail_url: str | None
    image_url: str | None


class FramePage(BaseModel):
    """Some frames by id; ``total`` is counted for the first page only."""

    frames: list[HeldFrameOut]
    total: int | None
    next_cursor: int | None


class KindCount(BaseModel):
    """Frames that differ in one way."""

    kind: ChangeKind
    frames: int


class MovedJointOut(BaseModel):
    """A joint that moved: in how many frames, and by how many pixels."""

    joint: int
    name: str
    count: int
    median_px: float


class SplitChangeOut(BaseModel):
    """An infant on another side than before."""

    infant_id: int
    pseudonym: str
    before: str
    after: str


class DiffOut(BaseModel):
    """What differs between two versions, in numbers and in words."""

    before: str
    before_id: int
    after: str
    after_id: int
    current: bool
    """Whether the later one is a draft, of which the rule and labels of now are compared."""
    kinds: list[KindCount]
    frames_in: int
    infants_in: int
    frames_out: int
    infants_out: int
    frames_kept: int
    frames_changed: int
    """Frames of both versions whose joints or box differ."""
    joints_moved: int
    visibility_changed: int
    postures_changed: int
    boxes_changed: int
    fits_changed: int
    moved_by_joint: list[MovedJointOut]
    splits_changed: list[SplitChangeOut]
    needed: Change
    """How much of a change this is, by the meaning of versions."""
    fitting: str
    """The version after the earlier one that says so."""
    falls_short: bool
    """Whether the later one's version says less than what changed."""
    changelog: str


class ChangedFrameOut(BaseModel):
    """A frame in both versions; ``oks`` is null without a common joint."""

    frame_id: int
    before: HeldFrameOut | None
    after: HeldFrameOut | None
    moved: dict[str, float]
    """Pixels by the name of the joint."""
    oks: float | None
    visibility: list[str]
    """Joints whose visibility differs."""
    box_iou: float | None


class ChangePage(BaseModel):
    """Some frames that differ in one way, those that differ most first."""

    frames: list[ChangedFrameOut]
    total: int
    next_offset: int | None
