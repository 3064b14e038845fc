"""An infant that kicks on its back, as joints in pixels: smooth, with a little noise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion import OthersFound, Track

SIZE = (640, 480)
LYING = np.array([
    (300, 100), (310, 92), (290, 92), (322, 96), (278, 96), (340, 150), (260, 150), (365, 190),
    (235, 190), (375, 225), (225, 225), (325, 260), (275, 260), (345, 310), (255, 310), (340, 360),
    (260, 360),
], float)  # fmt: skip
FPS = 30
WRISTS, ANKLES = (9, 10), (15, 16)


def kicking(frames: int = 90, seed: int = 0) -> Track:
    """Arms and legs swing, everything drifts, and each joint trembles by about a pixel."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames) / FPS
    joints = np.repeat(LYING[None], frames, axis=0)
    for n, joint in enumerate((*WRISTS, *ANKLES)):
        swing = 12 * np.sin(2 * np.pi * (0.8 + 0.1 * n) * time + n)
        joints[:, joint] += np.c_[swing, 0.5 * swing]
    joints += np.c_[4 * time, 2 * np.sin(time)][:, None]
    joints += rng.normal(0, 0.8, joints.shape)
    return Track(
        time=time,
        joints=joints,
        scores=np.full((frames, N_JOINTS), 0.85),
        size=SIZE,
        moved=np.ones(frames),
        others=OthersFound.nobody(frames),
    )


def changed(track: Track, at: int, joints: Any, places: Any) -> Track:
    """The same with other places for some joints of one frame."""
    moved = track.joints.copy()
    moved[at, joints] = places
    return of(track, joints=moved)


def of(track: Track, **changes: Any) -> Track:
    """The same with other values."""
    return replace(track, **changes)


def with_adult(track: Track) -> Track:
    """An adult, two and a half times as large, kneels beside; models find both."""
    adult = 2.5 * (track.joints - LYING.mean(axis=0)) + (420, 260)
    joints = np.stack([track.joints, adult], axis=1)
    shape = joints.shape[:2]
    people = OthersFound(joints, np.full((*shape, N_JOINTS), 0.9), np.full(shape, 0.9))
    return of(track, others=people)
