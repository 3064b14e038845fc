"""Motions of fitted bodies, in no format's own terms.

Formats of motion want one rate and no holes. Moments of a recording are put on a grid of the usual
distance between them; what is not there stays empty, and is never made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput

Array = NDArray[np.float64]

_OFF: Final = 0.25
"""Share of the step by which a moment may lie off the grid."""

FILTERS: Final = {
    "moment": "none: each moment was fitted for itself",
    "neighbours": "neighbours: each moment was fitted with the prediction of both beside it",
    "sequence": "sequence: all moments were fitted together with a prior of motion",
}
"""How a fit calls what neighbours in time had to say, and what that means."""

PRIOR_ONLY: Final = "Hands, feet, toes and the face’s own movements are the body’s prior only."


@dataclass(frozen=True, eq=False)
class Poses:
    """What a motion says of each moment. pose: (N, 72) rad, place: (N, 3) the pelvis, coco:
    (N, 17, 3), metres. NaN where there is nothing."""

    pose: Array
    place: Array
    coco: Array


@dataclass(frozen=True, eq=False)
class Track:
    """The motion of one infant in one recording, N moments.

    Attributes:
        name: Of the recording.
        moment: (N,) numbers of its moments. time_s: (N,).
        step: (N,) place of each on the grid. rate_hz: of the grid.
        body_name: Of the body model. body_sha256: Of its file.
        betas: (B,) shape. scale: size.
        fitted: As the fit left it. raw: Without its sequence; None where there was none.
        time_filter: A key of FILTERS.
        bridged: (N,) moments that only the sequence places.
        spread_m: (N, 17) standard deviation of joints as the sequence leaves it, NaN if unknown.
        body: (N, 24, 3) the body's own joints, metres.
        verdict: (N,) none, verified or rejected.
    """

    name: str
    moment: Int[NDArray[np.int64], " n"]
    time_s: Float[Array, " n"]
    step: Int[NDArray[np.int64], " n"]
    rate_hz: float
    body_name: str
    body_sha256: str
    betas: Float[Array, " b"]
    scale: float
    fitted: Poses
    raw: Poses | None
    time_filter: str
    bridged: Bool[NDArray[np.bool_], " n"]
    spread_m: Float[Array, "n 17"]
    body: Float[Array, "n 24 3"]
    verdict: Sequence[str]

    @property
    def frames(self) -> int:
        """How long the grid is."""
        return int(self.step[-1]) + 1

    def on_grid(self, values: Array) -> Array:
        """Values of the moments (N, …) on the grid (frames, …), NaN where there is none."""
        out = np.full((self.frames, *values.shape[1:]), np.nan)
        out[self.step] = values
        return out

    def runs(self) -> list[NDArray[np.int64]]:
        """Rows of moments that follow one another without a hole."""
        cuts = np.flatnonzero(np.diff(self.step) > 1) + 1
        return list(np.split(np.arange(len(self.step)), cuts))


def tracks_of(arrays: Mapping[str, NDArray[Any]], file: str) -> list[Track]:
    """Motions in the arrays of a file of fits, one for each recording.

    Args:
        arrays: As an export or ``infantnet tools fit`` writes them.
        file: Its name, for messages.

    Raises:
        InvalidInput: an array is missing, times are not known, or moments are not evenly spaced.
    """
    needed = ("time_s", "pose", "translation", "joints3d_coco", "joints3d_body", "betas", "scale")
    if missing := [name for name in needed if name not in arrays]:
        raise _wrong(file, f"it lacks {', '.join(missing)}")
    n = len(arrays["pose"])
    sessions = np.broadcast_to(arrays.get("session", np.array("motion")), (n,)).astype(str)
    return [_track(arrays, np.flatnonzero(sessions == name), str(name), file)
            for name in dict.fromkeys(sessions.tolist())]  # fmt: skip


def _track(arrays: Mapping[str, NDArray[Any]], rows: Any, name: str, file: str) -> Track:
    n = len(arrays["pose"])

    def column(key: str, otherwise: Any) -> NDArray[Any]:
        found = np.asarray(arrays.get(key, otherwise))
        whole = np.broadcast_to(found, (n,)) if found.ndim == 0 else found
        return np.asarray(whole[rows])

    times = column("time_s", np.nan).astype(float)
    order = np.argsort(times)
    rows, times = rows[order], times[order]
    step, rate = grid(times, name, file)
    fitted = Poses(*(np.asarray(arrays[key][rows], float)
                     for key in ("pose", "translation", "joints3d_coco")))  # fmt: skip
    raw = None
    raws = ("raw_pose", "raw_translation", "raw_joints3d_coco")
    if all(key in arrays for key in raws):
        kept = Poses(*(np.asarray(arrays[key][rows], float) for key in raws))
        raw = kept if np.isfinite(kept.place).any() else None
    filters = {str(value) for value in column("time_filter", "neighbours")}
    scale = column("scale", 1.0).astype(float)
    betas = np.asarray(arrays["betas"][rows], float)
    if np.ptp(scale) > 1e-9 or np.abs(np.ptp(betas, axis=0)).max(initial=0) > 1e-9:
        raise _wrong(
            file, f"{name} has bodies of several shapes or sizes: fit all of it anew first"
        )
    return Track(
        name=name,
        moment=column("moment", -1).astype(np.int64),
        time_s=times,
        step=step,
        rate_hz=rate,
        body_name=str(column("body_name", "")[0]),
        body_sha256=str(column("body_sha256", "")[0]),
        betas=betas[0],
        scale=float(scale[0]),
        fitted=fitted,
        raw=raw,
        time_filter=filters.pop() if len(filters) == 1 else "sequence",
        bridged=column("bridged", False).astype(bool),
        spread_m=np.asarray(arrays["spread_m"][rows], float)
        if "spread_m" in arrays
        else np.full((len(rows), 17), np.nan),
        body=np.asarray(arrays["joints3d_body"][rows], float),
        verdict=[str(value) for value in column("verdict", "none")],
    )


def grid(times: Float[Array, " n"], name: str, file: str) -> tuple[NDArray[np.int64], float]:
    """Places (N,) of times on an even grid, and its rate in Hz.

    Raises:
        InvalidInput: times are not known, repeat, or lie on no grid.
    """
    if not np.isfinite(times).all():
        raise _wrong(file, f"moments of {name} have no times, and a motion has a rate")
    if len(times) < 2:
        raise _wrong(file, f"{name} has one moment only, which is no motion")
    steps = np.diff(times)
    if (steps <= 0).any():
        raise _wrong(file, f"two moments of {name} have the same time")
    # The rate from the whole length: of rounded times the median alone would drift.
    usual = float(np.median(steps))
    counts = np.round(steps / usual)
    if (counts >= 1).all():
        usual = float((times[-1] - times[0]) / counts.sum())
    place = (times - times[0]) / usual
    whole = np.round(place).astype(np.int64)
    if np.abs(place - whole).max() > _OFF or (np.diff(whole) < 1).any():
        raise _wrong(
            file,
            f"the moments of {name} are not evenly spaced ({steps.min():.3f} to {steps.max():.3f} s"
            " apart), and formats of motion know one rate only",
        )
    return whole, 1.0 / usual


def filter_names(track: Track) -> str:
    """Which filter a motion went through, in words."""
    return FILTERS.get(track.time_filter, track.time_filter)


def _wrong(file: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{file} cannot be written as a motion: {fault}.", file=file, fault=fault)
