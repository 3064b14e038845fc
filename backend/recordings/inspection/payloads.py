"""Jobs that look into uploaded videos."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class InspectPayload(Payload):
    """Read the facts of uploaded videos, and the times of their frames."""

    kind: ClassVar = JobKind.INSPECT
    upload_ids: list[int]
