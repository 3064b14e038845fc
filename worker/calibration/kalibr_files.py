"""Kalibr's camchain: a YAML with one entry per camera, each placed relative to the one before.

``T_cn_cnm1`` takes points of the previous camera into this one; the first camera is the world.
``radtan`` is k1, k2, p1, p2 and ``equidistant`` k1 … k4, both as OpenCV has them; lengths are
metres.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import yaml

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from worker.calibration.texts import broken, matrix_of

MARK = re.compile(r"^\s*(T_cn_cnm1|distortion_model|camera_model)\s*:", re.MULTILINE)


def read(
    text: str, name: str, size: tuple[int, int] | None = None
) -> tuple[list[Camera], str | None, list[str]]:
    """Cameras, the unit, and notes."""
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise broken(name, "not YAML") from error
    if not isinstance(document, Mapping):
        raise broken(name, "there is no camera in it")
    cameras: list[Camera] = []
    notes: list[str] = []
    T = np.eye(4)
    linked = True
    for key in sorted(document, key=lambda k: [int(n) for n in re.findall(r"\d+", str(k))]):
        entry = document[key]
        if not isinstance(entry, Mapping) or "intrinsics" not in entry:
            continue
        where = f"camera {key}: "
        if cameras:
            step = entry.get("T_cn_cnm1")
            if step is None:
                linked = False
                notes.append(
                    f"{key} is not linked to the camera before it (no T_cn_cnm1): it has no place."
                )
            elif linked:
                T = matrix_of(step, 4, 4, name, f"{where}T_cn_cnm1") @ T
        cameras.append(_camera(entry, str(key), where, name, T if linked else None, size))
    if not cameras:
        raise broken(name, "there is no camera in it")
    if len(cameras) > 1 and linked:
        notes.append(f"The world is that of {cameras[0].name}; it has no floor.")
    return cameras, "m", notes


def _camera(
    entry: Mapping[str, Any], label: str, where: str, name: str, T: np.ndarray | None,
    size: tuple[int, int] | None,
) -> Camera:  # fmt: skip
    model = str(entry.get("camera_model", "pinhole"))
    if model != "pinhole":
        raise broken(
            name, f"{where}the camera model “{model}” is not known; calibrate with pinhole-radtan"
            " or pinhole-equi",
        )  # fmt: skip
    fx, fy, cx, cy = matrix_of(entry["intrinsics"], 1, 4, name, f"{where}intrinsics")[0]
    bending = str(entry.get("distortion_model", "none"))
    if bending not in ("radtan", "equidistant", "none"):
        raise broken(name, f"{where}the distortion model “{bending}” is not known")
    values = np.asarray(entry.get("distortion_coeffs") or [], float).reshape(-1)
    if bending == "none":
        values = values[:0]
    elif len(values) != 4:
        raise broken(name, f"{where}{len(values)} distortion coefficients, not 4")
    lens = Lens.FISHEYE if bending == "equidistant" else Lens.PINHOLE
    both = entry.get("resolution", size)
    if both is None:
        raise broken(name, f"{where}the image size is not given (resolution)")
    width, height = matrix_of(both, 1, 2, name, f"{where}resolution")[0]
    K = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    try:
        return Camera.from_opencv(label, (int(width), int(height)), K, values, lens, T)
    except InvalidInput as error:
        raise broken(name, error.message.rstrip(".")) from error
