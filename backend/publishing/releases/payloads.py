"""Jobs of releases."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class CheckReleasePayload(Payload):
    """Look for what blocks a draft; freeze its selection where nothing does."""

    kind: ClassVar = JobKind.CHECK_RELEASE
    release_id: int


class WriteReleasePayload(Payload):
    """Write all files of a checked release, and publish it."""

    kind: ClassVar = JobKind.WRITE_RELEASE
    release_id: int
    by_id: int


class RemoveReleasePayload(Payload):
    """Remove all files of a withdrawn release from the store; its rows stay."""

    kind: ClassVar = JobKind.REMOVE_RELEASE
    release_id: int
