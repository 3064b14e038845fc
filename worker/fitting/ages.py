"""What a fit expects of an infant whose age is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backend.domain.body_ranges import EXTREME, OLDEST_MONTHS, length_range
from backend.domain.errors import InvalidInput
from backend.multiview.bodies.mesh import shaped_vertices
from backend.multiview.bodies.model_file import BodyModel
from worker.fitting.config import FitConfig

_MODEL = 0.04
"""Relative standard deviation beside that of infants: the body's length at rest is not stature."""


def at_age(config: FitConfig, age_months: float) -> FitConfig:
    """Settings that expect the length of an age; older children than the body is made for are
    taken as the oldest of these.

    Raises:
        InvalidInput: the age is no age.
    """
    if not 0 <= age_months < 240:
        fault = f"an age of {age_months:g} months"
        raise InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
    low, usual, high = length_range(min(age_months, OLDEST_MONTHS))
    spread = (high - low) / (2 * EXTREME) / usual
    return replace(config, expected_length_m=usual, length_spread=(spread**2 + _MODEL**2) ** 0.5)


def length_of(body: BodyModel, betas: NDArray[np.float64], scale: float) -> float:
    """Crown to sole of a body at rest, metres: its shape makes it longer or shorter too."""
    return scale * float(np.ptp(shaped_vertices(body, betas)[:, 1]))
