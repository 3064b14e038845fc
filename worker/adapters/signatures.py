"""Writes down the names and shapes of every architecture's tensors.

    python -m worker.adapters.signatures

makes ``backend/models/checkpoints/assets/architectures.json.gz`` anew, by which the server refuses
files of another architecture without loading any of these networks.
"""

from __future__ import annotations

import gzip
import json

from torch import nn

from backend.models.checkpoints.architectures import FILE
from backend.models.checkpoints.designs import (
    ARCHITECTURES,
    BlazePoseConfig,
    HeatmapConfig,
    RtmoConfig,
)
from worker.adapters.blazepose.estimator import landmark_network
from worker.adapters.heatmap_network import HeatmapNetwork
from worker.adapters.rtmo_network import RtmoNetwork
from worker.adapters.sam2 import build_network

Shapes = dict[str, list[int]]


def network_of(architecture: str) -> nn.Module:
    """The network of an architecture, with whatever numbers it begins with.

    Raises:
        KeyError: no architecture has that name.
    """
    known = ARCHITECTURES[architecture]
    if isinstance(known.config, RtmoConfig):
        return RtmoNetwork(known.variant)  # type: ignore[arg-type]
    if isinstance(known.config, BlazePoseConfig):
        return landmark_network(known.variant)
    if isinstance(known.config, HeatmapConfig):
        return HeatmapNetwork(architecture)
    return build_network(known.variant)  # type: ignore[arg-type]


def shapes_of(architecture: str) -> Shapes:
    """Shapes by tensor's name."""
    state = network_of(architecture).state_dict()
    return {name: list(tensor.shape) for name, tensor in state.items()}


def main() -> None:
    """Write the file; the same networks give the same bytes."""
    told = {architecture: shapes_of(architecture) for architecture in ARCHITECTURES}
    text = json.dumps(told, separators=(",", ":"), sort_keys=True)
    FILE.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{FILE}: {len(told)} architectures, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
