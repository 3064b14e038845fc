"""Poses of a sequence solved together: what all moments say, and how infants move between them.

The energy is that of every moment (without the neighbours' prediction of a moment-by-moment fit)
plus the motion prior on the paths of the COCO joints and, much weaker, on the turns of the bones.
Gauss–Newton with damping over all poses at once: a path's prior is a matrix of five diagonals,
which the joints' derivatives carry over to poses as blocks that reach two moments to each side.
Moments without joints are bridged: the prior alone places them, and says how wide that is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from worker.fitting.chains import Banded, path_precision, solve_banded, times_precision
from worker.fitting.contact import Contacts, find_contacts
from worker.fitting.motion import MotionPrior, local_levels
from worker.fitting.priors import PosePrior
from worker.fitting.problem import Problem
from worker.fitting.rig import Rig
from worker.fitting.shape import linearise
from worker.fitting.solve import points, stage_table

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LONGEST, OVERLAP = 240, 30
"""Moments that are solved at once, and how many of them are solved again with the next ones: what
lies half a second away has no say in practice."""

_HELD = 1e12
"""Precision of moments that stay as they are."""

_LOOSE = 1e6
"""By how much more a moment may change speed that is no part of a motion."""

_SHAPE_M, _WIDER = 0.0015, 1.15
"""What the spread of a joint is short of: the shape's own error, and what linearising leaves out.
Measured on motions of the synthesis (seed 1)."""


@dataclass(eq=False)
class Sequence:
    """Poses of T moments. x: (T, 3 + 3A). spread: (T, 17) m, standard deviation of each joint along
    an axis. converged: (T,). steps: how many."""

    x: Array
    spread: Array
    converged: Flags
    steps: int


def runs_of(times: Float[Array, " t"], gap_s: float) -> list[Ints]:
    """Moments that belong together: none further than ``gap_s`` from the next; three at least."""
    cuts = np.flatnonzero(np.diff(times) > gap_s) + 1
    parts = np.split(np.arange(len(times)), cuts)
    return [part for part in parts if len(part) >= 3]


def solve_sequence(
    problem: Problem,
    rig: Rig,
    prior: PosePrior,
    scale: float,
    x: Float[Array, "t n"],
    motion: MotionPrior,
    known: Bool[Flags, " t"],
    held: Bool[Flags, " t"] | None = None,
    loose: Bool[Flags, " t"] | None = None,
) -> Sequence:
    """Solve one run of moments from given poses, which are not changed.

    Args:
        problem: Of the run; it has times.
        known: Moments whose given pose is worth something; the others start between those.
        held: Moments that stay as they are and only tell the others.
        loose: Moments about which the motion prior says next to nothing: it was wrong there.
    """
    held = np.zeros(len(x), bool) if held is None else held
    loose = np.zeros(len(x), bool) if loose is None else loose
    x = fill_gaps(problem, x, known | held)
    t = len(x)
    spread, converged, steps = np.zeros((t, 17)), np.zeros(t, bool), 0
    begin = 0
    while True:
        end = min(t, begin + LONGEST)
        if t - end < OVERLAP:
            end = t
        rows = np.arange(begin, end)
        # What earlier windows settled stays, and tells the first of this one.
        fixed = held[rows] | (rows < begin + (2 if begin else 0))
        if fixed.all():
            part_x, part_spread, done, count = x[rows], np.zeros((len(rows), 17)), True, 0
        else:
            part_x, part_spread, done, count = _window(
                problem.at(rows), rig, prior, scale, x[rows], motion, fixed, loose[rows]
            )
        x[rows[~fixed]] = part_x[~fixed]
        spread[rows[~fixed]] = part_spread[~fixed]
        converged[rows] = done
        steps += count
        if end == t:
            return Sequence(x, spread, converged, steps)
        begin = end - OVERLAP


def _window(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, x: Array, motion: MotionPrior,
    fixed: Flags, loose: Flags,
) -> tuple[Array, Array, bool, int]:  # fmt: skip
    assert problem.times is not None
    config, times = problem.config, problem.times
    steps, done = 0, False
    for _ in range(config.sequence_rounds):
        joints = points(rig, x, scale)[:, :17]
        level = local_levels(motion, joints, times)
        contacts = find_contacts(problem, joints, times)
        still = contacts.resting & ~loose[:, None]
        level = np.where(still, level * config.contact_stillness, level)
        level *= np.where(loose, _LOOSE, 1.0)[:, None] / config.sequence_weight
        turn = np.where(loose, _LOOSE, 1.0) * motion.turn_level / config.sequence_weight
        energy = _Energy(problem, rig, prior, scale, motion, level, turn, contacts)
        x, count, done = _descend(energy, x, fixed, config.sequence_iterations)
        steps += count
    now = energy.at(x)
    matrix, _ = energy.normal(now, fixed, 0.0)
    _, blocks = solve_banded(matrix, np.zeros_like(x), covariance=True)
    assert blocks is not None
    flat = now.J.reshape(len(x), 51, -1)
    variance = ((flat @ blocks) * flat).sum(2).reshape(len(x), 17, 3).mean(2)
    spread = np.sqrt(_SHAPE_M**2 + _WIDER**2 * np.maximum(variance, 0))
    return x, spread, done, steps


def _descend(energy: _Energy, x: Array, fixed: Flags, most: int) -> tuple[Array, int, bool]:
    now, mu = energy.at(x), 1e-4
    tolerance = energy.problem.config.tolerance
    for step in range(most):
        matrix, h = energy.normal(now, fixed, mu)
        try:
            d, _ = solve_banded(matrix, -h)
        except np.linalg.LinAlgError:
            mu = max(mu * 10, 1e-4)
            continue
        trial = x + d
        trial[:, 3:6] = wrapped(trial[:, 3:6])
        trial[fixed] = x[fixed]
        after = energy.at(trial)
        if not after.energy < now.energy:
            mu = max(mu * 8, 1e-4)
            if mu > 1e5:
                return x, step + 1, True
            continue
        gain, x, now = now.energy - after.energy, trial, after
        mu = max(mu * 0.2, 1e-7)
        if gain < tolerance * max(now.energy, 1.0):
            return x, step + 1, True
    return x, most, False


@dataclass(frozen=True, eq=False)
class _At:
    """The energy somewhere, and what its matrix is made from. H: (T, n, n) and h: (T, n) of the
    moments; J: (T, 17, 3, n) of joints (T, 17, 3) by poses; pull: (T, 17, 3), turn_pull: (T, n − 6)
    of the paths."""

    energy: float
    H: Array
    h: Array
    J: Array
    joints: Array
    pull: Array
    turn_pull: Array


class _Energy:
    """The energy of a window."""

    def __init__(
        self, problem: Problem, rig: Rig, prior: PosePrior, scale: float, motion: MotionPrior,
        level: Array, turn: Array, contacts: Contacts,
    ) -> None:  # fmt: skip
        assert problem.times is not None
        self.problem, self.rig, self.prior, self.scale = problem, rig, prior, scale
        self.contacts = contacts
        self.stage = stage_table(problem.config)[-1]
        self.paths = path_precision(problem.times, level, motion.relax)
        bones = 3 * len(rig.parent) - 3
        self.turns = path_precision(
            problem.times, np.repeat(turn[:, None], bones, axis=1),
            np.full(bones, motion.turn_relax),
        )  # fmt: skip

    def at(self, x: Array) -> _At:
        """Look at poses (T, 3 + 3A)."""
        energy, H, h, _, _, J = linearise(
            self.problem, self.rig, self.prior, self.stage, self.scale, x
        )
        joints = points(self.rig, x, self.scale)[:, :17]
        # About the mean: far from the origin little would be left of small differences.
        away = joints - joints.mean((0, 1))
        pull = times_precision(self.paths, away)
        turn_pull = times_precision(self.turns, x[:, 6:, None])[..., 0]
        total = energy.sum() + (pull * away).sum() + (turn_pull * x[:, 6:]).sum()
        total += self.contacts.energy(joints)
        return _At(float(total), H, h, J, joints, pull, turn_pull)

    def normal(self, now: _At, fixed: Flags, mu: float) -> tuple[Banded, Array]:
        """The damped matrix, and half the gradient (T, n)."""
        t, n = now.h.shape
        flat = now.J.reshape(t, 51, n)
        w = np.repeat(self.paths, 3, axis=1)
        more_H, more_h = self.contacts.terms(now.joints, now.J)
        diagonal = now.H + more_H + flat.transpose(0, 2, 1) @ (w[..., 0, None] * flat)
        first = flat[:-1].transpose(0, 2, 1) @ (w[:-1, :, 1, None] * flat[1:])
        second = flat[:-2].transpose(0, 2, 1) @ (w[:-2, :, 2, None] * flat[2:])
        at = np.arange(6, n)
        diagonal[:, at, at] += self.turns[..., 0]
        first[:, at, at] += self.turns[:-1, :, 1]
        second[:, at, at] += self.turns[:-2, :, 2]
        h = now.h + more_h + np.einsum("tkn,tk->tn", flat, now.pull.reshape(t, 51))
        h[:, 6:] += now.turn_pull
        every = np.arange(n)
        diagonal[:, every, every] += mu * diagonal[:, every, every] + 1e-9
        diagonal[fixed] += _HELD * np.eye(n)
        h[fixed] = 0
        return Banded(diagonal, first, second), h


def fill_gaps(
    problem: Problem, x: Float[Array, "t n"], known: Bool[Flags, " t"]
) -> Float[Array, "t n"]:
    """Poses with those that are not known put between their neighbours in time."""
    out = np.array(x)
    at = np.flatnonzero(known)
    if problem.times is None or not len(at) or known.all():
        return out
    times = problem.times
    lost = np.flatnonzero(~known)
    when = np.clip(times[lost], times[at[0]], times[at[-1]])
    for column in (*range(3), *range(6, x.shape[1])):
        out[lost, column] = np.interp(when, times[at], x[at, column])
    root = Rotation.from_rotvec(x[at, 3:6])
    turned = Slerp(times[at], root)(when) if len(at) > 1 else root[np.zeros(len(lost), int)]
    out[lost, 3:6] = wrapped(turned.as_rotvec())
    return out


def wrapped(root: Float[Array, "t 3"]) -> Float[Array, "t 3"]:
    """The same turns within half a turn."""
    angle = np.linalg.norm(root, axis=1, keepdims=True)
    over = angle > np.pi
    return np.where(over, root * (1 - 2 * np.pi / np.maximum(angle, 1e-9)), root)
