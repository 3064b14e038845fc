"""Cameras adjusted to the marks of a visit: movements, and the gain on moments left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.estimates import RgbImage
from worker.calibration.adjustable import KnownPoint, LensFreedom, StillPoints
from worker.calibration.backdrop import PICTURES, compare_backdrops
from worker.calibration.bumps import Bump, find_bumps
from worker.calibration.contradictions import exchanged_views
from worker.calibration.marks import Marks, Rig, cross_errors, level_of
from worker.calibration.refine import Refined, refine, turned_by_deg

MOST_MOMENTS: Final = 600
"""More are thinned out evenly."""
_LEFT_OUT: Final = 5
"""Each so many-th moment is left out to see what adjusting gains."""
_HELPS: Final = 0.98
_STATED_TIMES: Final = 4.0
_STATED_LEAST_DEG: Final = 0.3
_STANDS_STILL_PX: Final = 1.0
"""The room shifted by less than this: the camera was not touched."""


class Pictures(Protocol):
    """Pictures of a camera, at its calibrated size, from a stretch of the session."""

    def __call__(self, camera: int, from_s: float, to_s: float, most: int) -> Sequence[RgbImage]:
        """At most so many, spread over the time from ``from_s`` to ``to_s``."""


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
    pictures: Pictures | None = None,
    floor_z: float | None = None,
) -> Adjusted:
    """Adjust placed cameras to what was marked in the recording.

    Args:
        cameras: All placed.
        marks: Joints by moment and camera.
        lenses: What of the lenses may change.
        movements: Whether to look for cameras that were knocked.
        known: Scene points of known position.
        pictures: Where the room can be seen: how a knocked camera turned is read from what stands
            still, and a movement that the room denies is none.
        floor_z: Height of the floor where z is up.

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
    rooms: list[StillPoints] = []
    denied: list[str] = []
    if pictures is not None and bumps:
        bumps, rooms, denied = _seen_in_room(still, used, bumps, pictures)
        refined = refine(
            _split(still, bumps), used, lenses=lenses, known=known, still=rooms, floor_z=floor_z
        )
        bumps = [_turned(bump, refined) for bump in bumps]
    split = _split(still, bumps)
    kept = np.arange(len(used.pixels)) % _LEFT_OUT != _LEFT_OUT - 1
    before = after = float("nan")
    if not kept.all():
        rest = refine(
            split.at(kept), used.at(kept), lenses=lenses, known=known, still=rooms, floor_z=floor_z
        )
        tried = Rig(rest.rig.cameras, split.slot).at(~kept)
        before = level_of(cross_errors(still.at(~kept), used.at(~kept)))
        after = level_of(cross_errors(tried, used.at(~kept)))
    start = refined.rig.slot[0]
    turned = tuple(
        turned_by_deg(c, refined.rig.cameras[k]) for c, k in zip(cameras, start, strict=True)
    )
    return Adjusted(
        refined.rig, tuple(bumps), before, after, refined.sd_px, refined.marks, turned,
        (*_words(cameras, marks, used, bumps), *denied, *_beyond_stated(cameras, refined)),
    )  # fmt: skip


def _beyond_stated(cameras: Sequence[Camera], refined: Refined) -> list[str]:
    """Cameras that the joints put elsewhere than the calibration's own interval allows."""
    out = []
    for camera, k in zip(cameras, refined.rig.slot[0], strict=True):
        now = refined.rig.cameras[k]
        stated = camera.covariance and camera.covariance.angle_sd_deg
        told = now.covariance and now.covariance.angle_sd_deg
        turn = turned_by_deg(camera, now)
        if not stated or not told:
            continue
        if turn > max(_STATED_LEAST_DEG, _STATED_TIMES * float(np.hypot(stated, told))):
            out.append(
                f"The joints contradict what the calibration says of {camera.name}: they turn it by"
                f" {turn:.2f}°, where the calibration states ± {2 * stated:.2f}° and the joints"
                f" ± {2 * told:.2f}°. Was it moved between the boards and the visit, or are the"
                " lens or the board not as was said?"
            )
    return out


def _split(rig: Rig, bumps: Sequence[Bump]) -> Rig:
    for bump in sorted(bumps, key=lambda b: b.first):
        rig = rig.split(bump.camera, bump.first)
    return rig


def _turned(bump: Bump, refined: Refined) -> Bump:
    slot = refined.rig.slot
    before, after = (
        refined.rig.cameras[slot[t, bump.camera]] for t in (bump.first - 1, bump.first)
    )
    return replace(bump, turned_deg=turned_by_deg(before, after))


def _seen_in_room(
    rig: Rig, marks: Marks, bumps: Sequence[Bump], pictures: Pictures
) -> tuple[list[Bump], list[StillPoints], list[str]]:
    """Movements that the room does not deny, what stands still in it, and what was not so."""
    times = marks.time_s
    kept: list[Bump] = []
    found: list[tuple[Bump, NDArray[np.float64]]] = []
    words = []
    for bump in sorted(bumps, key=lambda b: b.first):
        name = rig.cameras[bump.camera].name
        others = [b for b in bumps if b.camera == bump.camera and b is not bump]
        begin = max((b.latest_s for b in others if b.first < bump.first), default=times[0])
        end = min((b.earliest_s for b in others if b.first > bump.first), default=times[-1])
        before = pictures(bump.camera, float(begin), bump.earliest_s, PICTURES)
        after = pictures(bump.camera, bump.latest_s, float(end), PICTURES)
        seen = (
            compare_backdrops(rig.cameras[bump.camera], before, after) if before and after else None
        )
        if seen is None:
            words.append(
                f"The pictures of {name} do not show enough of the room to say exactly how it"
                " turned; the joints alone tell it roughly."
            )
            kept.append(bump)
            continue
        shift = float(np.median(np.linalg.norm(seen.after - seen.before, axis=1)))
        if shift < _STANDS_STILL_PX:
            words.append(
                f"The joints in {name} look as if it had been knocked around"
                f" {clock(bump.first_after_s)}, but the room in its pictures stands still: it was"
                " not. Look for joints that are marked otherwise from then on."
            )
            continue
        kept.append(replace(bump, shift_px=shift))
        found.append((kept[-1], np.stack((seen.before, seen.after), axis=1)))
    slot = _split(rig, kept).slot
    rooms = [
        StillPoints((int(slot[b.first - 1, b.camera]), int(slot[b.first, b.camera])), pixels)
        for b, pixels in found
    ]
    return kept, rooms, words


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
