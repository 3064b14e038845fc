"""Jobs that make a recording."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload
from backend.recordings.first_pass import CheckIn
from backend.recordings.schemas import ImportIn


class IngestPayload(Payload):
    """Import a recording; ``demo`` names the rendered one that the uploads hold."""

    kind: ClassVar = JobKind.INGEST
    request: ImportIn
    demo: str | None = None


class CheckImportPayload(Payload):
    """Look through a COCO file and its images; imports nothing."""

    kind: ClassVar = JobKind.CHECK_IMPORT
    request: CheckIn
