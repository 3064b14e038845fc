"""Make the open infant body: ``python -m assets.open_infant.make_open_infant --out FILE.npz``.

Needs the extra ``synthesis`` (``anny``: code Apache-2.0, data CC0). See docs/bodies.md for what is
made and how good it is; this prints the figures given there. ``--adult`` makes an adult's body in
the same way, to compare networks that say either (Table 4 of InfantNet).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assets.open_infant import pose_prior, posture_samples, regressors
from assets.open_infant.anny_infants import Infants, draw
from assets.open_infant.rest_pose import TO_SMPL, joint_heads, skinning, to_t_pose
from backend.multiview.bodies.model_file import (
    JOINT_NAMES,
    OPEN_BODY,
    OPEN_BODY_FILE,
    PARENTS,
    write_body,
)

Array = NDArray[np.float64]

VERSION = "1"
BETAS = 20

ABOUT = (
    "Open infant body: the spread of infants of about 0 to 24 months in anny (code Apache-2.0, "
    "data CC0), corrected towards infants' proportions and reduced to SMPL's 24 joints. "
    "Made by assets.open_infant.make_open_infant."
)
OPEN_ADULT = "open-adult"
ADULT_ABOUT = (
    "Open adult body: the spread of adults in anny (code Apache-2.0, data CC0), reduced to SMPL's "
    "24 joints as the open infant body is. Made by assets.open_infant.make_open_infant --adult."
)
ADULT_PRIOR_ABOUT = "The open infant body's: nothing is known here of how adults hold themselves."
PRIOR_ABOUT = (
    "Assumed, not measured: means of a relaxed flexed infant, spreads and limits rounded from "
    "clinical reports on infants; within a limb half of the correlation seen in constructed "
    "postures (docs/bodies.md lists all)."
)


def shape_space(vertices: Array, faces: NDArray[np.int32], betas: int) -> tuple[Array, Array]:
    """Mean (V, 3) and directions (V, 3, B), in metres per standard deviation.

    Principal components of the displacements, each vertex weighted by the area that it stands for,
    so that the finely meshed face does not outweigh the trunk.
    """
    mean = vertices.mean(axis=0)
    a, b, c = (mean[faces[:, k]] for k in range(3))
    area = np.repeat(np.linalg.norm(np.cross(b - a, c - a), axis=1) / 6, 3)
    share = np.bincount(faces.ravel(), area, len(mean))
    share = np.sqrt(share / share.sum())[:, None]
    X = ((vertices - mean) * share).reshape(len(vertices), -1)
    values, left = np.linalg.eigh(X @ X.T)
    order = np.argsort(values)[::-1][:betas]
    # Columns of `left` have unit length, hence standard deviation 1/√n; scores made unit normal.
    scores = left[:, order] * np.sqrt(len(vertices))
    scores *= np.sign(scores[np.abs(scores).argmax(axis=0), np.arange(betas)])
    directions = np.einsum("nvi,nb->vib", vertices - mean, scores) / len(vertices)
    explained = values[order].sum() / values.sum()
    print(
        f"{betas} shape directions explain {explained:.2%} of the variance; first "
        f"{np.round(values[order][:5] / values.sum(), 3)}"
    )
    return mean, directions


def symmetric(values: Array, mirror: NDArray[np.int64]) -> Array:
    """Mean of (V, 3, ...) displacements and their mirror image."""
    flip = np.array([-1.0, 1, 1]).reshape(3, *([1] * (values.ndim - 2)))
    return np.asarray((values + values[mirror] * flip) / 2)


def build(infants: Infants, *, adult: bool = False) -> dict[str, object]:
    """All arrays of the body model file."""
    joints = joint_heads(infants.heads, infants.bones) @ TO_SMPL.T
    weights = skinning(infants.weights, infants.bones)
    vertices, joints = to_t_pose(infants.vertices @ TO_SMPL.T, joints, weights)
    half = len(vertices) // 2
    regressor = regressors.fit(vertices[:half], joints[:half], weights, PARENTS)
    template, shapedirs = shape_space(vertices, infants.faces, BETAS)
    _report(vertices[half:], joints[half:], regressor, template, shapedirs)
    mean, spread, lower, upper = pose_prior.table()
    poses = posture_samples.sample(40, 1)
    outside = ((poses < lower) | (poses > upper)).mean()
    covariance = pose_prior.covariance(spread, poses)
    factor = pose_prior.factor_of(covariance)
    distance = np.sqrt((((poses - mean) @ factor) ** 2).sum(axis=1))
    print(
        f"{len(poses)} constructed poses: {outside:.1%} of angles outside the limits, distance "
        f"to the prior {distance.mean():.1f} (its own poses: {np.sqrt(len(mean)):.1f})"
    )
    length = float(np.ptp(template[:, 1]))
    print(f"template: {length:.3f} m long")
    row, col = np.nonzero(regressor)
    return {
        "format": np.int32(1),
        "name": np.str_(OPEN_ADULT if adult else OPEN_BODY),
        "version": np.str_(VERSION),
        "licence": np.str_("CC0-1.0 (anny's data), made by Apache-2.0 code"),
        "about": np.str_(ADULT_ABOUT if adult else ABOUT),
        "v_template": template.astype(np.float32),
        "shapedirs": shapedirs.astype(np.float16),
        "faces": infants.faces,
        "weights": weights.astype(np.float32),
        "J_regressor_row": row.astype(np.int32),
        "J_regressor_col": col.astype(np.int32),
        "J_regressor_val": regressor[row, col].astype(np.float32),
        "parents": np.array(PARENTS, np.int32),
        "coco_regressor": infants.coco.astype(np.float32),
        # anny's regressor was made for COCO's joints, hips included: all are trusted alike.
        "coco_weight": np.ones(17, np.float32),
        "pose_mean": mean.astype(np.float32),
        "pose_factor": factor.astype(np.float32),
        "pose_lower": lower.astype(np.float32),
        "pose_upper": upper.astype(np.float32),
        "pose_prior_about": np.str_(ADULT_PRIOR_ABOUT if adult else PRIOR_ABOUT),
        "rest_length": np.float32(length),
        "sha256_source": np.str_(""),
        "uv": infants.uv.astype(np.float32),
        "face_uv": infants.face_uv.astype(np.int32),
        "part": weights.argmax(axis=1).astype(np.int8),
        **{f"region_{name}": mask for name, mask in infants.regions.items()},
    }


def _report(v: Array, joints: Array, regressor: Array, template: Array, shapedirs: Array) -> None:
    """Print how well bodies that took no part are reproduced, in millimetres."""
    miss = np.linalg.norm(regressor @ v - joints, axis=-1) * 1000
    print(
        f"joints regressed from {len(v)} other bodies: mean {miss.mean():.2f} mm, "
        f"worst joint {miss.mean(axis=0).max():.2f} mm, largest {miss.max():.2f} mm"
    )
    print(
        "by joint: "
        + ", ".join(f"{n} {m:.1f}" for n, m in zip(JOINT_NAMES, miss.mean(axis=0), strict=True))
    )
    A = shapedirs.reshape(-1, shapedirs.shape[2])
    betas, *_ = np.linalg.lstsq(A, (v - template).reshape(len(v), -1).T, rcond=None)
    back = template + np.einsum("vib,bn->nvi", shapedirs, betas)
    surface = np.linalg.norm(back - v, axis=-1) * 1000
    joint = np.linalg.norm(regressor @ back - joints, axis=-1) * 1000
    print(
        f"the same bodies in shape space: surface mean {surface.mean():.2f} mm, 95th percentile "
        f"{np.percentile(surface, 95):.2f} mm; joints {joint.mean():.2f} mm"
    )
    print(f"their betas' standard deviations: {np.round(betas.std(axis=1), 2)}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Make the open infant body.")
    parser.add_argument("--out", type=Path, help="default: the shipped infant body")
    parser.add_argument("--adult", action="store_true", help="draw adults; --out is needed")
    parser.add_argument("--count", type=int, default=400, help="infants to draw")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.adult and options.out is None:
        parser.error("--adult needs --out")
    out: Path = options.out or OPEN_BODY_FILE
    out.parent.mkdir(parents=True, exist_ok=True)
    people = draw(options.count, options.seed, adult=options.adult)
    digest = write_body(out, build(people, adult=options.adult))
    print(f"{out}: {out.stat().st_size:,} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
