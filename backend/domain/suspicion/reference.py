"""What is usual for this infant in this camera: limbs, size, how well joints can be foretold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.limbs import BONES
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion import trajectory
from backend.domain.suspicion.tracks import Track, bone_lengths, quietly, rolling_median

Array = NDArray[np.float64]

USUAL_LONGEST: Final = 0.9
"""Quantile of a limb's length over the stature that counts as the longest usual one: what is wrong
in up to a tenth of the frames does not move it."""

SIZE_OVER: Final = 15
"""Frames on both sides over which the body's size is taken: a body does not grow while it moves,
but comes nearer to a camera."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What is usual in one camera. Kept between runs, so that a few frames can be ranked anew.

    Attributes:
        stature: Pixels; NaN where nothing is known.
        limbs: (B,) the longest usual length of each of ``limbs.BONES``, in statures.
        noise: (scales, 17) median distance of a joint from where its neighbours put it, in
            statures, for neighbours near and farther away.
        views: (17,) median distance of a joint from where the other views see it, in units of the
            limit; NaN without views.
        scores: (17,) median of the model's confidence; NaN where it has none.
    """

    stature: float
    limbs: Array
    noise: Array
    views: Array
    scores: Array

    def to_json(self) -> dict[str, Any]:
        """As plain values; what is not known is null."""
        return {
            "stature": None if np.isnan(self.stature) else round(self.stature, 3),
            "limbs": [None if np.isnan(v) else round(float(v), 5) for v in self.limbs],
            "noise": [[None if np.isnan(v) else round(float(v), 6) for v in row]
                      for row in self.noise],
            "views": [None if np.isnan(v) else round(float(v), 4) for v in self.views],
            "scores": [None if np.isnan(v) else round(float(v), 4) for v in self.scores],
        }  # fmt: skip

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Reference:
        """What :meth:`to_json` gave."""
        names = ("limbs", "noise", "views", "scores")
        return cls(
            float(np.array(value["stature"], float)),
            *(np.array(value[name], float) for name in names),
        )


def nothing_known() -> Reference:
    """Of a camera without joints."""
    noise = np.full((len(trajectory.SCALES), N_JOINTS), np.nan)
    nan = float("nan")
    return Reference(nan, np.full(len(BONES), nan), noise, *np.full((2, N_JOINTS), nan))


def measured(track: Track) -> Reference:
    """What is usual in a camera: robust against a share of wrong frames."""
    if not np.isfinite(track.stature).any():
        return nothing_known()
    size = local_size(track)
    ratios = bone_lengths(track.joints) / size[:, None]
    limbs = quietly(np.nanquantile, ratios, USUAL_LONGEST, axis=0)
    noise = [
        quietly(np.nanmedian, trajectory.surprise(track, offsets) / size[:, None], axis=0)
        for offsets in trajectory.SCALES
    ]
    views = np.full(N_JOINTS, np.nan)
    if track.disagreement is not None:
        views = quietly(np.nanmedian, track.disagreement, axis=0)
    return Reference(
        float(np.nanmedian(track.stature)),
        limbs,
        np.array(noise),
        views,
        quietly(np.nanmedian, track.scores, axis=0),
    )


def together(parts: Sequence[Reference]) -> Reference:
    """What is usual over all parts of a long recording: the median of what is usual in each."""

    def median(name: str) -> Array:
        values = np.array([getattr(part, name) for part in parts], float)
        return quietly(np.nanmedian, values, axis=0)

    return Reference(
        float(median("stature")), *(median(name) for name in ("limbs", "noise", "views", "scores"))
    )


def local_size(track: Track) -> Array:
    """(T,) the body's usual size around each frame, pixels; the camera's where nothing is near."""
    near = rolling_median(track.stature, SIZE_OVER)
    return np.where(np.isfinite(near), near, quietly(np.nanmedian, track.stature))
