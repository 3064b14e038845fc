"""Checkpoints of random numbers in the real architectures, for tests and first tries.

    python -m worker.adapters.random_weights rtmo-t OUT.pth

They have the layout of the published files and carry a mark, so that the program says “untrained”
wherever it lists them. What they predict is noise.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from backend.domain.errors import DomainError
from backend.models.checkpoints.designs import HeatmapConfig, WeightKind
from backend.models.checkpoints.files import UNTRAINED_MARK
from backend.models.checkpoints.registry import KNOWN
from worker.adapters.heatmap_network import HeatmapNetwork
from worker.adapters.rtmo_network import RtmoNetwork
from worker.adapters.signatures import network_of

_QUIET: Final = 0.995
"""Share of grid points that stay below the score threshold."""

_THRESHOLD_LOGIT: Final = 2.2
"""Of the score threshold .1, without its sign."""


def write_random_checkpoint(name: str, path: Path, seed: int = 0) -> None:
    """Write an untrained checkpoint; the same seed gives the same numbers.

    Args:
        name: A known checkpoint's name, for example ``rtmo-t`` or ``sam2.1-tiny``.
        path: The file, overwritten.
        seed: Of torch's generator; its state outside is left as it was.

    Raises:
        KeyError: no checkpoint has that name.
    """
    known = KNOWN[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = network_of(known.architecture or known.name)
        if isinstance(network, RtmoNetwork):
            _calm(network)
        elif isinstance(network, HeatmapNetwork) and isinstance(known.used_with, HeatmapConfig):
            _spread(network, known.used_with)
    meta = {UNTRAINED_MARK: True, "seed": seed}
    key = "state_dict" if known.kind is WeightKind.POSE else "model"
    torch.save({key: network.state_dict(), "meta": meta}, path)


def _calm(network: RtmoNetwork) -> None:
    """Give an untrained RTMO activations and outputs of the size that a trained one has.

    Fresh batch normalisation passes everything through unscaled, so that numbers grow over a
    hundred layers until boxes are infinite. Its statistics are therefore taken from a few made-up
    images, and the last layers are set so that boxes are as large as people and a few grid points,
    rather than none or all, pass the score threshold.
    """
    head = network.head.head_module
    for box, visible in zip(head.out_bbox, head.out_kpt_vis, strict=True):
        nn.init.normal_(box.weight, std=0.005)
        box.bias.data = torch.tensor([0.0, 0.0, 1.5, 2.0])
        nn.init.normal_(visible.weight, std=0.1)
        nn.init.ones_(visible.bias)
    images = _dead_leaves(4, network.side)
    norms = [part for part in network.modules() if isinstance(part, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = None
    network.train()
    with torch.no_grad():
        raw = network(images)
        some = torch.randperm(raw.scores.shape[1])[:64]
        network.keypoints(raw.pose_vectors[0, some], raw.boxes[0, some], some)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()
    for score in head.out_cls:
        nn.init.normal_(score.weight, std=0.1)
        nn.init.zeros_(score.bias)
    with torch.no_grad():
        logits = torch.logit(network(images).scores)
        for score in head.out_cls:
            score.weight /= logits.std()
            score.bias -= torch.quantile(logits, _QUIET) / logits.std() + _THRESHOLD_LOGIT


def _spread(network: HeatmapNetwork, config: HeatmapConfig) -> None:
    """Give an untrained top-down network heatmaps between 0 and 1.

    Its last layer begins with nearly nothing; here its numbers are scaled so that most cells stay
    near 0 and the highest of a joint is near 1, on a made-up image.
    """
    network.eval()
    head = network.head
    last = head.final_layer if hasattr(head, "final_layer") else head.multi_final_layers[-1]
    left = (config.height - config.width) // 2
    with torch.no_grad():
        image = (_dead_leaves(1, config.height)[..., left : left + config.width] - 127) / 64
        peak = network(image).abs().amax()
        last.weight /= peak
        last.bias.zero_()


def _dead_leaves(count: int, side: int) -> Tensor:
    """Images of random rectangles over each other, which have edges like photographs do.

    Returns:
        (count, 3, side, side) in 0 to 255. Source of the idea: the dead-leaves model (Matheron).
    """
    images = torch.full((count, 3, side, side), 127.0)
    for image in images:
        for _ in range(150):
            size = side * 0.5 * torch.rand(1).item() ** 2 + 4
            x, y = (int((side - size) * place) for place in torch.rand(2).tolist())
            width, height = (int(size * share) for share in (torch.rand(2) + 0.5).tolist())
            image[:, y : y + height, x : x + width] = torch.rand(3, 1, 1) * 255
    return (images + torch.randn_like(images) * 4).clamp(0, 255)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=sorted(KNOWN))
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    try:
        write_random_checkpoint(arguments.name, arguments.out, arguments.seed)
    except (DomainError, OSError) as error:
        parser.exit(1, f"{error}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
