"""What is looked at: an infant's joints in one camera, frame after frame, with what is around."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.limbs import BONES
from backend.domain.skeleton import N_JOINTS

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_FROM = np.array([bone.ends[0] for bone in BONES])
_TO = np.array([bone.ends[1] for bone in BONES])
_SHARE = np.array([bone.stature for bone in BONES])


@dataclass(frozen=True, slots=True)
class OthersFound:
    """Everybody whom a model found, the chosen one too, up to K a frame.

    Attributes:
        joints: (T, K, 17, 2) pixels; NaN for nobody.
        scores: (T, K, 17) in [0, 1].
        score: (T, K) of the person.
    """

    joints: Array
    scores: Array
    score: Array

    @classmethod
    def nobody(cls, frames: int) -> OthersFound:
        """No frame has anybody."""
        return cls(
            np.full((frames, 0, N_JOINTS, 2), np.nan),
            np.zeros((frames, 0, N_JOINTS)),
            np.zeros((frames, 0)),
        )


@dataclass(frozen=True, slots=True)
class Track:
    """The infant in one camera, in order of time.

    Attributes:
        time: (T,) seconds.
        joints: (T, 17, 2) pixels; NaN where a joint is not present, or nobody is.
        scores: (T, 17) the model's confidence where nobody moved its joint or kept its frame; NaN
            elsewhere.
        size: (2,) width and height of the images.
        moved: (T,) whether the picture differs from the one before: 1, 0, NaN where not known.
        others: Everybody who was found.
        off_mask: (T, 17) pixels from a visible joint to the infant's outline; 0 inside, NaN where
            there is none.
        disagreement: (T, 17) distance from where the other views see a joint, in units of the
            limit; NaN where fewer than two views have it.
    """

    time: Array
    joints: Array
    scores: Array
    size: tuple[int, int]
    moved: Array
    others: OthersFound
    off_mask: Array | None = None
    disagreement: Array | None = None
    stature: Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stature", statures(self.joints))

    def __len__(self) -> int:
        return len(self.time)


def bone_lengths(joints: Array) -> Array:
    """(…, 17, 2) to (…, B) pixels, in the order of ``limbs.BONES``."""
    away = joints[..., _TO, :] - joints[..., _FROM, :]
    return np.asarray(np.hypot(away[..., 0], away[..., 1]))


def statures(joints: Array) -> Array:
    """How tall each body would be stretched out, pixels; NaN with fewer than three bones.

    As ``candidates.apparent_stature``: the upper quartile of bones over their share of a stature,
    since foreshortening makes bones look shorter, never longer.
    """
    lengths = bone_lengths(joints) / _SHARE
    enough = np.isfinite(lengths).sum(axis=-1) >= 3
    filled = np.where(enough[..., None], lengths, 0.0)
    return np.where(enough, quietly(np.nanquantile, filled, 0.75, axis=-1), np.nan)


def centres(joints: Array) -> Array:
    """(…, 17, 2) to (…, 2): the median of the joints, which one wrong limb does not move."""
    return quietly(np.nanmedian, joints, axis=-2)


def quietly(work: Any, *args: Any, **options: Any) -> Array:
    """A reduction over values some of which are missing everywhere: NaN there, without warning."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(work(*args, **options))


def shifted(values: Array, by: int) -> Array:
    """Row t of the answer is row t + by; NaN beyond the ends."""
    out = np.full_like(values, np.nan)
    n = len(values)
    if abs(by) < n:
        if by >= 0:
            out[: n - by] = values[by:]
        else:
            out[-by:] = values[:by]
    return out


def rolling_median(values: Array, half: int) -> Array:
    """Median of each row and ``half`` rows on both sides; NaN does not count."""
    return quietly(np.nanmedian, _windows(values, half), axis=-1) if len(values) else values


def rolling_maximum(values: Array, half: int) -> Array:
    """Largest of each row and ``half`` rows on both sides; NaN does not count."""
    return quietly(np.nanmax, _windows(values, half), axis=-1) if len(values) else values


def _windows(values: Array, half: int) -> Array:
    pad = [(half, half)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, pad, constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
