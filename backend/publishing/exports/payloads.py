"""Jobs that write exports."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class ExportCocoPayload(Payload):
    """Write the COCO file of an export."""

    kind: ClassVar = JobKind.EXPORT_COCO
    export_id: int


class ExportFitsPayload(Payload):
    """Write the file of body fits of an export."""

    kind: ClassVar = JobKind.EXPORT_FITS
    export_id: int
    include_unverified: bool = False
