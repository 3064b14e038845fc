"""Cameras that were knocked during a visit: which of their places holds at a time.

A stored camera (``Camera.to_dict()`` of a calibration) has one place, or ``moves``: its places in
the order of time, each {from_s, T_camera_world, covariance}, the first from null. Everything that
projects, triangulates or writes a camera down asks here for the place of the moment in hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.agreement import Trust, agree_by_trust
from backend.domain.cameras import Camera

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """A camera where it stands from a time of the session on (seconds), up to another."""

    camera: Camera
    from_s: float = -np.inf
    until_s: float = np.inf

    def holds(self, times: Float[Array, " t"]) -> Bool[NDArray[np.bool_], " t"]:
        """(T,) at which times the camera stands here."""
        return np.asarray((times >= self.from_s) & (times < self.until_s))


def places_of(entry: Mapping[str, Any]) -> tuple[Place, ...]:
    """The places of a stored camera in the order of time; none where only its lens is known.

    Raises:
        InvalidInput: the values are no camera.
    """
    moves = entry.get("moves") or ()
    if not moves:
        camera = Camera.from_dict(entry)
        return (Place(camera),) if camera.placed else ()
    starts = [-np.inf if move["from_s"] is None else float(move["from_s"]) for move in moves]
    ends = [*starts[1:], np.inf]
    return tuple(
        Place(Camera.from_dict({**entry, **_own(move)}), start, end)
        for move, start, end in zip(moves, starts, ends, strict=True)
    )


def _own(move: Mapping[str, Any]) -> dict[str, Any]:
    return {key: move.get(key) for key in ("T_camera_world", "covariance")}


def is_placed(entry: Mapping[str, Any]) -> bool:
    """Whether a stored camera's place is known, be it one or one after the other."""
    return entry.get("T_camera_world") is not None or bool(entry.get("moves"))


def at_time(entry: Mapping[str, Any], time_s: float | None) -> Camera:
    """A stored camera as it stands at a time of the session; None: at the beginning.

    Raises:
        InvalidInput: the values are no camera.
    """
    places = places_of(entry)
    if not places:
        return Camera.from_dict(entry)
    time = -np.inf if time_s is None else time_s
    return next(place for place in reversed(places) if place.from_s <= time).camera


def at_last(entry: Mapping[str, Any]) -> Camera:
    """A stored camera as it stands at the end of the visit."""
    return at_time(entry, np.inf)


def changes(entries: Iterable[Mapping[str, Any]]) -> list[float]:
    """Times from which on one of several stored cameras stands elsewhere, rising."""
    starts = {place.from_s for entry in entries for place in places_of(entry)}
    return sorted(float(start) for start in starts if np.isfinite(start))


def agree_over_time(
    rig: Sequence[Sequence[Place]],
    pixels: Float[Array, "c t j 2"],
    trust: Int[NDArray[np.int64], "c t j"],
    times: Float[Array, " t"],
    limit_px: float,
) -> tuple[Float[Array, "c t j"], Bool[NDArray[np.bool_], "c t j"]]:
    """How far marks lie from where the views agree, each view by the place that holds then.

    A place is a view of its own that saw nothing at other times.

    Args:
        rig: Of each camera its places; none where it takes no part.
        pixels: Marks.
        trust: What they are worth, see ``backend.domain.agreement.Trust``.
        times: Of the moments, seconds of the session.
        limit_px: From here on a view disagrees.

    Returns:
        Pixels, NaN where they are not known; and which marks disagree.
    """
    errors, disagrees = np.full(trust.shape, np.nan), np.zeros(trust.shape, bool)
    views = [(c, place, place.holds(times)) for c, own in enumerate(rig) for place in own]
    if len({c for c, _, _ in views}) < 2:
        return errors, disagrees
    found = agree_by_trust(
        [place.camera for _, place, _ in views],
        np.stack([pixels[c].reshape(-1, 2) for c, _, _ in views]),
        np.stack(
            [np.where(here[:, None], trust[c], int(Trust.NONE)).reshape(-1) for c, _, here in views]
        ),
        limit_px,
    )
    for v, (c, _, here) in enumerate(views):
        errors[c, here] = found.errors[v].reshape(trust.shape[1:])[here]
        disagrees[c, here] = found.disagrees[v].reshape(trust.shape[1:])[here]
    return errors, disagrees


def resized(places: Sequence[Place], cameras: Sequence[Camera | None]) -> tuple[Place, ...]:
    """Places with other cameras, such as those of another picture size; none where one is None."""
    if any(camera is None for camera in cameras):
        return ()
    return tuple(
        replace(place, camera=camera)
        for place, camera in zip(places, cameras, strict=True)
        if camera is not None
    )
