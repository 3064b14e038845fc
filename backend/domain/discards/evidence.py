"""What measures of a picture and the people that a model found say against each frame.

Evidence is 0 to 1; one half is where a single frame would be flagged. It is unknown (NaN) where
nothing was measured: without pre-labels nothing is said of the infant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.quality import BLURRED_SHARE, BRIGHT_LUMA, DARK_LUMA
from backend.domain.verdicts import DiscardReason

Array = NDArray[Any]

FOUND_SCORE: Final = 0.3
"""Score of a person from which on an infant counts as found: half-way between mmpose's threshold of
detections (0.1) and where RTMO's people are nearly always right (0.5)."""
CONFIDENT_JOINTS: Final = 7.0
"""An infant of whom so few of 17 joints are found with confidence is covered: less than one side of
the body. By the discarding guide: too little of the infant can be seen."""
SIMILAR_SIZE: Final = 1.4
"""Two people whose bodies differ in length by less than this may both be infants: an adult's
trunk is more than twice an infant's (WHO growth standards: 0.75 m at twelve months)."""
ADULT_SIZE: Final = 1.8
"""A body so many times as long as the infant usually looks to this camera is an adult's: the infant
was not found, and the model took the carer."""
MOVED_BITS: Final = 10.0
"""Of 64 bits of the hash, so many change between two frames when the whole picture moves."""
_WINDOW: Final = 301
"""Frames over which the usual sharpness of a camera is taken: light and scene change slowly."""


@dataclass(frozen=True, slots=True)
class FrameMeasures:
    """One camera's frames in order of time, as columns of equal length n.

    Attributes:
        sharpness: Variance of the Laplacian.
        luma: Mean, 0 to 255.
        dhash: Difference hashes, as signed 64-bit numbers.
        best_score: Score of the likeliest infant; 0 where nobody was found, NaN where no model
            looked.
        size: Length of that person's body over the camera's usual one; 1 where it is not known.
        confident: How many joints of the likeliest infant are found with confidence; NaN if none.
        rival_score: Score of the best other person who may be an infant too; 0 without one.
        rival_size: Length of that person's body over the infant's, at least 1.
    """

    sharpness: Float[Array, " n"]
    luma: Float[Array, " n"]
    dhash: Int[Array, " n"]
    best_score: Float[Array, " n"]
    size: Float[Array, " n"]
    confident: Float[Array, " n"]
    rival_score: Float[Array, " n"]
    rival_size: Float[Array, " n"]

    def __len__(self) -> int:
        return len(self.sharpness)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one camera's frames: by reason (n,) values, and what they were taken from."""

    measures: FrameMeasures
    by_reason: Mapping[DiscardReason, Float[Array, " n"]]
    sharpness_share: Float[Array, " n"]
    moved_bits: Float[Array, " n"]

    def __len__(self) -> int:
        return len(self.measures)

    def kind_of(self, reason: DiscardReason, first: int, last: int) -> DiscardReason:
        """Blur while the whole picture moves is the camera's."""
        moved = np.median(self.moved_bits[first : last + 1]) if last >= first else 0.0
        shaken = reason is DiscardReason.MOTION_BLUR and moved >= MOVED_BITS
        return DiscardReason.CAMERA_SHAKE if shaken else reason


def evidence_of(measures: FrameMeasures) -> Evidence:
    """What speaks against each frame."""
    share = measures.sharpness / np.maximum(_usual(measures.sharpness), 1e-9)
    dark = _step(DARK_LUMA - measures.luma, 8.0)
    bright = _step(measures.luma - BRIGHT_LUMA, 8.0)
    # A dark or burnt-out picture has no edges: that is not blur.
    lit = 1.0 - np.maximum(dark, bright)
    blur = _step(np.log(BLURRED_SHARE) - np.log(np.maximum(share, 1e-6)), 0.25) * lit
    missing = _step(FOUND_SCORE - measures.best_score, 0.08)
    adult = _step(np.log(np.maximum(measures.size, 1e-6)) - np.log(ADULT_SIZE), 0.12)
    missing = np.where(np.isnan(missing), missing, np.maximum(missing, adult))
    found = 1.0 - missing
    covered = _step(CONFIDENT_JOINTS + 0.5 - measures.confident, 1.0) * found
    similar = _step(np.log(SIMILAR_SIZE) - np.log(np.maximum(measures.rival_size, 1.0)), 0.12)
    several = _step(measures.rival_score - FOUND_SCORE, 0.08) * similar * found
    return Evidence(
        measures=measures,
        by_reason={
            DiscardReason.LIGHTING: np.maximum(dark, bright),
            DiscardReason.MOTION_BLUR: blur,
            DiscardReason.NO_INFANT: missing,
            DiscardReason.SEVERAL_INFANTS: several,
            DiscardReason.STRONG_OCCLUSION: covered,
        },
        sharpness_share=share,
        moved_bits=_moved(measures.dhash),
    )


def words_for(evidence: Evidence, reason: DiscardReason, first: int, last: int) -> str:
    """What was measured in a range, as a person would say it."""
    of = slice(first, last + 1)
    measures = evidence.measures
    match reason:
        case DiscardReason.LIGHTING:
            luma = float(np.mean(measures.luma[of]))
            return f"{'dark' if luma < 128 else 'overexposed'}: mean brightness {luma:.0f} of 255"
        case DiscardReason.MOTION_BLUR:
            share = float(np.median(evidence.sharpness_share[of]))
            return f"blurred: {100 * share:.0f} % of this camera's usual sharpness"
        case DiscardReason.NO_INFANT:
            best = float(np.nanmax(measures.best_score[of]))
            if best <= 0:
                return "nobody was found"
            if float(np.median(measures.size[of])) > ADULT_SIZE:
                return "only somebody of an adult's size was found"
            return f"no infant was found (best score {best:.2f})"
        case DiscardReason.SEVERAL_INFANTS:
            return "two people of an infant's size were found"
        case _:
            joints = float(np.nanmedian(measures.confident[of]))
            return f"covered: {joints:.0f} of 17 joints were found with confidence"


def _step(over: Float[Array, " n"], width: float) -> Float[Array, " n"]:
    """A soft step: one half at 0, .88 at twice the width above."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(over / width, -30.0, 30.0))))


def _usual(values: Float[Array, " n"]) -> Float[Array, " n"]:
    """The 60th percentile around each frame: a median would follow a long blurred stretch down."""
    if len(values) <= _WINDOW:
        return np.full(len(values), np.quantile(values, 0.6) if len(values) else 0.0)
    # Blocks of a third of the window, each with its neighbours: as good as every frame's own.
    step = _WINDOW // 3
    usual = np.empty(len(values))
    for start in range(0, len(values), step):
        near = values[max(0, start - step) : start + 2 * step]
        usual[start : start + step] = np.quantile(near, 0.6)
    # What holds for the whole camera keeps a stretch that is blurred throughout from being usual.
    return np.asarray(np.maximum(usual, 0.5 * np.quantile(values, 0.6)))


def _moved(dhash: Int[Array, " n"]) -> Float[Array, " n"]:
    """Bits that changed since the frame before."""
    if len(dhash) < 2:
        return np.zeros(len(dhash))
    changed = np.bitwise_count((dhash[1:] ^ dhash[:-1]).view(np.uint64)).astype(np.float64)
    return np.concatenate([changed[:1], changed])
