"""Crops around an infant keep picture and truth together."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from worker.training.pictures import CropAroundInfant

SIDE = 128
BOX = (90.0, 60.0, 210.0, 150.0)


def picture(joints: np.ndarray) -> dict[str, object]:
    """A black picture with a white dot at each joint, as mmpose hands it on."""
    image = np.zeros((240, 320, 3), np.uint8)
    for x, y in joints:
        cv2.circle(image, (round(x), round(y)), 3, (255, 255, 255), -1)
    return {
        "img": image,
        "bbox": np.array([BOX], np.float32),
        "keypoints": joints[None].astype(np.float32),
        "keypoints_visible": np.ones((1, len(joints)), np.float32),
        "area": np.array([4000.0], np.float32),
    }


def cross() -> np.ndarray:
    """Seventeen places within the box, far enough apart."""
    xs, ys = np.meshgrid(np.linspace(100, 200, 6), np.linspace(70, 140, 3))
    return np.column_stack([xs.ravel(), ys.ravel()]).round()[:17]


@pytest.mark.parametrize("seed", range(8))
def test_every_joint_that_is_still_shown_lies_on_its_dot(seed: int) -> None:
    np.random.seed(seed)
    results = CropAroundInfant(SIDE, (70, 120)).transform(picture(cross()))
    shown = results["keypoints_visible"][0] > 0
    assert shown.sum() >= 8
    for x, y in results["keypoints"][0][shown]:
        assert results["img"][min(round(y), SIDE - 1), min(round(x), SIDE - 1)].max() > 60


@pytest.mark.parametrize("seed", range(8))
def test_the_box_has_the_length_asked_for_and_holds_the_joints(seed: int) -> None:
    np.random.seed(seed)
    results = CropAroundInfant(SIDE, (70, 90)).transform(picture(cross()))
    x0, y0, x1, y1 = results["bbox"][0]
    assert 0 <= x0 < x1 <= SIDE
    assert 0 <= y0 < y1 <= SIDE
    assert max(x1 - x0, y1 - y0) <= 90 * 1.12
    inside = results["keypoints"][0][results["keypoints_visible"][0] > 0]
    assert (inside >= [x0 - 1, y0 - 1]).all()
    assert (inside <= [x1 + 1, y1 + 1]).all()


def test_the_area_scales_with_the_picture() -> None:
    np.random.seed(0)
    results = CropAroundInfant(SIDE, (60.0, 60.0)).transform(picture(cross()))
    assert results["area"][0] == pytest.approx(4000 * (60 / 120) ** 2)


def test_a_joint_that_the_border_cuts_off_is_no_longer_shown() -> None:
    np.random.seed(3)
    joints = cross()
    joints[0] = (5.0, 5.0)
    results = CropAroundInfant(SIDE, (120.0, 120.0)).transform(picture(joints))
    x, y = results["keypoints"][0][0]
    assert not (0 <= x < SIDE and 0 <= y < SIDE)
    assert results["keypoints_visible"][0][0] == 0
