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
    spoken: Whether anybody said anything at all.
    """

    alike: alike.Alike
    sureness: sureness.Sureness
    apart: tuple[Array, ...]
    spoken: bool


def learn(session: SessionEvidence) -> Taught:
    """From all that people said."""
    return Taught(
        alike.read(session.cameras), sureness.read(session), sureness.apart(session),
        spoken(session),
    )  # fmt: skip


def spoken(session: SessionEvidence) -> bool:
    """Whether a person placed or accepted a joint anywhere in a session."""
    return any(bool(camera.said.any()) for camera in session.cameras)
