"""Recordings whose truth is known because they were made up, and whoever knows it.

A source registers itself here; pipelines ask for the truth of a recording where they have no model.
Whatever it gives is stored as what it is: simulated. Without a source, and for every recording of a
real infant, there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording


class KnownTruth(Protocol):
    """What is known of one made-up recording."""

    @property
    def pose_checkpoint(self) -> str | None:
        """A checkpoint that may pre-label it unasked, and no other recording; None for none."""

    def store_prelabels(self, session: Session, recording: Recording) -> None:
        """Give every frame the people that a model might see, and name them as simulated."""

    def store_cameras(self, session: Session, recording: Recording) -> None:
        """Give the recording the cameras that it was made with."""

    def mask(self, camera_index: int, source_frame: int) -> NDArray[np.bool_] | None:
        """The infant's mask in one frame, (height, width); None where there is no infant."""


Source = Callable[[Recording], KnownTruth | None]
"""Tells the truth of a recording that it made; None for any other."""

_sources: list[Source] = []


def register(source: Source) -> Source:
    """Ask this source from now on; registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)
    return source


def truth_of(recording: Recording) -> KnownTruth | None:
    """What is known of a recording; None for one that nobody made up."""
    found = (source(recording) for source in _sources)
    return next((truth for truth in found if truth is not None), None)
