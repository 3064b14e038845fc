"""What people's words teach of a whole session: how marks err, and how sure the engine may be."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.trajectories import alike, sureness
from backend.domain.trajectories.evidence import Array, SessionEvidence


@dataclass(frozen=True, eq=False)
class Taught:
    """Attributes:
    alike: Errors of marks that are alike in all frames and views.
    sureness: How sure the engine may be of itself.
    apart: For each camera (T, 17) the share of its floor that is left, see ``sureness.apart``.
    """

    alike: alike.Alike
    sureness: sureness.Sureness
    apart: tuple[Array, ...]


def learn(session: SessionEvidence) -> Taught:
    """From all that people said."""
    return Taught(alike.read(session.cameras), sureness.read(session), sureness.apart(session))
