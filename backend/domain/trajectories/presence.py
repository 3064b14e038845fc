"""Where an infant may be although no model found it there.

A trajectory goes on for a while before the first and after the last place where somebody was seen,
and is sure of itself there. That an infant moves on is no sign that it is in the picture: it may
not have come yet, or have left. So what nobody found has to lie between what was found, in time or
in the other views of the moment.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.domain.trajectories.evidence import CameraEvidence, SessionEvidence, found_at

Flags = NDArray[np.bool_]


def found(camera: CameraEvidence) -> Flags:
    """(T,) frames in which a model found the infant or a person placed joints."""
    marks = found_at(camera.marks).any(-1)
    return np.asarray((marks | camera.said.any(-1)) & ~camera.discarded)


def surrounded(session: SessionEvidence) -> tuple[Flags, ...]:
    """Of each camera (T,) the frames between which, or beside which, the infant was found.

    A frame counts where the infant was found in it, in an earlier and in a later frame of its
    camera, or in another camera at its moment.
    """
    seen = [found(camera) for camera in session.cameras]
    out = []
    for here in seen:
        before = np.logical_or.accumulate(here)
        after = np.logical_or.accumulate(here[::-1])[::-1]
        out.append(np.asarray(before & after))
    anywhere = np.zeros(len(session.moments), np.bool_)
    for here, frames in zip(seen, session.moments.T, strict=False):
        there = frames >= 0
        anywhere[there] |= here[frames[there]]
    for near, frames in zip(out, session.moments.T, strict=False):
        near[frames[(frames >= 0) & anywhere]] = True
    return tuple(out)
