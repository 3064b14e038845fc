"""Lifts samples by a trained checkpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from worker.adapters.weights import fill, read_tensors
from worker.training.lifting.coordinates import placed
from worker.training.lifting.data import Lifted
from worker.training.lifting.network import Lifting

Array = NDArray[np.float64]


def lift(data: Lifted, checkpoint: Path) -> Array:
    """(n, 17, 3) joints in the cameras' axes, metres, by a network over single images.

    Raises:
        InvalidInput: the checkpoint is of another network.
    """
    model = lifting_network(checkpoint)
    said = []
    with torch.no_grad():
        for first in range(0, len(data), 512):
            numbers = range(first, min(first + 512, len(data)))
            said.append(model(data.__getitems__(list(numbers))["inputs"]))
    return placed(torch.cat(said).double().numpy(), data.squares(range(len(data))))


def lifting_network(checkpoint: Path) -> Lifting:
    """The network over single images that a checkpoint holds, ready to be used.

    Raises:
        InvalidInput: it holds another one.
    """
    state = read_tensors(checkpoint)
    first = state.get("layers.0.weight")
    blocks = {name.split(".")[1] for name in state if ".layers." in name}
    if first is None or first.ndim != 2 or "mean" not in state:
        raise InvalidInput(f"{checkpoint.name} holds no lifting network over single images.")
    model = Lifting(int(first.shape[0]), len(blocks), 0.0)
    fill(model, state, checkpoint, "lifting")
    model.eval()
    return model
