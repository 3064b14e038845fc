"""How far answers to the same frames agree: over joints, people, recordings.

Sources: as in :mod:`backend.domain.reliability`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.domain.reliability import Scale, krippendorff_alpha
from backend.domain.skeleton import N_JOINTS

FAR_PERCENTILE = 95.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one frame.

    Attributes:
        verdict_agrees: Both keep it or both discard it.
        oks: None where both discard it; 0 where only one keeps it.
        px: (17,) pixels; NaN where not both placed the joint.
        visibility: (2, 17) of both; NaN where not both keep the frame.
    """

    verdict_agrees: bool
    oks: float | None
    px: NDArray[np.float64]
    visibility: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What some pairs show together.

    Attributes:
        frames: Pairs.
        verdicts: Share of pairs with the same verdict.
        oks: Mean; None without a frame that somebody keeps.
        px: Median distance of joints.
        far_px: 95 of 100 joints are nearer.
        alpha: Krippendorff's alpha of visibility (ordinal); None where all give the same.
        same_visibility: Share of joints to which both gave the same.
    """

    frames: int
    verdicts: float
    oks: float | None
    px: float | None
    far_px: float | None
    alpha: float | None
    same_visibility: float | None


def agreement(pairs: Sequence[Pair], joint: int | None = None) -> Agreement | None:
    """What pairs show together, of all joints or of one; None without pairs."""
    if not pairs:
        return None
    which = slice(None) if joint is None else slice(joint, joint + 1)
    px = np.concatenate([pair.px[which] for pair in pairs])
    px = px[~np.isnan(px)]
    both = np.concatenate([pair.visibility[:, which] for pair in pairs], axis=1)
    both = both[:, ~np.isnan(both).any(axis=0)]
    oks = [pair.oks for pair in pairs if pair.oks is not None]
    return Agreement(
        frames=len(pairs),
        verdicts=sum(pair.verdict_agrees for pair in pairs) / len(pairs),
        oks=sum(oks) / len(oks) if oks and joint is None else None,
        px=float(np.median(px)) if len(px) else None,
        far_px=float(np.percentile(px, FAR_PERCENTILE)) if len(px) else None,
        alpha=krippendorff_alpha(both, Scale.ORDINAL) if both.shape[1] else None,
        same_visibility=float((both[0] == both[1]).mean()) if both.shape[1] else None,
    )


def by_joint(pairs: Sequence[Pair]) -> list[Agreement | None]:
    """The same of each of the 17 joints."""
    return [agreement(pairs, joint) for joint in range(N_JOINTS)]
