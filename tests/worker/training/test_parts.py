"""What lets RTMO learn from random numbers in little time."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

from worker.training.parts import FINE, MIN_AREA, distance
from worker.training.rtmo import model


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(0)
    built = MODELS.build(model("t", 256))
    built.init_weights()
    built.head.begin()
    return built


def sample(joints: np.ndarray, shown: np.ndarray) -> PoseDataSample:
    """One person of a picture, as mmpose packs it."""
    truth = InstanceData()
    truth.keypoints = torch.tensor(joints[None], dtype=torch.float32)
    truth.keypoints_visible = torch.tensor(shown[None], dtype=torch.float32)
    packed = PoseDataSample()
    packed.gt_instance_labels = truth
    return packed


def test_the_distance_is_measured_in_the_persons_own_size() -> None:
    truth = torch.zeros(2, 17, 2)
    found = truth + torch.tensor([[3.0, 4.0]])
    weights = torch.ones(2, 17)
    small = distance(found, truth, weights, torch.full((2,), 400.0))
    large = distance(found, truth, weights, torch.full((2,), 1600.0))
    assert float(small) == pytest.approx(7 / 20)
    assert float(small) == pytest.approx(2 * float(large))


def test_joints_without_a_place_pull_nowhere() -> None:
    truth = torch.zeros(1, 17, 2)
    found = truth.clone()
    found[0, 5] = 1000
    weights = torch.ones(1, 17)
    weights[0, 5] = 0
    assert float(distance(found, truth, weights, torch.tensor([900.0]))) == 0
    assert float(distance(found, truth, weights * 0, torch.tensor([900.0]))) == 0


def test_a_person_cut_down_to_nothing_does_not_outweigh_all_others() -> None:
    truth = torch.zeros(1, 17, 2)
    off = distance(truth + 1, truth, torch.ones(1, 17), torch.tensor([1e-3]))
    assert float(off) == pytest.approx(2 / math.sqrt(MIN_AREA))


def test_boxes_begin_at_the_size_of_infants(network: torch.nn.Module) -> None:
    head = network.head
    with torch.no_grad():
        features = network.neck(network.backbone(torch.rand(1, 3, 128, 128) * 255))
        _, boxes, *_ = head.forward(features)
    for level, stride in zip(boxes, head.featmap_strides, strict=True):
        lengths = level[0, 2:].exp() * stride
        assert float(lengths.median()) == pytest.approx(head.length, rel=0.2)


def test_the_helper_is_content_only_where_it_sees_the_joints(network: torch.nn.Module) -> None:
    head = network.head
    joints = np.stack([np.linspace(10, 118, 17), np.linspace(20, 110, 17)], axis=1)
    shown = np.ones(17)
    size, step = 8 * FINE, head.featmap_strides[0] / FINE
    cells = torch.arange(size) + 0.5
    x, y = torch.tensor((joints + 0.5) / step, dtype=torch.float32).T
    near_x, near_y = ((cells - at[:, None]) ** 2 for at in (x, y))
    logits = -(near_y[:, :, None] + near_x[:, None, :])[None] / 2
    seen = torch.nn.functional.pixel_unshuffle(logits, FINE)

    class Answers(torch.nn.Module):
        def forward(self, features: torch.Tensor) -> torch.Tensor:
            return features

    helper, head.helper = head.helper, Answers()
    try:
        right = float(head.where(seen, [sample(joints, shown)]))
        wrong = float(head.where(seen.flip(-1), [sample(joints, shown)]))
        blind = float(head.where(seen * 0, [sample(joints, shown)]))
    finally:
        head.helper = helper
    assert blind == pytest.approx(math.log(size**2), rel=1e-4)
    assert right == pytest.approx(math.log(2 * math.pi * math.e), rel=0.01)
    assert right < blind < wrong


def test_the_helper_leaves_pictures_with_nobody_alone(network: torch.nn.Module) -> None:
    empty = PoseDataSample()
    empty.gt_instance_labels = InstanceData(keypoints=torch.zeros(0, 17, 2))
    features = torch.rand(1, network.head.helper.in_channels, 8, 8)
    assert float(network.head.where(features, [empty])) == 0
