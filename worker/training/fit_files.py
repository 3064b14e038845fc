"""What lies beside a release's annotations: body fits and cameras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from backend.domain.errors import InvalidInput
from backend.domain.pixels import PixelRule, intrinsics_to_inside
from worker.training.material import Array, Body


@dataclass(frozen=True, slots=True, eq=False)
class PlacedCamera:
    """A camera of a release.

    Attributes:
        K: (3, 3), continuous pixels.
        distortion: As OpenCV has it; may be empty.
        T_camera_world: (4, 4); None where only the lens is known, and where it was knocked.
        moves: Of a camera that was knocked, from when (s; first minus infinity) it stands where.
    """

    K: Array
    distortion: Array
    T_camera_world: Array | None
    moves: tuple[tuple[float, Array], ...] = ()

    def at(self, time_s: float | None) -> PlacedCamera:
        """The camera as it stands at a time of the session; of a time not known, without a place
        where it has several."""
        if not self.moves or time_s is None:
            return self
        pose = [place for start, place in self.moves if start <= time_s][-1]
        return replace(self, T_camera_world=pose)


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """The body fits of one file.

    Attributes:
        bodies: By row.
        joints: (N, 17, 3) COCO's joints in the world, metres.
    """

    bodies: tuple[Body, ...]
    joints: Array


def read_fits(root: Path) -> dict[str, Fits]:
    """Body fits by file, named as annotations name them (``fits/train.npz``).

    Raises:
        InvalidInput: a file cannot be read.
    """
    found = {}
    for path in sorted((root / "fits").glob("*.npz")):
        try:
            with np.load(path, allow_pickle=False) as arrays:
                names = arrays["body_name"].tolist()
                parts = [arrays[k] for k in ("betas", "pose", "scale", "translation")]
                joints = np.asarray(arrays["joints3d_coco"], float)
        except (OSError, ValueError, KeyError) as error:
            raise InvalidInput(
                f"{path.name} is not a file of body fits: {error}.", file=str(path)
            ) from error
        bodies = tuple(
            Body(str(name), betas, pose, float(scale), translation)
            for name, betas, pose, scale, translation in zip(names, *parts, strict=True)
        )
        found[path.relative_to(root).as_posix()] = Fits(bodies, joints)
    return found


def read_cameras(root: Path) -> dict[str, PlacedCamera]:
    """Pinhole cameras by the folder of their images; fisheye lenses are left out.

    Raises:
        InvalidInput: a file cannot be read.
    """
    found = {}
    for path in sorted((root / "cameras").glob("**/*.json")):
        try:
            told = orjson.loads(path.read_bytes())
            rule = PixelRule(told["pixels"])
            for camera in told["cameras"]:
                if camera["lens"] == "pinhole":
                    found[str(camera["folder"])] = _camera(camera, rule)
        except (orjson.JSONDecodeError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"{path.name} is not a file of a release's cameras: {error}.", file=str(path)
            ) from error
    return found


def _camera(told: Mapping[str, Any], rule: PixelRule) -> PlacedCamera:
    pose = told["T_camera_world"]
    return PlacedCamera(
        intrinsics_to_inside(np.asarray(told["K"], float), rule),
        np.asarray(told["distortion"], float),
        None if pose is None else np.asarray(pose, float),
        tuple(
            (
                -np.inf if move["from_s"] is None else float(move["from_s"]),
                np.asarray(move["T_camera_world"], float),
            )
            for move in told.get("moves", ())
        ),
    )
