"""What scans are called, in which units they can be, and depth as points."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.cameras import Camera, assumed_camera
from backend.domain.errors import InvalidInput
from backend.domain.scans import check_cloud, check_depth, kind_of, number_of, points_of_depth

CLOUD = np.random.default_rng(0).normal((2.0, 1.0, 0.2), 0.1, (1000, 3))


def camera() -> Camera:
    T = np.array([[0.0, -1, 0, 0.3], [0, 0, -1, 0.4], [1, 0, 0, 1.5], [0, 0, 0, 1]])
    K = np.array([[500.0, 0, 330], [0, 510, 235], [0, 0, 1]])
    return Camera("left", 640, 480, K, np.array([-0.1, 0.03, 0.001, 0.0]), T_camera_world=T)


@pytest.mark.parametrize(
    ("name", "number"), [("cloud_000120.ply", 120), ("take2_7.png", 7), ("cam1-33-left.npz", 33)]
)
def test_the_last_run_of_digits_is_the_frame_number(name: str, number: int) -> None:
    assert number_of(name) == number


def test_a_name_without_a_number_or_of_another_kind_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"baby\.ply cannot be used: its name contains no frame"):
        number_of("baby.ply")
    with pytest.raises(InvalidInput, match=r"baby_1\.obj cannot be used: a scan ends in"):
        kind_of("baby_1.obj")


def test_a_cloud_in_millimetres_is_refused_and_says_why() -> None:
    check_cloud(CLOUD, "a_1.ply")
    with pytest.raises(InvalidInput, match=r"a_1\.ply .* m across.*millimetres"):
        check_cloud(1000 * CLOUD, "a_1.ply")
    with pytest.raises(InvalidInput, match=r"mm across, if its units are metres\.$"):
        check_cloud(CLOUD / 1000, "a_1.ply")


def test_depth_in_the_wrong_step_is_refused_and_names_the_option() -> None:
    depth = np.full((48, 64), 1500, np.uint16)
    check_depth(depth, 1.0, "d_1.png")
    with pytest.raises(InvalidInput, match=r"d_1\.png .* 150 m away.*--depth-unit-mm"):
        check_depth(depth, 100.0, "d_1.png")
    with pytest.raises(InvalidInput, match="only 0 of its pixels"):
        check_depth(np.zeros((48, 64), np.uint16), 1.0, "d_1.png")


def test_depth_becomes_points_that_project_to_their_pixels() -> None:
    eye = camera()
    depth, mask = np.zeros((480, 640), np.uint16), np.zeros((480, 640), bool)
    mask[200:210, 300:320] = True
    depth[mask] = 1600
    depth[205, 310] = 0
    points = points_of_depth(eye, depth, 1.0, mask)
    assert points.shape == (8 * 18 - 1, 3)
    assert np.allclose(eye.in_camera(points)[:, 2], 1.6)
    pixels = eye.project(points)
    assert np.allclose(pixels % 1, 0.5, atol=1e-4)
    assert pixels.min(axis=0) == pytest.approx([301.5, 201.5], abs=1e-3)


def test_what_lies_far_behind_the_infant_in_its_mask_is_left_out() -> None:
    depth, mask = np.full((480, 640), 1600, np.uint16), np.ones((480, 640), bool)
    depth[:, 600:] = 3000
    points = points_of_depth(camera(), depth, 1.0, mask)
    assert camera().in_camera(points)[:, 2].max() == pytest.approx(1.6)


def test_depth_of_another_size_than_the_camera_is_refused() -> None:
    with pytest.raises(InvalidInput, match="320×240 pixels, but left was calibrated for 640×480"):
        points_of_depth(camera(), np.ones((240, 320), np.uint16), 1.0, np.ones((480, 640), bool))


def test_an_empty_mask_gives_no_points() -> None:
    eye = assumed_camera("one", 64, 48)
    assert points_of_depth(
        eye, np.ones((48, 64), np.uint16), 1.0, np.zeros((48, 64), bool)
    ).shape == (0, 3)
