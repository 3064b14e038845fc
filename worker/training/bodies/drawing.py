"""Pictures of predictions: the body's joints as a network sees them, over a crop."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from backend.domain.skeleton import EDGES
from worker.training.bodies.samples import BodySamples
from worker.training.pixels import load_rgb

Image = NDArray[np.uint8]

SIDE: Final = 320
COUNT: Final = 4
GREY: Final = 90
_TRUE, _FOUND, _DARK = (255, 255, 255), (230, 159, 0), (20, 20, 20)


def pictures_of(model: nn.Module, samples: BodySamples) -> list[Image]:
    """A few crops with the true joints in white and the predicted ones in orange.

    Args:
        model: A ``BodyRegressor`` in ``eval`` mode.
        samples: Of validation.
    """
    chosen = sorted({round(i) for i in np.linspace(0, len(samples) - 1, COUNT)})
    batch = torch.utils.data.default_collate([samples[i] for i in chosen])
    device = next(model.parameters()).device
    truth = {name: value.to(device) for name, value in batch["data_samples"].items()}
    said = model(batch["inputs"].to(device), truth, mode="predict")
    return [_drawn(samples, i, one) for i, one in zip(chosen, said, strict=True)]


def _drawn(samples: BodySamples, index: int, said: dict[str, Any]) -> Image:
    sample, crop = samples.part[index], samples.crop(index)
    # Who never looks at images is shown without them.
    cut = crop.cut(load_rgb(sample.image)) if samples.image else np.full((8, 8, 3), GREY, np.uint8)
    picture = np.array(cv2.resize(cut, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)
    scale = SIDE / crop.side
    joints = said["joints"]
    found = joints[:, :2] / np.maximum(joints[:, 2:], 0.1) * crop.focal * scale + SIDE / 2
    true = crop.points(sample.joints[:, :2]) * scale
    _lines(picture, true, sample.joints[:, 2] > 0, _TRUE)
    _lines(picture, found, np.isfinite(found).all(axis=1), _FOUND)
    return picture


def _lines(
    picture: Image, joints: NDArray[np.float64], there: NDArray[np.bool_],
    colour: tuple[int, int, int],
) -> None:  # fmt: skip
    # OpenCV takes 16 bits a coordinate; what lies that far off is not seen anyway.
    places = [(int(x), int(y)) for x, y in np.clip(np.nan_to_num(joints), -4000, 4000)]
    for thick, tone in ((4, _DARK), (2, colour)):
        for a, b in EDGES:
            if there[a] and there[b]:
                cv2.line(picture, places[a], places[b], tone, thick, cv2.LINE_AA)
