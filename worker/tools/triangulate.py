"""``infantnet tools triangulate``: joints in 3D from joints in several calibrated views."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from backend.cli.output import print_json, say
from backend.core.archives import MAX_BYTES, ArchiveFault, read_npz
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.limits import MAX_VIEW_ERROR_PX
from backend.domain.skeleton import JOINTS
from backend.domain.views import agree_all
from worker.calibration.files import read_cameras
from worker.calibration.texts import replace_file

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Joints:
    """A joints file: (T, C, 17, 2) pixels with NaN where absent, (T, C, 17) trust, and names."""

    pixels: Array
    trust: Array
    cameras: tuple[str, ...]
    time_s: Array | None


def triangulate(
    cameras: Annotated[Path, typer.Option("--cameras", help="Camera file with places.")],
    joints: Annotated[
        Path, typer.Option("--joints", help="joints.npz, see docs/cameras-files.md.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Points file (.npz) to write.")],
    threshold_px: Annotated[
        float,
        typer.Option("--threshold-px", min=0.5, help="Views further off count as disagreeing."),
    ] = MAX_VIEW_ERROR_PX,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Triangulate joints; views that disagree with the others are left out and named.

    \b
    Example:
      infantnet tools triangulate --cameras cameras.toml --joints joints.npz --out points.npz
    """
    seen = read_joints(joints)
    rig = match_cameras(read_cameras([cameras], names=[str(cameras)]).cameras, seen, str(cameras))
    points, errors, inliers = triangulate_all(rig, seen, threshold_px)
    data = BytesIO()
    arrays: dict[str, Any] = {
        "format": np.array(1),
        "points": points,
        "error_px": errors,
        "inliers": inliers,
        "camera_names": np.array(seen.cameras),
        "joint_names": np.array(JOINTS),
    }
    if seen.time_s is not None:
        arrays["time_s"] = seen.time_s
    np.savez_compressed(data, **arrays)
    replace_file(out, data.getvalue())
    marked = np.isfinite(seen.pixels).all(axis=-1) & (seen.trust > 0)
    disagree = marked & ~inliers & (marked.sum(axis=1, keepdims=True) >= 3)
    summary = {
        "moments": len(points),
        "joints": int(np.isfinite(points).all(axis=-1).sum()),
        "median_error_px": _median(errors[inliers]),
        "disagreeing": {name: int(disagree[:, c].sum()) for c, name in enumerate(seen.cameras)},
    }
    if as_json:
        print_json(summary)
        return
    print(
        f"{summary['joints']} joints in {summary['moments']} moments, median error"
        f" {summary['median_error_px']} px"
    )
    for t, c, k in np.argwhere(disagree)[:20]:
        print(
            f"  moment {t}: {seen.cameras[c]} disagrees about {JOINTS[k]}"
            f" ({errors[t, c, k]:.0f} px)"
        )
    if disagree.sum() > 20:
        print(f"  … and {int(disagree.sum()) - 20} more; all are in the file (inliers)")
    say(f"{out} written.")


def _median(values: Array) -> float | None:
    return round(float(np.median(values)), 2) if len(values) else None


def triangulate_all(
    cameras: list[Camera], seen: Joints, threshold_px: float
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """All joints: points (T, 17, 3) m, errors (T, C, 17) px, which views agree (T, C, 17)."""
    moments, views, count = seen.trust.shape
    pixels = seen.pixels.transpose(1, 0, 2, 3).reshape(views, -1, 2)
    found = agree_all(
        cameras, pixels, seen.trust.transpose(1, 0, 2).reshape(views, -1), threshold_px
    )
    shape = (views, moments, count)
    enough = found.inliers.sum(axis=0) >= 2
    points = np.where(enough[:, None], found.points, np.nan)
    return (
        points.reshape(moments, count, 3),
        found.errors.reshape(shape).transpose(1, 0, 2),
        found.inliers.reshape(shape).transpose(1, 0, 2),
    )


def read_joints(path: Path) -> Joints:
    """A joints file.

    Raises:
        InvalidInput: it is none, or its arrays do not fit together.
    """

    def wrong(fault: str) -> InvalidInput:
        return InvalidInput(f"{path}: {fault}.", file=str(path), fault=fault)

    try:
        arrays = read_npz(path, MAX_BYTES)
    except (FileNotFoundError, ArchiveFault) as error:
        raise wrong(f"cannot be read as .npz ({error})") from error
    if "joints" not in arrays or "camera_names" not in arrays:
        raise wrong("the arrays “joints” and “camera_names” must be in it")
    if arrays["joints"].dtype.kind not in "fiu" or arrays["camera_names"].ndim != 1:
        raise wrong("“joints” must hold numbers, “camera_names” a list of names")
    joints = np.asarray(arrays["joints"], float)
    names = tuple(str(name) for name in arrays["camera_names"])
    if joints.ndim != 4 or joints.shape[1:] != (len(names), len(JOINTS), 3):
        raise wrong(
            f"joints of shape {joints.shape}; (moments, {len(names)}, {len(JOINTS)}, 3) is wanted"
        )
    trust = np.nan_to_num(joints[..., 2])
    kind = str(arrays.get("kind", "visibility"))
    if kind not in ("visibility", "confidence"):
        raise wrong(f"kind “{kind}”; visibility or confidence is wanted")
    if kind == "visibility":
        trust = np.where(trust >= 2, 1.0, np.where(trust > 0, 0.5, 0.0))
    elif trust.min() < 0 or trust.max() > 1:
        raise wrong("confidences must lie in 0 … 1")
    pixels = np.where((trust > 0)[..., None], joints[..., :2], np.nan)
    time_s = arrays.get("time_s")
    if time_s is not None and len(time_s) != len(joints):
        raise wrong(f"{len(time_s)} times for {len(joints)} moments")
    return Joints(pixels, trust, names, None if time_s is None else np.asarray(time_s, float))


def match_cameras(cameras: tuple[Camera, ...], seen: Joints, name: str) -> list[Camera]:
    """The placed cameras in the order of the joints file.

    Raises:
        InvalidInput: one is missing or has no place.
    """
    by_name = {camera.name: camera for camera in cameras}
    missing = [n for n in seen.cameras if n not in by_name]
    if missing:
        raise InvalidInput(
            f"{name}: no camera {', '.join(missing)} in it; it has {', '.join(by_name)}.",
            file=name,
            fault="camera missing",
        )
    unplaced = [n for n in seen.cameras if not by_name[n].placed]
    if unplaced:
        raise InvalidInput(
            f"{name}: {', '.join(unplaced)} has no place in the world.",
            file=name,
            fault="camera without place",
        )
    return [by_name[n] for n in seen.cameras]
