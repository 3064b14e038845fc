"""The answer near a correction, at once: what follows the hand while the rest is solved behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backend.domain.trajectories import alike, sureness
from backend.domain.trajectories.answer import Answer, CameraAnswer, Space
from backend.domain.trajectories.assemble import Edges, answer_plane, answer_space
from backend.domain.trajectories.contradiction import heard
from backend.domain.trajectories.evidence import (
    Array,
    Ints,
    SessionEvidence,
)
from backend.domain.trajectories.gather import Prepared, prepare
from backend.domain.trajectories.leans import leans_of
from backend.domain.trajectories.lengths import lengths_of
from backend.domain.trajectories.settings import DEFAULTS, Settings
from backend.domain.trajectories.taught import Taught, carries, spoken

_HELD = 2
"""Frames at each end of the window that are held to the answer before."""

_HEARD = 150
"""Frames beyond the window of which what people said counts for the doubt in it."""

_KEPT = 20.0
"""Cost of another option than before at the window's ends, in joints."""


def resolve_near(
    answer: Answer,
    session: SessionEvidence,
    changed: tuple[int, int],
    settings: Settings = DEFAULTS,
) -> Answer:
    """The answer after one frame's evidence changed, solved again only near it.

    Args:
        answer: The answer before.
        session: The evidence after the change.
        changed: (camera, frame) whose confirmed joints changed.
        settings: ``window`` and ``window_together`` say how far from it frames follow at once.

    Returns:
        A whole answer; frames far from the change are those of ``answer``.
    """
    camera, frame = changed
    session = heard(session)
    reach = settings.window_together if session.calibrated else settings.window
    windows = _windows(session, camera, frame, reach)
    settings = replace(settings, rounds=settings.rounds_near)
    order = list(windows)
    part = _part(session, windows)
    taught = _taught(session, windows)
    prepared = [
        _held(
            prepare(part.cameras[k], taught.alike, taught.carries[k]),
            answer.cameras[c],
            *windows[c],
        )
        for k, c in enumerate(order)
    ]
    noises = tuple(answer.noise[c] for c in order) if answer.noise else ()
    edges = _edges(answer, session, windows)
    if part.calibrated:
        found = answer_space(part, prepared, part.calibrated, settings, noises, taught, edges)
    else:
        found = answer_plane(part, prepared, settings, noises, taught, edges)
    cameras = list(answer.cameras)
    for k, c in enumerate(order):
        leans = leans_of(session, c)
        cameras[c] = _joined(answer.cameras[c], found.cameras[k], windows[c], leans)
    space = _joined_space(answer, found, session, windows)
    return Answer(tuple(cameras), space, answer.noise, answer.shifts)


def _part(session: SessionEvidence, windows: dict[int, tuple[int, int]]) -> SessionEvidence:
    several = len(windows) > 1
    return SessionEvidence(
        tuple(session.cameras[c].part(*window) for c, window in windows.items()),
        _cut_moments(session, windows) if several else np.zeros((0, 0), np.int64),
    )


def _taught(session: SessionEvidence, windows: dict[int, tuple[int, int]]) -> Taught:
    """What the whole session teaches, at the frames of the windows."""
    wide = {
        c: (max(a - _HEARD, 0), min(b + _HEARD, len(session.cameras[c])))
        for c, (a, b) in windows.items()
    }
    part, sure = _part(session, wide), sureness.read(session)

    def inner(parts: tuple[Array, ...]) -> tuple[Array, ...]:
        return tuple(
            one[a - wide[c][0] : b - wide[c][0]]
            for one, (c, (a, b)) in zip(parts, windows.items(), strict=True)
        )

    return Taught(
        alike.read(session.cameras), sure, inner(sureness.apart(part)), spoken(session),
        inner(carries(part, sure)),
    )  # fmt: skip


def _windows(
    session: SessionEvidence, camera: int, frame: int, reach: int
) -> dict[int, tuple[int, int]]:
    """For each camera that follows, the first frame of its window and the one behind the last."""
    several = session.calibrated
    near = session.moments[:, camera] if camera in several else np.zeros(0, np.int64)
    at = np.flatnonzero(np.abs(near - frame) <= reach) if len(near) else np.zeros(0, np.int64)
    at = at[near[at] >= 0]
    if frame not in near[at]:
        n = len(session.cameras[camera])
        return {camera: (max(frame - reach, 0), min(frame + reach + 1, n))}
    out = {}
    for c in several:
        frames = session.moments[at[0] : at[-1] + 1, c]
        frames = frames[frames >= 0]
        if len(frames):
            out[c] = (int(frames[0]), int(frames[-1]) + 1)
    return out


def _moments_in(session: SessionEvidence, windows: dict[int, tuple[int, int]]) -> Ints:
    """Numbers of the moments of which a frame lies in a window."""
    inside = np.zeros(len(session.moments), bool)
    for c, (a, b) in windows.items():
        inside |= (session.moments[:, c] >= a) & (session.moments[:, c] < b)
    return np.flatnonzero(inside)


def _cut_moments(session: SessionEvidence, windows: dict[int, tuple[int, int]]) -> Ints:
    at = _moments_in(session, windows)
    columns = []
    for c, (a, b) in windows.items():
        frames = session.moments[at, c]
        columns.append(np.where((frames >= a) & (frames < b), frames - a, -1))
    return np.stack(columns, 1)


def _held(prepared: Prepared, before: CameraAnswer, a: int, b: int) -> Prepared:
    """Options at the ends stay what they were."""
    cost = prepared.options.cost
    for t, index in ((0, a), (len(cost) - 1, b - 1)):
        kept = before.choice[index]
        if kept < cost.shape[1] and not prepared.evidence.said[t].any():
            cost[t] += _KEPT
            cost[t, kept] -= _KEPT
    return prepared


def _edges(answer: Answer, session: SessionEvidence, windows: dict[int, tuple[int, int]]) -> Edges:
    places, variances = [], []
    for c, (a, b) in windows.items():
        before = answer.cameras[c]
        place = np.full((b - a, 17, 2), np.nan)
        for first, inner, last in ((a, a, a + _HELD), (b - _HELD, a, b)):
            if first == 0 or last == len(before.positions):
                continue
            place[first - inner : last - inner] = before.positions[first:last]
        places.append(place)
        variances.append(np.maximum(before.bare[a:b], 0.1) ** 2)
    space = None
    if answer.space is not None and len(windows) > 1:
        at = _moments_in(session, windows)
        joints = answer.space.joints[at]
        ends = np.zeros(len(at), bool)
        ends[:_HELD] = at[0] > 0
        ends[-_HELD:] |= at[-1] < len(session.moments) - 1
        precisions = np.zeros((*joints.shape, 3))
        precisions[ends] = np.linalg.inv(answer.space.covariances[at[ends]] + 1e-10 * np.eye(3))
        space = (joints, precisions)
    lengths = None if answer.space is None else lengths_of(answer.space.joints)
    shifts = None if answer.shifts is None else answer.shifts[list(windows)]
    return Edges(tuple(places), tuple(variances), space, lengths, shifts)


def _joined(
    before: CameraAnswer, part: CameraAnswer, window: tuple[int, int], leans: Ints
) -> CameraAnswer:
    a, b = window
    n = len(before.positions)
    first = a if a == 0 else a + _HELD
    last = b if b == n else b - _HELD

    def put(whole: Array, piece: Array, end: int = last) -> Array:
        out = whole.copy()
        out[first:end] = piece[first - a : end - a]
        return out

    return CameraAnswer(
        positions=put(before.positions, part.positions),
        sigmas=put(before.sigmas, part.sigmas),
        bare=put(before.bare, part.bare),
        visibility=put(before.visibility, part.visibility),  # type: ignore[arg-type]
        leans=leans,
        source=put(before.source, part.source),  # type: ignore[arg-type]
        choice=put(before.choice, part.choice),  # type: ignore[arg-type]
        reach=put(before.reach, part.reach, max(min(last, n - 1), first)),
        scale=put(before.scale, part.scale),
    )


def _joined_space(
    answer: Answer, found: Answer, session: SessionEvidence, windows: dict[int, tuple[int, int]]
) -> Space | None:
    if answer.space is None or found.space is None:
        return answer.space
    at = _moments_in(session, windows)
    joints, covariances = answer.space.joints.copy(), answer.space.covariances.copy()
    joints[at], covariances[at] = found.space.joints, found.space.covariances
    return Space(joints, covariances)
