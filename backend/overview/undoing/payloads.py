"""The job that undoes an import."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class UndoPayload(Payload):
    """Remove a recording with all that its import brought.

    The recording is named here as well as in the job's row, which forgets it when it goes: a worker
    that takes the job over must know whose files are left.
    """

    kind: ClassVar = JobKind.UNDO_IMPORT
    recording_id: int
    upload_ids: list[int]
