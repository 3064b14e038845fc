"""The networks say in torch what they say in the runtime of their authors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.models.checkpoints.registry import DETECTOR, PACKAGED
from tests.worker.adapters.blazepose.figure import drawn_figure
from worker.adapters.blazepose.graph import read_graph
from worker.adapters.blazepose.network import GraphNetwork

pytestmark = pytest.mark.models

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text())
"""What LiteRT answers for the drawn figure."""


def answers(path: Path, picture: np.ndarray) -> list[np.ndarray]:
    with torch.inference_mode():
        images = torch.from_numpy(picture).permute(0, 3, 1, 2)
        return [result.numpy() for result in GraphNetwork(read_graph(path)).eval()(images)]


@pytest.mark.parametrize("variant", ["lite", "heavy"])
def test_landmarks_agree_within_a_hundredth_of_a_pixel(variant: str) -> None:
    told = REFERENCE[f"landmark_{variant}"]

    numbers, present, *_ = answers(PACKAGED / f"pose_landmark_{variant}.tflite", drawn_figure(256))

    landmarks = numbers.reshape(-1, 5)[:, :2]
    assert np.abs(landmarks - np.array(told["landmarks"])[:, :2]).max() < 0.01
    assert present.item() == pytest.approx(told["present"], abs=1e-5)


def test_the_detector_is_as_sure_of_the_same_places() -> None:
    told = REFERENCE["detection"]

    numbers, scores = answers(DETECTOR, drawn_figure(224) * 2 - 1)

    assert np.argsort(-scores[0, :, 0])[:5].tolist() == told["anchors"]
    assert scores[0, told["anchors"], 0] == pytest.approx(told["scores"], abs=2e-3)
    assert np.abs(numbers[0, told["anchors"]] - np.array(told["numbers"])).max() < 0.01


def test_it_learns_every_weight() -> None:
    network = GraphNetwork(read_graph(PACKAGED / "pose_landmark_lite.tflite"))

    results = network(torch.from_numpy(drawn_figure(256)).permute(0, 3, 1, 2))
    sum(result.sum() for result in results).backward()

    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
