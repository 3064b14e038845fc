"""The target of a recording: what is asked by it, and whether it is reached."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from backend.core.database.tables import Propagation
from backend.domain.trajectories.settings import DEFAULTS, Settings
from backend.domain.trajectories.sureness import ENOUGH
from backend.multiview.propagation import repository


def aim(row: Propagation) -> Settings:
    """The numbers of the model with the target that is set for a recording."""
    return replace(DEFAULTS, target_oks=round(1 - row.target, 6))


def reached(session: Session, row: Propagation) -> bool:
    """Whether the target is reached, and that was checked or nothing is left to check it by."""
    if row.expected_error is None or row.expected_error > row.target:
        return False
    return row.checked >= ENOUGH or not repository.any_unseen(session, row.recording_id)
