"""How a joint moves by what the body around it does: a hidden ear goes where the head goes.

Flow sees what is in front, and slips on smooth skin. The joints that are fixed to the same part of
the body move by a similarity of the plane (turn, growth, shift; Umeyama 1991 without noise), which
says how a joint beside them moves as long as it keeps its place among them.
"""

from __future__ import annotations

import numpy as np

from backend.domain.skeleton import JOINTS
from backend.domain.trajectories.evidence import Array

_HEAD = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")

_FIRM, _BENDS, _ARM, _LEG = 0.25, 0.4, 0.5, 0.7
"""Measured on rendered infants: a skull is stiff, a spine bends, an elbow turns, a
knee more. Wrists and ankles move by themselves: two joints beside them say too little."""


def _beside() -> dict[int, tuple[tuple[int, ...], float]]:
    """Of each joint, those that carry it, and the share of their way by which it errs."""
    out: dict[str, tuple[tuple[str, ...], float]] = {}
    for name in _HEAD:
        out[name] = ((*_HEAD, "left_shoulder", "right_shoulder"), _FIRM)
    for name in _TRUNK:
        out[name] = ((*_TRUNK, "left_ear", "right_ear"), _BENDS)
    for side, other in (("left", "right"), ("right", "left")):
        out[f"{side}_elbow"] = ((f"{side}_shoulder", f"{side}_wrist", f"{other}_shoulder"), _ARM)
        out[f"{side}_knee"] = ((f"{side}_hip", f"{side}_ankle", f"{other}_hip"), _LEG)
    index = JOINTS.index
    return {
        index(name): (tuple(index(k) for k in those if k != name), share)
        for name, (those, share) in out.items()
    }


_IN_STEP = 20.0
"""The error of a frame is that of the next ones, too: as variance, so many count as one."""

_STILL = 0.0005
"""Share of the body's size by which it errs at least."""

BESIDE = _beside()


def carried_along(place: Array, sizes: Array) -> tuple[Array, Array]:
    """Displacements (T-1, 17, 2) by the joints around, and their variances; huge where unknown.

    Args:
        place: (T, 17, 2) the present trajectory. sizes: (T,) of the body, pixels.
    """
    before, step = place[:-1], np.diff(place, axis=0)
    moved, variance = np.zeros_like(step), np.full(step.shape[:-1], 1e12)
    for joint, (beside, share) in BESIDE.items():
        of = list(beside)
        centre, shift = before[:, of].mean(1), step[:, of].mean(1)
        arms, turns = before[:, of] - centre[:, None], step[:, of] - shift[:, None]
        soft = (arms**2).sum((1, 2)) + len(of) * (0.05 * sizes[:-1]) ** 2
        grow = (arms * turns).sum((1, 2)) / soft
        turn = (arms[..., 0] * turns[..., 1] - arms[..., 1] * turns[..., 0]).sum(1) / soft
        x, y = (before[:, joint] - centre).T
        way = np.stack((grow * x - turn * y, turn * x + grow * y), axis=-1)
        moved[:, joint] = shift + way
        speed2 = (step[:, of] ** 2).sum(-1).mean(1) / 2
        variance[:, joint] = _IN_STEP * (share**2 * speed2 + (_STILL * sizes[:-1]) ** 2)
    return moved, variance
