"""One camera without calibration: the most likely trajectory in the image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backend.domain.trajectories import body, lasting, motion, noise
from backend.domain.trajectories import flow as flows
from backend.domain.trajectories.chain import Chain, Marginals, solve_chain
from backend.domain.trajectories.evidence import Array, CameraEvidence, Flags, found_at
from backend.domain.trajectories.settings import Settings


@dataclass(frozen=True, eq=False)
class Track:
    """What the chain says in one camera.

    Attributes:
        place: (T, 17, 2) pixels. variance: (T, 17) along an axis.
        right: (T, 17) probability that the mark is right; 0 where there is none.
        reach: (T-1, 17) correlation of neighbouring errors.
        noise: What was learnt of marks and flow.
    """

    place: Array
    variance: Array
    right: Array
    reach: Array
    noise: noise.Noise


@dataclass(frozen=True, eq=False)
class Given:
    """What a camera's chain is made of.

    Attributes:
        evidence: Of the camera.
        marks: (T, 17, 2) the chosen option. scores: (T, 17).
        sizes: (T,) of the body, pixels.
        trust: (T,) probability of the chosen option.
        anchor: (T, 17, 2) places known otherwise, as the other cameras say; NaN for none.
        anchor_variance: (T, 17) of them.
    """

    evidence: CameraEvidence
    marks: Array
    scores: Array
    sizes: Array
    trust: Array
    anchor: Array | None = None
    anchor_variance: Array | None = None


TEMPERS = (0.005, 0.05, 0.4)
"""Weight in the first rounds of marks near those that people contradicted."""

WIDE = (0.4, 0.7)
"""Weight of all marks in the first rounds."""


def track(given: Given, settings: Settings, known: noise.Noise | None = None) -> Track:
    """Solve and weigh by turns.

    Args:
        given: The evidence.
        settings: The numbers of the model.
        known: Noise from an earlier solution; else it is learnt.
    """
    evidence, sizes = given.evidence, given.sizes
    dt = np.diff(evidence.times)
    shape = given.scores.shape
    marked = found_at(given.marks)
    marks = np.where(marked[..., None], given.marks, 0.0)
    unit = noise.units(sizes)
    prior = noise.prior_odds(given.scores, given.trust, settings)
    wrong = settings.wrong * sizes[:, None]
    now = known or noise.assumed(settings, sizes, evidence.times)
    right = np.where(marked, 1 / (1 + np.exp(-prior)), 0.0)
    speeds = np.broadcast_to((0.5 * sizes[:, None]) ** 2, shape)
    place = _first(given, marked)
    here = marked | evidence.said
    first = place
    across = motion.between_speeds(speeds, first, here, evidence.times, settings.relax)
    links = np.ones((max(len(dt), 0), shape[1]))
    said = np.where(evidence.said[..., None], evidence.confirmed, np.nan)
    firm = noise.said_variance(sizes, evidence.glanced, settings)
    slow = lasting.nothing(shape[0], now.lasts, now.constant)
    result: Marginals | None = None
    for turn in range(settings.rounds):
        temper = TEMPERS[turn] if turn < len(TEMPERS) else 1.0
        deviation = now.deviation(unit, given.scores)
        wide = WIDE[turn] if turn < len(WIDE) else 1.0
        gentle = noise.tempered(given.marks, said, deviation, evidence.times, temper)
        lasts = now.lasting(unit, given.scores)
        aim = marks - lasts[..., None] * slow.offset
        weight = right * wide * gentle / (now.slowness * deviation**2)
        moved, flow_variance, unseen = _links(given, place, settings, now)
        by_flow = moved
        linked = flow_variance < 1e6
        if turn > 0:
            moved, flow_variance = _with_body(moved, flow_variance, place, sizes, unseen)
        chain = _chain(
            given, settings, dt, aim, weight, moved, links / flow_variance, speeds[0], across
        )
        result = solve_chain(chain)
        place = result.mean[0].transpose(1, 2, 0)
        variance = result.covariance[0, 0]
        if turn == settings.rounds - 1:
            break
        residual2 = ((aim - place) ** 2).sum(-1)
        away, doubt = noise.cavity(residual2, variance, weight)
        if turn in (1, 3) and known is None:
            use = marked & (right > 0.8) & (given.scores > 0.6)
            now = noise.learnt(marks, by_flow, unit, use, linked, now)
            now = noise.slope_of(away, doubt, given.scores, right, unit, now)
        around = prior + noise.shared_doubt(right, marked, evidence.times)
        right = np.where(marked, noise.right(away, doubt, deviation, around, wrong), 0.0)
        slow = lasting.read(
            evidence.times, marks, place, said, firm, right, deviation, lasts, now,
            known is not None,
        )  # fmt: skip
        now = replace(now, lasts=slow.size, constant=slow.constant)
        velocity2 = (result.mean[1] ** 2).mean(0) + result.covariance[1, 1]
        speeds = motion.local_speeds(velocity2, evidence.times, settings.slowest * sizes[:, None])
        across = motion.between_speeds(speeds, first, here, evidence.times, settings.relax)
        links = _link_weights(result, moved, flow_variance, settings)
    assert result is not None
    variance = variance * _contradicted(right, marked, flow_variance, evidence.times)
    reach = np.abs(result.cross[0, 0]) / np.sqrt(variance[:-1] * variance[1:])
    variance = variance * lasting.drifted((right > 0.5) | evidence.said)
    scale = now.lasting(unit, usual_scores(given.scores, marked))
    added = lasting.passed_on(reach, evidence.said, right, scale, slow.left)
    reach = lasting.reach_with(reach, variance, added, evidence.times)
    variance = variance + added
    return Track(place, variance, right, np.clip(reach, 0.0, 1.0), now)


def usual_scores(scores: Array, marked: Flags) -> Array:
    """(T, 17) scores, the joint's usual one where there is no mark."""
    if not len(scores):
        return scores
    n = marked.sum(0)
    ranked = np.sort(np.where(marked, scores, np.inf), axis=0)
    each = np.arange(len(n))
    median = (ranked[np.maximum(n - 1, 0) // 2, each] + ranked[n // 2, each]) / 2
    return np.where(marked, scores, np.where(n > 0, median, 0.5))


def _contradicted(right: Array, marked: Flags, flow_variance: Array, times: Array) -> Array:
    """Factor (T, 17) on the variance where marks contradict each other and no flow decides.

    The mixture counts the marks that it took as if they had been right from the start.
    """
    blind = np.ones(right.shape, bool)
    if len(flow_variance):
        none = flow_variance > 1e6
        blind[:-1] &= none
        blind[1:] &= none
    doubt = -noise.shared_doubt(right, marked, times)
    return np.where(blind, 1 + _TAKEN * doubt, 1.0)


_TAKEN = 2.0
"""How much more variance per unit of log odds of doubt around."""


def _first(given: Given, marked: Flags) -> Array:
    """(T, 17, 2) where flow is read first: marks, and what flow makes of them between."""
    out = np.array(given.marks)
    said = given.evidence.said
    out[said] = given.evidence.confirmed[said]
    known = marked | said
    out = flows.carried(given.evidence.flow, np.where(known[..., None], out, np.nan), known)
    middle = np.array([given.evidence.width / 2, given.evidence.height / 2])
    return np.where(np.isfinite(out), out, middle)


def _links(
    given: Given, place: Array, settings: Settings, now: noise.Noise
) -> tuple[Array, Array, Array]:
    """Displacements (T-1, 17, 2) by the flow at the present places, their variances, and how far
    joints are unseen, from 0 to 1."""
    moved, sure = flows.sample(given.evidence.flow, place[:-1])
    seen = flows.seen_by(
        given.scores, found_at(given.marks), found_at(given.evidence.marks),
        given.evidence.confirmed_visibility,
    )  # fmt: skip
    doubt = flows.doubted(seen)
    length2 = (moved**2).sum(-1)
    quick = flows.quickness(given.marks, given.evidence.times, given.sizes)
    one = now.flow_px**2 + settings.flow_share**2 * length2 + settings.flow_slip**2 * quick
    none = sure < 0.05
    variance = np.asarray(np.where(none, 1e12, one * (doubt / np.maximum(sure, 0.05)) ** 2))
    return moved, variance, 1 - 1 / np.maximum(doubt, 1.0)


def _with_body(
    moved: Array, variance: Array, place: Array, sizes: Array, unseen: Array
) -> tuple[Array, Array]:
    """Links by flow and by the joints around; the latter as far as a joint is unseen, since what
    is seen moves more exactly with its own picture."""
    along, doubt = body.carried_along(place, sizes)
    doubt = doubt / np.maximum(unseen, 1e-6) ** 2
    precision = 1 / variance + 1 / doubt
    mixed = (moved / variance[..., None] + along / doubt[..., None]) / precision[..., None]
    return mixed, 1 / precision


def _link_weights(result: Marginals, moved: Array, variance: Array, settings: Settings) -> Array:
    """Student-t weights (T-1, 17) of the links around the present trajectory."""
    step = np.diff(result.mean[0], axis=1).transpose(1, 2, 0)
    S = result.covariance[0, 0]
    spread = np.maximum(S[1:] + S[:-1] - 2 * result.cross[0, 0], 0.0)
    r2 = ((step - moved) ** 2).sum(-1) + 2 * spread
    nu = settings.flow_prior
    return np.asarray((nu + 2) / (nu + r2 / variance))


def _chain(
    given: Given, settings: Settings, dt: Array, marks: Array, weight: Array,
    moved: Array, link: Array, begin: Array, across: Array,
) -> Chain:  # fmt: skip
    evidence, sizes = given.evidence, given.sizes
    n, joints = weight.shape
    D, U = np.zeros((2, 2, n, joints)), np.zeros((2, 2, max(n - 1, 0), joints))
    pull = np.zeros((2, 2, n, joints))
    D[1, 1, 0] = 1 / begin
    if n > 1:
        before, after, between = motion.transitions(dt, settings.relax)
        D[:, :, :-1] += before[..., None] / across
        D[:, :, 1:] += after[..., None] / across
        U += between[..., None] / across
        D[0, 0, :-1] += link
        D[0, 0, 1:] += link
        U[0, 0] -= link
        f = (moved * link[..., None]).transpose(2, 0, 1)
        pull[0, :, :-1] -= f
        pull[0, :, 1:] += f
    D[0, 0] += weight
    pull[0] += (weight[..., None] * marks).transpose(2, 0, 1)
    said = evidence.said
    firm = np.where(said, 1 / noise.said_variance(sizes, evidence.glanced, settings), 0.0)
    D[0, 0] += firm
    pull[0] += (firm[..., None] * np.where(said[..., None], evidence.confirmed, 0.0)).transpose(
        2, 0, 1
    )
    if given.anchor is not None and given.anchor_variance is not None:
        known = found_at(given.anchor)
        w = np.where(known, 1 / given.anchor_variance, 0.0)
        D[0, 0] += w
        pull[0] += (w[..., None] * np.where(known[..., None], given.anchor, 0.0)).transpose(2, 0, 1)
    # Somewhere about the body, so that nothing is unbounded.
    centre = body_centre(marks, weight, evidence)
    vague = 1 / (30 * (1.5 * sizes[:, None]) ** 2)
    D[0, 0] += vague
    pull[0] += (vague[..., None] * centre[:, None]).transpose(2, 0, 1)
    return Chain(D, U, pull)


def body_centre(marks: Array, weight: Array, evidence: CameraEvidence) -> Array:
    """(T, 2) about where the body is."""
    n = len(marks)
    said = evidence.said
    w = np.where(said, 1.0, np.where(weight > 0, 0.2, 0.0))
    at = np.where(said[..., None], evidence.confirmed, marks)
    total = w.sum(1)
    known = np.flatnonzero(total > 0)
    if not len(known):
        return np.tile([evidence.width / 2, evidence.height / 2], (n, 1))
    mean = (w[known, :, None] * np.nan_to_num(at[known])).sum(1) / total[known, None]
    return np.stack([np.interp(np.arange(n), known, mean[:, k]) for k in (0, 1)], -1)
