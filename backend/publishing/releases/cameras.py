"""The cameras of a release's recordings, as the calibrations that were frozen say.

A calibration is never changed once it is written; the release names the one that was in use when it
was checked.
"""

from __future__ import annotations

from collections import defaultdict
from math import isfinite
from pathlib import PurePosixPath
from typing import Any, Final

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Calibration, ReleaseFrame, ReleaseRecording
from backend.domain.cameras import Camera
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict
from backend.domain.moving_cameras import places_of
from backend.domain.pixels import PixelRule, intrinsics_to_outside
from backend.publishing.releases.fits import names_for

_CONVENTIONS: Final = {
    "K": "focal lengths, skew and principal point, in pixels of the upright image",
    "lens": "pinhole: Brown-Conrady, k1 k2 p1 p2 k3 k4 k5 k6; fisheye: Kannala-Brandt, k1 k2 k3 k4",
    "T_camera_world": "takes points of the world into the camera: x right, y down, z forward",
    "moves": "places of a camera that was knocked, each from a time of the session (s) on, the"
    " first from null; T_camera_world is null then; empty for all others",
    "world": "metres, right-handed; z points up where floor_z is given",
}


def cameras_of(
    session: Session, release_id: int, *, audience: ConsentScope, pixels: PixelRule
) -> dict[str, bytes]:
    """Files of cameras, one for each recording that was calibrated, by path.

    Args:
        session: A transaction.
        release_id: The release.
        audience: For whom: names that people gave to recordings and cameras stay inside the group.
        pixels: The rule by which the release writes joints; ``K`` follows it.

    Raises:
        Conflict: a frozen calibration is gone.
    """
    folders = _folders(session, release_id)
    ids = {calibration for _, calibration in folders}
    known = {
        row.id: row for row in session.scalars(select(Calibration).where(Calibration.id.in_(ids)))
    }
    if missing := ids - set(known):
        raise Conflict(
            f"{len(missing)} of {len(ids)} calibrations have been deleted since this release was"
            " checked: check it again."
        )
    of = ReleaseRecording
    rows = session.execute(select(of.recording_id, of.name).where(of.release_id == release_id))
    called = {row.recording_id: row.name for row in rows}
    names = names_for(session, release_id, audience)
    files = {}
    for (recording, calibration), by_camera in sorted(folders.items()):
        inside = audience is ConsentScope.INTERNAL
        document = {
            "recording": called[recording] if inside else f"r{recording:05d}",
            "recording_id": recording,
            **_document(known[calibration], names[recording], by_camera, pixels),
        }
        place = PurePosixPath(next(iter(by_camera.values()))).parent
        path = f"cameras/{'/'.join(place.parts[1:])}.json"
        files[path] = orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
    return files


def _folders(session: Session, release_id: int) -> dict[tuple[int, int], dict[int, str]]:
    """By recording and calibration the folder of each camera's images."""
    of = ReleaseFrame
    found: dict[tuple[int, int], dict[int, str]] = defaultdict(dict)
    for row in session.execute(
        select(
            of.recording_id, of.calibration_id, of.camera_id, func.min(of.file_name).label("file")
        )
        .where(of.release_id == release_id, of.calibration_id.is_not(None))
        .group_by(of.recording_id, of.calibration_id, of.camera_id)
        .order_by(of.recording_id, of.calibration_id, of.camera_id)
    ):
        folder = str(PurePosixPath(row.file).parent)
        found[row.recording_id, row.calibration_id][row.camera_id] = folder
    return found


def _document(
    calibration: Calibration,
    names: dict[int, str],
    folders: dict[int, str],
    pixels: PixelRule,
) -> dict[str, Any]:
    cameras = []
    for stored in calibration.cameras:
        camera_id = stored.get("camera_id")
        if camera_id not in folders:
            continue  # The release holds no image of it.
        camera = Camera.from_dict(stored)
        pose = camera.T_camera_world
        places = places_of(stored) if stored.get("moves") else ()
        cameras.append(
            {
                "camera": names[camera_id],
                "folder": folders[camera_id],
                "width": camera.width,
                "height": camera.height,
                "lens": camera.lens.value,
                "K": intrinsics_to_outside(camera.K, pixels).tolist(),
                "distortion": camera.distortion.tolist(),
                "T_camera_world": None if pose is None else pose.tolist(),
                "moves": [
                    {
                        "from_s": place.from_s if isfinite(place.from_s) else None,
                        "T_camera_world": place.camera.pose.tolist(),
                    }
                    for place in places
                ],
                "rms_px": stored.get("rms_px"),
            }
        )
    return {
        "calibration": {
            "version": calibration.version,
            "phase": calibration.phase,
            "origin": calibration.origin,
        },
        "pixels": pixels.value,
        "floor_z": calibration.floor_z,
        "conventions": _CONVENTIONS,
        "cameras": sorted(cameras, key=lambda camera: str(camera["folder"])),
    }
