"""The TOML that aniposelib, caliscope and Pose2Sim read: one table per camera.

``size`` [width, height], ``matrix`` 3×3, ``distortions``, ``rotation`` (Rodrigues vector, world to
camera; caliscope also writes it as a matrix) and ``translation``; ``fisheye = true`` for the
fisheye lens. Ours says the unit in ``[metadata]``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from backend.multiview.calibrations.cameras_toml import cameras_toml
from worker.calibration.texts import broken, covariance_of, matrix_of


def read(
    text: str, name: str, size: tuple[int, int] | None = None
) -> tuple[list[Camera], str | None, list[str]]:
    """Cameras, the unit if it is said, and notes."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise broken(name, f"not TOML: {error}") from error
    metadata = document.get("metadata")
    unit = metadata.get("units") if isinstance(metadata, dict) else None
    cameras, notes = [], []
    for key, table in _tables(document):
        label = str(table.get("name") or table.get("cam_id") or _port(table) or key)
        if table.get("matrix") is None:
            notes.append(f"{label} has no lens in {name} and was left out.")
            continue
        if table.get("size") is None and size is not None:
            notes.append(f"{label} has no image size in {name}; {size[0]}×{size[1]} was taken.")
            table = {**table, "size": size}
        if isinstance(table.get("moves"), list):
            notes.append(
                f"{label} was knocked during its visit; its place at the beginning was taken."
            )
        cameras.append(_camera(table, label, name))
    if not cameras:
        raise broken(name, "there is no camera in it (a table with size and matrix)")
    return cameras, unit, notes


def _port(table: dict[str, Any]) -> str | None:
    return f"cam_{table['port']}" if "port" in table else None


def _tables(document: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, value in document.items():
        if not isinstance(value, dict) or key == "metadata":
            continue
        if "size" in value or "matrix" in value:
            yield key, value
        else:
            yield from _tables(value, key)


def _camera(table: dict[str, Any], label: str, name: str) -> Camera:
    where = f"camera {label}: "
    size = matrix_of(table.get("size"), 1, 2, name, f"{where}size")[0]
    K = matrix_of(table["matrix"], 3, 3, name, f"{where}matrix")
    values = table.get("distortions")
    bent = np.asarray([] if values is None else values, float).reshape(-1)
    lens = Lens.FISHEYE if table.get("fisheye") else Lens.PINHOLE
    if lens is Lens.FISHEYE:
        bent = bent[:4]
    elif len(bent) == 1:  # aniposelib with only k1
        bent = np.pad(bent, (0, 4))
    pose = None
    if table.get("rotation") is not None and table.get("translation") is not None:
        rotation = np.asarray(table["rotation"], float)
        if rotation.size == 3:
            R = cv2.Rodrigues(rotation.reshape(3, 1))[0]
        else:
            R = matrix_of(rotation, 3, 3, name, f"{where}rotation")
        pose = np.eye(4)
        pose[:3, :3] = R
        pose[:3, 3] = matrix_of(table["translation"], 3, 1, name, f"{where}translation")[:, 0]
    try:
        return Camera.from_opencv(
            label, (int(size[0]), int(size[1])), K, bent, lens, pose,
            covariance_of(table, name, where),
        )  # fmt: skip
    except InvalidInput as error:
        raise broken(name, error.message.rstrip(".")) from error


def write(cameras: Sequence[Camera]) -> str:
    """The cameras as a document."""
    return cameras_toml(cameras)
