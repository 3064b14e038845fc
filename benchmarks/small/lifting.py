"""3D joints by transfer, in small: true and predicted joints in the image, with and without adults.

Held-out infants, poses and cameras are of other seeds than those that are learnt from; the recipe's
settings were chosen on yet others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.small.common import Lab, column, table, told
from worker.synthesis.dataset import Order
from worker.training.lifting import bodies
from worker.training.lifting.data import Disturbance, Lifted, usable
from worker.training.lifting.lift import lift
from worker.training.lifting.metrics import mean_pose, measured
from worker.training.material import Material, Sample
from worker.training.pixels import load_rgb

TRAIN, VALIDATION, TEST = 101, 102, 103
MANY, FEW = 1200, 96
HEAD = ("", "MPJPE mm", "unaligned mm", "PA-MPJPE mm", "AJPE px", "PCKh@1.0 %", "PCKh@2.0 %")
NAMES = ("MPJPE", "MPJPE_unaligned", "PA-MPJPE", "AJPE_px", "PCKh@1.0", "PCKh@2.0")


def material(
    train: Sequence[Sample], validation: Sequence[Sample], test: Sequence[Sample]
) -> Material:
    """Bodies without pictures."""
    sides = {"train": tuple(train), "validation": tuple(validation), "test": tuple(test)}
    return Material("posed infants", Path(), "0" * 64, sides, rendered=True)


def row(name: str, scores: Sequence[dict[str, float]]) -> tuple[str, ...]:
    """A line of the table."""
    return (name, *(told(column(scores, n, 100 if "PCK" in n else 1)) for n in NAMES))


def predicted(test: Sequence[Sample]) -> tuple[list[Sample], dict[str, float]]:
    """The same people with the joints that ``blazepose-heavy`` says in their true boxes."""
    from dataclasses import replace

    from worker.adapters.blazepose.estimator import BlazePoseEstimator

    model = BlazePoseEstimator("heavy")
    found, errors = [], []
    for sample in test:
        ((pose,),) = model.estimate_in_boxes([load_rgb(sample.image)], [[sample.box]])
        joints = np.column_stack([pose.keypoints, np.full(17, 2.0)])
        there = sample.joints[:, 2] > 0
        side = float(np.ptp(sample.joints[there, :2], axis=0).max())
        off = np.linalg.norm(pose.keypoints - sample.joints[:, :2], axis=1)[there]
        errors.append(off / side)
        found.append(replace(sample, joints=joints))
    flat = np.concatenate(errors)
    return found, {"median": float(np.median(flat)), "far": float((flat > 0.1).mean())}


def single(lab: Lab) -> None:
    """One image at a time."""
    test = lab.posed("test", lambda: bodies.infants(TEST, 480, 2))
    validation = lab.posed("validation", lambda: bodies.infants(VALIDATION, 240, 2))
    many = lab.posed("train", lambda: bodies.infants(TRAIN, MANY, 4))
    sets = {"many": material(many, validation, test)}
    sets["few"] = material(many[: FEW * 4], validation, test)
    baseline = measured(test, mean_pose(Lifted(many), Lifted(test)))
    rows = [row("mean pose (no network)", [baseline])]
    best: dict[str, list[Path]] = {}
    adults = [lab.run("lifting-adults", sets["many"], "adults", s) for s in lab.seeds]
    rows.append(row("adults only", [dict(a.test or {}) for a in adults]))
    for amount, longer in (("few", {"epochs": 48, "validate_every": 12}), ("many", {})):
        for start in (False, True):
            name = f"{amount}-{'transfer' if start else 'scratch'}"
            runs = [
                lab.run(
                    "lifting", sets[amount], name, s, adults[k].best if start else None, **longer
                )
                for k, s in enumerate(lab.seeds)
            ]
            best[name] = [run.best for run in runs]
            shown = f"{FEW if amount == 'few' else MANY:,} infant poses, " + (
                "begun from adults" if start else "from random numbers"
            )
            rows.append(row(shown, [dict(run.test or {}) for run in runs]))
    table(f"Lifting from true joints in the image, {len(test)} held-out views", HEAD, rows)
    from_predictions(lab, best["many-transfer"], sets["many"])
    print(f"Lifting so far: {lab.spent()}")


def from_predictions(lab: Lab, best: Sequence[Path], learnt: Material) -> None:
    """Renders of other infants: true joints, disturbed ones, and those of a shipped model."""
    shown = [s for s in lab.renders("home-903", Order(160, 903, (320, 320))).train if usable(s)]
    said, error = predicted(shown)
    true = Lifted(shown)
    noise = error["median"] / 1.177
    sets = {
        "true": true,
        f"true with an error of {100 * noise:.1f} % of the box, 10 % missing": Lifted(
            shown, 1, Disturbance(noise, 0.0, 0.1), 5
        ),
        "blazepose-heavy in true boxes": Lifted(said),
    }
    rows = [row("mean pose", [measured(shown, mean_pose(Lifted(learnt.train), true))])]
    for name, data in sets.items():
        rows.append(row(name, [measured(shown, lift(data, one)) for one in best]))
    print(
        f"blazepose-heavy: median error {100 * error['median']:.1f} % of the box's longer side,"
        f" {100 * error['far']:.0f} % of joints farther off than 10 %"
    )
    table(f"Lifting on {len(shown)} renders, by joints in the image", HEAD, rows)


def temporal(lab: Lab) -> None:
    """Films: one image at a time against 27, from random numbers and begun from adults."""
    test = lab.posed("films-test", lambda: bodies.films(TEST, 16, 4.0))
    films = material(
        lab.posed("films-train", lambda: bodies.films(TRAIN, 60, 4.0)),
        lab.posed("films-validation", lambda: bodies.films(VALIDATION, 8, 4.0)),
        test,
    )
    rows = [row("mean pose", [measured(test, mean_pose(Lifted(films.train), Lifted(test)))])]
    short = {"epochs": 8, "validate_every": 4}
    one = [lab.run("lifting", films, "films-single", s, **short) for s in lab.seeds]
    rows.append(row("one image", [dict(run.test or {}) for run in one]))
    many = [lab.run("lifting-temporal", films, "films-many", s) for s in lab.seeds]
    rows.append(row("27 images", [dict(run.test or {}) for run in many]))
    adults = [lab.run("lifting-temporal-adults", films, "films-adults", s) for s in lab.seeds]
    begun = [
        lab.run("lifting-temporal", films, "films-transfer", s, adults[k].best)
        for k, s in enumerate(lab.seeds)
    ]
    rows.append(row("27 images, begun from adults", [dict(run.test or {}) for run in begun]))
    table(f"Lifting films, {len(test)} held-out images of 16 films", HEAD, rows)
    print(f"Lifting with films: {lab.spent()}")
