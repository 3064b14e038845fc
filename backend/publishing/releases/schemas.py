"""Bodies of the endpoints of datasets and releases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from backend.core.database.tables.recordings import Source
from backend.core.jobs.schemas import JobOut, Named
from backend.domain.consents import ConsentScope
from backend.domain.releases.gate import GateKind
from backend.domain.releases.lifecycle import ReleaseState
from backend.domain.releases.playback import PlaybackPolicy
from backend.domain.releases.versions import Change
from backend.publishing.releases.settings import ReleaseSettings, SplitName

Audience = Literal["internal", "research", "public"]
Words = Annotated[str, Field(max_length=20_000)]
Line = Annotated[str, Field(max_length=200)]


class DatasetCreate(BaseModel):
    """A dataset; its name is what files and folders are called."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")
    title: Annotated[str, Field(min_length=1, max_length=200)]
    description: Words = ""


class DatasetOut(BaseModel):
    """A dataset."""

    id: int
    name: str
    title: str
    description: str
    created_at: datetime


class ReleaseCreate(BaseModel):
    """The next version of a dataset."""

    dataset_id: int
    version: Annotated[str, Field(max_length=40)] | None = None
    change: Change = Change.MINOR


class ReleaseEdit(BaseModel):
    """What changes; what is left out stays."""

    version: Annotated[str, Field(max_length=40)] | None = None
    audience: Audience | None = None
    notes: Words | None = None
    licence: Line | None = None
    contact: Line | None = None
    citation: Words | None = None
    settings: ReleaseSettings | None = None


class SplitsEdit(BaseModel):
    """Splits by infant; null takes an infant out of all."""

    splits: dict[int, SplitName | None] = Field(max_length=100_000)


class ProposalAsked(BaseModel):
    """Where the search begins; another seed may give another split."""

    seed: int | None = Field(None, ge=0, lt=2**31)


class EffectAsked(BaseModel):
    """Settings as they are being edited."""

    settings: ReleaseSettings
    audience: Audience


class LeftOut(BaseModel):
    """What a step of the rule leaves out."""

    what: str
    count: int


class RecordingOut(BaseModel):
    """A recording and its infant, to lead to their pages."""

    id: int
    name: str
    infant: str
    infant_id: int


class InfantOut(BaseModel):
    """An infant of a selection and its split."""

    id: int
    pseudonym: str
    sex: str | None
    ages_months: list[float]
    sources: list[Source]
    scope: ConsentScope
    recordings: int
    frames: int
    split: str | None
    inherited: bool


class HeldOut(BaseModel):
    """What a split holds of one thing that is balanced: frames, or infants."""

    kind: str
    name: str
    split: str
    amount: int
    total: int
    target: float


class PlaybackReport(BaseModel):
    """Frames of a selection that were accepted in playback, and what their sample says."""

    policy: PlaybackPolicy
    share: float
    seed: int
    frames: int
    """Accepted in playback, and not looked at by themselves since."""
    sampled: int
    """Of these, in the sample."""
    unchecked: int
    """Of the sample, not checked yet."""
    checked: int
    """Frames that were checked, also those that were corrected since."""
    joints: int
    wrong: int
    per_1000: float | None
    """Wrong joints in a thousand; null while none was checked."""
    low: float | None
    high: float | None
    """95 % interval."""


class EffectOut(BaseModel):
    """What a rule selects now."""

    frames: int
    of_frames: int
    recordings: int
    infants: int
    hours: float
    left_out: list[LeftOut]
    unconsented: list[RecordingOut]
    remarks: list[str]
    split_notes: list[str]
    table: list[InfantOut]
    held: list[HeldOut]
    playback: PlaybackReport


class BlockingOut(BaseModel):
    """One thing that blocks, and where to mend it."""

    what: str
    why: str
    recording_id: int | None
    frame_id: int | None
    infant_id: int | None


class GateOut(BaseModel):
    """Everything of a kind that blocks: how many, and the first of them."""

    kind: GateKind
    words: str
    count: int
    items: list[BlockingOut]


class SplitOut(BaseModel):
    """A split of a frozen release."""

    name: str
    frames: int
    infants: int


class ReleaseItem(BaseModel):
    """A release as a list shows it."""

    id: int
    dataset: DatasetOut
    version: str
    base_id: int | None
    state: ReleaseState
    audience: ConsentScope
    frames: int | None
    files: int | None
    bytes: int | None
    content_sha256: str | None
    doi: str | None
    created_at: datetime
    frozen_at: datetime | None
    published_at: datetime | None
    published_by: Named | None
    withdrawn_at: datetime | None
    withdrawn_why: str | None
    files_removed_at: datetime | None
    job: JobOut | None
    disagreeing: Annotated[
        list[str],
        Field(description="Infants in a published release whose families agree to it no more."),
    ]


class ReleaseOut(ReleaseItem):
    """A release with all that it is asked to be."""

    notes: str
    licence: str
    contact: str
    citation: str
    settings: ReleaseSettings
    gate: list[GateOut] | None
    gate_checked_at: Annotated[
        datetime | None, Field(description="When what is listed in gate was found.")
    ]
    gate_outdated: Annotated[
        bool, Field(description="Whether the release changed since; what blocks may be less.")
    ]
    splits: list[SplitOut]


class FileOut(BaseModel):
    """One file of a published release."""

    path: str
    bytes: int
    sha256: str


class WithdrawAsked(BaseModel):
    """Why a release is taken back."""

    why: Annotated[str, Field(min_length=1, max_length=4000)]
    remove_files: Annotated[
        bool, Field(description="Remove its files from the store as well; their hashes stay.")
    ] = False


class DoiGiven(BaseModel):
    """The DOI that a release was given."""

    doi: Line


class JointOriginOut(BaseModel):
    """Where one joint of a released frame comes from."""

    joint: int
    x: float
    y: float
    visibility: int
    origin: Literal["model", "file", "propagated", "person", "absent"]
    model: str | None
    model_sha256: str | None
    simulated: bool
    changed_by: Named | None
    changed_in_version: int
    changed_in_round: int
    changed_at: datetime
    accepted_by: Named | None
    version: int
    round: int
    inspector: Named | None
    playback_fps: float | None = None
    """Accepted as one of many seen in playback: at how many frames a second."""


class FrameOriginsOut(BaseModel):
    """Where the joints of one released frame come from."""

    frame_id: int
    file_name: str
    split: str
    joints: list[JointOriginOut]
