"""What a job of body fits proposes for each moment, as services store it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.limbs import LIMB_BONES
from backend.domain.views import triangulate
from backend.multiview.fits.inputs import MomentViews, SessionInputs
from backend.multiview.fits.proposals import FitProposal, ViewProposal
from worker.fitting.odd import Odd
from worker.fitting.result import SessionFit
from worker.pipelines.fit_scans import FitScans

Array = NDArray[np.float64]


def proposals(
    inputs: SessionInputs, scans: FitScans, fit: SessionFit, surface_key: str | None
) -> list[FitProposal]:
    """One proposal for each moment that this run fitted."""
    refitted = set(fit.refitted) if fit.refitted else set(fit.moment.tolist())
    limbs = _limb_lengths(inputs)
    assumed = bool(np.asarray(fit.camera_assumed).any())
    out = []
    for n, t in enumerate(fit.moment.tolist()):
        if t not in refitted:
            continue
        moment = inputs.moments[t]
        mean = float(fit.mean_error_px[n])
        cloud = scans.clouds.get(moment.moment_id)
        out.append(
            FitProposal(
                moment_id=moment.moment_id,
                pose=fit.pose[n],
                translation=fit.translation[n],
                joints=fit.joints3d_coco[n],
                body_joints=fit.joints3d_body[n],
                mean_error_px=mean if np.isfinite(mean) else None,
                gate_passed=bool(fit.gate_passed[n]),
                converged=bool(fit.converged[n]),
                assumed_camera=assumed,
                self_intersections=int(fit.self_intersections[n]),
                views={
                    view.frame_id: ViewProposal(
                        view.keypoints, fit.error_px[n, c], known(fit.mask_iou[n, c])
                    )
                    for c, view in moment.views.items()
                },
                metrics={
                    "limb_lengths_m": limbs[t],
                    "limb_error": known(fit.limb_error[n]),
                    "other_starts": int(fit.facing_restarts[n]),
                    "steps": known(fit.steps[n]),
                    "scan_points": None if cloud is None else len(cloud),
                    **_over_time(fit, n),
                },
                surface_key=surface_key,
                scans=[scan.scan_id for scan in moment.scans],
                covariance=None if fit.covariance is None else fit.covariance[n],
                quality_mm=None if fit.quality_mm is None else float(fit.quality_mm[n]),
                doubts=_doubts(inputs, moment, fit.doubts[n] if fit.doubts else ()),
                raw=_raw(fit, n),
            )
        )
    return out


def _doubts(
    inputs: SessionInputs, moment: MomentViews, found: Sequence[Odd]
) -> list[dict[str, Any]]:
    """What is odd, with the ids of cameras and of the frames that show it."""
    out = []
    for odd in found:
        value = odd.to_dict()
        camera = value.pop("camera", None)
        if camera is not None:
            value["camera_id"] = inputs.camera_ids[camera]
            view = moment.views.get(camera)
            if view is not None:
                value["frame_id"] = view.frame_id
        out.append(value)
    return out


def _over_time(fit: SessionFit, n: int) -> dict[str, Any]:
    """What the sequence says of a moment: nothing where there was none."""
    if fit.spread_m is None or fit.bridged is None:
        return {}
    return {
        "spread_m": [known(value) for value in fit.spread_m[n]],
        "bridged": bool(fit.bridged[n]),
    }


def _raw(fit: SessionFit, n: int) -> tuple[Array, Array, Array] | None:
    if fit.raw_pose is None or fit.raw_translation is None or fit.raw_joints3d_coco is None:
        return None
    if not np.isfinite(fit.raw_pose[n]).all():
        return None
    return fit.raw_pose[n], fit.raw_translation[n], fit.raw_joints3d_coco[n]


def known(value: Any) -> float | None:
    """Rounded for the database; None for what is no number."""
    return round(float(value), 6) if np.isfinite(value) else None


def _limb_lengths(inputs: SessionInputs) -> list[dict[str, float | None]]:
    """Limbs of the triangulated joints, metres: what the views say, apart from any body."""
    placed: list[tuple[int, Camera]] = [
        (c, camera) for c, camera in enumerate(inputs.cameras) if camera is not None
    ]
    nothing: dict[str, float | None] = dict.fromkeys(bone.name for bone in LIMB_BONES)
    if len(placed) < 2:
        return [nothing for _ in inputs.moments]
    joints = inputs.joints()[:, [c for c, _ in placed]]
    pixels = np.where(joints[..., 2:] > 0, joints[..., :2], np.nan).transpose(1, 0, 2, 3)
    points = triangulate([camera for _, camera in placed], pixels)
    lengths = {
        bone.name: np.linalg.norm(points[:, bone.ends[0]] - points[:, bone.ends[1]], axis=1)
        for bone in LIMB_BONES
    }
    return [
        {limb: known(values[t]) for limb, values in lengths.items()}
        for t in range(len(inputs.moments))
    ]
