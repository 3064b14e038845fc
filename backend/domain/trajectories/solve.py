"""The most likely trajectory of a session, whole or near a correction."""

from __future__ import annotations

from backend.domain.trajectories.answer import Answer
from backend.domain.trajectories.assemble import answer_plane, answer_space
from backend.domain.trajectories.contradiction import heard
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.gather import prepare
from backend.domain.trajectories.local import resolve_near
from backend.domain.trajectories.settings import DEFAULTS, Settings
from backend.domain.trajectories.taught import learn

__all__ = ["resolve_near", "solve"]


def solve(session: SessionEvidence, settings: Settings = DEFAULTS) -> Answer:
    """The whole session.

    Args:
        session: All evidence.
        settings: The numbers of the model.
    """
    session = heard(session)
    taught = learn(session)
    prepared = [
        prepare(evidence, taught.alike, believed)
        for evidence, believed in zip(session.cameras, taught.carries, strict=True)
    ]
    several = session.calibrated
    if not several:
        return answer_plane(session, prepared, settings, (), taught)
    return answer_space(session, prepared, several, settings, (), taught)
