"""Jobs that compare clocks and take frames anew."""

from __future__ import annotations

from typing import ClassVar, Literal

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class SynchronisePayload(Payload):
    """Compare the clocks of a recording's cameras."""

    kind: ClassVar = JobKind.SYNCHRONISE
    method: Literal["auto", "timecode", "audio", "motion"] = "auto"


class ResamplePayload(Payload):
    """Extract a recording's frames again, at the times of a synchronisation."""

    kind: ClassVar = JobKind.RESAMPLE
    synchronisation_id: int
