"""Made recordings, fitted: errors beside what the fit says of itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.bodies.conditions import Condition, Made, make
from tests.fixtures.fitting import open_basis, open_family, open_prior
from worker.fitting.config import FitConfig
from worker.fitting.problem import Problem, make_problem
from worker.fitting.shape import Shape, fit_shape
from worker.fitting.solve import points, solve_fresh, view_errors
from worker.fitting.uncertainty import Evidence, gather, of_recording
from worker.fitting.validate import passes_gate

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fitted:
    """One recording's fits. error: (T, 17, 3) m, fit minus truth. triangulated: (T, 17, 3) minus
    truth, NaN where two views did not see the joint."""

    made: Made
    problem: Problem
    shape: Shape
    x: Array
    joints: Array
    error: Array
    triangulated: Array
    gate: NDArray[np.bool_]
    evidence: Evidence


def fitted(condition: Condition, seed: int, number: int) -> Fitted:
    """Make a recording and fit it as a session without times is."""
    made = make(condition, seed, number)
    config, family, prior = FitConfig(), open_family(), open_prior()
    problem = make_problem(
        list(made.cameras), made.joints, "visibility", open_basis().coco_weight, config
    )
    shape = fit_shape(problem, family, prior)
    rig = family.at(shape.betas)
    solution = solve_fresh(problem, rig, prior, shape.scale)
    joints = points(rig, solution.x, shape.scale)[:, :17]
    rows = np.array(shape.moments, np.int64)
    found = (problem, family, prior, shape.betas, shape.scale, solution.x)
    evidence = gather(*found, of_recording(*found, rows, made.covariances))
    return Fitted(
        made, problem, shape, solution.x, joints, joints - made.truth, problem.tri - made.truth,
        passes_gate(view_errors(problem, joints), config), evidence,
    )  # fmt: skip
