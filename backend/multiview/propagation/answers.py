"""An answer of the numerics, as estimates of frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from backend.domain.trajectories.answer import Answer
from backend.domain.trajectories.presence import surrounded
from backend.labelling.estimates.repository import Inferred
from backend.multiview.propagation.evidence import Known

MOST_UNSURE: Final = 0.12
"""Where no model found anybody, joints that are less sure than this, in shares of the body's size,
are no sign of an infant. A tenth of the body is the width of an infant's upper arm."""

Place = tuple[int, int]
"""Number of the camera, and of its frame."""


def open_places(known: Known) -> Iterator[Place]:
    """Frames that take part and that nobody decided."""
    for c, camera in enumerate(known.session.cameras):
        yield from ((c, t) for t in np.flatnonzero(camera.open).tolist())


def open_around(known: Known, place: Place, window: int) -> list[Place]:
    """A frame's neighbours in its camera, and the frames of other cameras at those moments, as far
    as they take part and nobody decided them."""
    c, t = place
    moments = known.places.moments
    low = moments[c][max(0, t - window)]
    high = moments[c][min(len(moments[c]) - 1, t + window)]
    out: list[Place] = []
    for number, (of, camera) in enumerate(zip(moments, known.session.cameras, strict=True)):
        near = (of >= low) & (of <= high) & camera.open
        out += ((number, n) for n in np.flatnonzero(near).tolist())
    return out


def cameras_off(cameras: Sequence[int], answer: Answer) -> dict[str, float] | None:
    """By how many pixels calibrations are off, by the cameras' ids; None where none surely is."""
    if answer.shifts is None or not answer.shifts.any():
        return None
    off = np.linalg.norm(answer.shifts, axis=1)
    return {str(c): float(px) for c, px in zip(cameras, off, strict=True) if px > 0}


def estimates(known: Known, answer: Answer, places: Iterable[Place]) -> Iterator[Inferred]:
    """What was inferred of these frames; those of which nothing is known are left out.

    A joint whose place is not known is proposed as not present.
    """
    near = surrounded(known.session)
    for c, t in places:
        of = answer.cameras[c]
        sure = np.isfinite(of.positions[t]).all(axis=1) & np.isfinite(of.sigmas[t])
        if not sure.any():
            continue
        camera = known.session.cameras[c]
        sources = _sources(known, of.leans[t].tolist(), t)
        if not np.isfinite(camera.marks[t]).any() and (
            not sources
            or not near[c][t]
            or np.median(of.sigmas[t][sure]) > MOST_UNSURE * of.scale[t]
        ):
            continue  # nobody was found here, and nothing near says that the infant is
        inside = ((of.positions[t] >= 0) & (of.positions[t] <= (camera.width, camera.height))).all(
            axis=1
        )
        yield Inferred(
            known.places.frame(c, t),
            np.where(sure[:, None], of.positions[t], 0.0),
            np.where(sure, of.sigmas[t], 0.0),
            np.where(sure & inside, of.visibility[t], 0),
            sources,
        )


def _sources(known: Known, leans: list[list[int]], here: int) -> tuple[int, ...]:
    """The frames that an estimate leans on, the nearest in time first."""
    found = {(c, t) for c, t in leans if c >= 0 and t >= 0}
    nearest = sorted(found, key=lambda place: (abs(place[1] - here), place))
    return tuple(known.places.frame(*place) for place in nearest)


def columns(number: int, found: list[Inferred]) -> dict[str, Any]:
    """Estimates as ``EstimatesOut``."""
    joints = np.array([one.joints for one in found]).reshape(-1)
    sigma = np.array([one.sigma for one in found]).reshape(-1)
    return {
        "ready": True,
        "solve": max(1, number),
        "frames": [one.frame_id for one in found],
        "joints": np.round(joints, 2).tolist(),
        "sigma": np.round(sigma, 2).tolist(),
        "visibility": [int(v) for one in found for v in one.visibility.tolist()],
        "sources": [list(one.sources) for one in found],
    }
