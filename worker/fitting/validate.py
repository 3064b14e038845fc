"""How good fits are: reprojection, mask overlap, limb lengths, self-intersection, and the gate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.multiview.bodies.model_file import BodyModel
from worker.fitting.config import FitConfig
from worker.fitting.evidence import MaskStore
from worker.fitting.initial import LENGTHS
from worker.fitting.problem import Problem
from worker.fitting.projection import errors_px
from worker.fitting.rig import CAPSULES, COLLISIONS, JointBasis
from worker.fitting.silhouette import overlap, silhouette
from worker.fitting.skin import Skin

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Quality:
    """Of N fits. error_px: (N, C, 17), mean_error_px: (N,), gate_passed: (N,),
    self_intersections: (N,), limb_error: (N,)."""

    error_px: Array
    mean_error_px: Array
    gate_passed: NDArray[np.bool_]
    self_intersections: Ints
    limb_error: Array


def judge(
    problem: Problem, basis: JointBasis, coco: Array, body_joints: Array, scale: float
) -> Quality:
    """Measure fits by their joints.

    Args:
        coco: (N, 17, 3) joints of the fits of all moments of the problem. body_joints: (N, 24, 3).
    """
    config = problem.config
    error = np.empty(problem.w2.shape)
    errors_px(problem.cams, problem.obs, problem.w2, np.ascontiguousarray(coco), error)
    seen = ~np.isnan(error)
    count = np.maximum(seen.sum((1, 2)), 1)
    mean = np.where(seen.any((1, 2)), np.where(seen, error, 0).sum((1, 2)) / count, np.nan)
    return Quality(
        np.where(np.isinf(error), 1e6, error),
        np.minimum(mean, 1e6),
        passes_gate(error, config),
        intersections(body_joints, basis.radius * config.capsule_scale * scale),
        limb_errors(problem.tri, coco),
    )


def passes_gate(error: Float[Array, "n c 17"], config: FitConfig) -> Bool[NDArray[np.bool_], " n"]:
    """(N,) which fits pass, from errors (N, C, 17) px with NaN where nothing was given.

    The mean error of the fit and of each of its views stays within ``gate_px`` (16 px in the
    paper), no single joint is further off than ``gate_single_px``, and enough joints were given.
    One view whose sides are swapped, or that shows another moment, fails by its own mean.
    """
    seen = ~np.isnan(error)
    value = np.where(seen, error, 0.0)
    mean = value.sum((1, 2)) / np.maximum(seen.sum((1, 2)), 1)
    view = (value.sum(2) / np.maximum(seen.sum(2), 1)).max(1)
    return np.asarray(
        (mean <= config.gate_px)
        & (view <= config.gate_px)
        & (value.max((1, 2)) <= config.gate_single_px)
        & (seen.any(1).sum(1) >= config.gate_joints)
    )


def limb_errors(tri: Float[Array, "n 17 3"], coco: Float[Array, "n 17 3"]) -> Float[Array, " n"]:
    """(N,) largest relative difference between limbs of triangulated joints (N, 17, 3) and of the
    fits; NaN where there is no limb to compare.

    A body has constant limbs by construction: where the joints' differ, they are wrong.
    """
    ratios = np.stack(
        [
            np.linalg.norm(tri[:, a] - tri[:, b], axis=1)
            / np.maximum(np.linalg.norm(coco[:, a] - coco[:, b], axis=1), 1e-6)
            for a, b in LENGTHS
        ],
        axis=1,
    )
    away = np.abs(ratios - 1)
    return np.where(np.isnan(away).all(1), np.nan, np.nan_to_num(away, nan=0.0).max(1))


def intersections(joints: Float[Array, "n 24 3"], radius: Float[Array, "10"]) -> Int[Ints, " n"]:
    """(N,) pairs of limbs that overlap, as capsules of radius (10,) between joints (N, 24, 3)."""
    starts = np.array([a for a, _ in CAPSULES])
    ends = np.array([b for _, b in CAPSULES])
    first, second = np.array(COLLISIONS).T
    distance = _segment_distance(
        joints[:, starts[first]], joints[:, ends[first]],
        joints[:, starts[second]], joints[:, ends[second]],
    )  # fmt: skip
    return np.asarray((distance < radius[first] + radius[second]).sum(1))


def _segment_distance(p0: Array, p1: Array, q0: Array, q1: Array) -> Array:
    """Distance of segments (…, 3); the best of the four clamped closest points."""
    u, v, w = p1 - p0, q1 - q0, p0 - q0
    a, b, c = (u * u).sum(-1), (u * v).sum(-1), (v * v).sum(-1)
    d, e = (u * w).sum(-1), (v * w).sum(-1)
    det = a * c - b * b
    s = np.clip(np.where(det > 1e-12, (b * e - c * d) / np.maximum(det, 1e-12), 0.0), 0, 1)
    best = np.full(a.shape, np.inf)
    for fixed in (s, np.zeros_like(s), np.ones_like(s)):
        t = np.clip((b * fixed + e) / np.maximum(c, 1e-12), 0, 1)
        s1 = np.clip((b * t - d) / np.maximum(a, 1e-12), 0, 1)
        t = np.clip((b * s1 + e) / np.maximum(c, 1e-12), 0, 1)
        gap = w + s1[..., None] * u - t[..., None] * v
        best = np.minimum(best, np.linalg.norm(gap, axis=-1))
    return best


def mask_overlaps(
    body: BodyModel, skin: Skin, problem: Problem, masks: MaskStore, pose: Array,
    translation: Array, scale: float, rows: Ints,
) -> Array:  # fmt: skip
    """(N, C) intersection over union of the mesh's silhouette and the mask; NaN without a mask."""
    out = np.full((problem.moments, len(problem.cameras)), np.nan)
    for t in rows:
        if not masks.has(int(t)):
            continue
        vertices = skin.vertices(pose[t], translation[t], scale)
        for c, camera in enumerate(problem.cameras):
            mask = masks.mask(int(t), c)
            if camera is not None and mask is not None:
                out[t, c] = overlap(silhouette(camera, vertices, body.faces), mask)
    return out
