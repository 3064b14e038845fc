"""Agreement, and pairs of answers, as the HTTP interface shows them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from backend.core.jobs.schemas import Named
from backend.domain.verdicts import DiscardReason, Verdict
from backend.labelling.annotations.schemas import Joints


class Against(StrEnum):
    """What answers are compared with."""

    PEOPLE = "people"
    """The first person's: double annotation."""
    GOLD = "gold"
    """The known answer."""


class AgreementOut(BaseModel):
    """What some pairs of answers show together; a number of nothing is null."""

    model_config = ConfigDict(from_attributes=True)
    frames: int
    verdicts: float
    oks: float | None
    px: float | None
    """Median over joints."""
    far_px: float | None
    """95 of 100 joints are nearer."""
    alpha: float | None
    """Krippendorff's alpha of visibility, ordinal."""
    same_visibility: float | None


class AgreementRow(AgreementOut):
    """The pairs of one person, one recording, or one joint."""

    key: str
    name: str


class AgreementCell(AgreementOut):
    """The pairs of two people, whichever of them was first."""

    one: Named
    other: Named


class AgreementReport(BaseModel):
    """How far answers agree."""

    against: Against
    everybody: bool
    """Whether all people's answers are in it, or only the asking person's."""
    total: AgreementOut | None
    joints: list[AgreementRow]
    people: list[AgreementRow]
    recordings: list[AgreementRow]
    matrix: list[AgreementCell]
    """Two people each; empty against gold."""


class PairItem(BaseModel):
    """Two answers to one frame, in the list of those to decide between."""

    id: int
    frame_id: int
    recording: Named
    position: int
    first: Named
    second: Named
    verdict_agrees: bool
    oks: float | None
    worst_px: float | None
    handed_in_at: datetime
    decided: bool
    blocked: str | None
    """Why the asking person cannot decide; nothing is said of what is decided."""


class PairList(BaseModel):
    """Pairs of answers, those that agree least first."""

    open: int
    """Between which somebody can still decide."""
    pairs: list[PairItem]


class AnswerOut(BaseModel):
    """What one of the two made of the frame."""

    person: Named
    verdict: Verdict
    reason: DiscardReason | None
    reason_text: str | None
    joints: Joints | None


class DecidedOut(BaseModel):
    """What became of two answers, and by whom."""

    person: Named
    at: datetime
    version: int
    verdict: str
    joints: dict[str, str]
    """By number of the joint, whose was taken."""


class PairOut(BaseModel):
    """Two answers to one frame, side by side."""

    id: int
    frame_id: int
    recording: Named
    position: int
    width: int
    height: int
    image_url: str
    version: int
    """Of the annotation now: the decision names it."""
    verdict_agrees: bool
    oks: float | None
    px: list[float | None]
    first: AnswerOut
    second: AnswerOut
    blocked: str | None
    """Why the asking person cannot decide."""
    decided: DecidedOut | None
