"""Marks of a recording itself (joints, scene points) by moment and camera, and how views agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.views import triangulate

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Marks:
    """What people or models marked.

    Attributes:
        pixels: (T, C, J, 2) in our image convention; NaN where there is no mark.
        trust: (T, C, J) 0 … 1.
        time_s: (T,) seconds of the session, rising.

    Raises:
        InvalidInput: shapes do not fit together, times do not rise, or there is no moment.
    """

    pixels: Float[Array, "t c j 2"]
    trust: Float[Array, "t c j"]
    time_s: Float[Array, " t"]

    def __post_init__(self) -> None:
        if self.pixels.ndim != 4 or self.pixels.shape[:3] != self.trust.shape:
            raise InvalidInput("Marks and their trust have different shapes.")
        if not len(self.pixels):
            raise InvalidInput("There is no moment with marks.", fault="no moments")
        if self.time_s.shape != (len(self.pixels),) or not (np.diff(self.time_s) > 0).all():
            raise InvalidInput("The moments' times must rise, one for each.", fault="times")

    @cached_property
    def seen(self) -> Bool[NDArray[np.bool_], "t c j"]:
        """(T, C, J) where there is a mark that counts."""
        return np.asarray(np.isfinite(self.pixels).all(axis=-1) & (self.trust > 0))

    def at(self, moments: Ints | NDArray[np.bool_]) -> Marks:
        """Only some moments."""
        return Marks(self.pixels[moments], self.trust[moments], self.time_s[moments])

    def exchanged(self, a: int, b: int) -> Marks:
        """With the views of two cameras exchanged."""
        order = np.arange(self.pixels.shape[1])
        order[[a, b]] = b, a
        return replace(self, pixels=self.pixels[:, order], trust=self.trust[:, order])


@dataclass(frozen=True)
class Rig:
    """Cameras some of which stand elsewhere from some moment on.

    Attributes:
        cameras: All places, one entry for each camera and each time between two of its movements.
        slot: (T, C) which entry a camera is at each moment.
    """

    cameras: tuple[Camera, ...]
    slot: Int[Ints, "t c"]

    @classmethod
    def still(cls, cameras: Sequence[Camera], moments: int) -> Rig:
        """Cameras that never move."""
        return cls(tuple(cameras), np.tile(np.arange(len(cameras)), (moments, 1)))

    def at(self, moments: Ints | NDArray[np.bool_]) -> Rig:
        """Only some moments."""
        return replace(self, slot=self.slot[moments])

    def split(self, camera: int, first: int) -> Rig:
        """With an entry of its own for a camera from a moment on, up to its next movement."""
        here = self.slot[first, camera]
        rows = np.arange(len(self.slot)) >= first
        rows &= self.slot[:, camera] == here
        slot = self.slot.copy()
        slot[rows, camera] = len(self.cameras)
        return Rig((*self.cameras, self.cameras[here]), slot)

    def project(self, points: Float[Array, "t j 3"]) -> Float[Array, "t c j 2"]:
        """Points of all moments in all views."""
        out = np.full((*self.slot.shape, points.shape[1], 2), np.nan)
        for c in range(self.slot.shape[1]):
            for k in np.unique(self.slot[:, c]):
                rows = self.slot[:, c] == k
                out[rows, c] = self.cameras[k].project(points[rows])
        return out


def points_of(rig: Rig, marks: Marks, without: int | None = None) -> Float[Array, "t j 3"]:
    """(T, J, 3) points from all marks but one camera's; NaN where fewer than two views see one."""
    trust = np.where(marks.seen, marks.trust, 0.0)
    if without is not None:
        trust = trust.copy()
        trust[:, without] = 0.0
    points = np.full((*marks.trust.shape[::2], 3), np.nan)
    for pattern in np.unique(rig.slot, axis=0):
        rows = (rig.slot == pattern).all(axis=1)
        used = [c for c in range(len(pattern)) if c != without]
        if len(used) < 2:
            continue
        points[rows] = triangulate(
            [rig.cameras[pattern[c]] for c in used],
            marks.pixels[rows][:, used].transpose(1, 0, 2, 3),
            trust[rows][:, used].transpose(1, 0, 2),
        )
    return points


def cross_errors(rig: Rig, marks: Marks) -> Float[Array, "t c j"]:
    """Pixels from each mark to where the other cameras together see the joint; NaN where they
    cannot say."""
    out = np.full(marks.trust.shape, np.nan)
    for c in range(marks.trust.shape[1]):
        points = points_of(rig, marks, without=c)
        miss = rig.project(points)[:, c] - marks.pixels[:, c]
        out[:, c] = np.where(marks.seen[:, c], np.linalg.norm(miss, axis=-1), np.nan)
    return out


def level_of(errors: Float[Array, "..."]) -> float:
    """Median of errors, pixels; not a number where there is none."""
    known = errors[np.isfinite(errors)]
    return float(np.median(known)) if len(known) else float("nan")
