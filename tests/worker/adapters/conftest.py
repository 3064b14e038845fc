"""Untrained checkpoints of the real architectures, written once per test run."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

if importlib.util.find_spec("mmpose") is None or importlib.util.find_spec("sam2") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    import torch

    # Test processes share the machine's cores; threads that wait for each other would starve.
    torch.set_num_threads(1)


def painted(seed: int, width: int, height: int) -> np.ndarray:
    """An image of many ellipses and some noise: something for a network to react to."""
    rng = np.random.default_rng(seed)
    image = np.tile(np.linspace(40, 200, width, dtype=np.uint8)[None, :, None], (height, 1, 3))
    image = np.ascontiguousarray(image)
    for _ in range(80):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(3, width // 6)), int(rng.integers(3, height // 6)))
        colour = tuple(int(c) for c in rng.integers(0, 255, 3))
        cv2.ellipse(image, centre, axes, float(rng.integers(180)), 0, 360, colour, -1)
    return image


@pytest.fixture
def shared_data() -> Path:
    default = Path(__file__).parents[3].parent / "shared" / "data"
    folder = Path(os.environ.get("INFANTNET_SHARED_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"real photographs are not on this machine (looked in {folder})")
    return folder
