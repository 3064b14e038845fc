"""Whether a joint is seen: what people said nearby, what hides it, and the model's score."""

from __future__ import annotations

import numpy as np

from backend.domain.keypoints import Visibility
from backend.domain.trajectories.evidence import UNSAID, Array, CameraEvidence, Ints, found_at

_LASTS = 0.4
"""Seconds for which what a person said of a joint's visibility holds about half."""

_HALF, _STEEP = 0.3, 8.0
"""Score at which a joint is as likely seen as hidden, and log odds per unit above it. Low: weak
joints are mostly seen, and a model is unsure of infants."""

_HIDDEN, _BEHIND = 5.0, 3.0
"""Log odds that masks and the depth order of a fitted body give, and that of the joints alone: four
in five joints that the latter calls hidden are."""


def proposed(evidence: CameraEvidence, positions: Array, behind: Array | None = None) -> Ints:
    """(T, 17) visibility 0, 1 or 2; what a person said stays.

    Args:
        evidence: Of the camera.
        positions: (T, 17, 2) pixels.
        behind: (T, 17) share by which joints lie behind the body's own parts, by the joints in the
            world; NaN unknown. What ``evidence.hidden`` says goes before.
    """
    said = evidence.confirmed_visibility
    odds = _STEEP * (np.nan_to_num(evidence.scores) - _HALF)
    odds = np.where(found_at(evidence.marks), odds, 0.0)
    order = np.zeros(odds.shape)
    for hidden, weight in ((behind, _BEHIND), (evidence.hidden, _HIDDEN)):
        if hidden is not None:
            order = np.where(np.isfinite(hidden), weight * (1 - 2 * np.nan_to_num(hidden)), order)
    odds = odds + order
    if evidence.outside is not None:
        # However the joint moved away from its mark, so much farther from the mask it still is.
        moved = np.linalg.norm(np.nan_to_num(positions - evidence.marks), axis=-1)
        odds = odds - np.where(np.nan_to_num(evidence.outside) > moved, _HIDDEN, 0.0)
    for j in range(said.shape[1]):
        at = np.flatnonzero(said[:, j] > UNSAID)
        if len(at):
            odds[:, j] += _said_nearby(evidence.times, at, said[at, j])
    out = np.where(odds >= 0, Visibility.VISIBLE, Visibility.OCCLUDED).astype(np.int64)
    x, y = positions[..., 0], positions[..., 1]
    inside = (x >= 0) & (y >= 0) & (x < evidence.width) & (y < evidence.height)
    out = np.where(inside, out, Visibility.ABSENT)
    out = np.where(_absent_on_both_sides(said), Visibility.ABSENT, out)
    return np.asarray(np.where(said > UNSAID, said, out), dtype=np.int64)


def _said_nearby(times: Array, at: Ints, said: Ints) -> Array:
    """(T,) log odds by the nearest statements before and after, fading with time."""
    value = np.where(said == Visibility.VISIBLE, 1.0, -1.0)
    after = np.searchsorted(times[at], times)
    out = np.zeros(len(times))
    for index, there in ((after - 1, after > 0), (after, after < len(at))):
        near = np.clip(index, 0, len(at) - 1)
        fade = np.exp(-np.abs(times - times[at[near]]) / _LASTS)
        out += np.where(there, 6.0 * fade * value[near], 0.0)
    return out


def _absent_on_both_sides(said: Ints) -> Array:
    """(T, 17) joints that people called absent in the nearest confirmed frames on both sides."""
    n = len(said)
    when = np.where(said > UNSAID, np.arange(n)[:, None], -1)
    before = np.maximum.accumulate(when, axis=0)
    when = np.where(said > UNSAID, np.arange(n)[:, None], n)
    after = np.minimum.accumulate(when[::-1], axis=0)[::-1]
    known = (before >= 0) & (after < n)
    first = np.take_along_axis(said, np.maximum(before, 0), 0)
    second = np.take_along_axis(said, np.minimum(after, n - 1), 0)
    return np.asarray(known & (first == 0) & (second == 0))
