"""From a session's evidence to what the solvers take."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backend.domain.trajectories import flow as flows
from backend.domain.trajectories import options as opts
from backend.domain.trajectories import sizes as body
from backend.domain.trajectories.alike import NOTHING, Alike
from backend.domain.trajectories.evidence import (
    Array,
    CameraEvidence,
    Ints,
    SessionEvidence,
    found_at,
)
from backend.domain.trajectories.plane import Given
from backend.domain.trajectories.views import View

_COST = 2.0
"""How strongly a dearer option is doubted: joints of one body do not err independently."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A camera with its options chosen.

    Attributes:
        evidence: As it came. sizes: (T,) pixels. options: All of them.
        option: (T,) the chosen one. chances: (T, K) of each.
        marks: (T, 17, 2) and scores: (T, 17) of the chosen.
        withheld: (T, 17) variance along an axis of errors that are known of other frames and not
            believed to be those of this one; or 0.
    """

    evidence: CameraEvidence
    sizes: Array
    options: opts.Options
    option: Ints
    chances: Array
    marks: Array
    scores: Array
    withheld: Array | float = 0.0

    @property
    def given(self) -> Given:
        """For the solver in the image."""
        return Given(self.evidence, self.marks, self.scores, self.sizes, self.trust)

    @property
    def trust(self) -> Array:
        """(T,) chance of the chosen option."""
        return np.asarray(self.chances[np.arange(len(self.option)), self.option])

    @property
    def doubt(self) -> Array:
        """(T, 17) variance along an axis that comes from not knowing which option is right."""
        d2 = ((self.options.joints - self.marks[:, None]) ** 2).sum(-1) / 2
        return np.asarray((self.chances[..., None] * np.nan_to_num(d2)).sum(1))


def prepare(
    evidence: CameraEvidence, known_errors: Alike = NOTHING, believed: Array | float = 1.0
) -> Prepared:
    """Sizes, options and the first choice; errors of marks that are known are taken off, as far as
    they are believed (T,)."""
    found = np.where(evidence.said[..., None], evidence.confirmed, evidence.marks)
    sizes = body.smooth_sizes(body.frame_sizes(found))
    options = opts.options_of(evidence, sizes, known_errors, believed)
    first = chosen(evidence, sizes, options, opts.choose(options))
    again = body.smooth_sizes(
        body.frame_sizes(np.where(evidence.said[..., None], evidence.confirmed, first.marks))
    )
    last = chosen(
        evidence, again, options, opts.Choice(first.option, -np.log(first.chances) / _COST)
    )
    left = (1 - np.asarray(believed)).reshape(-1, 1) ** 2
    off = known_errors.offset(first.marks, again)
    return replace(last, withheld=left * np.nan_to_num((off**2).sum(-1)) / 2)


def chosen(
    evidence: CameraEvidence, sizes: Array, options: opts.Options, choice: opts.Choice
) -> Prepared:
    """The camera with a choice made."""
    at = np.arange(len(choice.option))
    chances = np.exp(-np.clip(_COST * choice.dearer, 0, 60))
    chances /= chances.sum(1, keepdims=True)
    marks, scores = options.joints[at, choice.option], options.scores[at, choice.option]
    return Prepared(evidence, sizes, options, choice.option, chances, marks, scores)


def chosen_again(prepared: Prepared, place: Array, deviation: Array) -> Prepared:
    """The camera with its options chosen once more, by where other views expect the joints.

    Args:
        prepared: Before.
        place: (T, 17, 2) by the other views, NaN where unknown.
        deviation: (T, 17) of it along an axis.
    """
    before = prepared.options
    spread = 2 * body.SPREAD * prepared.sizes[:, None]
    away = before.joints - place[:, None]
    d2 = away[..., 0] ** 2 + away[..., 1] ** 2
    scale = (spread**2 + deviation**2)[:, None]
    cost = before.cost + 2.0 * np.nan_to_num(d2 / (d2 + scale), nan=0.0).sum(-1)
    options = opts.Options(before.joints, before.scores, cost, before.step)
    found = chosen(prepared.evidence, prepared.sizes, options, opts.choose(options))
    return replace(found, withheld=prepared.withheld)


def view_of(prepared: Prepared, frames: Ints) -> View:
    """A calibrated camera at the session's moments; frames (M,), -1 for none."""
    evidence = prepared.evidence
    assert evidence.camera is not None
    there = frames >= 0
    at = np.where(there, frames, 0)
    said = evidence.said[at] & there[:, None]
    return View(
        camera=evidence.camera,
        evidence=evidence,
        frames=frames,
        marks=np.where(there[:, None, None], prepared.marks[at], np.nan),
        scores=np.where(there[:, None], prepared.scores[at], 0.0),
        trust=np.where(there, prepared.trust[at], 0.5),
        sizes=prepared.sizes[at],
        confirmed=np.where(said[..., None], evidence.confirmed[at], np.nan),
        glanced=evidence.glanced[at] & there[:, None],
        seen=np.where(
            there[:, None],
            flows.seen_by(
                prepared.scores[at],
                found_at(prepared.marks[at]),
                found_at(evidence.marks[at]),
                evidence.confirmed_visibility[at],
            ),
            np.nan,
        ),
    )


def moment_times(session: SessionEvidence) -> Array:
    """(M,) seconds of the moments, by the cameras that have a frame there."""
    at = np.where(session.moments >= 0, session.moments, 0)
    seconds = np.stack([e.times[at[:, c]] for c, e in enumerate(session.cameras)], 1)
    first = np.array([_start(session, c) for c in range(len(session.cameras))])
    there = np.where(session.moments >= 0, seconds - first, np.nan)
    times = np.nanmedian(there, axis=1)
    return np.asarray(np.maximum.accumulate(times) + 1e-6 * np.arange(len(times)))


def _start(session: SessionEvidence, camera: int) -> float:
    """What a camera's clock shows when the first camera's shows 0, by the moments they share."""
    at = session.moments
    both = (at[:, 0] >= 0) & (at[:, camera] >= 0)
    if not both.any():
        return 0.0
    mine, first = session.cameras[camera].times, session.cameras[0].times
    return float(np.median(mine[at[both, camera]] - first[at[both, 0]]))
