"""Jobs that write exports."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class ExportPayload(Payload):
    """Write the file of an export in its format, and its companion's beside."""

    kind: ClassVar = JobKind.EXPORT
    export_id: int
