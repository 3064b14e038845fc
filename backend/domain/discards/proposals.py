"""From what is measured in each frame to ranges that should be left out, each with its reason.

For every reason a frame has *evidence* from 0 to 1: one half is where the plain rule for a single
frame would flag it. Evidence is smoothed over a few neighbours, and a range begins where it is
clearly above one half and ends where it is clearly below (hysteresis, Canny 1986: a value that
swings about one threshold makes no crumbs). Short ranges are dropped, short gaps closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from backend.domain.discards.evidence import Evidence, words_for
from backend.domain.verdicts import DiscardReason

Array = NDArray[Any]

BEGINS_AT: Final = 0.6
"""Smoothed evidence from which on a range begins."""
ENDS_BELOW: Final = 0.42
"""And below which it ends. Both, and the kernel, were set by hand, not tuned on made faults;
``benchmarks/discard_ranges.py`` says how they do."""

KERNEL: Final = (1.0, 2.0, 3.0, 2.0, 1.0)
"""Weights by which a frame and its neighbours are averaged."""

MIN_FRAMES: Final = 3
"""A shorter range is left to be decided frame by frame."""
MAX_GAP: Final = 2
"""Up to so many frames between two ranges of one reason are taken into one."""

PRIORITY: Final = (
    DiscardReason.LIGHTING,
    DiscardReason.MOTION_BLUR,
    DiscardReason.NO_INFANT,
    DiscardReason.SEVERAL_INFANTS,
    DiscardReason.STRONG_OCCLUSION,
)
"""Whose range a frame belongs to where several speak against it: causes before what follows from
them. In the dark nobody is found, and where nobody is found nobody is covered."""


class ProposalState(StrEnum):
    """What a person said of a proposed range."""

    OPEN = "open"
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ProposedRange:
    """Frames of one camera that should be left out.

    Attributes:
        first: Index of the first frame.
        last: Index of the last frame, included.
        reason: Why.
        score: Mean evidence, 0 to 1.
        words: What was measured.
    """

    first: int
    last: int
    reason: DiscardReason
    score: float
    words: str

    def __len__(self) -> int:
        return self.last - self.first + 1


def propose_ranges(evidence: Evidence) -> list[ProposedRange]:
    """Ranges to leave out, in the order of their frames; none overlap.

    Args:
        evidence: Of one camera's frames, in order of time.
    """
    taken = np.zeros(len(evidence), dtype=bool)
    found: list[ProposedRange] = []
    for reason in PRIORITY:
        scores = evidence.by_reason.get(reason)
        if scores is None:
            continue
        smooth = smoothed(scores)
        inside = with_hysteresis(smooth) & ~taken
        for first, last in runs(close_gaps(inside, ~taken)):
            if last - first + 1 < MIN_FRAMES:
                continue
            first, last = _to_edges(scores, first, last)
            if last - first + 1 < MIN_FRAMES:
                continue
            taken[first : last + 1] = True
            score = float(np.nanmean(scores[first : last + 1]))
            kind = evidence.kind_of(reason, first, last)
            words = words_for(evidence, reason, first, last)
            found.append(ProposedRange(first, last, kind, round(score, 3), words))
    return sorted(found, key=lambda proposal: proposal.first)


def smoothed(scores: Float[Array, " n"]) -> Float[Array, " n"]:
    """Weighted means over neighbours; unknown values (NaN) say nothing, and stay unknown alone."""
    known = ~np.isnan(scores)
    weights = np.asarray(KERNEL)
    side = len(weights) // 2

    def folded(values: Array) -> Array:
        return np.asarray(np.convolve(np.pad(values, side), weights, mode="valid"))

    total = folded(known.astype(np.float64))
    values = folded(np.where(known, scores, 0.0))
    return np.asarray(np.divide(values, total, out=np.zeros(len(scores)), where=total > 0))


def with_hysteresis(scores: Float[Array, " n"]) -> Bool[Array, " n"]:
    """Frames of every run above the lower threshold that reaches the upper one."""
    inside = np.zeros(len(scores), dtype=bool)
    for first, last in runs(scores >= ENDS_BELOW):
        if scores[first : last + 1].max() >= BEGINS_AT:
            inside[first : last + 1] = True
    return inside


def close_gaps(inside: Bool[Array, " n"], allowed: Bool[Array, " n"]) -> Bool[Array, " n"]:
    """The same runs, those joined that are few allowed frames apart."""
    closed = inside.copy()
    between = [run for run in runs(~inside) if run[0] > 0 and run[1] < len(inside) - 1]
    for first, last in between:
        if last - first + 1 <= MAX_GAP and allowed[first : last + 1].all():
            closed[first : last + 1] = True
    return closed


def runs(values: Bool[Array, " n"]) -> list[tuple[int, int]]:
    """First and last index of each run of true values."""
    edges = np.diff(np.concatenate([[0], values.astype(np.int8), [0]]))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return list(zip(begins.tolist(), ends.tolist(), strict=True))


def _to_edges(scores: Float[Array, " n"], first: int, last: int) -> tuple[int, int]:
    """Smoothing reaches a frame or two too far: an end goes back to the first frame that counts."""
    speaks = np.nan_to_num(scores, nan=0.0) >= ENDS_BELOW
    inside = np.flatnonzero(speaks[first : last + 1])
    if not len(inside):
        return first, last
    return first + int(inside[0]), first + int(inside[-1])


def still_open(
    proposals: list[ProposedRange], decided: Mapping[tuple[int, int], DiscardReason]
) -> list[ProposedRange]:
    """Proposals that nobody has decided on: a refused range does not come again.

    Args:
        proposals: Computed anew.
        decided: (first, last) → reason of ranges of the same camera that were taken or refused.
    """
    return [
        p
        for p in proposals
        if not any(
            reason is p.reason and _overlap((p.first, p.last), span) > 0.5
            for span, reason in decided.items()
        )
    ]


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Share of the shorter one that lies in the other."""
    shared = min(a[1], b[1]) - max(a[0], b[0]) + 1
    return max(0, shared) / min(a[1] - a[0] + 1, b[1] - b[0] + 1)
