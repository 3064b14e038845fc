"""Jobs that a stage waits for."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload, Queue


class PrelabelPayload(Payload):
    """Estimate poses in every frame, by a named checkpoint or the best present."""

    kind: ClassVar = JobKind.PRELABEL
    model: str | None = None

    def queue(self) -> Queue:
        """A model runs."""
        return "gpu"
