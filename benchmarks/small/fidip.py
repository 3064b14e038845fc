"""FiDIP's ablation, in small: plain renders with labels, dim ones with few labels, AP on dim ones.

A pose network is first trained on plain renders alone; every arm begins from it, with other seeds.
The picture shows the first two principal components of features of both domains.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.small.aims import material
from benchmarks.small.common import Lab, column, table, told
from worker.training.fidip.data import PeopleOfDomains, boxed_scores
from worker.training.fidip.networks import Fidip, PoseResNet, Turns
from worker.training.keeping import load
from worker.training.material import Material, Sample
from worker.training.probe import accuracy_of_fresh_probe
from worker.training.recipe import Outcome, Scale
from worker.training.recipes import recipe_named

LABELLED = 96
"""Of the target's training images."""
ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "real + synthetic, no adversary, all layers": ("fidip-pose", {}),
    "real + synthetic, no adversary, Res1–3 frozen": ("fidip-pose", {"frozen": 3}),
    "FiDIP, λ .0005, Res1–3 frozen": ("fidip", {}),
    "FiDIP, λ .05, Res1–3 frozen": ("fidip", {"weight": 0.05}),
    "FiDIP, λ .05, all layers": ("fidip", {"weight": 0.05, "frozen": 0}),
    "as the authors' code": ("fidip-as-coded", {}),
}


def adaptation(lab: Lab, start_epochs: int = 16) -> None:
    """Every arm, on all seeds."""
    both = material(lab)
    assert both.second is not None
    short: dict[str, Any] = {"epochs": 3, "validate_every": 3, "labelled": LABELLED}
    begun = lab.run(
        "fidip-pose", both, "fidip-start", 0, epochs=start_epochs, validate_every=8, labelled=0
    )
    size = recipe_named("fidip").settings[Scale.SMALL].size or (64, 64)
    head = ("", "AP %", "AP.5 %", "OKS %", "fresh probe tells the domains %")
    mean = {name: 100 * value for name, value in _mean_pose(both).items()}
    rows = [("mean pose in the true box", *(f"{mean[n]:.1f}" for n in ("AP", "AP.5", "OKS")), "")]
    rows.append(_row("synthetic only (the start)", [begun], both, size))
    for name, (recipe, changed) in ARMS.items():
        called = f"{recipe}-{'-'.join(f'{k}{v}' for k, v in changed.items()) or 'plain'}"
        runs = [
            lab.run(recipe, both, called, seed, begun.best, **short | changed) for seed in lab.seeds
        ]
        rows.append(_row(name, runs, both, size))
        picture(runs[0], both, size, lab.folder / "runs" / f"{called}.png")
    title = f"AP on {len(both.test)} dim renders; {LABELLED} dim images have labels"
    table(title, head, rows)
    print(f"FiDIP: {lab.spent()}; pictures of features in {lab.folder / 'runs'}")


def _row(
    name: str, runs: Sequence[Outcome], both: Material, size: tuple[int, int]
) -> tuple[str, ...]:
    scores = [dict(run.test or {}) for run in runs]
    probes = []
    for seed, run in enumerate(runs):
        one, two = both_features(run, both, size)
        probes.append(100 * accuracy_of_fresh_probe(one, two, seed))
    measures = [told(column(scores, n, 100)) for n in ("AP", "AP.5", "OKS")]
    return (name, *measures, told(probes))


def _mean_pose(both: Material) -> dict[str, float]:
    """What is said without looking: the training's mean place of each joint in the box."""

    def in_box(sample: Sample) -> Any:
        x, y, width, height = sample.box
        at = (sample.joints[:, :2] - (x, y)) / (width, height)
        return np.where(sample.joints[:, 2:] > 0, at, np.nan)

    assert both.second is not None
    mean = np.nanmean([in_box(sample) for sample in both.second.train], axis=0)
    boxes = np.array([sample.box for sample in both.test])
    joints = mean * boxes[:, None, 2:] + boxes[:, None, :2]
    return boxed_scores(both.test, joints, np.ones(len(joints)))


def both_features(
    run: Outcome, both: Material, size: tuple[int, int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Features of the source's and of the target's training images, means over each image."""
    assert both.second is not None
    extra = recipe_named("fidip").settings[Scale.SMALL].extra
    model = Fidip(PoseResNet(extra["depth"], extra["stem"], extra["channels"]), Turns())
    held = load(run.best)["state_dict"]
    pose = {n.removeprefix("pose."): v for n, v in held.items() if n.startswith("pose.")}
    model.pose.load_state_dict(pose)
    model.eval()
    found = []
    for part in (both.second.train[:480], both.train):
        data = PeopleOfDomains((), part, size, 2.0)
        rows = []
        with torch.no_grad():
            for first in range(0, len(data), 64):
                items = [data[i]["image"] for i in range(first, min(first + 64, len(data)))]
                rows.append(model.pose.features(torch.stack(items)).mean(dim=(2, 3)))
        found.append(torch.cat(rows))
    return found[0], found[1]


def picture(run: Outcome, both: Material, size: tuple[int, int], file: Path) -> None:
    """Two principal components: plain renders blue, dim ones orange."""
    one, two = (part.double().numpy() for part in both_features(run, both, size))
    everything = np.concatenate([one, two])
    everything = (everything - everything.mean(axis=0)) / (everything.std(axis=0) + 1e-9)
    _, _, axes = np.linalg.svd(everything, full_matrices=False)
    flat = everything @ axes[:2].T
    low, high = np.percentile(flat, (1, 99), axis=0)
    at = np.clip((flat - low) / (high - low), 0, 1) * 460 + 10
    canvas = np.full((480, 480, 3), 255, np.uint8)
    for k, (x, y) in enumerate(at):
        colour = (178, 114, 0) if k < len(one) else (0, 94, 213)
        cv2.circle(canvas, (int(x), int(y)), 3, colour, -1, cv2.LINE_AA)
    cv2.imwrite(str(file), canvas)
