"""Poses in boxes, by the real per-box architectures with random numbers in them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.domain.errors import InvalidInput
from backend.domain.pixels import MMPOSE_JOINTS
from backend.domain.skeleton import MIRROR
from backend.models.checkpoints.designs import HeatmapConfig
from backend.models.checkpoints.top_down import BY_NAME
from tests.worker.adapters.conftest import painted
from worker.adapters.heatmap import HeatmapEstimator
from worker.adapters.in_boxes import BoxesOfPeople, EstimatorInBoxes, WholePicture
from worker.adapters.openmmlab import build, configuration, registry
from worker.adapters.random_weights import write_random_checkpoint
from worker.adapters.rtmo import RtmoEstimator
from worker.adapters.weights import load_checkpoint

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("models")]

BOX = (100.0, 40.0, 90.0, 150.0)


@pytest.fixture(scope="module")
def hrnet(hrnet_checkpoint: Path) -> HeatmapEstimator:
    return HeatmapEstimator("hrnet-w32", HeatmapConfig(), hrnet_checkpoint)


@pytest.fixture(scope="module")
def vitpose(tmp_path_factory: pytest.TempPathFactory) -> HeatmapEstimator:
    path = tmp_path_factory.mktemp("vit") / "vitpose-s.pth"
    write_random_checkpoint("vitpose-s", path)
    return HeatmapEstimator("vitpose-s", HeatmapConfig(codec="udp"), path)


@pytest.mark.parametrize("row", ["resnet-50", "hrnet-w32-dark", "vitpose-s"])
def test_joints_are_those_of_mmposes_own_inference(row: str, tmp_path: Path) -> None:
    from mmengine.dataset import pseudo_collate

    registry()
    from mmpose.datasets import transforms  # noqa: F401  (registers them)
    from mmpose.registry import TRANSFORMS

    network = BY_NAME[row]
    checkpoint = tmp_path / f"{row}.pth"
    write_random_checkpoint(row, checkpoint)
    config = configuration(network.config_file)
    config.model.backbone.pop("init_cfg", None)
    theirs = build(config.model).eval()
    load_checkpoint(theirs, checkpoint, "theirs")
    image = painted(3, 320, 240)
    x, y, width, height = BOX
    corners = np.array([[x, y, x + width, y + height]], dtype=np.float32)
    data = {"img": image[..., ::-1].copy(), "bbox": corners, "bbox_score": np.ones(1, np.float32)}
    data |= {"flip_indices": list(MIRROR)}
    for step in config.val_pipeline[1:]:
        data = TRANSFORMS.build(step)(data)
    with torch.no_grad():
        [sample] = theirs.test_step(pseudo_collate([data]))
    ours = HeatmapEstimator(network.architecture, network.used, checkpoint)
    [[found]] = ours.estimate_in_boxes([image], [[BOX]])
    expected = sample.pred_instances.keypoints[0] + MMPOSE_JOINTS.shift
    off = np.abs(found.keypoints - expected)
    assert np.median(off) < 1e-3
    # Maps of random numbers are nearly flat: what refines a peak divides by their curvature, and
    # enlarges the last digits, which are not the same on every processor.
    assert off.max() < 0.1
    peaks = np.clip(sample.pred_instances.keypoint_scores[0], 0, 1)
    assert np.abs(found.scores - peaks).max() < 1e-4


@pytest.mark.parametrize("name", ["hrnet", "vitpose"])
def test_a_moved_picture_moves_the_joints(name: str, request: pytest.FixtureRequest) -> None:
    model: HeatmapEstimator = request.getfixturevalue(name)
    image = painted(1, 400, 320)
    moved = np.roll(image, (16, 32), axis=(0, 1))
    x, y, width, height = BOX
    [[before]] = model.estimate_in_boxes([image], [[(x, y, width, height)]])
    [[after]] = model.estimate_in_boxes([moved], [[(x + 32, y + 16, width, height)]])
    assert before.keypoints.shape == (17, 2)
    assert np.abs(after.keypoints - before.keypoints - (32, 16)).max() < 0.01
    assert after.scores == pytest.approx(before.scores, abs=1e-4)
    assert (before.scores >= 0).all()
    assert (before.scores <= 1).all()


def test_each_box_has_one_pose_in_order_whatever_the_batch(hrnet: HeatmapEstimator) -> None:
    images = [painted(1, 320, 240), painted(2, 200, 300), painted(3, 100, 100)]
    boxes = [[BOX, (10.0, 10.0, 50.0, 50.0)], [], [(0.0, 0.0, 100.0, 100.0)]]
    together = hrnet.estimate_in_boxes(images, boxes)
    assert [len(own) for own in together] == [2, 0, 1]
    assert [pose.box for own in together for pose in own] == [b for own in boxes for b in own]
    [[alone]] = hrnet.estimate_in_boxes([images[2]], [boxes[2]])
    assert np.abs(alone.keypoints - together[2][0].keypoints).max() < 0.01


@pytest.mark.parametrize("box", [(5.0, 5.0, 0.0, 10.0), (float("nan"), 0.0, 5.0, 5.0)])
def test_a_box_without_area_is_refused(hrnet: HeatmapEstimator, box: tuple) -> None:
    with pytest.raises(InvalidInput, match="cannot be looked for in the box"):
        hrnet.estimate_in_boxes([painted(1, 64, 64)], [[box]])


def test_a_checkpoint_of_another_architecture_is_refused(hrnet_checkpoint: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a checkpoint of vitpose-s"):
        HeatmapEstimator("vitpose-s", HeatmapConfig(codec="udp"), hrnet_checkpoint)


def test_people_of_a_whole_image_model_get_their_poses_in_their_boxes(
    hrnet: HeatmapEstimator, rtmo_checkpoint: Path
) -> None:
    rtmo = RtmoEstimator("t", rtmo_checkpoint, cores=1, score_threshold=0.05)
    images = [painted(seed, 160, 120) for seed in range(2)]
    both = EstimatorInBoxes(BoxesOfPeople(rtmo), hrnet)
    found = both.estimate(images)
    proposed = rtmo.estimate(images)
    assert sum(map(len, proposed)) > 0
    for people, boxes in zip(found, proposed, strict=True):
        assert sorted(p.box for p in people) == sorted(b.box for b in boxes)
        assert [p.score for p in people] == sorted((p.score for p in people), reverse=True)


def test_a_stream_gives_what_single_pictures_give_in_order(hrnet: HeatmapEstimator) -> None:
    images = [painted(seed, 80, 60 + seed) for seed in range(10)]
    whole = EstimatorInBoxes(WholePicture(), hrnet)
    streamed = list(whole.estimate_stream(partial(lambda image: image, i) for i in images))
    assert [people[0].box for people in streamed] == [(0, 0, 80, 60 + s) for s in range(10)]
    [[alone]] = whole.estimate([images[9]])
    assert np.abs(streamed[9][0].keypoints - alone.keypoints).max() < 0.01
