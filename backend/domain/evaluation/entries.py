"""What an entry of a leaderboard says of its model, and what it predicts.

Source: InfantNet's Table 3 sets models as published beside the same models trained on InfantNet.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ModelSetting(StrEnum):
    """What a model had seen of the dataset before it was measured."""

    ZERO_SHOT = "zero-shot"
    """Nothing: it is used as it was published."""

    FINE_TUNED = "fine-tuned"
    """The training split."""


class PredictedKind(StrEnum):
    """What a file predicts."""

    JOINTS = "joints"
    BODIES = "bodies"
    POSTURES = "postures"


HEADLINES: Final[Mapping[PredictedKind, tuple[str, ...]]] = {
    PredictedKind.JOINTS: ("AP", "AP.5", "AP.75", "AR"),
    PredictedKind.BODIES: ("MPJPE", "PA-MPJPE", "PVE"),
    PredictedKind.POSTURES: ("top1", "top1_balanced", "top1_groups"),
}
"""The columns of leaderboards: InfantNet's Table 3, Table 4, and AIMS postures."""
