"""Which person, and which way round: one choice per frame, by dynamic programming.

A model may exchange the infant's sides, wholly or of the arms or legs alone, or take an adult for
the infant. Both last for some frames and jump where they begin and end. The options of a frame are
its marks as they are and with sides exchanged, and the other people found; the cheapest sequence is
Viterbi's (1967), and the way back gives how much dearer the best sequence through each other
option is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backend.domain.skeleton import JOINTS, MIRROR, N_JOINTS
from backend.domain.trajectories import flow as flows
from backend.domain.trajectories.alike import NOTHING, Alike
from backend.domain.trajectories.evidence import Array, CameraEvidence, Flags, Ints, found_at
from backend.domain.trajectories.sizes import SPREAD, statures

AS_IS = 0
_PARTS: tuple[tuple[str, ...], ...] = (
    (),
    ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"),
    ("elbow", "wrist"),
    ("shoulder", "elbow", "wrist"),
    ("knee", "ankle"),
    ("hip", "knee", "ankle"),
)
"""What is exchanged in the options made of the chosen marks."""

_JUMP = 2.0
"""A joint that moved this many OKS spreads away from where it was due costs half of the most."""

_EXCHANGED, _OTHER = 0.25, 0.5
"""What an option costs that is not the marks as they are, in joints: little, as faults last."""

_BEGINS = 1.0
"""And what it costs, in joints, that sides are exchanged from here on: faults are rare."""

SURE = 1.5
"""And by how many joints it must be cheaper, somewhere in the stretch, than the marks as they are:
a chance of .05 (``gather``) to put all of its frames wrong. On sessions for development 216 of 260
exchanged frames are found so, 191 with 2.5, and none is exchanged that was not, with labels of
four kinds; with .75 some are."""

_SIZE = 0.25
"""Deviation of the logarithm of the apparent stature: postures change it."""

_TOO_LARGE = 8.0
"""Most that an odd size costs, in joints."""

_SAID = 20.0
"""How much more a confirmed joint counts than one of a neighbouring frame."""


def _orders() -> Ints:
    out = np.tile(np.arange(N_JOINTS), (len(_PARTS), 1))
    for k, parts in enumerate(_PARTS):
        for j, name in enumerate(JOINTS):
            if name.split("_")[-1] in parts:
                out[k, j] = MIRROR[j]
    return out


ORDERS = _orders()


@dataclass(frozen=True, eq=False)
class Options:
    """All options of T frames.

    Attributes:
        joints: (T, K, 17, 2) pixels. scores: (T, K, 17). cost: (T, K) of each by itself, in joints.
        step: (T-1, K, K, ) cost of going from one to another.
    """

    joints: Array
    scores: Array
    cost: Array
    step: Array


@dataclass(frozen=True, eq=False)
class Choice:
    """What was chosen.

    Attributes:
        option: (T,). dearer: (T, K) by how much the best sequence through each option is dearer.
    """

    option: Ints
    dearer: Array


def options_of(
    evidence: CameraEvidence, sizes: Array, known_errors: Alike = NOTHING,
    believed: Array | float = 1.0,
) -> Options:  # fmt: skip
    """The options of each frame and what they cost; errors that are known are taken off, as far as
    they are believed, (T,) from 0 to 1."""
    joints, scores = _listed(evidence)
    if known_errors.size > 0:
        for k in range(joints.shape[1]):
            off = known_errors.offset(joints[:, k], sizes)
            joints[:, k] -= np.broadcast_to(believed, len(joints))[:, None, None] * off
    known = found_at(joints)
    cost = np.zeros(joints.shape[:2])
    cost[:, 1 : len(_PARTS)] = _EXCHANGED
    cost[:, len(_PARTS) :] = _OTHER
    odd = _odd_size(joints, evidence)
    # Whoever has the sides exchanged is as large as before.
    odd[:, : len(_PARTS)] = odd[:, AS_IS, None]
    cost += odd
    spread = SPREAD * sizes[:, None]
    said = evidence.said
    if said.any():
        t = np.flatnonzero(said.any(1))
        away = ((joints[t] - evidence.confirmed[t, None]) ** 2).sum(-1)
        bent = away / (away + (_JUMP * spread[t, None]) ** 2)
        cost[t] += _SAID * np.where(said[t, None] & known[t], bent, 0.0).sum(-1)
    cost[~known.any(-1)] += 1e3
    cost[~known.any((1, 2))] = 0.0
    return Options(joints, scores, cost, _steps(evidence, joints, known, spread))


def _listed(evidence: CameraEvidence) -> tuple[Array, Array]:
    gone = evidence.discarded | repeated(evidence.marks)
    marks = np.where(gone[:, None, None], np.nan, evidence.marks)
    parts = [marks[:, order] for order in ORDERS]
    sure = np.nan_to_num(evidence.scores)
    scores = [sure[:, order] for order in ORDERS]
    for k in range(evidence.others.shape[1] if len(evidence.others) else 0):
        other = evidence.others[:, k]
        for order in ORDERS[:2]:
            parts.append(other[:, order, :2])
            scores.append(np.nan_to_num(other[:, order, 2]))
    return np.stack(parts, 1), np.stack(scores, 1)


_REPEATS = 6
"""Joints known in both frames from which an answer that is the same to the last bit is a repeat."""


def repeated(marks: Array) -> Flags:
    """(T,) frames whose marks are bit by bit those of the frame before.

    No detector finds the same place twice in pictures that differ by their noise alone: a tracker
    or decoder gave its last answer again, which tells nothing of this frame.

    Args:
        marks: (T, 17, 2), NaN for none.
    """
    known = found_at(marks)
    both = known[1:] & known[:-1]
    same = ((marks[1:] == marks[:-1]).all(-1) | ~both).all(1) & (both.sum(1) >= _REPEATS)
    same &= (known[1:] == known[:-1]).all(1)
    return np.concatenate((np.zeros(min(len(marks), 1), bool), same))


def _odd_size(joints: Array, evidence: CameraEvidence) -> Array:
    """(T, K) cost of a body that is not as large as this infant."""
    tall = statures(joints)
    usual = usual_stature(tall, evidence)
    if np.isnan(usual):
        return np.zeros(tall.shape)
    odd = (np.log(np.maximum(tall, 1e-3) / max(usual, 1e-3)) / _SIZE) ** 2 / 2
    return np.nan_to_num(_TOO_LARGE * odd / (odd + _TOO_LARGE), nan=0.0)


def usual_stature(tall: Array, evidence: CameraEvidence) -> float:
    """How tall this infant appears, pixels; NaN where nothing is known.

    Args:
        tall: (T, K) apparent statures of the options, the marks first. evidence: Of the camera.
    """
    known = statures(np.where(evidence.said[..., None], evidence.confirmed, np.nan))
    first = tall[:, AS_IS]
    if np.isfinite(known).sum() >= 3:
        return float(np.nanmedian(known))
    if np.isfinite(first).any():
        # The infant is the smaller one wherever there are two.
        return float(np.nanmedian(np.fmin(first, np.fmin.reduce(tall, axis=1))))
    return float("nan")


def _steps(evidence: CameraEvidence, joints: Array, known: Flags, spread: Array) -> Array:
    """(T-1, K, K) robust cost of what each pair of options would have moved."""
    n, K = joints.shape[:2]
    if n < 2:
        return np.zeros((0, K, K))
    moved, sure = flows.sample(evidence.flow, np.nan_to_num(joints[:-1]))
    dt = np.diff(evidence.times)
    # Without flow a joint may have moved by itself.
    loose = spread[1:, None] * _JUMP * (1 + (1 - sure) * np.minimum(20 * dt, 2.0)[:, None, None])
    # Time last, joints in front: sums then run over long rows.
    due = (joints[:-1] + moved).transpose(3, 2, 1, 0).astype(np.float32, order="C")
    after = joints[1:].transpose(3, 2, 1, 0).astype(np.float32, order="C")
    loose2 = loose.transpose(2, 1, 0).astype(np.float32, order="C") ** 2
    out = np.zeros((K, K, n - 1), np.float32)
    for k in range(K):
        x, y = after - due[:, :, k, None]
        d2 = x * x + y * y
        bent = d2 / (d2 + loose2[:, k, None])
        out[k] = np.where(np.isnan(bent), np.float32(0.5), bent).sum(0)
    out[AS_IS, 1 : len(_PARTS)] += _BEGINS
    return np.ascontiguousarray(out.transpose(2, 0, 1), dtype=float)


def person(count: int) -> Ints:
    """(count,) whose pose each option of a frame is: 0 of the marks, 1 and more of the others."""
    number = np.arange(count)
    return np.where(number < len(_PARTS), 0, (number - len(_PARTS)) // 2 + 1)


def choose(options: Options) -> Choice:
    """The cheapest sequence of options, and what any other would cost more."""
    cost = options.cost
    there = np.flatnonzero(np.isfinite(options.joints[:, AS_IS]).any((1, 2)))
    n, K = cost.shape
    option, dearer = np.zeros(n, np.int64), np.full((n, K), np.inf)
    dearer[:, AS_IS] = 0.0
    if not len(there):
        return Choice(option, dearer)
    ahead = np.zeros((len(there), K))
    behind = np.zeros((len(there), K))
    gaps = [_gap(options, int(a), int(b)) for a, b in pairwise(there)]
    for i in range(1, len(there)):
        ahead[i] = ((ahead[i - 1] + cost[there[i - 1]])[:, None] + gaps[i - 1]).min(0)
        j = len(there) - 1 - i
        behind[j] = (gaps[j] + (behind[j + 1] + cost[there[j + 1]])).min(1)
    total = ahead + behind + cost[there]
    dearer[there] = total - total.min(1, keepdims=True)
    option[there] = _only_sure(total.argmin(1), dearer[there, AS_IS])
    return Choice(option, dearer)


def _only_sure(option: Ints, dearer: Array) -> Ints:
    """Options (T,) with the marks as they are where a stretch of exchanges is not sure.

    Args:
        option: (T,) the cheapest. dearer: (T,) what the marks as they are would cost more.
    """
    exchanged = (option > AS_IS) & (option < len(_PARTS))
    number = np.cumsum(np.diff(exchanged, prepend=False) & exchanged)
    most = np.zeros(number.max(initial=0) + 1)
    np.maximum.at(most, number[exchanged], dearer[exchanged])
    return np.where(exchanged & (most[number] < SURE), AS_IS, option)


def _gap(options: Options, a: int, b: int) -> Array:
    """(K, K) cost between two frames with marks; across frames without any, by place alone."""
    if b == a + 1:
        return np.asarray(options.step[a])
    before, after = options.joints[a], options.joints[b]
    d2 = ((after[None] - before[:, None]) ** 2).sum(-1)
    size = np.nanmax(np.ptp(np.where(np.isfinite(before), before, np.nan), axis=1)) / 2
    scale = (_JUMP * SPREAD * max(float(np.nan_to_num(size)), 1.0) * min(1 + 0.3 * (b - a), 6)) ** 2
    return np.asarray(np.nan_to_num(d2 / (d2 + scale), nan=0.5).sum(-1))
