"""Fine-tuning from a trained start, and which frames are worth labelling first.

The pre-labeller that ships for the demo knows renders of homes. It is taught further on *dim*
renders: other rooms, light, noise and compression. Settings were chosen on renders of other seeds
(51 to 53); what is printed is of seeds 71 to 73. The bootstrap draws scenes, which are an infant in
a room each, not pictures.

Frames to label are chosen out of a pool in three orders: by chance, those whose proposed person has
the lowest score first, and as many from each scene, the lowest first within it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.domain.estimates import PoseEstimate
from backend.models.checkpoints.architectures import TRAINING_ONLY
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN
from benchmarks.small.common import Lab, column, table, told
from worker.adapters.rtmo import RtmoEstimator
from worker.adapters.rtmo_network import RtmoNetwork
from worker.adapters.weights import read_tensors
from worker.synthesis.dataset import Order
from worker.synthesis.shots import SCENE
from worker.training.keeping import load
from worker.training.material import Material, Sample
from worker.training.metrics import keypoint_scores, oks_of
from worker.training.predicting import predictions
from worker.training.recipe import Outcome
from worker.training.recipes.rtmo import LEAST_SCORE

Array = NDArray[np.float64]

RECIPE: Final = "rtmo-t"
LOOK: Final = "dim"
SIZE: Final = (320, 320)
TRAIN, VALIDATION, TEST = (71, 400), (72, 60), (73, 320)
"""Seed and number of renders."""
SETTINGS: Final[dict[str, Any]] = {"epochs": 3, "rate": 1e-4, "size": list(SIZE)}
DRAWS: Final = 10_000


def material(lab: Lab) -> Material:
    """Dim renders: training, validation, test; no scene is in two of them."""

    def of(order: tuple[int, int]) -> Sequence[Sample]:
        seed, count = order
        return lab.renders(f"{LOOK}-{seed}", Order(count, seed, SIZE, look=LOOK)).train

    sides = {"train": of(TRAIN), "validation": of(VALIDATION), "test": of(TEST)}
    return Material(LOOK, lab.folder, "3" * 64, sides, rendered=True)


def start() -> Path:
    """The demo's pre-labeller."""
    shipped = KNOWN[DEMO_POSE].shipped
    assert shipped is not None
    return shipped


def finetuning(lab: Lab) -> None:
    """Before and after, on the same pictures."""
    data = material(lab)
    before = _people(start(), data.test)
    rows = [
        ("mean pose in the true box", *_mean_pose(data), ""),
        ("before", *_scores(data.test, before), ""),
    ]
    zero, after = _similarities(data.test, before), []
    for seed in lab.seeds:
        run = lab.run(RECIPE, data, "finetuned", seed, start(), **_settings())
        found = _people(run.best, data.test)
        one = _similarities(data.test, found)
        after.append(one)
        low, high = interval(one - zero)
        gained = f"{100 * (one - zero).mean():+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
        rows.append((f"after, seed {seed}", *_scores(data.test, found), gained))
    low, high = interval(np.mean(after, axis=0) - zero)
    gained = f"{100 * (np.mean(after, axis=0) - zero).mean():+.1f}"
    rows.append(("after, all seeds", "", "", f"{gained} ({100 * low:+.1f} to {100 * high:+.1f})"))
    head = ("", "AP %", "OKS %", "gain in OKS, points (95 %, by scenes)")
    title = f"RTMO-T fine-tuned on {len(data.train)} {LOOK} renders, {len(data.test)} others"
    table(title, head, rows)
    print(f"fine-tuning: {lab.spent()}")


def interval(gains: Array) -> tuple[float, float]:
    """95 % of the mean gain, by drawing scenes."""
    scenes = np.array([gains[i : i + SCENE].mean() for i in range(0, len(gains), SCENE)])
    rng = np.random.default_rng(0)
    means = scenes[rng.integers(0, len(scenes), (DRAWS, len(scenes)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _settings(**changed: Any) -> dict[str, Any]:
    settings = SETTINGS | changed
    return settings | {"validate_every": settings["epochs"]}


def _people(checkpoint: Path, samples: Sequence[Sample]) -> dict[int, list[PoseEstimate]]:
    network = RtmoNetwork("t", SIZE[0])
    tensors = read_tensors(checkpoint) if checkpoint == start() else load(checkpoint)["state_dict"]
    network.load_state_dict({n: t for n, t in tensors.items() if not n.startswith(TRAINING_ONLY)})
    model = RtmoEstimator("t", network, torch.device("cpu"), score_threshold=LEAST_SCORE)
    return dict(predictions(model, samples))


def _similarities(samples: Sequence[Sample], people: dict[int, list[PoseEstimate]]) -> Array:
    """(n,) OKS of the first person found, which is the one that an annotator is shown."""
    found = []
    for sample, number in zip(samples, _numbers(samples), strict=True):
        first = people.get(number, [])[:1]
        joints = np.asarray(sample.joints, float)
        found.append(oks_of(joints, first[0].keypoints - 0.5, sample.area) if first else 0.0)
    return np.array(found)


def _numbers(samples: Sequence[Sample]) -> list[int]:
    return [sample.image_id for sample in samples]


def _scores(samples: Sequence[Sample], people: dict[int, list[PoseEstimate]]) -> tuple[str, str]:
    # keypoint_scores counts images in their order; predictions, by the number in their set.
    order = {number: at for at, number in enumerate(_numbers(samples), 1)}
    scores = keypoint_scores(samples, {order[n]: found for n, found in people.items()})
    return f"{100 * scores['AP']:.1f}", f"{100 * _similarities(samples, people).mean():.1f}"


def _mean_pose(data: Material) -> tuple[str, str]:
    def in_box(sample: Sample) -> Array:
        x, y, width, height = sample.box
        joints = np.asarray(sample.joints, float)
        at = (joints[:, :2] - (x, y)) / (width, height)
        return np.asarray(np.where(joints[:, 2:] > 0, at, np.nan))

    mean = np.nanmean([in_box(sample) for sample in data.train], axis=0)
    people = {}
    for sample, number in zip(data.test, _numbers(data.test), strict=True):
        x, y, width, height = sample.box
        joints = mean * (width, height) + (x, y) + 0.5
        people[number] = [PoseEstimate(joints, np.ones(len(joints)), 1.0, (x, y, width, height))]
    return _scores(data.test, people)


# Which frames to label first

BUDGETS: Final = (48, 96, 192)


def order(lab: Lab) -> None:
    """AP over the number of labelled frames, for three orders of labelling."""
    data = material(lab)
    pool = data.train
    people = _people(start(), pool)
    score = np.array(
        [max((p.score for p in people.get(n, [])), default=0.0) for n in _numbers(pool)]
    )
    rows = []
    for name in ("by chance", "lowest score first", "lowest score first, from each scene alike"):
        cells = []
        for budget in BUDGETS:
            scores = []
            for seed in lab.seeds:
                chosen = picked(name, score, budget, seed)
                sides = {
                    "train": [pool[i] for i in chosen],
                    "validation": data.validation,
                    "test": data.test,
                }
                some = Material(f"{LOOK} {name}", lab.folder, "4" * 64, sides, rendered=True)
                epochs = max(1, round(SETTINGS["epochs"] * len(pool) / budget / 4))
                called = f"order-{name.replace(' ', '-').replace(',', '')}-{budget}"
                run: Outcome = lab.run(
                    RECIPE, some, called, seed, start(), **_settings(epochs=epochs)
                )
                scores.append(dict(run.test or {}))
            cells.append(told(column(scores, "AP", 100)))
        rows.append((name, *cells))
    head = ("frames labelled", *(str(budget) for budget in BUDGETS))
    table(f"AP % on {len(data.test)} {LOOK} renders", head, rows)
    print(f"order of labelling: {lab.spent()}")


def picked(name: str, score: Array, budget: int, seed: int) -> list[int]:
    """Which frames of a pool are labelled; ties and chance by the seed."""
    rng = np.random.default_rng(seed)
    chance = rng.permutation(len(score))
    if name == "by chance":
        return sorted(chance[:budget].tolist())
    ranked = chance[np.argsort(score[chance], kind="stable")]
    if name == "lowest score first":
        return sorted(ranked[:budget].tolist())
    # The k-th lowest of every scene before the (k + 1)-th of any.
    seen: dict[int, int] = {}
    turn = np.empty(len(score), int)
    for frame in ranked:
        scene = int(frame) // SCENE
        turn[frame] = seen[scene] = seen.get(scene, -1) + 1
    return sorted(ranked[np.argsort(turn[ranked], kind="stable")][:budget].tolist())
