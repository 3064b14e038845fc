"""What is known about a session's joints: what models found, what moves, what people said.

Coordinates are image pixels as in ``backend.domain.keypoints``; NaN stands for "nobody said" and
"nothing found". Frames are numbered from 0 in each camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.skeleton import N_JOINTS

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def found_at(points: Array) -> Flags:
    """Which points (…, 2 or 3) are known: none of their numbers is missing."""
    known = np.isfinite(points)
    # Number by number: a reduction over two or three is ten times slower.
    found = known[..., 0]
    for k in range(1, known.shape[-1]):
        found = found & known[..., k]
    return np.asarray(found, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Foretold:
    """What was said of a camera's frames before people looked at them.

    Attributes:
        positions: (T, 17, 2) pixels, NaN where nothing was. sigmas: (T, 17) as the engine itself
            has them, not widened. sizes: (T,) of the body, pixels.
        why: (T,) why the frame was asked, see ``sureness``. order: (T,) rising with the answers;
            -1 for none.
    """

    positions: Array
    sigmas: Array
    sizes: Array
    why: Ints
    order: Ints

    @classmethod
    def nothing(cls, n: int) -> Foretold:
        """Of n frames."""
        return cls(
            np.full((n, N_JOINTS, 2), np.nan), np.full((n, N_JOINTS), np.inf), np.full(n, np.nan),
            np.zeros(n, np.int64), np.full(n, -1),
        )  # fmt: skip


UNSAID = -1
"""Visibility of a joint about which nobody said anything."""


@dataclass(frozen=True, eq=False)
class FlowGrid:
    """How the image moves from one frame to the next, on a grid around the infant.

    Attributes:
        origin: (2,) x, y of the grid's first node, pixels.
        step: Pixels between nodes.
        displacement: (G, G, 2) x, y pixels by which the point at node [row, column] moves; of any
            float type.
        reliability: (G, G) from 0 (no idea) to 1, from a forward-backward check.
    """

    origin: Array
    step: float
    displacement: NDArray[np.floating]
    reliability: NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Flow:
    """The flow grids of T - 1 pairs of consecutive frames, stacked; no grid is reliability 0.

    Attributes:
        origin: (T-1, 2). step: (T-1,). displacement: (T-1, G, G, 2). reliability: (T-1, G, G).
    """

    origin: Array
    step: Array
    displacement: NDArray[np.floating]
    reliability: NDArray[np.floating]

    @classmethod
    def of(cls, grids: Sequence[FlowGrid | None]) -> Flow | None:
        """Stack grids of one size; None where there is none at all."""
        some = [grid for grid in grids if grid is not None]
        if not some:
            return None
        shape = np.asarray(some[0].reliability).shape
        n = len(grids)
        origin, step = np.zeros((n, 2)), np.ones(n)
        displacement = np.zeros((n, *shape, 2), np.float16)
        reliability = np.zeros((n, *shape), np.float32)
        for t, grid in enumerate(grids):
            if grid is None:
                continue
            if np.asarray(grid.reliability).shape != shape:
                raise InvalidInput("Flow grids of one camera have one size.")
            origin[t], step[t] = grid.origin, grid.step
            displacement[t], reliability[t] = grid.displacement, grid.reliability
        return cls(origin, step, displacement, reliability)


def _nothing() -> Array:
    return np.zeros((0, 0, N_JOINTS, 3))


@dataclass(frozen=True, eq=False)
class CameraEvidence:
    """What is known in one camera's T frames.

    Attributes:
        times: (T,) seconds, rising.
        width: Of the image, pixels. height: Likewise.
        marks: (T, 17, 2) the pre-label: the candidate that was chosen; NaN where nothing was found.
        scores: (T, 17) in [0, 1], as the model says them.
        others: (T, K, 17, 3) other people found in the frame: x, y, score; NaN rows where fewer.
        confirmed: (T, 17, 2) what people said; NaN where nobody did.
        confirmed_visibility: (T, 17) -1 nobody said, 0 absent, 1 occluded, 2 visible.
        discarded: (T,) frames that take no part.
        accepted: (T, 17) joints that people let stand where they were shown: that says less than
            a hand that put them there; None for nowhere.
        flow: Of the T - 1 pairs of frames, or None.
        hidden: (T, 17) share in [0, 1] by which the joint lies behind something, by the depth order
            of a fitted body; NaN unknown; None where there is nothing.
        outside: (T, 17) pixels by which the mark lies clearly outside of the infant's mask,
            negative inside, NaN unknown; None where there are no masks.
        camera: Its calibration, scaled to the image, or None.
        foretold: What was said of frames before people looked at them, or None.
        waved: (T, 17, 2) what people let pass without looking at it: it decides the frame and is no
            evidence; NaN elsewhere; None for nowhere.
    """

    times: Array
    width: int
    height: int
    marks: Array
    scores: Array
    confirmed: Array
    confirmed_visibility: Ints
    discarded: Flags
    others: Array = field(default_factory=_nothing)
    flow: Flow | None = None
    hidden: Array | None = None
    accepted: Flags | None = None
    outside: Array | None = None
    camera: Camera | None = None
    foretold: Foretold | None = None
    waved: Array | None = None

    def __post_init__(self) -> None:
        n = len(self.times)
        shapes = {
            "marks": (n, N_JOINTS, 2),
            "scores": (n, N_JOINTS),
            "confirmed": (n, N_JOINTS, 2),
            "confirmed_visibility": (n, N_JOINTS),
            "discarded": (n,),
        }
        for name, shape in shapes.items():
            found = np.shape(getattr(self, name))
            if found != shape:
                raise InvalidInput(f"{name}: shape {found}, expected {shape}.")
        if n and (not np.isfinite(self.times).all() or (np.diff(self.times) <= 0).any()):
            raise InvalidInput("times: they are finite and rise from frame to frame.")
        if self.flow is not None and len(self.flow.origin) != max(n - 1, 0):
            raise InvalidInput(f"flow: {len(self.flow.origin)} pairs for {n} frames.")
        if len(self.others) not in (0, n):
            raise InvalidInput(f"others: {len(self.others)} frames, expected {n}.")

    def __len__(self) -> int:
        return len(self.times)

    @property
    def said(self) -> Flags:
        """(T, 17) joints whose place a person said."""
        return np.asarray(found_at(self.confirmed) & ~self.discarded[:, None])

    @property
    def glanced(self) -> Flags:
        """(T, 17) joints that stand because nobody minded them."""
        if self.accepted is None:
            return np.zeros(self.scores.shape, np.bool_)
        return np.asarray(self.accepted & self.said)

    @property
    def passed(self) -> Flags:
        """(T,) frames that were decided without anybody looking at them."""
        if self.waved is None:
            return np.zeros(len(self), np.bool_)
        return np.asarray(found_at(self.waved).any(-1) & ~self.discarded)

    @property
    def open(self) -> Flags:
        """(T,) frames that take part and that nobody decided."""
        return np.asarray(~self.discarded & ~self.settled & ~self.passed)

    @property
    def settled(self) -> Flags:
        """(T,) frames that a person confirmed: each joint is placed or said to be absent."""
        absent = self.confirmed_visibility == 0
        return np.asarray((self.said | absent).all(-1))

    def part(self, a: int, b: int) -> CameraEvidence:
        """Of the frames from a up to b, without what was foretold of them."""
        flow = self.flow
        if flow is not None:
            pairs = slice(a, max(b - 1, a))
            flow = Flow(flow.origin[pairs], flow.step[pairs], flow.displacement[pairs],
                        flow.reliability[pairs])  # fmt: skip
        return replace(
            self,
            times=self.times[a:b], marks=self.marks[a:b], scores=self.scores[a:b],
            confirmed=self.confirmed[a:b],
            confirmed_visibility=self.confirmed_visibility[a:b],
            discarded=self.discarded[a:b],
            waved=None if self.waved is None else self.waved[a:b],
            others=self.others[a:b] if len(self.others) else self.others,
            hidden=None if self.hidden is None else self.hidden[a:b],
            outside=None if self.outside is None else self.outside[a:b],
            accepted=None if self.accepted is None else self.accepted[a:b],
            foretold=None,
            flow=flow,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class SessionEvidence:
    """All cameras of a session.

    Attributes:
        cameras: C of them.
        moments: (M, C) the frame of each camera at each moment, -1 where it has none; rising in
            time. May be empty for a single camera.
    """

    cameras: tuple[CameraEvidence, ...]
    moments: Ints = field(default_factory=lambda: np.zeros((0, 0), np.int64))

    def __post_init__(self) -> None:
        if not self.cameras:
            raise InvalidInput("A session has at least one camera.")
        if self.moments.size and self.moments.shape[1] != len(self.cameras):
            raise InvalidInput(f"moments: {self.moments.shape} for {len(self.cameras)} cameras.")
        for c, camera in enumerate(self.cameras if self.moments.size else ()):
            used = self.moments[:, c][self.moments[:, c] >= 0]
            if len(used) and (used.max() >= len(camera) or (np.diff(used) <= 0).any()):
                raise InvalidInput(f"moments: frames of camera {c} must exist and rise.")

    @property
    def calibrated(self) -> tuple[int, ...]:
        """Cameras of which the place is known, where there are two or more with moments."""
        placed = tuple(
            c for c, e in enumerate(self.cameras) if e.camera is not None and e.camera.placed
        )
        return placed if len(placed) >= 2 and len(self.moments) else ()
