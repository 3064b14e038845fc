"""Simulated pre-labels: what a pose model might say about the demo, made from its ground truth.

They exist so that the demo works without model weights, and must be shown as "simulated
pre-labels". Deterministic: every frame has its own random stream, so frames can be simulated in
any order.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.demo.truth import (
    CameraTruth,
    DemoRecording,
    FrameTruth,
    PersonTruth,
    RecordingTruth,
    list_demo_recordings,
    load_truth,
)
from backend.domain.limbs import ARMS, LEGS
from backend.domain.masks import Rle
from backend.domain.skeleton import FACE, MIRROR, N_JOINTS, SIGMAS

__all__ = [
    "MODEL_NAME",
    "CameraTruth",
    "Candidate",
    "DemoRecording",
    "FrameTruth",
    "PersonTruth",
    "RecordingTruth",
    "list_demo_recordings",
    "load_truth",
    "simulate_frame",
    "simulate_prelabels",
    "simulated_mask",
]

MODEL_NAME = "simulated pre-labels"
"""How these are named wherever a model's name is shown."""

_ARMS, _LEGS = ([joint for side in pair for joint in side] for pair in (ARMS, LEGS))

_SPREAD = {"ok": 1.0, "blur": 2.2, "dark": 2.6, "empty": 1.0}
_TRUST = {"ok": 1.0, "blur": 0.72, "dark": 0.45, "empty": 1.0}


@dataclass(frozen=True)
class Candidate:
    """One person that the simulated model found.

    keypoints: (17, 3) x px, y px, score 0..1, COCO order. score: the person's, 0..1. box: x0, y0,
    x1, y1 px. kind: whom it was made from: "infant", "adult" or "spurious"; a model would not know,
    so show it to nobody.
    """

    keypoints: NDArray[np.float64]
    score: float
    box: tuple[float, float, float, float]
    kind: str


def simulate_prelabels(truth: CameraTruth, rng_seed: int = 0) -> list[list[Candidate]]:
    """Simulate a pose model on every frame of one camera; best candidate first in each frame."""
    return [simulate_frame(frame, rng_seed) for frame in truth.frames]


def simulate_frame(frame: FrameTruth, rng_seed: int = 0) -> list[Candidate]:
    """Simulate a pose model on one frame.

    Joints are off by a share of their OKS sigma, hidden ones by more; some are missed (far off,
    with a low score); arms or legs are sometimes swapped left for right. Blur and darkness make all
    of it worse, darkness hides the infant at times and shows people who are not there. An adult
    in view is one more candidate. A frame without people gives none.
    """
    key = zlib.crc32(f"{frame.recording}/{frame.camera}".encode())
    rng = np.random.default_rng([rng_seed, key, frame.index])
    lost = {"ok": 0.015, "blur": 0.08, "dark": 0.35, "empty": 0.0}[frame.condition]
    out = []
    for person in frame.people:
        if person.box is None or person.area < 200:
            continue
        if rng.random() >= lost:
            out.append(_candidate(frame, person, rng))
    if frame.condition == "dark" and frame.people and rng.random() < 0.5:
        out.append(_spurious(frame, rng))
    return sorted(out, key=lambda c: -c.score)


def simulated_mask(frame: FrameTruth) -> tuple[Rle, float] | None:
    """The infant's true mask and a plausible score; None where no infant is to be seen."""
    infant = frame.infant
    if infant is None or infant.area == 0:
        return None
    hidden = float(np.mean(infant.visibility != 2))
    return infant.mask, round(_TRUST[frame.condition] ** 0.4 * (0.97 - 0.12 * hidden), 3)


def _candidate(frame: FrameTruth, person: PersonTruth, rng: np.random.Generator) -> Candidate:
    assert person.box is not None
    spread, trust = _SPREAD[frame.condition], _TRUST[frame.condition]
    size = float(np.sqrt(max(person.area, 1)))
    deviation = 2 * np.asarray(SIGMAS) * size * spread
    visible = person.visibility == 2
    xy = person.joints2d.copy()
    score = np.where(visible, rng.normal(0.92, 0.05, N_JOINTS), rng.normal(0.50, 0.14, N_JOINTS))
    xy += rng.normal(0, 1, (N_JOINTS, 2)) * (deviation * np.where(visible, 0.16, 0.45))[:, None]
    missed = rng.random(N_JOINTS) < np.where(visible, 0.012, 0.12) * spread
    angle = rng.uniform(0, 2 * np.pi, N_JOINTS)
    far = rng.uniform(1.2, 2.6, N_JOINTS) * (2 * np.asarray(SIGMAS).mean() * size)
    xy += (missed * far)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    score = np.where(missed, rng.uniform(0.08, 0.34, N_JOINTS), score)
    outside = person.visibility == 0
    limit = np.array([frame.width, frame.height], float)
    xy = np.where(outside[:, None], np.clip(xy, 0, limit), xy)
    score = np.where(outside, rng.uniform(0.02, 0.15, N_JOINTS), score) * trust**0.7
    xy, score = _swapped(xy, score, rng, spread)
    keypoints = np.concatenate([np.clip(xy, 0, limit), np.clip(score, 0.01, 0.99)[:, None]], axis=1)
    best = np.clip(rng.normal(0.90, 0.03) * trust - 0.25 * float(np.mean(outside)), 0.12, 0.98)
    return Candidate(keypoints, round(float(best), 3), _shaken(person.box, frame, rng), person.kind)


def _swapped(
    xy: NDArray[np.float64], score: NDArray[np.float64], rng: np.random.Generator, spread: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Now and then, name a pair of limbs (or all of them) by the wrong side."""
    groups: Sequence[tuple[Sequence[int], float]] = ((_LEGS, 0.04), (_ARMS, 0.02), (FACE, 0.015))
    order = np.arange(N_JOINTS)
    for joints, chance in groups:
        if rng.random() < chance * spread:
            chosen = list(joints)
            order[chosen] = np.asarray(MIRROR)[chosen]
    return xy[order], score[order]


def _shaken(
    box: tuple[float, float, float, float], frame: FrameTruth, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    dx, dy = rng.normal(0, 0.015, 2) * (x1 - x0), rng.normal(0, 0.015, 2) * (y1 - y0)
    return (
        float(np.clip(x0 + dx[0], 0, frame.width - 2)),
        float(np.clip(y0 + dy[0], 0, frame.height - 2)),
        float(np.clip(x1 + dx[1], x0 + 2, frame.width)),
        float(np.clip(y1 + dy[1], y0 + 2, frame.height)),
    )


def _spurious(frame: FrameTruth, rng: np.random.Generator) -> Candidate:
    """Somebody who is not there, as models see in the dark: a shrunken copy, elsewhere."""
    person = frame.people[int(rng.integers(len(frame.people)))]
    middle = person.joints2d.mean(axis=0)
    limit = np.array([frame.width, frame.height], float)
    place = rng.uniform(0.2, 0.8, 2) * limit
    scale = rng.uniform(0.3, 0.6) * min(1.0, 200 / max(float(np.ptp(person.joints2d)), 1.0))
    xy = place + (person.joints2d - middle) * scale + rng.normal(0, 6, (N_JOINTS, 2))
    xy = np.clip(xy, 0, limit)
    score = rng.uniform(0.03, 0.30, N_JOINTS)
    low, high = xy.min(axis=0), xy.max(axis=0)
    best = round(float(rng.uniform(0.10, 0.28)), 3)
    return Candidate(
        np.concatenate([xy, score[:, None]], axis=1),
        best,
        (float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        "spurious",
    )
