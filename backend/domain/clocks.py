"""Cameras' clocks and common time.

Session time = camera time + offset + drift · camera time. Camera time counts from the video's first
frame. Which frames belong to one moment is told by :mod:`backend.domain.frame_groups`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MAX_OFFSET_MS: Final = 24 * 3600 * 1000.0
MAX_DRIFT_PPM: Final = 1000.0
"""More than any camera's crystal is off."""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How a camera's time becomes common time.

    Attributes:
        offset_ms: What to add to the camera's time.
        drift_ppm: How much too slow its clock runs, parts per million.
    """

    offset_ms: float = 0.0
    drift_ppm: float = 0.0

    def session_s(self, camera_s: float) -> float:
        """Session time of a camera time, seconds."""
        return camera_s * (1 + self.drift_ppm * 1e-6) + self.offset_ms / 1000

    def camera_s(self, session_s: float) -> float:
        """Camera time of a common time, seconds."""
        return (session_s - self.offset_ms / 1000) / (1 + self.drift_ppm * 1e-6)


def sampling_step(times_s: Sequence[float] | Floats) -> float:
    """Median time between frames, seconds; infinite for fewer than two."""
    steps = np.diff(np.sort(np.asarray(times_s, dtype=np.float64)))
    return float(np.median(steps)) if len(steps) else float("inf")
