"""Jobs that a stage waits for."""

from __future__ import annotations

from typing import ClassVar, Final

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload, Queue

WHOLE_PICTURE: Final = "whole picture"
"""Instead of a checkpoint that finds people: one person fills the picture."""


class PrelabelPayload(Payload):
    """Estimate poses in every frame, by a named checkpoint or the best present."""

    kind: ClassVar = JobKind.PRELABEL
    model: str | None = None
    boxes_from: str | None = None
    """For a model that takes boxes of people: which checkpoint finds them, or WHOLE_PICTURE."""

    def queue(self) -> Queue:
        """A model runs."""
        return "gpu"
