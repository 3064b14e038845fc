"""Jobs that look for ranges to leave out."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class ProposeDiscardsPayload(Payload):
    """Look through what was measured in a recording's frames and propose ranges to leave out."""

    kind: ClassVar = JobKind.PROPOSE_DISCARDS
