"""Jobs that calibrate cameras."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload
from backend.multiview.calibrations.schemas import CalibrationIn


class CalibratePayload(Payload):
    """Work out lenses or places, on top of the version that was in use."""

    kind: ClassVar = JobKind.CALIBRATE
    request: CalibrationIn
    based_on_id: int | None = None
