"""The demo's known masks, for machines without a segmenter's weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.demo.prelabels import frame_truth
from backend.demo.simulate import simulated_mask
from backend.domain import masks


def demo_mask(name: str, camera_index: int, source_frame: int) -> NDArray[np.bool_] | None:
    """The infant's mask in one frame, (height, width) bool; None where there is no infant."""
    found = simulated_mask(frame_truth(name, camera_index, source_frame))
    return None if found is None else masks.decode(found[0])
