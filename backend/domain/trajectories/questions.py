"""Where a correction helps most, and how large the expected error still is."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.trajectories.answer import Answer
from backend.domain.trajectories.evidence import SessionEvidence
from backend.domain.trajectories.settings import DEFAULTS, Settings


@dataclass(frozen=True, slots=True)
class Question:
    """A frame to look at.

    Attributes:
        camera: Number of the camera.
        frame: Number of the frame.
        joints: Joints worth a look, the most doubtful first; possibly none.
        gain: By how much the session's expected mean OKS would rise.
    """

    camera: int
    frame: int
    joints: tuple[int, ...]
    gain: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected of the session as it stands.

    Attributes:
        oks: Expected mean OKS of all frames that take part.
        error: 1 - oks.
        good: Expected share of frames at OKS .9 or better.
        target: The OKS to reach. reached: Whether it is.
    """

    oks: float
    error: float
    good: float
    target: float
    reached: bool


def next_question(
    answer: Answer, session: SessionEvidence, settings: Settings = DEFAULTS
) -> Question | None:
    """The frame whose correction would lower the session's expected error most; None where every
    frame is confirmed or takes no part."""
    raise NotImplementedError


def expected_error(
    answer: Answer, session: SessionEvidence, settings: Settings = DEFAULTS
) -> Expected:
    """The session's expected error, for the bar."""
    raise NotImplementedError
