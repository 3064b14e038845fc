"""Jobs that train."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload, Queue


class TrainPayload(Payload):
    """Train a model, or go on with its training."""

    kind: ClassVar = JobKind.TRAIN_MODEL
    run_id: int

    def queue(self) -> Queue:
        """Where models run."""
        return "gpu"
