"""The most likely trajectory of a session, whole or near a correction."""

from __future__ import annotations

from backend.domain.trajectories.answer import Answer
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.settings import DEFAULTS, Settings


def solve(session: SessionEvidence, settings: Settings = DEFAULTS) -> Answer:
    """The whole session.

    Args:
        session: All evidence.
        settings: The numbers of the model.
    """
    raise NotImplementedError


def resolve_near(
    answer: Answer,
    session: SessionEvidence,
    changed: tuple[int, int],
    settings: Settings = DEFAULTS,
) -> Answer:
    """The answer after one frame's evidence changed, solved again only near it.

    Args:
        answer: The answer before.
        session: The evidence after the change.
        changed: (camera, frame) whose confirmed joints changed.
        settings: ``window`` says how far from it frames follow at once.

    Returns:
        A whole answer; frames far from the change are those of ``answer``.
    """
    raise NotImplementedError
