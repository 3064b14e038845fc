"""Bodies of the endpoints of leaderboards."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from backend.core.jobs.schemas import JobOut, Named
from backend.domain.evaluation.entries import ModelSetting, PredictedKind
from backend.domain.limits import MAX_NOTE_LENGTH
from backend.domain.releases.lifecycle import ReleaseState
from backend.labelling.annotations.schemas import JointIndex


def _web_address(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc):
        raise ValueError("an address that begins with https:// is wanted")
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000),
    AfterValidator(_web_address),
]
ErrorName = Literal["good", "jitter", "inversion", "swap", "miss"]


class EvaluationIn(BaseModel):
    """A file of predictions, and what is to be said of its model."""

    upload_id: int = Field(ge=1, lt=2**63)
    split: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    model: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    setting: ModelSetting
    kind: PredictedKind | None = None
    """What is predicted; by default the file tells."""
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NOTE_LENGTH)] = ""
    licence: Line = ""
    url: Address = ""


class MeasureOut(BaseModel):
    """A number, null where it does not exist, and its 95 % interval [low, high] if it has one."""

    value: float | None
    interval: list[float] | None


Measures = dict[str, MeasureOut]


class EvaluationItem(BaseModel):
    """An entry of a leaderboard."""

    id: int
    release_id: int
    version: str
    split: str
    model: str
    setting: ModelSetting
    kind: PredictedKind
    note: str
    licence: str
    url: str
    file_name: str
    file_sha256: str
    file_bytes: int
    created_at: datetime
    created_by: Named | None
    evaluated_at: datetime | None
    job: JobOut | None
    measures: Measures
    """The columns of its leaderboard; empty until the job has ended well."""


class BoardSplit(BaseModel):
    """A split that can be predicted."""

    name: str
    frames: int
    infants: int
    bodies: int
    """Frames with a verified body fit."""


class BaselineOut(BaseModel):
    """What is reached on a split without looking at a picture."""

    split: str
    kind: PredictedKind
    name: str
    """Such as “mean pose in the true box”."""
    measures: Measures


class LeaderboardOut(BaseModel):
    """A release's leaderboard."""

    release_id: int
    dataset: str
    version: str
    state: ReleaseState
    refuses: str | None
    """Why it takes no predictions; null if it does."""
    splits: list[BoardSplit]
    entries: list[EvaluationItem]
    unfinished: list[EvaluationItem]
    """Files that are being measured, or could not be."""
    baselines: list[BaselineOut]
    elsewhere: list[EvaluationItem]
    """The same models on other versions of the dataset."""


class EvaluationStarted(BaseModel):
    """What was asked for."""

    evaluation: EvaluationItem
    job: JobOut


class PartOut(BaseModel):
    """One part of the truth; images are null where it consists of joints."""

    name: str
    images: int | None
    people: int | None
    joints: int
    measures: Measures


class ErrorKindsOut(BaseModel):
    """Kinds of errors of located people's joints."""

    counts: dict[str, int]
    by_joint: dict[str, dict[str, int]]
    ap_if_mended: dict[str, float | None]
    located: int
    missed: int
    nobody: int


class BinOut(BaseModel):
    """Predictions with about the same score."""

    low: float
    high: float
    count: int
    score: float | None
    oks: float | None


class ReliabilityOut(BaseModel):
    """Scores against the similarity that was reached."""

    error: float | None
    count: int
    why_not: str | None
    bins: list[BinOut]


class ConfusionOut(BaseModel):
    """Counts by true (rows) and predicted name (columns)."""

    names: list[str]
    counts: list[list[int]]


class ConventionOut(BaseModel):
    """How a number is defined."""

    name: str
    title: str
    definition: str
    source: str
    unit: str
    better: str


class RecordingCount(BaseModel):
    """A recording with its measured frames; its name while it exists."""

    id: int
    name: str | None
    frames: int


class SettingsOut(BaseModel):
    """By which the numbers can be computed again."""

    conventions: int
    resamples: int
    seed: int
    level: float
    clusters: str | None


class EvaluationOut(EvaluationItem):
    """All that an evaluation found."""

    counts: dict[str, int]
    baseline: Measures
    baseline_name: str
    """What is compared with; empty where nothing is."""
    parts: dict[str, list[PartOut]]
    errors: ErrorKindsOut | None
    reliability: ReliabilityOut | None
    confusion: ConfusionOut | None
    groups: ConfusionOut | None
    notes: list[str]
    settings: SettingsOut
    conventions: list[ConventionOut]
    recordings: list[RecordingCount]


class BoardFrame(BaseModel):
    """A frame with its truth, as the release froze it, and its prediction; image pixels."""

    frame_id: int
    rank: int
    file_name: str
    width: int
    height: int
    recording_id: int
    recording: str | None
    camera: str | None
    moment: int | None
    position: int | None
    """In its camera, as addresses of the editor count; null once the frame is gone."""
    stage: str | None
    oks: float | None
    error: float | None
    score: float | None
    worst_joint: JointIndex | None
    truth: list[float]
    box: list[float]
    """Left, top, width, height."""
    joints: list[float] | None
    similarity: list[float | None] | None
    kinds: list[ErrorName | None] | None
    true_posture: str | None
    posture: str | None
    measures: dict[str, float | None]


class BoardFrames(BaseModel):
    """Some frames, and the one after which the next ones come; null at the end."""

    items: list[BoardFrame]
    next_after: int | None
