"""The job that measures how pictures move."""

from __future__ import annotations

from typing import ClassVar

from backend.core.database.tables.jobs import JobKind
from backend.core.jobs.payloads import Payload


class MeasureMotionPayload(Payload):
    """Measure optical flow between consecutive frames of a recording's cameras."""

    kind: ClassVar = JobKind.MEASURE_MOTION
