"""Jobs that fit bodies."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class FitPayload(Payload):
    """Fit all moments, or some, with a body model and overridden settings."""

    kind: ClassVar = JobKind.FIT
    body: str | None = None
    config: dict[str, Any] = Field(default_factory=dict)
    calibration_id: int | None = None
    moment_ids: list[int] | None = None
    replace_verified: bool = False
