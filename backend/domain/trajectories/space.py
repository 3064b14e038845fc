"""Several calibrated cameras: one trajectory in the world.

All views of a joint at a moment collapse into one 3×3 information matrix, and the flow of all views
into one block between neighbouring moments: four cameras cost what one costs. Projections are
linearised about the present trajectory (iterated Kalman smoother; Bell 1994).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backend.domain.trajectories import flow as flows
from backend.domain.trajectories import lasting, motion, noise
from backend.domain.trajectories.chain import Chain, Marginals, flipped, inverse, solve_chain
from backend.domain.trajectories.chain import times as product
from backend.domain.trajectories.evidence import Array, Flags, found_at
from backend.domain.trajectories.leans import nearness
from backend.domain.trajectories.plane import TEMPERS, WIDE, usual_scores
from backend.domain.trajectories.rays import SUPPORTED
from backend.domain.trajectories.settings import Settings
from backend.domain.trajectories.views import Seen, View, axes, project, spread_in

_SIZE_M = 0.2
"""An infant's size, the root of its area, about: only where nothing else tells a scale."""


@dataclass(frozen=True, eq=False)
class Track3:
    """What the chain says.

    Attributes:
        joints: (M, 17, 3) metres. covariance: (M, 17, 3, 3).
        places: (C, M, 17, 2) pixels. variances: (C, M, 17) along an axis.
        right: (C, M, 17) probability that each mark is right.
        reach: (M-1, 17) correlation of neighbouring errors.
        noises: Learnt, one for each camera.
    """

    joints: Array
    covariance: Array
    places: Array
    variances: Array
    right: Array
    reach: Array
    noises: tuple[noise.Noise, ...]


@dataclass(eq=False)
class _State:
    """What changes from round to round in one view. w: (M, 17) weights of marks."""

    now: noise.Noise
    right: Array
    weight: Array
    links: Array
    slow: lasting.Lasting


def track3(
    views: list[View], times: Array, joints: Array, settings: Settings,
    known: tuple[noise.Noise, ...] = (), tempers: tuple[float, ...] = TEMPERS,
    rounds: int | None = None, anchor: tuple[Array, Array] | None = None,
) -> Track3:  # fmt: skip
    """Solve and weigh by turns.

    Args:
        views: C of them. times: (M,) seconds.
        joints: (M, 17, 3) to begin with.
        settings: The numbers of the model.
        known: Noise from an earlier solution; else it is learnt.
        tempers: The marks' weight in the first rounds. rounds: How many.
        anchor: Places (M, 17, 3) and precisions (M, 17, 3, 3) known otherwise.
    """
    rounds = rounds or settings.rounds
    facts = [_facts(view, times, settings) for view in views]
    states = [
        _State(
            known[c] if known else noise.assumed(settings, views[c].sizes),
            np.where(f.marked, 1 / (1 + np.exp(-f.prior)), 0.0),
            np.zeros(f.marked.shape),
            np.ones((max(len(times) - 1, 0), 17)),
            lasting.nothing(len(times)),
        )
        for c, f in enumerate(facts)
    ]
    for state in states:
        state.slow = lasting.nothing(len(times), state.now.lasts, state.now.constant)
    speeds = np.full((len(times), 17), (0.5 * _SIZE_M) ** 2)
    first = joints
    found = sum((f.marked | (f.firm > 0)).astype(int) for f in facts) >= 2
    across = motion.between_speeds(speeds, first, np.asarray(found), times, settings.relax)
    seen = [project(view.camera, joints) for view in views]
    result: Marginals | None = None
    for turn in range(rounds):
        temper = tempers[turn] if turn < len(tempers) else 1.0
        moves = []
        wide = WIDE[turn] if turn < len(WIDE) else 1.0
        for view, f, state, s in zip(views, facts, states, seen, strict=True):
            unit = state.now.deviation(f.unit, view.scores)
            if turn == 0:
                # The start is what most views support: what is far from it is doubted at once.
                away = ((_aims(f, state, view.scores) - s.at) ** 2).sum(-1)
                near = (3 * unit) ** 2
                state.right = np.where(
                    f.marked, noise.right(away, near, unit, f.prior, f.wrong), 0.0
                )
            gentle = noise.tempered(view.marks, view.confirmed, unit, times, temper)
            state.weight = state.right * s.ok * wide * gentle / (
                state.now.slowness * (unit**2 + f.calibration2)
            )  # fmt: skip
            moves.append(_moves(view, f, s, state.now, settings))
        chain = _chain(
            views, facts, states, seen, moves, joints, times, speeds[0], across, settings, anchor
        )
        result = solve_chain(chain)
        joints = result.mean[:3, 0].transpose(1, 2, 0)
        if turn == rounds - 1:
            break
        V = result.covariance[:3, :3]
        seen = [project(view.camera, joints) for view in views]
        for view, f, state, s, move in zip(views, facts, states, seen, moves, strict=True):
            _reweigh(view, f, state, s, V, result.cross[:3, :3], move, settings,
                     turn in (1, 3) and not known)  # fmt: skip
            _learn_lasting(view, f, state, s, times, bool(known))
        velocity2 = (
            (result.mean[3:, 0] ** 2).sum(0) + np.einsum("iimn->mn", result.covariance[3:, 3:])
        ) / 3
        speeds = motion.local_speeds(
            velocity2, times, np.full((len(times), 1), settings.slowest * _SIZE_M)
        )
        across = motion.between_speeds(speeds, first, np.asarray(found), times, settings.relax)
    assert result is not None
    return _packed(views, facts, states, joints, result, times)


@dataclass(frozen=True, eq=False)
class _Facts:
    """What stays in a view: marks (M, 17, 2), whether there are any, unit deviations, priors,
    spread of wrong marks, variance of what people say, precision of what they said, where they
    said it, variance of the calibration, on which marks several views agree, factors on flow
    links' deviations, and what quick limbs add."""

    marks: Array
    marked: Flags
    unit: Array
    prior: Array
    wrong: Array
    loose: Array
    firm: Array
    said: Array
    calibration2: Array
    supported: Flags
    flow_doubt: Array
    quick: Array


def _facts(view: View, times: Array, settings: Settings) -> _Facts:
    marked = found_at(view.marks)
    said = found_at(view.confirmed)
    calibration2 = (settings.calibration * view.sizes[:, None]) ** 2
    loose = noise.said_variance(view.sizes, view.glanced, settings) + calibration2
    return _Facts(
        np.where(marked[..., None], view.marks, 0.0),
        marked,
        noise.units(view.sizes),
        noise.prior_odds(view.scores, view.trust, settings) + view.bonus,
        settings.wrong * view.sizes[:, None],
        loose,
        np.where(said, 1 / loose, 0.0),
        np.where(said[..., None], view.confirmed, 0.0),
        calibration2,
        np.broadcast_to(np.asarray(view.bonus) >= SUPPORTED, marked.shape),
        flows.doubted(view.seen),
        flows.quickness(view.marks, times, view.sizes),
    )  # fmt: skip


def _moves(
    view: View, f: _Facts, seen: Seen, now: noise.Noise, settings: Settings
) -> tuple[Array, Array]:
    """Displacements (M-1, 17, 2) by the flow, and their variances."""
    a, b = view.frames[:-1], view.frames[1:]
    next_ = (a >= 0) & (b == a + 1)
    shape = (max(len(view.frames) - 1, 0), 17)
    moved, variance = np.zeros((*shape, 2)), np.full(shape, 1e12)
    flow = view.evidence.flow
    if flow is None or not next_.any():
        return moved, variance
    whole = np.zeros((len(flow.origin), 17, 2))
    whole[a[next_]] = seen.at[:-1][next_]
    found, reliable = flows.sample(flow, whole)
    moved[next_], sure = found[a[next_]], reliable[a[next_]]
    doubt = f.flow_doubt[next_] / np.maximum(sure, 0.05)
    quick = f.quick[next_]
    one = now.flow_px**2 + settings.flow_share**2 * (moved[next_] ** 2).sum(-1)
    one = one + settings.flow_slip**2 * quick
    good = (sure > 0.05) & seen.ok[:-1][next_] & seen.ok[1:][next_]
    variance[next_] = np.where(good, one * doubt**2, 1e12)
    return moved, variance


def _aims(f: _Facts, state: _State, scores: Array) -> Array:
    """(M, 17, 2) marks without the errors that are known to last."""
    return f.marks - state.now.lasting(f.unit, scores)[..., None] * state.slow.offset


def _learn_lasting(
    view: View, f: _Facts, state: _State, seen: Seen, times: Array, local: bool
) -> None:
    fast, scale = state.now.deviation(f.unit, view.scores), state.now.lasting(f.unit, view.scores)
    state.slow = lasting.read(
        times, f.marks, seen.at, view.confirmed, f.loose, state.right * seen.ok, fast, scale,
        state.now, local,
    )  # fmt: skip
    state.now = replace(state.now, lasts=state.slow.size, constant=state.slow.constant)


def _reweigh(
    view: View, f: _Facts, state: _State, seen: Seen, V: Array, cross: Array,
    move: tuple[Array, Array], settings: Settings, learn: bool,
) -> None:  # fmt: skip
    variance = spread_in(seen.J, V)
    residual2 = ((_aims(f, state, view.scores) - seen.at) ** 2).sum(-1)
    away, doubt = noise.cavity(residual2, variance, state.weight)
    moved, flow_variance = move
    if learn:
        use = f.marked & (state.right > 0.8) & (view.scores > 0.6)
        found = noise.learnt(
            f.marks, moved, f.unit, use, flow_variance < 1e6, state.now, noise.SLOWEST_IN_VIEWS
        )
        whole = noise.jitter_of(away, doubt, f.unit, use, found.jitter)
        state.now = replace(found, whole=whole)
        state.now = noise.slope_of(away, doubt, view.scores, state.right, f.unit, state.now)
    deviation = state.now.deviation(f.unit, view.scores)
    deviation = np.sqrt(deviation**2 + f.calibration2)
    state.right = np.where(
        f.marked & seen.ok, noise.right(away, doubt, deviation, f.prior, f.wrong, f.supported), 0.0
    )
    step = seen.at[1:] - seen.at[:-1]
    J0, J1 = seen.J[..., :-1, :], seen.J[..., 1:, :]
    both = (J0 * product(J1, flipped(cross))).sum((0, 1)) / 2
    left = np.maximum(variance[1:] + variance[:-1] - 2 * both, 0.0)
    r2 = ((step - moved) ** 2).sum(-1) + 2 * left
    nu = settings.flow_prior
    state.links = (nu + 2) / (nu + r2 / flow_variance)


def _chain(
    views: list[View], facts: list[_Facts], states: list[_State], seen: list[Seen],
    moves: list[tuple[Array, Array]], joints: Array, times: Array, begin: Array, across: Array,
    settings: Settings, anchor: tuple[Array, Array] | None,
) -> Chain:  # fmt: skip
    M = len(times)
    X = joints.transpose(2, 0, 1)
    D, U = np.zeros((6, 6, M, 17)), np.zeros((6, 6, max(M - 1, 0), 17))
    pull = np.zeros((6, 1, M, 17))
    for i in range(3):
        D[3 + i, 3 + i, 0] = 1 / begin
    if M > 1:
        before, after, between = motion.transitions(np.diff(times), settings.relax)
        axis = np.arange(3)
        for a in (0, 1):
            for b in (0, 1):
                D[axis + 3 * a, axis + 3 * b, :-1] += before[a, b][:, None] / across
                D[axis + 3 * a, axis + 3 * b, 1:] += after[a, b][:, None] / across
                U[axis + 3 * a, axis + 3 * b] += between[a, b][:, None] / across
    # All views' axes in one row a, moments and joints in one row n: sums run over long rows.
    n, one = M * 17, 17
    J = np.stack([s.J for s in seen]).reshape(-1, 3, n)
    JX = np.einsum("ain,in->an", J, X.reshape(3, n))
    firm = [f.firm * s.ok for f, s in zip(facts, seen, strict=True)]
    w = axes([state.weight + a for state, a in zip(states, firm, strict=True)])
    aim = [
        state.weight[..., None] * (_aims(f, state, view.scores) - s.at)
        + a[..., None] * (f.said - s.at)
        for view, f, state, s, a in zip(views, facts, states, seen, firm, strict=True)
    ]
    near = D[:3, :3].reshape(3, 3, n)
    near = near + np.einsum("ain,ajn->ijn", J * w[:, None], J)
    towards = np.einsum("ain,an->in", J, axes(aim) + w * JX)
    if M > 1:
        link = axes(
            [state.links / variance for state, (_, variance) in zip(states, moves, strict=True)]
        )
        J0, J1 = J[..., :-one], J[..., one:]
        L0, L1 = J0 * link[:, None], J1 * link[:, None]
        near[..., :-one] += np.einsum("ain,ajn->ijn", L0, J0)
        near[..., one:] += np.einsum("ain,ajn->ijn", L1, J1)
        U[:3, :3] -= np.einsum("ain,ajn->ijn", L0, J1).reshape(3, 3, M - 1, 17)
        # Linear about the present trajectory: J1 x1 - J0 x0 = moved + what it is off by.
        missed = [moved - (s.at[1:] - s.at[:-1]) for (moved, _), s in zip(moves, seen, strict=True)]
        missed = axes(missed) + JX[:, one:] - JX[:, :-one]
        towards[:, one:] += np.einsum("ain,an->in", L1, missed)
        towards[:, :-one] -= np.einsum("ain,an->in", L0, missed)
    D[:3, :3] = near.reshape(3, 3, M, 17)
    pull[:3, 0] += towards.reshape(3, M, 17)
    if anchor is not None:
        at, precision = anchor
        P = precision.transpose(2, 3, 0, 1)
        D[:3, :3] += P
        pull[:3, 0] += np.einsum("ij...,j...->i...", P, at.transpose(2, 0, 1))
    vague = 1 / (30 * (2 * _SIZE_M) ** 2)
    centre = np.median(joints, axis=1).T[:, :, None]
    for i in range(3):
        D[i, i] += vague
    pull[:3, 0] += vague * centre
    return Chain(D, U, pull)


def _packed(
    views: list[View], facts: list[_Facts], states: list[_State], joints: Array, result: Marginals,
    times: Array,
) -> Track3:  # fmt: skip
    V = result.covariance[:3, :3]
    seen = [project(view.camera, joints) for view in views]
    trace = np.einsum("iimn->mn", V)
    reach = np.abs(np.einsum("iimn->mn", result.cross[:3, :3])) / np.sqrt(trace[:-1] * trace[1:])
    reach = np.clip(reach, 0.0, 1.0)
    said = [found_at(view.confirmed) for view in views]
    near = np.any([s | (state.right > 0.5) for s, state in zip(said, states, strict=True)], axis=0)
    V = V * lasting.drifted(near)
    chain, trace = V, trace * lasting.drifted(near)
    added = _lasting_in_space(views, facts, states, seen, reach)
    V = V + added
    far = lasting.reach_with(reach, trace, np.einsum("iimn->mn", added), times)
    own = [lasting.freed(reach, s) for s in said]
    return Track3(
        joints=joints,
        covariance=V.transpose(2, 3, 0, 1),
        places=np.stack([np.where(s.ok[..., None], s.at, np.nan) for s in seen]),
        variances=np.stack([spread_in(s.J, chain) + o * spread_in(s.J, added)
                            for s, o in zip(seen, own, strict=True)]),
        right=np.stack([state.right for state in states]),
        reach=far,
        noises=tuple(state.now for state in states),
    )  # fmt: skip


def _lasting_in_space(
    views: list[View], facts: list[_Facts], states: list[_State], seen: list[Seen], reach: Array
) -> Array:
    """(3, 3, M, 17) covariance that the lasting errors of all views' marks leave."""
    shape = states[0].right.shape
    information = np.zeros((3, 3, *shape))
    for view, f, state, s in zip(views, facts, states, seen, strict=True):
        scale = state.now.lasting(f.unit, usual_scores(view.scores, f.marked))
        w = state.right * s.ok / (state.slow.left * scale**2)
        information += np.einsum("ai...,aj...->ij...", s.J, s.J) * w
    least = 1 / _SIZE_M**2 * np.eye(3)[:, :, None, None]
    spoken = np.any([found_at(view.confirmed) for view in views], axis=0)
    # One view's word leaves the depth open.
    free = 1 - 0.5 * (1 - lasting.freed(reach, spoken))
    right = np.any([state.right > 0.5 for state in states], axis=0)
    free = free * nearness(reach, right) ** 2
    return np.asarray(inverse(information + least) * free)
