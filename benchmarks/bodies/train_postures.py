"""Trains the small network that sees postures in images (``domain.posture_proposals``).

``python -m benchmarks.bodies.train_postures`` writes ``backend/domain/posture_weights.json`` from
poses of seed 2; a minute of work after some minutes of posing.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from backend.domain.posture_proposals import IN_IMAGES, WEIGHTS, Shown, image_features, mirrored
from benchmarks.bodies.poses import poses, seen

SEED, POSES, VIEWS, WIDTH, STEPS = 2, 7000, 10, 32, 4000
IMAGE_TRUTH = {"four_point_kneeling": "prone", "none": Shown.OTHER.value}


def image_truth(truth: str) -> int:
    """Index in ``IN_IMAGES`` of a pose's truth."""
    return IN_IMAGES.index(Shown(IMAGE_TRUTH.get(truth, truth)))


def train(joints: NDArray[np.float64], truths: list[str]) -> dict[str, object]:
    """Weights after training on bodies seen from all around."""
    torch.manual_seed(1)
    torch.set_num_threads(1)
    rng = np.random.default_rng([SEED, 9])
    features, labels = [], []
    for body, truth in zip(joints, truths, strict=True):
        for _ in range(VIEWS):
            places, told = seen(body, rng)
            features.append(image_features(places[None], told[None])[0])
            labels.append(image_truth(truth))
    table = np.array(features)
    x = torch.tensor(np.concatenate([table, mirrored(table)]), dtype=torch.float32)
    y = torch.tensor(labels * 2)
    network = torch.nn.Sequential(
        torch.nn.Linear(x.shape[1], WIDTH),
        torch.nn.ReLU(),
        torch.nn.Linear(WIDTH, WIDTH),
        torch.nn.ReLU(),
        torch.nn.Linear(WIDTH, len(IN_IMAGES)),
    )
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=0.02)
    for _ in range(STEPS):
        some = torch.randint(0, len(x), (1024,))
        optimiser.zero_grad()
        loss_of(network(x[some]), y[some]).backward()
        optimiser.step()
        schedule.step()
    layers = [layer for layer in network if isinstance(layer, torch.nn.Linear)]
    return {
        "made_by": "python -m benchmarks.bodies.train_postures",
        "classes": [shown.value for shown in IN_IMAGES],
        "layers": [
            {
                "weight": np.round(layer.weight.detach().numpy().T, 3).tolist(),
                "bias": np.round(layer.bias.detach().numpy(), 3).tolist(),
            }
            for layer in layers
        ],
    }


def main() -> None:
    """Pose, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--poses", type=Path, help="poses that were kept (.npz with J, T)")
    options = parser.parse_args()
    if options.poses:
        kept = np.load(options.poses)
        joints, truths = kept["J"], [str(truth) for truth in kept["T"]]
    else:
        made = list(poses(SEED, POSES))
        joints, truths = np.array([pose.joints for pose in made]), [pose.truth for pose in made]
    WEIGHTS.write_text(json.dumps(train(joints, truths), separators=(",", ":")) + "\n")
    print(f"{WEIGHTS.name} written from {len(joints):,} poses, {VIEWS} views each")


if __name__ == "__main__":
    main()
