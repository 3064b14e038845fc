"""Looking at a recording, or at what is around some of its frames, and keeping what is found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording
from backend.core.events import announce
from backend.domain.agreement import Trust
from backend.domain.keypoints import Visibility
from backend.domain.limits import MAX_VIEW_ERROR_PX
from backend.domain.masks import Rle, outside_by
from backend.domain.moving_cameras import agree_over_time
from backend.domain.quality import SAME_LUMA, SAME_SHARPNESS
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion import (
    OthersFound,
    Reference,
    Suspicion,
    Track,
    rank,
    reference_of,
    together,
)
from backend.domain.verdicts import Verdict
from backend.overview.moments import repository as moment_rows
from backend.overview.moments.service import rig_of
from backend.overview.suspicions import repository
from backend.recordings.counts import keep_suspicious

Array = NDArray[np.float64]

AROUND: Final = 48
"""Moments before and after a changed frame that are read: what says something of its neighbours."""

NEXT_TO: Final = 8
"""Moments before and after a changed frame of which something new may be said."""

FEW: Final = 48
"""From more changed frames on, the whole recording is looked at anew."""

AT_ONCE: Final = 6000
"""Frames that are held in memory together: a long recording is looked at in parts, each with the
frames around it."""

MOST_PEOPLE: Final = 6
"""Of everybody found in a frame, so many are compared; models find the surest first."""


def look(session: Session, recording: Recording) -> int:
    """Look at what was noted of a recording; returns of how many frames something was said.

    Two never look at one recording at once: whoever comes second leaves it to the first. What is
    noted meanwhile stays noted.
    """
    if not repository.only_one(session, recording.id):
        return 0
    noted = repository.notes(session, recording.id)
    if not noted:
        return 0
    changed = {note.frame_id for note in noted if note.frame_id is not None}
    known = {
        camera: Reference.from_json(usual)
        for camera, usual in repository.usuals(session, recording.id).items()
    }
    whole = len(changed) > FEW or any(note.frame_id is None for note in noted)
    eyes = {camera.id for camera in moment_rows.cameras_of(session, recording.id)}
    said = 0
    if whole or not eyes <= known.keys():
        said = _look_at_all(session, recording, len(eyes))
    else:
        for near in _stretches(repository.moments_of_frames(session, changed)):
            rows = repository.frames(session, recording.id, min(near) - AROUND, max(near) + AROUND)
            keep = {m + by for m in near for by in range(-NEXT_TO, NEXT_TO + 1)}
            said += _look_at(session, recording, rows, known, keep)
    keep_suspicious(session, [recording.id])
    repository.forget_notes(session, [note.id for note in noted])
    announce(session, "suspicion", {"recording_id": recording.id})
    return said


def _stretches(changed: Sequence[tuple[int, int]]) -> list[set[int]]:
    """Changed moments in groups that are read together."""
    groups: list[set[int]] = []
    for moment in sorted({index for _, index in changed}):
        if groups and moment - max(groups[-1]) <= AROUND:
            groups[-1].add(moment)
        else:
            groups.append({moment})
    return groups


def _look_at_all(session: Session, recording: Recording, cameras: int) -> int:
    """Look at a whole recording, in parts of a bounded number of frames where it is long."""
    first, last = repository.moments_of(session, recording.id)
    length = max(1, AT_ONCE // max(cameras, 1))
    parts = [range(at, min(at + length, last + 1)) for at in range(first, last + 1, length)]
    if len(parts) <= 1:
        return _look_at(session, recording, repository.frames(session, recording.id), {}, None)
    found: dict[int, list[Reference]] = defaultdict(list)
    for part in parts:
        rows = repository.frames(session, recording.id, part[0], part[-1])
        for camera, (_, track) in _tracks(session, recording, rows).items():
            found[camera].append(reference_of(track))
    usual = {camera: together(references) for camera, references in found.items()}
    repository.put_usuals(session, {camera: value.to_json() for camera, value in usual.items()})
    said = 0
    for part in parts:
        rows = repository.frames(session, recording.id, part[0] - AROUND, part[-1] + AROUND)
        said += _look_at(session, recording, rows, usual, part)
    return said


def _look_at(
    session: Session,
    recording: Recording,
    rows: Sequence[Any],
    known: Mapping[int, Reference],
    keep: Container[int] | None,
) -> int:
    """Look at these frames and keep what is found of those of some moments; None: of all."""
    usual = dict(known)
    kept: list[dict[str, Any]] = []
    for camera, (frames, track) in _tracks(session, recording, rows).items():
        if camera not in usual:
            usual[camera] = reference_of(track)
        kept += _kept(recording.id, frames, rank(track, usual[camera]), keep)
    repository.put(session, kept)
    repository.put_usuals(
        session, {c: value.to_json() for c, value in usual.items() if c not in known}
    )
    return len(kept)


def _tracks(
    session: Session, recording: Recording, rows: Sequence[Any]
) -> dict[int, tuple[list[Any], Track]]:
    """By camera, its frames and what is looked at."""
    by_camera: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_camera[row.camera_id].append(row)
    found_people = _people(session, [row.id for row in rows])
    apart = _disagreements(session, recording, by_camera)
    return {
        camera: (
            frames,
            _track(frames, found_people, apart.get(camera), _off_mask(session, frames)),
        )
        for camera, frames in by_camera.items()
    }


def _kept(
    recording_id: int, frames: Sequence[Any], found: Suspicion, keep: Container[int] | None
) -> list[dict[str, Any]]:
    percent = np.rint(100 * found.joints).astype(int)
    return [
        {
            "frame_id": frame.id,
            "recording_id": recording_id,
            "version": frame.version,
            "score": round(float(found.frames[t]), 4),
            "joints": percent[t].tolist(),
            "doubts": found.doubts[t].tolist(),
        }
        for t, frame in enumerate(frames)
        if keep is None or frame.moment in keep
    ]


def _people(session: Session, frame_ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for person in repository.people(session, frame_ids, MOST_PEOPLE):
        found[person.frame_id].append(person)
    return found


def _joints(frame: Any) -> Array:
    """(17, 3) x, y, visibility; NaN where a joint is not present, or the frame was thrown away."""
    if frame.keypoints is None or frame.verdict == Verdict.DISCARD.value:
        return np.full((N_JOINTS, 3), np.nan)
    joints = np.array(frame.keypoints, float).reshape(N_JOINTS, 3)
    joints[joints[:, 2] == 0] = np.nan
    return joints


def _scores(frame: Any) -> Array:
    """(17,) the model's confidence in the joints that lie where it put them; NaN elsewhere."""
    if frame.found is None or frame.keypoints is None:
        return np.full(N_JOINTS, np.nan)
    scores = np.array(frame.found, float)[2::3]
    now = np.array(frame.keypoints, float).reshape(N_JOINTS, 3)[:, :2]
    then = np.array(frame.skeleton, float).reshape(N_JOINTS, 3)[:, :2]
    return np.where((now == then).all(axis=1), scores, np.nan)


def _moved(frames: Sequence[Any]) -> Array:
    """(T,) whether each picture differs from the one before; NaN for the first."""
    moved = [np.nan]
    for before, now in pairwise(frames):
        same = before.sha256 == now.sha256 or (
            before.dhash == now.dhash
            and abs(now.sharpness - before.sharpness) <= SAME_SHARPNESS * before.sharpness
            and abs(now.mean_luma - before.mean_luma) <= SAME_LUMA
        )
        moved.append(0.0 if same else 1.0)
    return np.array(moved[: len(frames)])


def _off_mask(session: Session, frames: Sequence[Any]) -> Array | None:
    """(T, 17) pixels from each visible joint to the infant's outline; None without any mask."""
    places = {frame.id: t for t, frame in enumerate(frames)}
    away: Array | None = None
    for frame_id, counts in repository.masks(session, list(places)):
        t = places[frame_id]
        joints = _joints(frames[t])
        joints[joints[:, 2] != Visibility.VISIBLE] = np.nan
        rle = Rle(size=[frames[t].height, frames[t].width], counts=counts)
        if away is None:
            away = np.full((len(frames), N_JOINTS), np.nan)
        away[t] = outside_by(rle, joints[:, :2])
    return away


def _track(
    frames: Sequence[Any],
    people: Mapping[int, list[Any]],
    apart: Array | None,
    off_mask: Array | None,
) -> Track:
    most = max((len(people.get(frame.id, ())) for frame in frames), default=0)
    shape = (len(frames), most)
    joints = np.full((*shape, N_JOINTS, 2), np.nan)
    scores, score = np.zeros((*shape, N_JOINTS)), np.zeros(shape)
    for t, frame in enumerate(frames):
        for k, person in enumerate(people.get(frame.id, ())):
            values = np.array(person.keypoints, float).reshape(N_JOINTS, 3)
            joints[t, k], scores[t, k], score[t, k] = values[:, :2], values[:, 2], person.score
    return Track(
        time=np.array([frame.time_s for frame in frames], float),
        joints=np.array([_joints(frame)[:, :2] for frame in frames]),
        scores=np.array([_scores(frame) for frame in frames]),
        size=(frames[0].width, frames[0].height),
        moved=_moved(frames),
        others=OthersFound(joints, scores, score),
        off_mask=off_mask,
        disagreement=apart,
    )


def _disagreements(
    session: Session, recording: Recording, by_camera: Mapping[int, Sequence[Any]]
) -> dict[int, Array]:
    """By camera, (T, 17) how far each joint lies from where the views agree, over the limit."""
    eyes = moment_rows.cameras_of(session, recording.id)
    rig = {
        eye.id: places
        for eye, places in zip(eyes, rig_of(session, recording, eyes), strict=True)
        if places and eye.id in by_camera
    }
    if len(rig) < 2:
        return {}
    seconds = {f.moment: f.moment_s for c in rig for f in by_camera[c]}
    moments = {m: i for i, m in enumerate(sorted(seconds))}
    pixels = np.full((len(rig), len(moments), N_JOINTS, 3), np.nan)
    at = {}
    for c, camera in enumerate(rig):
        at[camera] = np.array([moments[frame.moment] for frame in by_camera[camera]])
        pixels[c, at[camera]] = [_joints(frame) for frame in by_camera[camera]]
    trust = np.nan_to_num(pixels[..., 2], nan=float(Trust.NONE)).astype(int)
    limit = MAX_VIEW_ERROR_PX
    times = np.array([seconds[m] for m in moments], float)
    found, _ = agree_over_time(list(rig.values()), pixels[..., :2], trust, times, limit)
    errors = found / limit
    return {camera: errors[c, at[camera]] for c, camera in enumerate(rig)}
