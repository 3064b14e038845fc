"""A convex region of an image, as how far it reaches along fixed directions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.errors import InvalidInput
from backend.domain.masks import BoolMask
from backend.domain.privacy.heads import DIRECTIONS, TANGENTS

Array = NDArray[np.float64]

FAR: Final = 1e6
"""Pixels. What lies further away is taken to lie there: outside of any image."""

_TINY: Final = 1e-6
_HALF_A_PIXEL: Final = 0.5 * np.abs(TANGENTS).sum(axis=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The pixels of a region.

    Attributes:
        top: Row of the first.
        left: Column of the first.
        inside: (rows, columns) bool; both are 0 where nothing of the region lies in the image.
    """

    top: int
    left: int
    inside: BoolMask

    @property
    def slices(self) -> tuple[slice, slice]:
        """Where it lies in an image."""
        rows, columns = self.inside.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)


@dataclass(frozen=True, slots=True)
class Region:
    """A convex region in continuous image coordinates (``domain.pixels``).

    Attributes:
        support: How far it reaches along each of ``heads.TANGENTS``, pixels.
    """

    support: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.support) != DIRECTIONS or not np.isfinite(self.support).all():
            raise InvalidInput(f"A region needs {DIRECTIONS} finite numbers.")

    @classmethod
    def around(cls, points: ArrayLike, margin: float = 0.0) -> Region:
        """The hull of points (n, 2), n ≥ 1, grown by a margin in pixels.

        Raises:
            InvalidInput: no point, or one that is not finite.
        """
        places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        if not len(places):
            raise InvalidInput("A region needs a point.")
        near = np.clip(places, -FAR, FAR)
        return cls.reaching((near @ TANGENTS.T).max(axis=0) + min(margin, FAR))

    @classmethod
    def rectangle(cls, low: ArrayLike, high: ArrayLike, margin: float = 0.0) -> Region:
        """An upright rectangle from its least to its greatest x and y, grown by a margin."""
        (left, top), (right, bottom) = np.asarray(low), np.asarray(high)
        return cls.around([(left, top), (right, top), (right, bottom), (left, bottom)], margin)

    @classmethod
    def reaching(cls, support: Array) -> Region:
        """From how far it reaches, (DIRECTIONS,)."""
        return cls(tuple(np.minimum(support, 10 * FAR).tolist()))

    @classmethod
    def hull(cls, regions: Iterable[Region]) -> Region:
        """The smallest region around regions, at least one."""
        return cls.reaching(np.max([region.support for region in regions], axis=0))

    @property
    def outline(self) -> Array:
        """(DIRECTIONS, 2) its corners, in order; many coincide where it is a rectangle."""
        u, h = TANGENTS, np.asarray(self.support)
        v, k = np.roll(u, -1, axis=0), np.roll(h, -1)
        turn = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
        return np.stack(
            [(h * v[:, 1] - k * u[:, 1]) / turn, (k * u[:, 0] - h * v[:, 0]) / turn], axis=1
        )

    def contains(self, points: ArrayLike, tolerance: float = 1e-6) -> NDArray[np.bool_]:
        """Which of the points (n, 2) lie in it, its border included."""
        places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        within = places @ TANGENTS.T <= np.asarray(self.support) + tolerance
        return np.asarray(within.all(axis=1))

    def window(self, width: int, height: int) -> Window:
        """The pixels of an image that it touches, also by a corner.

        Raises:
            InvalidInput: the image has no pixels.
        """
        if width <= 0 or height <= 0:
            raise InvalidInput(f"An image of {width} × {height} pixels cannot be masked.")
        low, high = self.outline.min(axis=0), self.outline.max(axis=0)
        left, top = (int(v) for v in np.clip(np.floor(low + _TINY), 0, [width, height]))
        right, bottom = (int(v) for v in np.clip(np.ceil(high - _TINY), 0, [width, height]))
        if right <= left or bottom <= top:
            return Window(0, 0, np.zeros((0, 0), dtype=bool))
        x, y = np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5
        # Along a row each half-plane leaves all up to some x, or all from some x on.
        reach = np.asarray(self.support) + _HALF_A_PIXEL - _TINY
        room = reach - y[:, None] * TANGENTS[:, 1]
        ux = TANGENTS[:, 0]
        level = np.abs(ux) < 1e-12
        last = (room[:, ux > 1e-12] / ux[ux > 1e-12]).min(axis=1)
        first = (room[:, ux < -1e-12] / ux[ux < -1e-12]).max(axis=1)
        last = np.where((room[:, level] >= 0).all(axis=1), last, -np.inf)
        inside = (x >= first[:, None]) & (x <= last[:, None])
        return Window(top, left, inside)
