"""The job that erases an infant."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class EraseInfantPayload(Payload):
    """Remove everything of an infant whose family took its consent back from database and store."""

    kind: ClassVar = JobKind.ERASE_INFANT
    infant_id: int
    by_id: int
