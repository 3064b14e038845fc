"""The files of a fit: joints, masks and scans in, fits out (``docs/fitting.md``).

All are npz without pickles. Files are written whole or not at all.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.core.archives import MAX_BYTES, ArchiveFault, read_npz
from backend.domain.errors import InvalidInput
from backend.domain.fit_quality import RADII, trust_of
from backend.domain.scans import SUFFIXES, ScanKind, check_cloud, kind_of, number_of, wrong
from backend.multiview.scans.scan_files import check_size, read_cloud
from worker.fitting.config import FitConfig
from worker.fitting.odd import Odd
from worker.fitting.problem import KINDS
from worker.fitting.result import SessionFit

Array = NDArray[np.float64]

FORMAT = 1
VERDICTS = ("none", "verified", "rejected")


@dataclass(frozen=True, eq=False)
class JointsFile:
    """joints: (T, C, 17, 3). kind: what the third number is. camera_names: (C,).
    time_s: (T,) or None."""

    joints: Array
    kind: str
    camera_names: tuple[str, ...]
    time_s: Array | None


def read_joints(path: Path) -> JointsFile:
    """Joints of a session.

    Raises:
        InvalidInput: the file is missing, no npz, or its arrays do not fit together.
    """
    arrays = _load(path, ("joints", "camera_names"))
    joints = _numbers(arrays, "joints", path)
    names = tuple(str(name) for name in np.atleast_1d(arrays["camera_names"]))
    if joints.ndim != 4 or joints.shape[1:] != (len(names), 17, 3) or not len(joints):
        raise _broken(path, f"joints are {_shape(joints)}, not moments × {len(names)} × 17 × 3")
    if len(set(names)) != len(names):
        raise _broken(path, "two cameras have the same name")
    kind = str(arrays.get("kind", "visibility"))
    if kind not in KINDS:
        raise _broken(path, f"kind is {kind!r}, not one of {', '.join(KINDS)}")
    times = _numbers(arrays, "time_s", path) if "time_s" in arrays else None
    if times is not None and times.shape != (len(joints),):
        raise _broken(path, f"time_s has {times.size} values for {len(joints)} moments")
    return JointsFile(joints, kind, names, times)


def write_joints(path: Path, joints: JointsFile) -> None:
    """Write a joints file."""
    arrays: dict[str, Any] = {
        "joints": joints.joints,
        "kind": np.array(joints.kind),
        "camera_names": np.array(joints.camera_names),
    }
    if joints.time_s is not None:
        arrays["time_s"] = joints.time_s
    _save(path, arrays)


def read_masks(path: Path, moments: int, views: int) -> list[list[dict[str, Any] | None]]:
    """Masks (T × C) as COCO run lengths, None where there is none.

    The file holds ``rle``: (T, C) unicode, each a JSON object with ``size`` [height, width] and
    ``counts``, or "".

    Raises:
        InvalidInput: the file is broken or of another number of moments or views.
    """
    rle = np.asarray(_load(path, ("rle",))["rle"])
    if rle.shape != (moments, views) or rle.dtype.kind != "U":
        raise _broken(path, f"rle is {_shape(rle)}, not {moments} × {views} texts")
    out: list[list[dict[str, Any] | None]] = []
    for t, row in enumerate(rle):
        line: list[dict[str, Any] | None] = []
        for c, text in enumerate(row):
            try:
                value = json.loads(str(text)) if str(text) else None
            except (ValueError, RecursionError) as error:
                raise _broken(path, f"the mask of moment {t}, view {c} is not JSON") from error
            if value is not None and not (
                isinstance(value, dict)
                and isinstance(value.get("counts"), str)
                and isinstance(value.get("size"), list)
            ):
                raise _broken(path, f"the mask of moment {t}, view {c} is not COCO run lengths")
            line.append(value)
        out.append(line)
    return out


def write_masks(path: Path, masks: Sequence[Sequence[Any]]) -> None:
    """Write masks (T × C) of COCO run lengths or None."""
    _save(path, {"rle": np.array([[json.dumps(m) if m else "" for m in row] for row in masks])})


def read_scans(path: Path, moments: int) -> list[Array | None]:
    """Point clouds (P, 3) per moment, world metres.

    The file holds ``points`` (P, 3) and ``moment`` (P,), to which moment each belongs; without
    ``moment`` all belong to the only one. Of a folder, each point cloud (``.ply``, ``.npz``,
    ``.npy``) belongs to the moment whose number its name carries; other files are passed over.

    Raises:
        InvalidInput: a file is broken, of no moment, or not in metres.
        TooLarge: a file of a folder is too large.
    """
    if path.is_dir():
        return _folder_of_scans(path, moments)
    arrays = _load(path, ("points",))
    points = _numbers(arrays, "points", path)
    if points.ndim != 2 or points.shape[1] != 3:
        raise _broken(path, f"points are {_shape(points)}, not points × 3")
    if "moment" not in arrays:
        if moments != 1:
            raise _broken(path, f"it does not say to which of {moments} moments points belong")
        return [points]
    at = np.asarray(arrays["moment"])
    if at.shape != (len(points),) or at.dtype.kind not in "iu":
        raise _broken(path, "moment is not a whole number per point")
    if len(at) and (at.min() < 0 or at.max() >= moments):
        raise _broken(path, f"moment lies outside 0..{moments - 1}")
    return [points[at == t] if (at == t).any() else None for t in range(moments)]


def _folder_of_scans(path: Path, moments: int) -> list[Array | None]:
    found: list[Array | None] = [None] * moments
    for file in sorted(path.iterdir()):
        if file.suffix.lower() not in SUFFIXES or kind_of(file.name) is not ScanKind.CLOUD:
            continue
        number = number_of(file.name)
        if number >= moments:
            raise wrong(file.name, f"moment {number} lies outside 0..{moments - 1}")
        if found[number] is not None:
            raise wrong(file.name, f"moment {number} has another file already")
        check_size(file.stat().st_size, file.name)
        found[number] = read_cloud(file.read_bytes(), file.name)
        check_cloud(np.asarray(found[number]), file.name)
    if not any(cloud is not None for cloud in found):
        raise _broken(path, "no point cloud is in it")
    return found


def write_fits(path: Path, fit: SessionFit) -> None:
    """Write a fits file; the arrays are listed in ``docs/fitting.md``."""
    n = len(fit)
    arrays: dict[str, Any] = {
        "format": np.array(FORMAT),
        "body_name": np.array(fit.body_name),
        "body_sha256": np.array(fit.body_sha256),
        "config_version": np.array(fit.config.version),
        "config": np.array(fit.config.to_json()),
        "calibration": np.array(fit.calibration),
        "camera_names": np.array(fit.camera_names),
        "verdict": np.full(n, "none"),
        "reason": np.full(n, ""),
        **{name: getattr(fit, name) for name in _ARRAYS},
        "shape_moments": np.array(fit.shape_moments, np.int64),
        "refitted": np.array(fit.refitted, np.int64),
    }
    arrays["time_filter"] = np.array(fit.time_filter)
    for name in _SEQUENCE:
        if getattr(fit, name) is not None:
            arrays[name] = getattr(fit, name)
    if fit.offsets is not None:
        arrays["offsets"] = fit.offsets.astype(np.float32)
    if fit.covariance is not None and fit.quality_mm is not None:
        arrays |= {
            "covariance": fit.covariance,
            "interval_radii": np.array(RADII),
            "quality_mm": fit.quality_mm,
            "trust": np.array([trust_of(float(q)).value for q in fit.quality_mm]),
            "doubts": np.array(
                [json.dumps([odd.to_dict() for odd in moment]) for moment in fit.doubts]
            ),
            "shape_covariance": np.asarray(fit.shape_covariance),
            "noise_px": np.asarray(fit.noise_px, float),
        }
    _save(path, arrays)


_ARRAYS = (
    "camera_assumed", "moment", "time_s", "betas", "scale", "pose", "translation",
    "joints3d_coco", "joints3d_body", "error_px", "mean_error_px", "mask_iou", "gate_passed",
    "self_intersections", "facing_restarts", "converged", "energy", "steps", "limb_error",
)  # fmt: skip

_SEQUENCE: dict[str, tuple[int | str, ...]] = {
    "spread_m": ("N", 17), "bridged": ("N",), "raw_pose": ("N", 72), "raw_translation": ("N", 3),
    "raw_joints3d_coco": ("N", 17, 3),
}  # fmt: skip
"""Arrays of fits that were solved as sequences."""

_SHAPES: dict[str, tuple[int | str, ...]] = {
    "camera_assumed": ("C",), "moment": ("N",), "time_s": ("N",), "betas": ("N", "B"),
    "scale": ("N",), "pose": ("N", 72), "translation": ("N", 3), "joints3d_coco": ("N", 17, 3),
    "joints3d_body": ("N", 24, 3), "error_px": ("N", "C", 17), "mean_error_px": ("N",),
    "mask_iou": ("N", "C"), "gate_passed": ("N",), "self_intersections": ("N",),
    "facing_restarts": ("N",), "converged": ("N",), "energy": ("N",), "steps": ("N",),
    "limb_error": ("N",),
}  # fmt: skip


def read_fits(path: Path) -> SessionFit:
    """Fits of a recording, as ``write_fits`` wrote them.

    Raises:
        InvalidInput: the file is missing, no npz, of another format, or incomplete.
    """
    arrays = _load(path, ("format", "body_name", "body_sha256", "config", "camera_names", *_ARRAYS))
    given = arrays["format"]
    if given.size != 1 or given.dtype.kind not in "iu":
        raise _broken(path, f"its format is {_shape(given)}, not one whole number")
    if int(given.item()) != FORMAT:
        raise _broken(path, f"its format is {int(given.item())}, only {FORMAT} is known")
    sizes: dict[str, int] = {"C": np.atleast_1d(arrays["camera_names"]).size}
    there = {name: shape for name, shape in _SEQUENCE.items() if name in arrays}
    for name, shape in (_SHAPES | there).items():
        found = arrays[name].shape
        want = tuple(sizes.setdefault(s, f) if isinstance(s, str) else s
                     for s, f in zip(shape, found, strict=False))  # fmt: skip
        if found != want or len(found) != len(shape):
            raise _broken(path, f"{name} is {_shape(arrays[name])}")
    return SessionFit(
        body_name=str(arrays["body_name"]),
        body_sha256=str(arrays["body_sha256"]),
        config=FitConfig.from_json(str(arrays["config"]), path.name),
        calibration=str(arrays.get("calibration", "")),
        camera_names=tuple(str(name) for name in np.atleast_1d(arrays["camera_names"])),
        shape_moments=tuple(int(m) for m in arrays.get("shape_moments", ())),
        offsets=arrays["offsets"].astype(float) if "offsets" in arrays else None,
        refitted=tuple(int(m) for m in arrays.get("refitted", ())),
        **_confidence(arrays, path),
        # Earlier versions knew neighbours only, and did not say so.
        time_filter=str(arrays.get("time_filter", "neighbours")),
        **{name: arrays[name] for name in there},
        **{name: arrays[name] for name in _ARRAYS},
    )


def _confidence(arrays: dict[str, NDArray[Any]], path: Path) -> dict[str, Any]:
    """Covariances and quality, where the file has them: older ones have none."""
    if "covariance" not in arrays:
        return {}
    n = len(arrays["moment"])
    names = ("quality_mm", "doubts", "shape_covariance", "noise_px")
    if missing := [name for name in names if name not in arrays]:
        raise _broken(path, f"it lacks {', '.join(missing)}")
    for name, shape in (("covariance", (n, 17, 3, 3)), ("quality_mm", (n,)), ("doubts", (n,))):
        if arrays[name].shape != shape:
            raise _broken(path, f"{name} is {_shape(arrays[name])}")
    try:
        doubts = tuple(
            tuple(Odd.from_dict(odd) for odd in json.loads(str(text))) for text in arrays["doubts"]
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _broken(path, "its doubts are no JSON of doubts") from error
    return {
        "covariance": _numbers(arrays, "covariance", path),
        "quality_mm": _numbers(arrays, "quality_mm", path),
        "doubts": doubts,
        "shape_covariance": _numbers(arrays, "shape_covariance", path),
        "noise_px": float(_numbers(arrays, "noise_px", path)),
    }


def _load(path: Path, needed: Sequence[str]) -> dict[str, NDArray[Any]]:
    try:
        arrays = read_npz(path, MAX_BYTES)
    except FileNotFoundError as error:
        raise _broken(path, "there is no such file") from error
    except ArchiveFault as error:
        raise _broken(path, f"it is not an npz of plain arrays: {error}") from error
    if missing := [name for name in needed if name not in arrays]:
        raise _broken(path, f"it lacks {', '.join(missing)}")
    return arrays


def _numbers(arrays: dict[str, NDArray[Any]], name: str, path: Path) -> Array:
    if arrays[name].dtype.kind not in "fiu":
        raise _broken(path, f"{name} holds no numbers")
    return np.asarray(arrays[name], float)


def _save(path: Path, arrays: dict[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    try:
        draft.write_bytes(buffer.getvalue())
        draft.replace(path)
    except OSError as error:
        raise _broken(path, f"it cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)


def _shape(array: NDArray[Any]) -> str:
    return " × ".join(map(str, array.shape)) or "a single value"


def _broken(path: Path, fault: str) -> InvalidInput:
    return InvalidInput(f"{path.name} cannot be used: {fault}.", file=path.name, fault=fault)
