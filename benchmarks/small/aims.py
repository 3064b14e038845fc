"""Postures, in small: learnt from plain renders with labels, measured on dim ones of other infants.

The dim renders' training images are given without their labels, and only to LMMD. A checkpoint is
chosen on labelled dim validation images. All renders show the twelve postures alike often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from backend.domain.posture_geometry import TWELVE
from benchmarks.small.common import Lab, column, table, told
from worker.synthesis.dataset import Order
from worker.training.aims.data import PostureImages
from worker.training.aims.metrics import majority, tables
from worker.training.aims.networks import GROUPS, ImageBranch
from worker.training.keeping import load
from worker.training.material import Material, Sample
from worker.training.probe import accuracy_of_fresh_probe
from worker.training.recipe import Outcome, Scale
from worker.training.recipes import recipe_named
from worker.training.recipes.aims import assemble_hierarchical, image_branch

SIZE = (160, 160)
PLAIN, TARGET, VALIDATION, TEST = (11, 576), (21, 288), (22, 96), (23, 192)
"""Seed and number of renders."""
LONGER = {"epochs": 16, "validate_every": 8}
"""Settings of the image branches that differ from the recipes' ``small`` ones."""


def material(lab: Lab) -> Material:
    """Dim renders with plain ones beside them."""

    def of(look: str, order: tuple[int, int]) -> Sequence[Sample]:
        seed, count = order
        made = Order(count, seed, SIZE, look=look, postures="aims")
        return lab.renders(f"{look}-{seed}", made).train

    plain = of("plain", PLAIN)
    sides = {"train": of("dim", TARGET), "validation": of("dim", VALIDATION)}
    dim = Material("dim", lab.folder, "1" * 64, sides | {"test": of("dim", TEST)}, rendered=True)
    second = Material(
        "plain", lab.folder, "2" * 64, {"train": plain, "validation": plain[:48]}, rendered=True
    )
    return dim.with_second(second)


def features(run: Outcome, samples: Sequence[Sample]) -> torch.Tensor:
    """What the image branch sees in images, before it says a class."""
    settings = recipe_named("aims-image").settings[Scale.SMALL]
    model = image_branch(settings)
    model.load_state_dict(load(run.best)["state_dict"])
    return seen(model.eval(), samples, settings.size or SIZE)


def seen(model: ImageBranch, samples: Sequence[Sample], size: tuple[int, int]) -> torch.Tensor:
    """(n, D) features."""
    data = PostureImages(samples, size)
    found = []
    with torch.no_grad():
        for first in range(0, len(data), 64):
            items = [data[i]["image"] for i in range(first, min(first + 64, len(data)))]
            found.append(model.features(torch.stack(items)))
    return torch.cat(found)


def postures(lab: Lab) -> None:
    """All branches."""
    both = material(lab)
    assert both.second is not None
    learnt, target = both.second.train, both.train
    coarse, fine = majority(learnt, both.test)
    head = ("", "coarse top-1 %", "fine top-1 %", "fresh probe tells the domains %")
    rows = [("always the commonest class", f"{100 * coarse:.1f}", f"{100 * fine:.1f}", "")]
    branches = {}
    for recipe, name in (("aims-image", "image only"), ("aims-image-lmmd", "image with LMMD")):
        runs = [lab.run(recipe, both, recipe, seed, **LONGER) for seed in lab.seeds]
        branches[recipe] = runs
        probes = [
            100 * accuracy_of_fresh_probe(features(run, learnt), features(run, target), seed)
            for seed, run in enumerate(runs)
        ]
        rows.append((*_row(name, runs), told(probes)))
    poses = [lab.run("aims-pose", both, "aims-pose", seed) for seed in lab.seeds]
    rows.append((*_row("3D joints only (true joints)", poses), ""))
    lifting = lab.folder / "runs" / "many-transfer-0" / "best.pth"
    if lifting.exists():
        lifted = [
            lab.run("aims-pose", both, "aims-pose-lifted", seed, lifting=str(lifting))
            for seed in lab.seeds
        ]
        rows.append((*_row("3D joints only (lifted from true joints in the image)", lifted), ""))
    hierarchies = {}
    for recipe, runs in branches.items():
        name = recipe.replace("aims-image", "aims-hierarchical")
        found = [
            lab.run("aims-hierarchical", both, name, seed, runs[k].best)
            for k, seed in enumerate(lab.seeds)
        ]
        hierarchies[recipe] = found
        with_lmmd = " with LMMD" if "lmmd" in recipe else ""
        rows.append((*_row(f"hierarchical, on image{with_lmmd}", found), ""))
    table(f"Postures of {len(both.test)} dim renders, learnt from {len(learnt)} plain", head, rows)
    _confusion(both, hierarchies["aims-image-lmmd"][0], branches["aims-image-lmmd"][0])
    print(f"AIMS: {lab.spent()}")


def _row(name: str, runs: Sequence[Outcome]) -> tuple[str, str, str]:
    scores = [dict(run.test or {}) for run in runs]
    return (
        name,
        told(column(scores, "top1_coarse", 100)),
        told(column(scores, "top1_fine", 100)),
    )


def _confusion(both: Material, run: Outcome, branch: Outcome) -> None:
    """What the hierarchical classifier of the first seed takes for what."""
    settings = recipe_named("aims-hierarchical").settings[Scale.SMALL]
    assembly = assemble_hierarchical(replace(both), settings, 0, branch.best)
    model = assembly.model
    model.load_state_dict(load(run.best)["state_dict"])
    model.eval()
    data = assembly.test
    assert data is not None
    batch = data.__getitems__(list(range(len(data))))  # type: ignore[attr-defined]
    with torch.no_grad():
        said = model(batch["inputs"], batch["data_samples"], mode="predict")
    true = batch["data_samples"]
    results = [
        (int(c), int(f), s["coarse"], s["fine"])
        for c, f, s in zip(true["coarse"], true["fine"], said, strict=True)
    ]
    for names, found in zip((GROUPS, TWELVE), tables(results), strict=True):
        shares = np.asarray(found.counts)
        rows = [(n.replace("_", " "), *map(str, r)) for n, r in zip(names, shares, strict=True)]
        table("Rows are true, columns said", ("", *(str(k + 1) for k in range(len(names)))), rows)
