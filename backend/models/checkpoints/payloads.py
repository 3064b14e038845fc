"""Jobs that fetch checkpoints."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class PullPayload(Payload):
    """Fetch a checkpoint by name."""

    kind: ClassVar = JobKind.PULL_WEIGHTS
    name: str
