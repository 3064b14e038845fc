"""How people work, as the page of analytics shows it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel

from backend.domain.effort import Effort


class By(StrEnum):
    """What one row stands for."""

    PERSON = "person"
    RECORDING = "recording"
    WEEK = "week"


class EffortOut(BaseModel):
    """One row: sums, and the rates made of them; a rate of nothing is null."""

    key: str
    """Id of the person or the recording, or the Monday on which the week begins."""
    name: str
    frames: int
    saves: int
    actions: int
    active_s: float
    accepted: int
    corrected: int
    discarded: int
    propagated: int
    """Kept frames with joints that were inferred from other frames."""
    in_playback: int
    """Kept frames that were accepted as many seen in playback."""
    measured: int
    """Frames of which the page measured the time; of others it is made of gaps between saves."""
    joints_moved: int
    marked: int
    returned: int
    sampled_joints: int
    wrong_joints: int
    """Of the joints that random samples looked at, those found wrong."""
    seconds_per_frame: float | None
    frames_per_hour: float | None
    actions_per_frame: float | None
    share_accepted: float | None
    share_propagated: float | None
    px_per_joint: float | None
    return_rate: float | None
    errors_per_1000: float | None


class AnalyticsOut(BaseModel):
    """How people worked in a span of time."""

    since: date
    until: date
    """The last day, itself included."""
    by: By
    everybody: bool
    """Whether all people's work is in it, or only the asking person's."""
    rows: list[EffortOut]
    total: EffortOut


def shown(key: str, name: str, effort: Effort) -> EffortOut:
    """A row of sums with its rates."""
    values = {field: getattr(effort, field) for field in EffortOut.model_fields
              if field not in {"key", "name"}}  # fmt: skip
    return EffortOut(key=key, name=name, **values)
