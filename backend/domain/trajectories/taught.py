"""What people's words teach of a whole session: how marks err, and how sure the engine may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.domain.trajectories import alike, sureness
from backend.domain.trajectories.evidence import Array, SessionEvidence


@dataclass(frozen=True, eq=False)
class Taught:
    """Attributes:
    alike: Errors of marks that are alike in all frames and views.
    sureness: How sure the engine may be of itself.
    apart: For each camera (T, 17) the share of its floor that is left, see ``sureness.apart``.
    spoken: Whether anybody said anything at all.
    carries: For each camera (T,) how far errors that are alike are believed, see ``carries``.
    """

    alike: alike.Alike
    sureness: sureness.Sureness
    apart: tuple[Array, ...]
    spoken: bool
    carries: tuple[Array, ...]


def learn(session: SessionEvidence) -> Taught:
    """From all that people said."""
    sure = sureness.read(session)
    return Taught(
        alike.read(session.cameras), sure, sureness.apart(session), spoken(session),
        carries(session, sure),
    )  # fmt: skip


def carries(session: SessionEvidence, sure: sureness.Sureness) -> tuple[Array, ...]:
    """For each camera (T,) the share, 0 to 1, of errors that are alike that is taken off marks.

    That a model errs alike in the frames that people went through one after the other does not say
    that it does where the infant lies otherwise. Answers to frames that were asked tell, since
    these lie all over the session; until there is one, only frames near what people said are
    believed to err as those did.
    """
    if sure.asked:
        return tuple(np.ones(len(camera)) for camera in session.cameras)
    return tuple(near.max(1) for near in sureness.near(session))


def spoken(session: SessionEvidence) -> bool:
    """Whether a person placed or accepted a joint anywhere in a session."""
    return any(bool(camera.said.any()) for camera in session.cameras)
