"""Answers of sessions: cameras by themselves, and calibrated ones together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from backend.domain.trajectories import plane, rays, shifts, space, visibility
from backend.domain.trajectories.answer import Answer, CameraAnswer, Source, Space
from backend.domain.trajectories.depth import hidden_by_body
from backend.domain.trajectories.evidence import Array, Ints, SessionEvidence, found_at
from backend.domain.trajectories.gather import (
    Prepared,
    chosen_again,
    moment_times,
    view_of,
)
from backend.domain.trajectories.guard import settle
from backend.domain.trajectories.lasting import reach_with
from backend.domain.trajectories.leans import leans_of
from backend.domain.trajectories.lengths import drawn_to, lengths_of
from backend.domain.trajectories.noise import Noise, units
from backend.domain.trajectories.second_look import not_taken
from backend.domain.trajectories.settings import Settings
from backend.domain.trajectories.sizes import SPREAD
from backend.domain.trajectories.taught import Taught
from backend.domain.trajectories.views import View, project, spread_in


@dataclass(frozen=True, eq=False)
class Edges:
    """What is known beforehand where only a part is solved.

    Attributes:
        places: For each camera (T, 17, 2) pixels, NaN for none. variances: (T, 17) of them.
        space: Joints (M, 17, 3) and their precisions (M, 17, 3, 3), or None.
        lengths: (B,) of the infant's bones, metres, or None.
        shifts: (C, 2) pixels by which principal points are moved, or None.
    """

    places: tuple[Array, ...]
    variances: tuple[Array, ...]
    space: tuple[Array, Array] | None
    lengths: Array | None = None
    shifts: Array | None = None


def answer_plane(
    session: SessionEvidence, prepared: list[Prepared], settings: Settings,
    known: tuple[Noise, ...], taught: Taught, edges: Edges | None = None,
) -> Answer:  # fmt: skip
    """Each camera by itself."""
    tracks = [
        plane.track(_given(p, c, edges), settings, known[c] if known else None)
        for c, p in enumerate(prepared)
    ]
    cameras = tuple(
        _finished(session, c, p, t.place, t.variance, t.reach, settings, taught)
        for c, (p, t) in enumerate(zip(prepared, tracks, strict=True))
    )
    return Answer(cameras, None, tuple(t.noise for t in tracks))


def _given(prepared: Prepared, camera: int, edges: Edges | None) -> plane.Given:
    if edges is None:
        return prepared.given
    return replace(
        prepared.given, anchor=edges.places[camera], anchor_variance=edges.variances[camera]
    )


def answer_space(
    session: SessionEvidence, prepared: list[Prepared], several: tuple[int, ...],
    settings: Settings, known: tuple[Noise, ...], taught: Taught, edges: Edges | None = None,
) -> Answer:  # fmt: skip
    """Calibrated cameras together, the others and frames without a moment by themselves."""
    times = moment_times(session)
    frames = [session.moments[:, c] for c in several]
    noises = tuple(known[c] for c in several) if known else ()
    held = edges.space if edges else None
    moved = np.zeros((len(several), 2))
    if edges is not None and edges.shifts is not None:
        moved = edges.shifts[list(several)]

    def looked() -> list[View]:
        views = [view_of(prepared[c], f) for c, f in zip(several, frames, strict=True)]
        return [
            replace(v, camera=shifts.shifted(v.camera, by))
            for v, by in zip(views, moved, strict=True)
        ]

    def at_first() -> tuple[rays.Start, list[View]]:
        views = looked()
        begin = _start(views, settings)
        return begin, _agreeing(views, begin)

    begin, views = at_first()
    if edges is None:
        moved = shifts.found(views, begin.points)
        if moved.any():
            begin, views = at_first()
    first = space.track3(
        views, times, begin.points, settings, noises,
        rounds=1 if edges else settings.rounds // 2, anchor=held,
    )  # fmt: skip
    before = [prepared[c].option for c in several]
    for k, c in enumerate(several):
        there = frames[k] >= 0
        n = len(session.cameras[c])
        place, deviation = np.full((n, 17, 2), np.nan), np.ones((n, 17))
        place[frames[k][there]] = first.places[k][there]
        deviation[frames[k][there]] = np.sqrt(first.variances[k][there])
        prepared[c] = chosen_again(prepared[c], place, deviation)
    views = looked()
    if any((prepared[c].option != o).any() for c, o in zip(several, before, strict=True)):
        begin = _start(views, settings)
    views = _agreeing(views, begin)
    agreed = begin.agree.sum(1) >= _MAJORITY
    joints = np.where(agreed[..., None], begin.points, first.joints)
    track = space.track3(views, times, joints, settings, noises, anchor=held)
    track = _with_lengths(track, views, edges)
    cameras: list[CameraAnswer] = []
    found: list[Noise] = []
    for c, p in enumerate(prepared):
        if c in several:
            k = several.index(c)
            found.append(track.noises[k])
            cameras.append(_from_space(session, c, p, track, k, frames[k], settings, taught))
        else:
            alone = plane.track(_given(p, c, edges), settings, known[c] if known else None)
            found.append(alone.noise)
            cameras.append(
                _finished(session, c, p, alone.place, alone.variance, alone.reach, settings, taught)
            )
    everywhere = np.zeros((len(prepared), 2))
    everywhere[list(several)] = moved
    return Answer(tuple(cameras), Space(track.joints, track.covariance), tuple(found), everywhere)


def _agreeing(views: list[View], begin: rays.Start) -> list[View]:
    return [replace(v, bonus=begin.bonus[:, k]) for k, v in enumerate(views)]


def _with_lengths(track: space.Track3, views: list[View], edges: Edges | None) -> space.Track3:
    """The track with the infant's bones as long as they are in the whole session."""
    lengths = edges.lengths if edges else lengths_of(track.joints)
    if lengths is None:
        return track
    joints, covariance = drawn_to(track.joints, track.covariance, lengths)
    before, after = (V.transpose(2, 3, 0, 1) for V in (track.covariance, covariance))
    seen = [project(view.camera, joints) for view in views]
    share = [spread_in(s.J, after) / np.maximum(spread_in(s.J, before), 1e-12) for s in seen]
    places = np.where(np.isfinite(track.places), np.stack([s.at for s in seen]), np.nan)
    return replace(
        track, joints=joints, covariance=covariance, places=places,
        variances=track.variances * np.stack(share),
    )  # fmt: skip


_MAJORITY = 3
"""So many views that agree on a point are believed more than the first trajectory."""


def _start(views: list[View], settings: Settings) -> rays.Start:
    """Where the views meet; what people said counts as more than one view."""
    marks = np.stack([v.marks for v in views], 1)
    weights = np.stack([v.scores for v in views], 1)
    said = np.stack([v.confirmed for v in views], 1)
    sure = found_at(said)
    marks, weights = np.where(sure[..., None], said, marks), np.where(sure, 5.0, weights)
    scale = settings.jitter * np.stack([units(v.sizes) for v in views], 1)
    return rays.start([v.camera for v in views], marks, weights, scale)


def _from_space(
    session: SessionEvidence, c: int, prepared: Prepared, track: space.Track3, k: int,
    frames: Ints, settings: Settings, taught: Taught,
) -> CameraAnswer:  # fmt: skip
    n = len(session.cameras[c])
    there = np.flatnonzero(frames >= 0)
    at = frames[there]
    place, variance = np.full((n, 17, 2), np.nan), np.full((n, 17), np.inf)
    place[at], variance[at] = track.places[k][there], track.variances[k][there]
    if len(at) < n:
        # Frames of no moment: by this camera alone, held where the moments are.
        anchor = np.where(np.isfinite(variance), variance, 1.0)
        given = plane.Given(
            prepared.evidence, prepared.marks, prepared.scores, prepared.sizes, prepared.trust,
            place, anchor,
        )  # fmt: skip
        alone = plane.track(given, settings, track.noises[k])
        rest = ~np.isfinite(variance)
        variance = np.where(rest, alone.variance, variance)
        place = np.where(rest[..., None], alone.place, place)
        reach = alone.reach
    else:
        reach = track.reach
    camera = prepared.evidence.camera
    assert camera is not None
    behind = np.full((n, 17), np.nan)
    behind[at] = hidden_by_body(track.joints[there], camera.centre)
    return _finished(session, c, prepared, place, variance, reach, settings, taught, behind)


_STATED, _STATED_IN_VIEWS = 1.02, 0.97
"""Factor on the deviation that is told, of one view and of several together: a and b
(``sureness``) are taken at their mean squares, which tells too much; in one view marks' errors are
taken to last for fewer frames than they do, which tells too little. Read off at the end of the work
on sessions for development."""


def _finished(
    session: SessionEvidence, c: int, prepared: Prepared, place: Array, variance: Array,
    reach: Array, settings: Settings, taught: Taught, behind: Array | None = None,
) -> CameraAnswer:  # fmt: skip
    evidence, sizes = prepared.evidence, prepared.sizes
    model = (settings.blur * SPREAD * sizes[:, None]) ** 2
    total = settings.inflate**2 * variance + model + prepared.withheld
    if behind is not None:
        total = total + (settings.calibration * sizes[:, None]) ** 2
    else:
        total = total + prepared.doubt
    own = total
    sure = taught.sureness
    added = taught.apart[c] * (sure.floor * units(sizes)) ** 2
    total = sure.factor**2 * total + added
    shown = sure.shown * added
    reach = reach_with(reach, total - added, added, evidence.times)
    gone = evidence.discarded
    place = np.where(gone[:, None, None], np.nan, place)
    marks = np.where(gone[:, None, None], np.nan, evidence.marks)
    said = np.where(evidence.said[..., None], evidence.confirmed, np.nan)
    # Where no other view and no person vouches for it, nothing tells a trajectory from its faults.
    alone = behind is None and not taught.spoken
    deviation, views = np.sqrt(total), behind is not None
    positions, sigmas, source = settle(
        marks, place, deviation, said, sizes, settings, shown, stands=alone, views=views
    )
    if not views and not alone:
        stands = not_taken(evidence, positions, settings.relax)
        if stands.any():
            positions, sigmas, source = settle(
                marks, place, deviation, said, sizes, settings, shown, stands=stands
            )
    bare = np.where(
        source == Source.CONFIRMED, sigmas, np.sqrt(np.maximum(sigmas**2 - total + own, 0.0))
    )
    leans = leans_of(session, c)
    factor = _STATED if behind is None else _STATED_IN_VIEWS
    stated = np.where(source == Source.CONFIRMED, 1.0, factor) * sigmas
    return CameraAnswer(
        positions=positions,
        sigmas=stated,
        bare=np.where(np.isfinite(bare), bare, np.inf),
        visibility=visibility.proposed(evidence, positions, behind),
        leans=leans,
        source=source,
        choice=prepared.option,
        reach=reach,
        scale=sizes,
    )
