"""Verdicts on body fits, and when a fit no longer belongs to its joints.

A fit stands beside the stages of a recording session: none, fitted, then verified or rejected by an
inspector, frame by frame. A changed joint makes it stale; stale fits cannot be verified or exported
as verified.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from backend.domain.errors import InvalidInput


class FitStatus(StrEnum):
    """Where a body fit stands."""

    FITTED = "fitted"
    VERIFIED = "verified"
    REJECTED = "rejected"


class FitRejection(StrEnum):
    """Why an inspector rejects a body fit."""

    WRONG_FACING = "wrong_facing"
    LIMB_OFF = "limb_off"
    SHAPE_OFF = "shape_off"
    THROUGH_FLOOR = "through_floor"
    THROUGH_BODY = "through_body"
    JOINTS_WRONG = "joints_wrong"
    OTHER = "other"


GATE_PX: Final = 16.0
"""Mean reprojection error up to which InfantNet kept a body fit (its section on SMIL fits)."""

DRIFT_LIMIT_PX: Final = 2.0
"""Median shift of the picture between two calibrations from which a recording is flagged."""


def check_verdict(status: FitStatus, reason: FitRejection | None, text: str | None) -> None:
    """See that rejections have a reason, others none, and *other* has words.

    Raises:
        InvalidInput: they have not.
    """
    if status is FitStatus.REJECTED and reason is None:
        raise InvalidInput("Say why the fit is rejected.", fault="reason missing")
    if status is not FitStatus.REJECTED and reason is not None:
        raise InvalidInput("Only rejected fits have a reason.", fault="reason not expected")
    if reason is FitRejection.OTHER and not (text or "").strip():
        raise InvalidInput("Say in words what is wrong with the fit.", fault="text missing")
