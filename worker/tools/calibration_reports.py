"""What calibrating on plain files found: as plain values, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.cli.output import say
from backend.domain.cameras import Camera
from worker.calibration.extrinsics import Extrinsics
from worker.calibration.intrinsics import Intrinsics


def tell_missing(missing: Sequence[str]) -> None:
    """Print what pictures of boards do not show yet."""
    if missing:
        print("What the pictures do not show yet:")
    for words in missing:
        print(f"  {words}")


def lens_report(result: Intrinsics) -> dict[str, Any]:
    """A calibrated lens as plain values."""
    return {
        "camera": result.camera.to_dict(),
        "rms_px": result.rms_px,
        "model": result.model,
        "coverage_share": result.coverage,
        "focal_px": float(np.sqrt(result.camera.K[0, 0] * result.camera.K[1, 1])),
        "focal_sd_px": None
        if result.camera.covariance is None
        else result.camera.covariance.focal_sd_px,
        "views": [{"file": view.name, "rms_px": error} for view, error in result.views],
        "dropped": [
            {"file": d.file, "reason": d.reason, "rms_px": d.rms_px} for d in result.dropped
        ],
        "notes": list(result.notes),
    }


def tell_lens(result: Intrinsics) -> None:
    """Print a calibrated lens: its views, what was left out, and why."""
    camera = result.camera
    focal = float(np.sqrt(camera.K[0, 0] * camera.K[1, 1]))
    print(
        f"{camera.name}: RMS {result.rms_px:.3f} px from {len(result.views)} views, focal length"
        f" {focal:.1f} px ({result.model}), {100 * result.coverage:.0f} % of the image covered"
    )
    for view, error in result.views:
        print(f"  used     {view.name}  {error:.3f} px")
    for gone in result.dropped:
        print(f"  left out {gone.file}: {gone.reason}")
    for note in result.notes:
        say(note)


def place_report(result: Extrinsics) -> dict[str, Any]:
    """Placed cameras as plain values."""
    names = [camera.name for camera in result.cameras]
    return {
        "rms_px": result.rms_px,
        "moments_used": result.moments_used,
        "flips_resolved": result.flips_resolved,
        "cameras": [
            {
                "name": c.name,
                "placed": c.placed,
                "rms_px": None if np.isnan(level) else level,
                **spread_of(c),
            }
            for c, level in zip(result.cameras, result.camera_rms_px, strict=True)
        ],
        "pairs": [{"a": names[a], "b": names[b], "shared": n} for a, b, n in result.pairs],
        "dropped": [
            {"camera": d.camera, "file": d.file, "reason": d.reason, "rms_px": d.rms_px}
            for d in result.dropped
        ],
        "warnings": list(result.warnings),
    }


def spread_of(camera: Camera) -> dict[str, float | None]:
    """How well a camera's place is known: standard deviations."""
    known = camera.covariance
    if known is None or known.pose is None:
        return {"centre_sd_mm": None, "angle_sd_deg": None}
    apart = known.centre_sd_m(camera.pose)
    return {
        "centre_sd_mm": None if apart is None else 1000 * apart,
        "angle_sd_deg": known.angle_sd_deg,
    }


def tell_places(result: Extrinsics) -> None:
    """Print placed cameras: where, how surely, what was left out."""
    print(
        f"RMS {result.rms_px:.3f} px over {result.moments_used} moments,"
        f" {result.flips_resolved} board flips resolved"
    )
    for camera, level in zip(result.cameras, result.camera_rms_px, strict=True):
        if camera.placed:
            x, y, z = camera.centre
            sd = spread_of(camera)
            known = (
                "" if sd["centre_sd_mm"] is None
                else f", ± {sd['centre_sd_mm']:.1f} mm and {sd['angle_sd_deg']:.3f}°"
            )  # fmt: skip
            print(f"  {camera.name}: at {x:.3f}, {y:.3f}, {z:.3f} m{known}, RMS {level:.3f} px")
        else:
            print(f"  {camera.name}: no place")
    for gone in result.dropped:
        print(f"  left out {gone.file}: {gone.reason}")
    for warning in result.warnings:
        say(warning)
