"""Frames that people accepted as they were shown although all around speaks against it.

Who goes fast accepts the adult for once. What a person says outweighs all other evidence, so that
one such frame would draw its neighbours to the adult, and make the engine sure of it. It stays what
it is in its own frame; for the others it is what was let pass (``CameraEvidence.waved``), until a
person looked at it again. What somebody placed by hand is never doubted.

What speaks against a frame is counted in joints, as ``options`` has it: by how much the best
sequence of people through the whole recording is dearer if it goes through who was accepted, though
nobody's word counts in that frame; and how much farther from where the other views see the joints
that one lies than somebody else who was found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from backend.domain.skeleton import MIRROR
from backend.domain.trajectories import options as opts
from backend.domain.trajectories import rays, sureness
from backend.domain.trajectories import sizes as body
from backend.domain.trajectories.evidence import (
    Array,
    CameraEvidence,
    Flags,
    Ints,
    SessionEvidence,
    found_at,
)
from backend.domain.trajectories.noise import units

AGAINST: Final = 8.0
"""So many joints speak against a frame that is not heard: half a body."""

_STANDS: Final = 12
"""Joints of a frame that nobody placed by hand, from which it was accepted as it was shown."""

_ODD: Final = 0.3
"""Logarithm of the apparent stature over the usual one from which a frame is looked into."""

_ELSEWHERE: Final = 0.4
"""And shares of the body's size by which its joints lie away from the pre-labels next to it."""

_LIKE: Final = 4.0
"""Joints by which an accepted pose may differ from that of the person found whose it is."""

_ALIKE: Final = 0.15
"""Logarithm of statures up to which two bodies are of one size."""

_AROUND: Final = 100
"""Frames on each side through which people are followed."""

_VIEWS: Final = 2.0
"""How much a joint counts that other views see elsewhere."""

_heard: WeakKeyDictionary[SessionEvidence, SessionEvidence | None] = WeakKeyDictionary()
"""What was found of evidence that is still in use; None where all of it is listened to."""


def heard(session: SessionEvidence) -> SessionEvidence:
    """The evidence as it is listened to: contradicted frames are decided, and say nothing."""
    if session not in _heard:
        found = _listened(session)
        _heard[session] = None if found is session else found
    return _heard[session] or session


def contradicted(session: SessionEvidence) -> tuple[Flags, ...]:
    """For each camera (T,) frames that people decided, and that are not listened to."""
    return tuple(
        np.asarray(now.passed & ~before.passed)
        for now, before in zip(heard(session).cameras, session.cameras, strict=True)
    )


def _listened(session: SessionEvidence) -> SessionEvidence:
    cameras = list(session.cameras)
    for c, camera in enumerate(cameras):
        at = _shown(camera)
        if not len(at):
            continue
        at = at[_odd(camera, at)]
        views = _by_views(session, c, at)
        at, views = at[np.isfinite(views)], views[np.isfinite(views)]
        if len(at):
            at = at[_by_time(camera, at) + views >= AGAINST]
        if len(at):
            cameras[c] = _let_pass(camera, at)
    if all(now is before for now, before in zip(cameras, session.cameras, strict=True)):
        return session
    return SessionEvidence(tuple(cameras), session.moments)


def _let_pass(camera: CameraEvidence, at: Ints) -> CameraEvidence:
    confirmed, visibility = camera.confirmed.copy(), camera.confirmed_visibility.copy()
    waved = np.full_like(confirmed, np.nan) if camera.waved is None else camera.waved.copy()
    waved[at] = confirmed[at]
    confirmed[at], visibility[at] = np.nan, -1
    return replace(camera, confirmed=confirmed, confirmed_visibility=visibility, waved=waved)


def _shown(camera: CameraEvidence) -> Ints:
    """Frames accepted as they were shown, and not looked at again since."""
    shown = camera.glanced.sum(1) >= _STANDS
    return np.flatnonzero(shown & camera.settled & ~sureness.said_again(camera))


def _odd(camera: CameraEvidence, at: Ints) -> Flags:
    """(K,) frames whose body is odd, or lies elsewhere than the pre-labels next to it."""
    marked = np.flatnonzero((found_at(camera.marks).sum(1) >= _STANDS) & ~camera.discarded)
    if len(marked) < 2:
        return np.zeros(len(at), np.bool_)
    said = camera.confirmed[at]
    usual = np.nanmedian(body.statures(camera.marks[marked]))
    tall = body.statures(said)
    odd = np.abs(np.log(np.maximum(np.nan_to_num(tall, nan=usual), 1e-3) / usual)) > _ODD
    size = body.frame_sizes(said)
    size = np.where(np.isfinite(size), size, 100.0)
    for side in (-1, 1):
        place = np.searchsorted(marked, at, side="left" if side < 0 else "right")
        near = marked[np.clip(place + min(side, 0), 0, len(marked) - 1)]
        away = np.linalg.norm(said - camera.marks[near], axis=-1)
        known = np.isfinite(away)
        mean = np.where(known, away, 0.0).sum(1) / np.maximum(known.sum(1), 1)
        odd |= mean > _ELSEWHERE * size
    return np.asarray(odd)


def _by_time(camera: CameraEvidence, at: Ints) -> Array:
    """(K,) joints by which the best sequence of people is dearer through who was accepted,
    whichever way round; 0 where whom it takes instead is less of this infant's size."""
    confirmed = camera.confirmed.copy()
    confirmed[at] = np.nan
    without = replace(camera, confirmed=confirmed)
    out = np.zeros(len(at))
    for n, t in enumerate(at):
        first = max(int(t) - _AROUND, 0)
        part = without.part(first, min(int(t) + _AROUND + 1, len(camera)))
        found = np.where(part.said[..., None], part.confirmed, part.marks)
        sizes = body.smooth_sizes(body.frame_sizes(found))
        options, row = opts.options_of(part, sizes), int(t) - first
        dearer = opts.choose(options).dearer[row]
        pose = camera.confirmed[t][None, None]
        away = _bent(options.joints[row][None], pose, sizes[row, None])[0]
        who = opts.person(len(dearer))
        tall = body.statures(options.joints)
        off = np.abs(np.log(tall[row] / opts.usual_stature(tall, part)))
        likely = off[away.argmin()] > off[dearer.argmin()] - _ALIKE
        if away.min() < _LIKE and likely:
            out[n] = dearer[who == who[away.argmin()]].min()
    return out


def _by_views(session: SessionEvidence, c: int, at: Ints) -> Array:
    """(K,) joints by which the other views are nearer to somebody else than to who was accepted;
    infinitely many less than none where they see that one."""
    out = np.zeros(len(at))
    others = [k for k in session.calibrated if k != c]
    if c not in session.calibrated or len(others) < 2 or not len(at):
        return out
    row = np.full(len(session.cameras[c]), -1)
    moments = session.moments[:, c]
    row[moments[moments >= 0]] = np.flatnonzero(moments >= 0)
    there = np.flatnonzero(row[at] >= 0)
    frames = session.moments[row[at[there]]][:, others]
    marks, weights, scale = [], [], []
    for k, of in zip(others, frames.T, strict=True):
        camera = session.cameras[k]
        pose = np.where(camera.said[of][..., None], camera.confirmed[of], camera.marks[of])
        marks.append(np.where((of >= 0)[:, None, None], pose, np.nan))
        weights.append(np.where(camera.said[of], 1.0, camera.scores[of]))
        scale.append(0.3 * units(body.smooth_sizes(body.frame_sizes(pose))))
    cameras = [session.cameras[k].camera for k in others]
    own = session.cameras[c].camera
    assert own is not None
    begin = rays.start(
        [k for k in cameras if k is not None],
        *(np.stack(part, 1) for part in (marks, weights, scale)),
    )
    seen = np.where((begin.agree.sum(1) >= 2)[..., None], own.project(begin.points), np.nan)
    camera = session.cameras[c]
    people = np.concatenate((camera.marks[:, None], camera.others[..., :2]), axis=1)[at[there]]
    said = camera.confirmed[at[there]]
    sizes = body.smooth_sizes(body.frame_sizes(said))
    known = found_at(seen).sum(-1) >= _STANDS
    ways = np.stack((said, said[:, MIRROR]), axis=1)
    mine = _bent(ways, seen[:, None], sizes).min(1)
    theirs = _bent(people, seen[:, None], sizes).min(1)
    against = np.where(mine < _LIKE, -np.inf, _VIEWS * np.maximum(mine - theirs, 0.0))
    out[there] = np.where(known, against, 0.0)
    return out


def _bent(poses: Array, pose: Array, sizes: Array) -> Array:
    """(K, P) how many joints of poses (K, P, 17, 2) lie elsewhere than those of one (K, 1, 17, 2);
    of bodies of sizes (K,); what is unknown counts half."""
    d2 = ((poses - pose) ** 2).sum(-1)
    loose2 = (2 * body.SPREAD * sizes[:, None, None]) ** 2
    return np.asarray(np.nan_to_num(d2 / (d2 + loose2), nan=0.5).sum(-1))
