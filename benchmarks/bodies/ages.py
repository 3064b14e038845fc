"""Error of the open infant body by age: ``python -m benchmarks.bodies.ages --seed N``.

Bodies of anny at the median length of each age (World Health Organization 2006), made in two ways:
with the proportions that the open body was made for, and with anny's own, which grow older with the
age. Neither is one of the 400 from which the open body was made. Each is posed 60 times by the pose
prior before four cameras (2 px of noise, a fifth of the joints occluded) and fitted with its age
known. Told: MPJPE over COCO's 17 joints, how far the fitted length is off, how many moments pass
the gate of 16 px, and whether ``backend.domain.body_ranges`` warns. Needs the extra ``synthesis``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assets.open_infant import anny_infants
from assets.open_infant.rest_pose import TO_SMPL, joint_heads, skinning, to_t_pose
from backend.domain.body_ranges import length_range, unusual_body
from backend.domain.metrics import mpjpe
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import four_cameras, open_basis, sample_moments
from worker.fitting.ages import at_age, length_of
from worker.fitting.config import FitConfig
from worker.fitting.rig import basis_of
from worker.fitting.session import fit_session
from worker.fitting.skin import posed_joints

Array = NDArray[np.float64]

AGES = (0, 3, 6, 12, 18, 24, 36, 48)
MOMENTS = 60


def bodies(seed: int, build: anny_infants.Build, ages: list[float]) -> Array:
    """(N, V, 3) in T pose, of anny's ages, a little apart in everything else."""
    drawn = iter(ages)
    rng = np.random.default_rng([seed, 31])

    def chance(*_: object, **__: object) -> tuple[dict[str, float], dict[str, float], object]:
        amount = {"age": next(drawn), "weight": float(rng.uniform(0.6, 0.9)),
                  "muscle": float(rng.uniform(0.2, 0.4)), "gender": float(rng.uniform(0, 1)),
                  "height": 0.5, "proportions": float(rng.uniform(0.35, 0.65))}  # fmt: skip
        return amount, anny_infants.MEDIAN_CHANGES, build

    kept = anny_infants._chance
    anny_infants._chance = chance  # type: ignore[assignment]
    try:
        found = anny_infants.draw(len(ages), seed)
    finally:
        anny_infants._chance = kept
    joints = joint_heads(found.heads, found.bones) @ TO_SMPL.T
    vertices, _ = to_t_pose(
        found.vertices @ TO_SMPL.T, joints, skinning(found.weights, found.bones)
    )
    return np.asarray(vertices)


def anny_age(length_m: float) -> float:
    """anny's age of a body of that length: its template is .51, .67, .78 and .89 m long at −.33, 0,
    .05 and .1, and grows on as from there."""
    known = ((0.51, -0.33), (0.67, 0.0), (0.78, 0.05), (0.89, 0.1), (1.11, 0.2))
    return float(np.interp(length_m, [k[0] for k in known], [k[1] for k in known]))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    model, cameras = open_body(), four_cameras()
    lengths = [length_range(min(age, 36))[1] + 0.006 * max(age - 36, 0) for age in AGES]
    print("proportions     age  length  MPJPE  length off  gate  warned")
    for name, build in (
        ("as the body's", anny_infants.MEDIAN_BUILD),
        ("anny's own", anny_infants.PLAIN_BUILD),
    ):
        found = bodies(options.seed, build, [anny_age(length) for length in lengths])
        for age, length, vertices in zip(AGES, lengths, found, strict=True):
            factor = length / float(np.ptp(vertices[:, 1]))
            other = replace(
                model, v_template=(vertices * factor).astype(np.float32),
                shapedirs=np.zeros((*vertices.shape, 1), np.float16), sha256=f"{name} {age}",
            )  # fmt: skip
            basis = basis_of(other)
            made = sample_moments(MOMENTS, seed=options.seed * 100 + age)
            coco, _ = posed_joints(basis, np.zeros(1), made.pose, made.x[:, :3], 1.0)
            rng = np.random.default_rng([options.seed, age, 32])
            pixels = np.stack([camera.project(coco) for camera in cameras], axis=1)
            pixels = pixels + rng.normal(0, 2.0, pixels.shape)
            seen = np.where(rng.random(pixels.shape[:3]) < 0.2, 1.0, 2.0)
            joints = np.concatenate([pixels, seen[..., None]], axis=-1)
            config = at_age(FitConfig(), age)
            fit = fit_session(model, [*cameras], joints, config=config)
            error = float(mpjpe(fit.joints3d_coco, coco[fit.moment]).mean())
            said = length_of(model, fit.betas[0], float(fit.scale[0]))
            warned = unusual_body(said, fit.betas[0].tolist(), age)
            print(
                f"{name:14} {age:4d} {length:7.3f} {error:6.1f} {1000 * (said - length):+7.0f} mm"
                f" {fit.gate_passed.mean():6.0%}  {'yes' if warned else 'no'}"
            )
    assert open_basis().n_betas == model.betas


if __name__ == "__main__":
    main()
