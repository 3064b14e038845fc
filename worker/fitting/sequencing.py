"""Where a recording is solved as sequences, and what is kept of the moments by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from worker.fitting.motion import learnt_motion
from worker.fitting.priors import PosePrior, full_pose
from worker.fitting.problem import Problem
from worker.fitting.result import SessionFit
from worker.fitting.rig import JointBasis, Rig
from worker.fitting.sequence import Sequence, fill_gaps, runs_of, solve_sequence
from worker.fitting.skin import posed_joints
from worker.fitting.solve import Solution, is_smooth, points, view_errors
from worker.fitting.warm import WarmStart

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOMENT = "moment"
SEQUENCE = "sequence"
NEIGHBOURS = "neighbours"
"""How a recording was fitted over time: each moment for itself, all together, or each with its
neighbours' prediction."""

_COSTS, _LETS_LOOSE = 1.5, 3
"""A sequence that costs a moment so many standard deviations of a joint more, on average, has no
say there; so often that is looked at."""

_AROUND = 3
"""Moments to each side of a changed one that tell it where it comes from and goes to."""


@dataclass(eq=False)
class OverTime:
    """What the sequence added to T moments.

    raw: (T, 3 + 3A) poses before it; NaN where a moment was not solved for itself just now.
    spread: (T, 17) m, NaN where a moment belongs to no sequence. bridged: (T,) moments that had too
    few joints of their own.
    """

    raw: Array
    spread: Array
    bridged: Flags


def in_sequence(problem: Problem) -> bool:
    """Whether moments are solved together: times are known, and some follow one another."""
    config = problem.config
    return (
        is_smooth(problem)
        and config.sequence_weight > 0
        and problem.times is not None
        and bool(runs_of(problem.times, config.sequence_gap_s))
    )


def moments_of(whole: Problem, enough: Bool[Flags, " t"]) -> Int[Ints, " n"]:
    """Moments to fit: those with enough joints, and what a sequence can bridge between them."""
    own = np.flatnonzero(enough)
    if len(own) < 2 or whole.times is None or not in_sequence(whole):
        return own
    at = np.arange(whole.moments)
    before = np.searchsorted(own, at, side="right") - 1
    after = np.searchsorted(own, at)
    inside = (before >= 0) & (after < len(own))
    span = np.full(whole.moments, np.inf)
    span[inside] = whole.times[own[after[inside]]] - whole.times[own[before[inside]]]
    return np.flatnonzero(enough | (span <= whole.config.bridge_s))


def over_time(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, solution: Solution, rows: Ints,
    enough: Flags, own: Ints,
) -> OverTime:  # fmt: skip
    """Solve runs of moments together, ``rows`` of them anew; the solution's are replaced.

    Args:
        enough: (T,) moments that have a pose. own: Those that were solved for themselves just now.
    """
    assert problem.times is not None
    raw = np.full(solution.x.shape, np.nan)
    raw[own] = solution.x[own]
    found = OverTime(raw, np.full((problem.moments, 17), np.nan), ~enough)
    wanted = np.zeros(problem.moments, bool)
    wanted[rows] = True
    lost = ~enough & wanted
    if lost.any():
        solution.x[lost] = fill_gaps(problem, solution.x, ~lost)[lost]
    for run in runs_of(problem.times, problem.config.sequence_gap_s):
        for part in _parts(run, wanted):
            known = enough[part] | ~wanted[part]
            if not known.any():
                continue
            solved = _solve(
                problem.at(part), rig, prior, scale, solution.x[part], known, ~wanted[part],
                raw[part],
            )  # fmt: skip
            new = part[wanted[part]]
            mine = wanted[part]
            solution.x[new], found.spread[new] = solved.x[mine], solved.spread[mine]
            solution.converged[new] = solved.converged[mine]
            solution.steps[new] += solved.steps
    return found


def _solve(
    problem: Problem, rig: Rig, prior: PosePrior, scale: float, x: Array, known: Flags, held: Flags,
    raw: Array,
) -> Sequence:  # fmt: skip
    """A run, again with moments let loose that it takes far from their joints.

    A cut in the video, a jump of the clock or moments that are no motion at all: the views say
    so, and they count more than the prior.
    """
    loose = np.zeros(len(x), bool)
    own = mean_errors(problem, rig, np.where(np.isfinite(raw), raw, x), scale)
    for _ in range(_LETS_LOOSE):
        solved = solve_sequence(problem, rig, prior, scale, x, learnt_motion(), known, held, loose)
        after = mean_errors(problem, rig, solved.x, scale)
        off = (after > own + _COSTS * problem.config.sigma_px) & ~held & known
        near = off.copy()
        near[1:] |= off[:-1]
        near[:-1] |= off[1:]
        if not (near & ~loose).any():
            break
        loose |= near
    return solved


def mean_errors(
    problem: Problem, rig: Rig, x: Float[Array, "t n"], scale: float
) -> Float[Array, " t"]:
    """(T,) px, NaN where nothing is seen."""
    errors = view_errors(problem, points(rig, x, scale)[:, :17])
    some = np.isfinite(errors)
    total = np.where(some, np.minimum(errors, 1e4), 0.0).sum((1, 2))
    return np.where(some.any((1, 2)), total / np.maximum(some.sum((1, 2)), 1), np.nan)


def _parts(run: Ints, wanted: Flags) -> list[Ints]:
    """Stretches of a run that hold what is wanted, with some moments around."""
    if wanted[run].all():
        return [run]
    near = np.zeros(len(run), bool)
    for place in np.flatnonzero(wanted[run]):
        near[max(0, place - _AROUND) : place + _AROUND + 1] = True
    cuts = np.flatnonzero(np.diff(near.astype(int))) + 1
    return [part for part in np.split(run, cuts) if wanted[part].any() and len(part) >= 3]


def with_time(
    fit: SessionFit, told: OverTime | None, basis: JointBasis, prior: PosePrior,
    start: WarmStart | None, rows: Ints, smooth: bool,
) -> SessionFit:  # fmt: skip
    """The fit with what its sequences left; moments that stayed keep theirs of before."""
    before = None if start is None else start.sequence
    kept = np.setdiff1d(np.arange(len(fit)), rows)
    if told is None and (before is None or not len(kept)):
        return replace(fit, time_filter=NEIGHBOURS if smooth else MOMENT)
    n = len(fit)
    spread, bridged = np.full((n, 17), np.nan), np.zeros(n, bool)
    pose, place = fit.pose.copy(), fit.translation.copy()
    if told is not None:
        spread, bridged = told.spread.copy(), told.bridged.copy()
        new = np.flatnonzero(np.isfinite(told.raw).all(1))
        pose[bridged], place[bridged] = np.nan, np.nan
        pose[new], place[new] = full_pose(basis, prior, told.raw[new]), told.raw[new, :3]
        # A neighbour that was only told of a change keeps what it gave for itself.
        kept = np.setdiff1d(np.arange(n), new)
    if start is not None and before is not None:
        kept = kept[np.isin(fit.moment[kept], start.moment)]
        at = start.rows_of(fit.moment[kept])
        pose[kept], place[kept] = before.pose[at], before.translation[at]
        still = np.isin(kept, rows, invert=True)
        spread[kept[still]] = before.spread_m[at[still]]
        bridged[kept] = before.bridged[at]
    coco = np.full((n, 17, 3), np.nan)
    some = np.flatnonzero(np.isfinite(pose).all(1))
    coco[some], _ = posed_joints(basis, fit.betas[0], pose[some], place[some], float(fit.scale[0]))
    return replace(
        fit, time_filter=SEQUENCE, spread_m=spread, bridged=bridged, raw_pose=pose,
        raw_translation=place, raw_joints3d_coco=coco,
    )  # fmt: skip
