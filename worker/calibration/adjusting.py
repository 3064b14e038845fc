"""Cameras adjusted to the marks of a visit: movements, and the gain on moments left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.bumps import Bump, find_bumps
from worker.calibration.contradictions import exchanged_views
from worker.calibration.marks import Marks, Rig, cross_errors, level_of
from worker.calibration.refine import KnownPoint, LensFreedom, refine, turned_by_deg

MOST_MOMENTS: Final = 600
"""More are thinned out evenly."""
_LEFT_OUT: Final = 5
"""Each so many-th moment is left out to see what adjusting gains."""
_HELPS: Final = 0.98


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Cameras after adjusting.

    Attributes:
        rig: The cameras; an entry for each time between two movements of a camera.
        bumps: Movements in the order of time.
        before_px: Median distance, on moments left out, from a mark to where the other cameras see
            the joint, with the cameras as they were.
        after_px: The same with cameras adjusted to the other moments.
        sd_px: What a mark's coordinate scatters by.
        marks: How many marks were used.
        turned_deg: By how much each camera turned from its calibration, before any movement.
        warnings: What a person should know.
    """

    rig: Rig
    bumps: tuple[Bump, ...]
    before_px: float
    after_px: float
    sd_px: float
    marks: int
    turned_deg: tuple[float, ...]
    warnings: tuple[str, ...]

    @property
    def helps(self) -> bool:
        """Whether moments that took no part agree better than before."""
        return bool(self.after_px < _HELPS * self.before_px)

    def cameras_from(self) -> list[tuple[float | None, tuple[Camera, ...]]]:
        """All cameras by the time from which they stand so; None for the beginning."""
        slots = self.rig.slot
        firsts = [0, *sorted({bump.first for bump in self.bumps})]
        times = {bump.first: bump.first_after_s for bump in self.bumps}
        return [
            (times.get(t), tuple(self.rig.cameras[k] for k in slots[t].tolist())) for t in firsts
        ]


def adjust_to_marks(
    cameras: Sequence[Camera],
    marks: Marks,
    *,
    lenses: LensFreedom = LensFreedom.FIXED,
    movements: bool = True,
    known: Sequence[KnownPoint] = (),
) -> Adjusted:
    """Adjust placed cameras to what was marked in the recording.

    Args:
        cameras: All placed.
        marks: Joints by moment and camera.
        lenses: What of the lenses may change.
        movements: Whether to look for cameras that were knocked.
        known: Scene points of known position.

    Raises:
        InvalidInput: two cameras are exchanged, or there are too few marks.
    """
    step = max(1, -(-len(marks.pixels) // MOST_MOMENTS))
    used = marks.at(np.arange(0, len(marks.pixels), step))
    swapped = exchanged_views(cameras, used)
    if swapped is not None:
        a, b = (cameras[i].name for i in swapped)
        raise InvalidInput(
            f"{a} and {b} seem to be exchanged: the joints agree once the two are taken for each"
            " other. Were their videos or their folders mixed up?",
            fault="cameras exchanged",
        )
    still = Rig.still(cameras, len(used.pixels))
    bumps: list[Bump] = []
    if movements:
        refined, bumps = find_bumps(still, used, lenses=lenses, known=tuple(known))
    else:
        refined = refine(still, used, lenses=lenses, known=known)
    split = still
    for bump in sorted(bumps, key=lambda b: b.first):
        split = split.split(bump.camera, bump.first)
    kept = np.arange(len(used.pixels)) % _LEFT_OUT != _LEFT_OUT - 1
    before = after = float("nan")
    if not kept.all():
        rest = refine(split.at(kept), used.at(kept), lenses=lenses, known=known)
        tried = Rig(rest.rig.cameras, split.slot).at(~kept)
        before = level_of(cross_errors(still.at(~kept), used.at(~kept)))
        after = level_of(cross_errors(tried, used.at(~kept)))
    start = refined.rig.slot[0]
    turned = tuple(
        turned_by_deg(c, refined.rig.cameras[k]) for c, k in zip(cameras, start, strict=True)
    )
    return Adjusted(
        refined.rig, tuple(bumps), before, after, refined.sd_px, refined.marks, turned,
        tuple(_words(cameras, marks, used, bumps)),
    )  # fmt: skip


def _words(
    cameras: Sequence[Camera], marks: Marks, used: Marks, bumps: Sequence[Bump]
) -> list[str]:
    out = [
        f"{cameras[bump.camera].name} was knocked between {clock(bump.last_before_s)} and"
        f" {clock(bump.first_after_s)}: it turned by {bump.turned_deg:.1f}°, its picture shifted by"
        f" {bump.shift_px:.0f} px."
        + (
            ""
            if bump.earliest_s >= bump.last_before_s and bump.latest_s <= bump.first_after_s
            else f" The marks do not tell exactly when: it may have been at any time from"
            f" {clock(bump.earliest_s)} to {clock(bump.latest_s)}."
        )
        for bump in bumps
    ]
    if len(used.pixels) < len(marks.pixels):
        out.append(f"{len(used.pixels)} of {len(marks.pixels)} moments were used.")
    if len(cameras) == 2:
        out.append("With two cameras it cannot be told which of them was knocked.")
    return out


def clock(seconds: float) -> str:
    """A time of the session as people read it: 1:05.3."""
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes)}:{rest:04.1f}"
