"""Which frames go into a release: a rule that is stored, and used again for the next version."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.quality import NEAR_DUPLICATE_DISTANCE, QualityFlag, mark_near_duplicates

Mask = NDArray[np.bool_]


class Step(StrEnum):
    """The steps of a selection, in their order; each leaves out some of what the last one left."""

    POSTURE = "posture"
    FLAGGED = "flagged"
    THINNED = "thinned"
    NEAR_DUPLICATE = "near_duplicate"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class FrameRule:
    """What of the approved frames of the chosen recordings is taken.

    Attributes:
        postures: Only frames in one of these postures, named by their codes; None for all frames.
        without_flags: Frames with any of these quality flags are left out.
        every_nth: Of each recording every n-th moment is taken, counted from its first; all cameras
            of a moment stay together.
        near_duplicates: Whether of frames of a camera that look nearly the same each is taken;
            otherwise only the first of each run.
        max_share: No infant has more than this share of all frames that are taken; None without
            limit. The rest is spread evenly over the infant's moments.
    """

    postures: frozenset[int] | None = None
    without_flags: frozenset[QualityFlag] = frozenset()
    every_nth: int = 1
    near_duplicates: bool = True
    max_share: float | None = None


@dataclass(frozen=True, slots=True)
class FrameColumns:
    """Approved frames of the chosen recordings, as columns of equal length n.

    Ordered by recording, camera and time.

    Attributes:
        frame: Ids.
        recording: Ids.
        camera: Ids.
        moment: Ids.
        moment_index: Within the recording.
        infant: Ids.
        flags: Bit i set: the i-th :class:`QualityFlag`.
        dhash: Difference hashes.
        posture: Codes of their postures (``domain.postures``); 0 where nobody said one.
    """

    frame: NDArray[np.int64]
    recording: NDArray[np.int64]
    camera: NDArray[np.int64]
    moment: NDArray[np.int64]
    moment_index: NDArray[np.int64]
    infant: NDArray[np.int64]
    flags: NDArray[np.int64]
    dhash: NDArray[np.int64]
    posture: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, slots=True)
class Selected:
    """What a rule takes.

    Attributes:
        taken: (n,) which frames.
        left_out: How many frames each step left out.
        remarks: What there is to say, in words.
    """

    taken: Mask
    left_out: dict[Step, int]
    remarks: tuple[str, ...] = field(default=())


_MAX_ROUNDS: Final = 20
"""So often infants are thinned again because whole moments left the others too large a share."""

_LEAST_KEPT: Final = 0.95
"""What thinning again has to leave of the frames that the first thinning left."""

FLAG_BITS: Final = {flag: 1 << i for i, flag in enumerate(QualityFlag)}


def select_frames(columns: FrameColumns, rule: FrameRule) -> Selected:
    """Apply a rule.

    The same columns and rule give the same frames, on every machine.
    """
    taken = np.ones(len(columns), dtype=bool)
    left_out: dict[Step, int] = {}
    steps: dict[Step, Callable[[FrameColumns, FrameRule, Mask], Mask]] = {
        Step.POSTURE: _in_posture,
        Step.FLAGGED: _unflagged,
        Step.THINNED: _thinned,
        Step.NEAR_DUPLICATE: _distinct,
        Step.SHARE: _within_share,
    }
    for step, keep in steps.items():
        now = taken & keep(columns, rule, taken)
        left_out[step] = int(taken.sum() - now.sum())
        taken = now
    return Selected(taken, left_out, _remarks(columns, rule, taken))


def _in_posture(columns: FrameColumns, rule: FrameRule, _: Mask) -> Mask:
    if rule.postures is None:
        return np.ones(len(columns), dtype=bool)
    found: Mask = np.isin(columns.posture, sorted(rule.postures))
    return found


def _unflagged(columns: FrameColumns, rule: FrameRule, _: Mask) -> Mask:
    unwanted = sum(FLAG_BITS[flag] for flag in rule.without_flags)
    found: Mask = (columns.flags & unwanted) == 0
    return found


def _thinned(columns: FrameColumns, rule: FrameRule, _: Mask) -> Mask:
    found: Mask = columns.moment_index % max(1, rule.every_nth) == 0
    return found


def _distinct(columns: FrameColumns, rule: FrameRule, taken: Mask) -> Mask:
    keep = np.ones(len(columns), dtype=bool)
    if rule.near_duplicates:
        return keep
    places = np.flatnonzero(taken)
    for camera in _runs(columns.camera[places]):
        of_camera = places[camera]
        repeated = mark_near_duplicates(columns.dhash[of_camera].tolist(), NEAR_DUPLICATE_DISTANCE)
        keep[of_camera[[first is not None for first in repeated]]] = False
    return keep


def _runs(values: NDArray[np.int64]) -> list[slice]:
    """Slices of equal neighbours."""
    if not len(values):
        return []
    borders = np.flatnonzero(np.diff(values)) + 1
    edges = [0, *borders.tolist(), len(values)]
    return [slice(a, b) for a, b in itertools.pairwise(edges)]


def _within_share(columns: FrameColumns, rule: FrameRule, taken: Mask) -> Mask:
    """Thin infants until none has more than the share.

    Moments stay whole, so that an infant gets somewhat less than it may have, and everybody else a
    larger share of what is left: then it is counted again. Where that would cost much, as with a
    share that only equal parts reach, the first count stands.
    """
    keep = np.ones(len(columns), dtype=bool)
    if rule.max_share is None:
        return keep
    first: Mask | None = None
    for _ in range(_MAX_ROUNDS):
        left = taken & keep
        infants, counts = np.unique(columns.infant[left], return_counts=True)
        if _largest_part(counts) <= rule.max_share:
            break
        most = largest_count(counts, rule.max_share)
        for infant, count in zip(infants.tolist(), counts.tolist(), strict=True):
            if count > most:
                places = np.flatnonzero(taken & (columns.infant == infant))
                keep[places] = False
                keep[_spread(columns, places, most)] = True
        first = keep.copy() if first is None else first
        if rule.max_share * len(infants) < 1 or np.array_equal(left, taken & keep):
            break
    if first is not None and (taken & keep).sum() < _LEAST_KEPT * (taken & first).sum():
        return first
    return keep


def _largest_part(counts: NDArray[np.int64]) -> float:
    """The share of whoever has most; 0 of nothing."""
    return float(counts.max() / counts.sum()) if len(counts) else 0.0


def largest_count(counts: NDArray[np.int64], share: float) -> int:
    """How many frames an infant may have so that none has more than a share of what is left.

    Args:
        counts: (k,) frames of each infant.
        share: Above 0. Below 1 / k it cannot be reached; then all are made equal.

    Returns:
        The largest number m with ``m <= share * sum(min(counts, m))``; at least the smallest count.
    """
    ordered = np.sort(counts)
    low, high = int(ordered[0]), int(ordered[-1])
    while low < high:
        middle = (low + high + 1) // 2
        if middle <= share * int(np.minimum(ordered, middle).sum()):
            low = middle
        else:
            high = middle - 1
    return low


def _spread(columns: FrameColumns, places: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Of an infant's frames about ``most``, whole moments, spread evenly over the time."""
    moments, inverse = np.unique(columns.moment[places], return_inverse=True)
    sizes = np.bincount(inverse)
    wanted = max(1, int(most / (len(places) / len(moments))))
    chosen = np.unique(np.linspace(0, len(moments) - 1, min(wanted, len(moments))).round())
    picked = np.zeros(len(moments), dtype=bool)
    picked[chosen.astype(np.int64)] = True
    while sizes[picked].sum() > most and picked.sum() > 1:
        picked[np.flatnonzero(picked)[-1]] = False
    return places[picked[inverse]]


def _remarks(columns: FrameColumns, rule: FrameRule, taken: Mask) -> tuple[str, ...]:
    infants = len(np.unique(columns.infant))
    if rule.max_share is not None and infants and rule.max_share * infants < 1:
        least = 100 / infants
        return (
            f"With {infants} infants, none can have less than {least:.0f} % on average:"
            " all are brought to the same number.",
        )
    _, counts = np.unique(columns.infant[taken], return_counts=True)
    part = _largest_part(counts)
    if rule.max_share is not None and part > rule.max_share:
        return (
            f"Moments stay whole: one infant has {100 * part:.1f} % of the frames, more than"
            f" {100 * rule.max_share:g} %.",
        )
    return ()
