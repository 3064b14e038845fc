"""What the people found in frames come to, as far as it speaks for or against a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.candidates import apparent_stature
from backend.domain.discards.evidence import FOUND_SCORE, FrameMeasures
from backend.domain.estimates import PoseEstimate
from backend.domain.limits import LOW_SCORE

Array = NDArray[Any]

SAME_PERSON: Final = 0.5
"""Boxes that overlap by more (intersection over the smaller one) are one person found twice."""


@dataclass(frozen=True, slots=True)
class InFrame:
    """Everybody who was found in a frame, and who of them is taken for the infant."""

    people: Sequence[PoseEstimate]
    infant: int | None


def measures_of_people(
    sharpness: Float[Array, " n"],
    luma: Float[Array, " n"],
    dhash: Int[Array, " n"],
    found: Sequence[InFrame],
) -> FrameMeasures:
    """One camera's frames as columns; where nobody was found anywhere, no model has looked."""
    people = np.array([_in_frame(one) for one in found], dtype=np.float64).reshape(-1, 5)
    best, stature, confident, rival, rival_size = people.T
    if not (best > 0).any():
        best = confident = rival = np.full(len(found), np.nan)
    sure = stature[(best >= FOUND_SCORE) & (stature > 0)]
    usual = float(np.median(sure)) if len(sure) else 0.0
    size = np.where((stature > 0) & (usual > 0), stature / max(usual, 1e-9), 1.0)
    return FrameMeasures(
        sharpness=sharpness,
        luma=luma,
        dhash=dhash,
        best_score=best,
        size=size,
        confident=confident,
        rival_score=rival,
        rival_size=rival_size,
    )


def _in_frame(found: InFrame) -> tuple[float, float, float, float, float]:
    """Score, stature and sure joints of the infant; score and relative size of the best rival."""
    if not found.people:
        return 0.0, 0.0, np.nan, 0.0, 1.0
    infant = found.people[found.infant or 0]
    mine = apparent_stature(infant)
    confident = float((infant.scores >= LOW_SCORE).sum())
    rivals = [
        (other.score, _ratio(mine, apparent_stature(other)))
        for other in found.people
        if other is not infant and other.score >= FOUND_SCORE / 2 and not _same(infant, other)
    ]
    score, size = min(rivals, key=lambda rival: rival[1], default=(0.0, 1.0))
    return infant.score, mine, confident, score, size


def _ratio(a: float, b: float) -> float:
    low, high = sorted((a, b))
    return high / low if low > 0 else float("inf")


def _same(a: PoseEstimate, b: PoseEstimate) -> bool:
    ax, ay, aw, ah = a.box
    bx, by, bw, bh = b.box
    width = min(ax + aw, bx + bw) - max(ax, bx)
    height = min(ay + ah, by + bh) - max(ay, by)
    smaller = min(aw * ah, bw * bh)
    return width > 0 and height > 0 and smaller > 0 and width * height > SAME_PERSON * smaller
