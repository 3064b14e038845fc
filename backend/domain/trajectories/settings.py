"""The numbers of the model, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Lengths are shares of the body's size in the image (the root of its area) unless said
    otherwise; times are seconds.

    Attributes:
        target_oks: What the session's expected mean OKS is to reach.
        window: Frames on each side that are solved at once after a correction.
    """

    target_oks: float = 0.97
    window: int = 60


DEFAULTS = Settings()
