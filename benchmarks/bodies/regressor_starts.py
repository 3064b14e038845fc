"""What a regressor's bodies are worth as starts of a fit to one view.

    python -m benchmarks.bodies.regressor_starts RENDERS RUN [--count 60]

Each picture's true 2D joints are fitted three times: as ever (six candidates of orientation), from
the regressor's body too, and from that body alone. ``RUN`` is a finished run of body-from-joints,
``RENDERS`` a set with body fits, of which the test split is taken. Printed: mean PA-MPJPE and MPJPE
about the hips in mm, and mean energy.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from backend.domain.evaluation.body_errors import body_measures
from worker.fitting.config import FitConfig
from worker.fitting.priors import full_pose, reduce_prior
from worker.fitting.problem import make_problem
from worker.fitting.rig import basis_of
from worker.fitting.session import fit_session
from worker.fitting.shape import RigFamily, expected_scale
from worker.fitting.skin import posed_joints
from worker.fitting.solve import solve, stage_table
from worker.training.bodies.crops import camera_of
from worker.training.bodies.samples import true_joints
from worker.training.reading import read
from worker.training.regressor import Regressor


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("renders", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    regressor = Regressor.of_run(options.run)
    body, config = regressor.body, FitConfig()
    basis = basis_of(body)
    prior, family = reduce_prior(basis), RigFamily(basis, config.capsule_scale)
    scale, _ = expected_scale(basis, config)
    betas = np.zeros(basis.n_betas)
    found: dict[str, list[np.ndarray]] = {"regressor": [], "fit": [], "both": [], "alone": []}
    energies: dict[str, list[float]] = {"fit": [], "both": [], "alone": []}
    part = [sample for sample in read(options.renders).test if sample.body is not None]
    true = []
    for sample in part[: options.count]:
        camera, joints = camera_of(sample), sample.joints[None, None]
        proposed = regressor.propose([camera], joints)
        if not len(proposed.moment):
            continue
        true.append(true_joints(sample, body))
        own = regressor.bodies([sample])[0]
        T = np.eye(4) if sample.T_camera_world is None else sample.T_camera_world
        said, _ = posed_joints(basis, own.betas, own.pose[None], own.translation[None], own.scale)
        found["regressor"].append(said[0] @ T[:3, :3].T + T[:3, 3])
        for name, start in (("fit", None), ("both", proposed)):
            fit = fit_session(body, [camera], joints, config=config, proposed=start)
            found[name].append(fit.joints3d_coco[0])
            energies[name].append(float(fit.energy[0]))
        problem = make_problem([camera], joints, "visibility", basis.coco_weight, config)
        x, _ = proposed.starts(problem, basis, scale)
        rig = family.at(betas)
        solved = solve(problem, rig, prior, scale, x, stage_table(config))
        pose = full_pose(basis, prior, solved.x)
        found["alone"].append(posed_joints(basis, betas, pose, solved.x[:, :3], scale)[0][0])
        energies["alone"].append(float(solved.energy[0]))
    truth = np.stack(true)
    for name, joints in found.items():
        errors = body_measures(np.stack(joints), truth)
        energy = f"{np.mean(energies[name]):8.1f}" if name in energies else "       –"
        print(
            f"{name:10} PA-MPJPE {errors['PA-MPJPE'].mean():6.1f}"
            f"  MPJPE {errors['MPJPE'].mean():6.1f} mm  energy {energy}"
        )
    lower = np.array(energies["both"]) < np.array(energies["fit"]) - 1e-6
    worse = np.array(energies["both"]) > np.array(energies["fit"]) + 1e-6
    print(f"of {len(truth)}: lower by the regressor's start {lower.sum()}, higher {worse.sum()}")
    return int(worse.any())


if __name__ == "__main__":
    raise SystemExit(main())
