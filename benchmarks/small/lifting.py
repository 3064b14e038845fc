"""3D joints by transfer, in small: from true joints in the image, with and without adults.

Held-out infants, poses and cameras are of other seeds than those that are learnt from; the recipe's
settings were chosen on yet others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.small.common import Lab, column, table, told
from worker.training.lifting import bodies
from worker.training.lifting.data import Lifted
from worker.training.lifting.metrics import mean_pose, measured
from worker.training.material import Material, Sample

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


def single(lab: Lab) -> None:
    """One image at a time."""
    test = lab.posed("test", lambda: bodies.infants(TEST, 480, 2))
    validation = lab.posed("validation", lambda: bodies.infants(VALIDATION, 240, 2))
    many = lab.posed("train", lambda: bodies.infants(TRAIN, MANY, 4))
    sets = {"many": material(many, validation, test)}
    sets["few"] = material(many[: FEW * 4], validation, test)
    baseline = measured(test, mean_pose(Lifted(many), Lifted(test)))
    rows = [row("mean pose (no network)", [baseline])]
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
            shown = f"{FEW if amount == 'few' else MANY:,} infant poses, " + (
                "begun from adults" if start else "from random numbers"
            )
            rows.append(row(shown, [dict(run.test or {}) for run in runs]))
    table(f"Lifting from true joints in the image, {len(test)} held-out views", HEAD, rows)
    print(f"Lifting so far: {lab.spent()}")


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
