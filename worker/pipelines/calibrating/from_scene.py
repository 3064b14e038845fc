"""Places from points of the room whose coordinates are known, and cameras adjusted to joints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from backend.core.database.tables.calibrations import CalibrationOrigin
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.moving_cameras import at_time, is_placed
from backend.multiview.calibrations.marked import marked_joints
from backend.multiview.calibrations.schemas import JointsIn, PointsIn
from backend.multiview.calibrations.service import NewCalibration
from worker.calibration.adjustable import LensFreedom
from worker.calibration.adjusting import adjust_to_marks
from worker.calibration.marks import Marks
from worker.calibration.points import ScenePoint, place_cameras
from worker.pipelines.calibrating.job import CalibrationJob
from worker.pipelines.room_pictures import RoomPictures


def points(job: CalibrationJob, request: PointsIn) -> NewCalibration:
    """Places of the cameras, from points of the room that were measured and marked.

    Raises:
        InvalidInput: too few points, or points that place no camera.
    """
    lenses = job.lenses()
    points = [
        ScenePoint(
            point.name or f"Point {number}",
            point.xyz,
            {job.names[i]: at for i, at in point.seen.items()},
        )
        for number, point in enumerate(request.points, start=1)
    ]
    result = place_cameras(list(lenses.values()), points)
    job.warnings += result.warnings
    ids = {name: i for i, name in job.names.items()}
    cameras = {
        i: job.entry(i, camera, level)
        for i, camera, level in zip(lenses, result.cameras, result.camera_rms_px, strict=True)
    }
    report = {
        "extrinsics": {
            "rms_px": result.rms_px,
            "moments_used": 1,
            "dropped": [
                {"file": f"{camera}: {name}", "reason": "the other points contradict it",
                 "rms_px": px}
                for camera, name, px in result.dropped
            ],
            "pairs": [],
            "flips_resolved": 0,
            "points": [
                {"name": check.name, "xyz": list(point.xyz), "apart_mm": check.apart_mm,
                 "errors": {str(ids[name]): px for name, px in check.errors_px.items()}}
                for check, point in zip(result.points, points, strict=True)
            ],
        }
    }  # fmt: skip
    return job.new(CalibrationOrigin.POINTS, cameras, report, request.floor_z)


def joints(job: CalibrationJob, request: JointsIn) -> NewCalibration:
    """Cameras adjusted to the joints of the recording, and those that were knocked in between.

    Raises:
        InvalidInput: there are no joints yet, or the adjusted cameras agree with them no better.
    """
    known = {
        i: replace(at_time(entry, None), name=job.names[i])
        for entry in job.base if (i := entry["camera_id"]) in job.names and is_placed(entry)
    }  # fmt: skip
    ids = list(known)
    with job.context.transaction() as session:
        moments = marked_joints(session, job.recording_id, ids)
        pictures = RoomPictures(session, job.context.storage, job.recording_id, known)
    if moments is None:
        raise InvalidInput(
            "No moment has joints in two of the placed cameras yet: annotate some, or run the"
            " pose model first.",
            fault="no joints",
        )
    job.context.report(0, None, "Adjusting the cameras to the joints")
    found = adjust_to_marks(
        list(known.values()), Marks(*moments), lenses=LensFreedom(request.lenses),
        movements=request.movements, pictures=pictures, floor_z=job.floor_z,
    )  # fmt: skip
    if not found.helps:
        raise InvalidInput(
            "The cameras agree with the joints as well as they can: on moments that took no"
            f" part the median error is {found.before_px:.1f} px as they are and"
            f" {found.after_px:.1f} px adjusted. Nothing was changed.",
            fault="nothing to change",
        )
    job.warnings += found.warnings
    start = found.cameras_from()
    cameras = {entry["camera_id"]: dict(entry) for entry in job.base}
    for c, i in enumerate(ids):
        cameras[i] = job.entry(i, start[0][1][c], None)
        moves = [
            {"from_s": at, **_place_of(entries[c])}
            for at, entries in start
            if at is None or any(b.camera == c and b.first_after_s == at for b in found.bumps)
        ]
        if len(moves) > 1:
            # What does not ask when must not take one of its places for all.
            without = replace(start[0][1][c], T_camera_world=None)
            cameras[i] = job.entry(i, without, None) | {"moves": moves}
    report = {
        "joints": {
            "marks": found.marks,
            "sd_px": found.sd_px,
            "left_out_before_px": found.before_px,
            "left_out_after_px": found.after_px,
            "lenses": request.lenses,
            "turned_deg": {str(i): v for i, v in zip(ids, found.turned_deg, strict=True)},
            "movements": [
                {
                    "camera_id": ids[b.camera],
                    "last_before_s": b.last_before_s,
                    "first_after_s": b.first_after_s,
                    "earliest_s": b.earliest_s,
                    "latest_s": b.latest_s,
                    "turned_deg": b.turned_deg,
                    "shift_px": b.shift_px,
                }
                for b in found.bumps
            ],
        }
    }
    return job.new(CalibrationOrigin.JOINTS, cameras, report, job.floor_z)


def _place_of(camera: Camera) -> dict[str, Any]:
    plain = camera.to_dict()
    return {"T_camera_world": plain["T_camera_world"], "covariance": plain.get("covariance")}
