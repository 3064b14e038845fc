"""Instants that all cameras saw: their frames, their joints, and how well the views agree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.database.tables import Calibration, Camera, Moment, Recording
from backend.domain.agreement import Trust, scaled_to
from backend.domain.errors import NotFound
from backend.domain.moving_cameras import Place, agree_over_time, places_of, resized
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Verdict
from backend.overview.moments import repository

Array = NDArray[np.float64]


def list_moments(session: Session, recording: Recording) -> dict[str, Any]:
    """Cameras, moments with their frames, and the calibration in use, as plain values."""
    frames = repository.frames_by_moment(session, recording.id)
    moments = repository.moments_of(session, recording.id)
    return {
        "cameras": [
            {"id": c.id, "index": c.index, "name": c.name, "width": c.width, "height": c.height}
            for c in repository.cameras_of(session, recording.id)
        ],
        "moments": [
            {"id": m.id, "index": m.index, "time_s": m.time_s, "frames": frames.get(m.id, {})}
            for m in moments
        ],
        "calibration": _shown(repository.calibration_in_use(session, recording), moments),
    }


def joints_of_moment(session: Session, recording: Recording, moment_id: int) -> dict[str, Any]:
    """The joints of one moment in every camera, as plain values.

    Raises:
        NotFound: the recording has no such moment.
    """
    frames = repository.annotations_of_moment(session, recording.id, moment_id)
    if not frames:
        raise NotFound(f"Recording {recording.id} has no moment {moment_id}.")
    for frame in frames:
        flat = frame.pop("keypoints")
        frame["joints"] = flat and [
            {"x": flat[i], "y": flat[i + 1], "v": int(flat[i + 2])}
            for i in range(0, 3 * N_JOINTS, 3)
        ]
    return {"frames": frames}


def view_errors(session: Session, recording: Recording, threshold_px: float) -> dict[str, Any]:
    """Pixels from each joint to the point on which the views agree, for every moment and camera.

    Discarded frames do not count. Null where fewer than two views have the joint, where the
    recording has no calibration in use, or where a camera is not part of it.
    """
    eyes = repository.cameras_of(session, recording.id)
    moments = repository.moments_of(session, recording.id)
    rig = rig_of(session, recording, eyes)
    pixels, trust = _marks(session, recording.id, eyes, moments)
    times = np.array([moment.time_s for moment in moments], float)
    errors, disagrees = agree_over_time(rig, pixels, trust, times, threshold_px)
    rounded = np.round(errors, 1).astype(object)
    rounded[np.isnan(errors)] = None
    return {
        "joints": N_JOINTS,
        "threshold_px": threshold_px,
        "cameras": [camera.id for camera in eyes],
        "moments": [
            {
                "id": moment.id,
                "index": moment.index,
                "time_s": moment.time_s,
                "errors": rounded[:, m].tolist(),
                "disagrees": [[eyes[c].id, int(j)] for c, j in np.argwhere(disagrees[:, m])],
            }
            for m, moment in enumerate(moments)
        ],
    }


def _shown(calibration: Calibration | None, moments: list[Moment]) -> dict[str, Any] | None:
    if calibration is None:
        return None
    return {
        "id": calibration.id,
        "version": calibration.version,
        "phase": calibration.phase,
        "origin": calibration.origin,
        "floor_z": calibration.floor_z,
        "cameras": [
            camera | {"moves": [_move(move, moments) for move in camera.get("moves", ())]}
            for camera in calibration.cameras
        ],
    }


def _move(move: dict[str, Any], moments: list[Moment]) -> dict[str, Any]:
    start = move["from_s"]
    after = [m.index for m in moments if start is not None and m.time_s >= start]
    return {
        "from_s": start,
        "from_moment": min(after, default=None),
        "T_camera_world": move["T_camera_world"],
    }


def rig_of(session: Session, recording: Recording, eyes: list[Camera]) -> list[tuple[Place, ...]]:
    """The places of each of the recording's cameras, for the size of its frames."""
    calibration = repository.calibration_in_use(session, recording)
    entries = calibration.cameras if calibration else []
    by_id = {entry["camera_id"]: places_of(entry) for entry in entries}
    rig: list[tuple[Place, ...]] = []
    for eye in eyes:
        places = by_id.get(eye.id, ())
        if eye.width is not None and eye.height is not None:
            size = (eye.width, eye.height)
            places = resized(places, [scaled_to(place.camera, *size) for place in places])
        rig.append(places)
    return rig


def _marks(
    session: Session, recording_id: int, eyes: list[Camera], moments: list[Moment]
) -> tuple[Array, NDArray[np.int64]]:
    """Joints (C, M, 17, 2) and what they are worth (C, M, 17)."""
    camera_at = {camera.id: i for i, camera in enumerate(eyes)}
    moment_at = {moment.id: i for i, moment in enumerate(moments)}
    shape = (len(eyes), len(moments), N_JOINTS)
    joints, machine = np.zeros((*shape, 3)), np.full((*shape, 3), np.nan)
    kept = np.zeros(shape, bool)
    for camera_id, moment_id, verdict, keypoints, skeleton in repository.marks_of(
        session, recording_id
    ):
        at = camera_at[camera_id], moment_at[moment_id]
        joints[at] = np.array(keypoints).reshape(N_JOINTS, 3)
        if skeleton is not None:
            machine[at] = np.array(skeleton).reshape(N_JOINTS, 3)
        kept[at] = verdict == Verdict.KEEP.value
    touched = (joints != machine).any(axis=-1)
    trust = joints[..., 2].astype(int)
    trust[(trust == Trust.VISIBLE) & (kept | touched)] = Trust.CONFIRMED
    return joints[..., :2], trust
