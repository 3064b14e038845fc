"""Jobs that make masks and boxes."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload, Queue


class BoxesPayload(Payload):
    """Masks and boxes of all kept frames, or of some; by hand, no model runs."""

    kind: ClassVar = JobKind.BOXES
    model: str | None = None
    frame_ids: list[int] | None = None
    by_hand: bool = False

    def queue(self) -> Queue:
        """By hand it must not wait for a worker that has a model."""
        return "cpu" if self.by_hand else "gpu"
