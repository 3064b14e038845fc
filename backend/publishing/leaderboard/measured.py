"""What is stored of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    """What is stored of an evaluation.

    Attributes:
        result: All numbers, with their definitions.
        frames: Columns of ``evaluation_frames`` by row, the worst first.
    """

    result: dict[str, Any]
    frames: list[dict[str, Any]]
