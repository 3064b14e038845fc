"""Jobs of leaderboards."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class EvaluatePayload(Payload):
    """Measure a file of predictions against what a release froze."""

    kind: ClassVar = JobKind.EVALUATE
    evaluation_id: int
