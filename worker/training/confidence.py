"""Teach a trained RTMO how far off its joints are, from renders that it has not seen.

    python -m worker.training.confidence --checkpoint training/last.pth --renders fresh \\
        --out training/confident.pth

RTMO's score of a joint says whether the joint was labelled. In renders every joint within the
picture is, so that a model trained on them is always sure. Here the layer that gives the scores
(one linear layer a level) is fitted anew, and nothing else changes: to the similarity, as in OKS,
of the joint that was found to the true one. A joint outside the picture counts 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.domain.estimates import RgbImage
from backend.domain.skeleton import N_JOINTS, SIGMAS
from worker.adapters.letterbox import letterbox
from worker.adapters.rtmo import RtmoEstimator
from worker.adapters.rtmo_network import STRIDES
from worker.adapters.weights import read_tensors
from worker.training.measure import of_renders

CANDIDATES = 4
"""Grid points looked at in each picture: the best ones."""
MIN_SCORE = 0.3
"""Grid points below it are nobody's."""
RIDGE = 1e-3
"""Weight of the squared numbers of the layer, against learning the pictures by heart."""
MIN_SAMPLES = 200
"""Grid points that a level's layer is fitted to at least; with fewer it says the mean of all."""

_LAYER = "head.head_module.out_kpt_vis"


def similarities(found: np.ndarray, annotation: dict[str, Any]) -> np.ndarray:
    """How like the truth found joints are, 0 to 1, (P, 17).

    found: (P, 17, 2) px of the picture. annotation: COCO's, of the one person in it.
    """
    truth = np.asarray(annotation["keypoints"], float).reshape(N_JOINTS, 3)
    squared = ((found - truth[:, :2]) ** 2).sum(axis=-1)
    reach = 2 * annotation["area"] * (2 * np.asarray(SIGMAS)) ** 2
    likeness: np.ndarray = np.exp(-squared / reach) * (truth[:, 2] > 0)
    return likeness


class Listener:
    """Runs a network and hears what goes into the layers that give the joints' scores."""

    def __init__(self, estimator: RtmoEstimator) -> None:
        self.estimator = estimator
        self.layers: nn.ModuleList = estimator.network.head.head_module.out_kpt_vis
        self.heard: list[Tensor] = []
        for layer in self.layers:
            layer.register_forward_pre_hook(lambda _, given: self.heard.append(given[0]))

    def people(self, image: RgbImage) -> tuple[np.ndarray, list[tuple[int, Tensor]]]:
        """Joints (P, 17, 2) of the best grid points, and for each its level and features (C,)."""
        network = self.estimator.network
        square = np.empty((network.side, network.side, 3), np.uint8)
        placed = letterbox(image, network.side, square)
        self.heard.clear()
        with torch.inference_mode():
            raw = self.estimator.forward(self.estimator.to_input([square]))
            scores, at = raw.scores[0].topk(CANDIDATES)
            at = at[scores > MIN_SCORE]
            joints = network.keypoints(raw.pose_vectors[0, at], raw.boxes[0, at], at)
        flat = [level[0].flatten(1).T for level in self.heard]
        first = (network.side // STRIDES[0]) ** 2
        features = [
            (0, flat[0][point]) if point < first else (1, flat[1][point - first])
            for point in at.tolist()
        ]
        return placed.to_image(joints.double().numpy()) + 0.5, features


def samples(listener: Listener, renders: Path) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Of each grid point: level, features (C,) and similarities (17,)."""
    truth, images = of_renders(renders)
    of_image = {annotation["image_id"]: annotation for annotation in truth["annotations"]}
    for number, image in images:
        joints, features = listener.people(image)
        likeness = torch.tensor(similarities(joints, of_image[number]), dtype=torch.float32)
        for (level, given), like in zip(features, likeness, strict=True):
            yield level, given.clone(), like


def undecided(layer: Any, usual: Tensor) -> None:
    """Let a layer always say the same scores, (17,)."""
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.copy_(torch.logit(usual.clamp(0.01, 0.99)))


def fit(layer: Any, features: Tensor, targets: Tensor) -> tuple[float, float]:
    """Fit a layer to (N, C) features and (N, 17) targets; its loss before and after, in nats."""
    weight = layer.weight.detach().flatten(1).clone().requires_grad_()
    bias = layer.bias.detach().clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> Any:
        logits = features @ weight.T + bias
        return functional.binary_cross_entropy_with_logits(logits, targets)

    def step() -> Any:
        optimizer.zero_grad()
        total = loss() + RIDGE * (weight**2).sum() / N_JOINTS
        total.backward()
        return total

    with torch.no_grad():
        before = float(loss())
        # From a layer that is always sure there is hardly a gradient.
        undecided(layer, targets.mean(dim=0))
        weight.copy_(layer.weight.flatten(1))
        bias.copy_(layer.bias)
    optimizer.step(step)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        after = float(loss())
        layer.weight.copy_(weight.view_as(layer.weight))
        layer.bias.copy_(bias)
    return before, after


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m worker.training.confidence", description=__doc__
    )
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--renders", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--variant", default="t")
    parser.add_argument("--side", type=int, default=256)
    options = parser.parse_args()
    estimator = RtmoEstimator(options.variant, options.checkpoint, side=options.side, cores=0)
    listener = Listener(estimator)
    found = [sample for folder in options.renders for sample in samples(listener, folder)]
    tensors = dict(read_tensors(options.checkpoint))
    usual = torch.stack([like for _, _, like in found]).mean(dim=0)
    for level, layer in enumerate(listener.layers):
        of_level = [(given, like) for at, given, like in found if at == level]
        if len(of_level) < MIN_SAMPLES:
            undecided(layer, usual)
            print(
                f"level {level}: {len(of_level)} grid points are too few; it says the mean of all"
            )
        else:
            features, targets = (torch.stack(part) for part in zip(*of_level, strict=True))
            before, after = fit(layer, features, targets)
            print(f"level {level}: {len(of_level)} grid points, loss {before:.3f} to {after:.3f}")
        for name in ("weight", "bias"):
            tensors[f"{_LAYER}.{level}.{name}"] = getattr(layer, name).detach().clone()
    torch.save({"state_dict": tensors}, options.out)


if __name__ == "__main__":
    main()
