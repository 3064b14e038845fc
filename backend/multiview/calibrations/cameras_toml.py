"""Cameras as the TOML that aniposelib, caliscope and Pose2Sim read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import tomli_w

from backend.domain.cameras import Camera, Lens
from backend.domain.moving_cameras import Place

HEADER: Final = """\
# Cameras for aniposelib, caliscope and Pose2Sim. Lengths in metres. Pixels as OpenCV counts them:
# (0, 0) is the centre of the top-left pixel. rotation and translation take world points into the
# camera (x right, y down, z forward); rotation is a Rodrigues vector. pose_covariance (6x6) is over
# a small turn about the camera's axes (radians, applied last) and the translation (metres);
# lens_covariance (4x4) over fx, fy, cx, cy (pixels); pose_lens_covariance (6x4) is between them.
# A camera that was knocked stands as said here up to the first of its moves; each move holds from
# from_s (seconds of the session) on.

"""


def covariance_table(camera: Camera) -> dict[str, Any]:
    """How well a camera is known, as our files name it; nothing where that was not worked out."""
    known = camera.covariance
    if known is None:
        return {}
    parts = {
        "pose_covariance": known.pose,
        "lens_covariance": known.lens,
        "pose_lens_covariance": known.cross,
    }
    return {key: value.tolist() for key, value in parts.items() if value is not None}


def cameras_toml(
    cameras: Sequence[Camera], moves: Mapping[int, Sequence[Place]] | None = None
) -> str:
    """The cameras as a document; those without a place have no rotation and translation.

    Args:
        cameras: As they stand at the beginning.
        moves: By index of a camera that was knocked its later places.
    """
    document: dict[str, Any] = {}
    for i, camera in enumerate(cameras):
        bent = camera.distortion
        least = 4 if camera.lens is Lens.FISHEYE else 5
        table: dict[str, Any] = {
            "name": camera.name,
            "size": [camera.width, camera.height],
            "matrix": camera.to_opencv().tolist(),
            "distortions": np.pad(bent, (0, max(0, least - len(bent)))).tolist(),
        }
        table |= _place_table(camera) | covariance_table(camera)
        table["fisheye"] = camera.lens is Lens.FISHEYE
        later = (moves or {}).get(i, ())
        if later:
            table["moves"] = [
                {"from_s": p.from_s, **_place_table(p.camera), **covariance_table(p.camera)}
                for p in later
            ]
        document[f"cam_{i}"] = table
    document["metadata"] = {"adjusted": False, "error": 0.0, "units": "m"}
    return HEADER + tomli_w.dumps(document)


def _place_table(camera: Camera) -> dict[str, Any]:
    if camera.T_camera_world is None:
        return {}
    T = camera.T_camera_world
    # It takes seconds to import, and a server that is coming back needs none of it.
    from scipy.spatial.transform import Rotation

    return {
        "rotation": Rotation.from_matrix(T[:3, :3]).as_rotvec().tolist(),
        "translation": T[:3, 3].tolist(),
    }
