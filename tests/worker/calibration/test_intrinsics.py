"""Lenses from corners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from tests.worker.calibration.rigs import HEIGHT, LENS_BOARD, WIDTH, lens_views, rig
from worker.calibration.boards import BoardView
from worker.calibration.intrinsics import Dropped, calibrate_intrinsics

CAMERA = rig()[0]


def test_a_lens_is_found_again() -> None:
    found = calibrate_intrinsics("a", lens_views(CAMERA, LENS_BOARD, 12), LENS_BOARD)
    assert abs(found.camera.K[0, 0] / CAMERA.K[0, 0] - 1) < 0.005
    assert np.abs(found.camera.K[:2, 2] - CAMERA.K[:2, 2]).max() < 3
    assert found.rms_px < 0.2
    assert found.dropped == ()


def test_a_fisheye_lens_is_found_again() -> None:
    K = np.array([[250.0, 0, 242], [0, 250.0, 181], [0, 0, 1]])
    wide = Camera("wide", WIDTH, HEIGHT, K, np.array([0.03, -0.02, 0.004, 0.0]), Lens.FISHEYE)
    views = lens_views(wide, LENS_BOARD, 14)
    found = calibrate_intrinsics("wide", views, LENS_BOARD, Lens.FISHEYE)
    assert found.camera.lens is Lens.FISHEYE
    assert abs(found.camera.K[0, 0] / 250 - 1) < 0.01
    assert found.rms_px < 0.2


def test_a_bad_view_is_dropped_by_itself_and_listed() -> None:
    views = lens_views(CAMERA, LENS_BOARD, 9)
    rng = np.random.default_rng(0)
    views[4] = replace(views[4], corners=views[4].corners + rng.normal(0, 4, (28, 2)))
    found = calibrate_intrinsics("a", views, LENS_BOARD)
    assert [d.file for d in found.dropped] == ["4.png"]
    assert found.dropped[0].rms_px is not None
    assert found.dropped[0].rms_px > 1
    assert len(found.views) == 8


def test_too_few_views_are_refused_with_what_was_left_out() -> None:
    gone = [Dropped("x.png", "no board"), Dropped("y.png", "no board")]
    with pytest.raises(InvalidInput, match=r"2 usable pictures.*x\.png and 1 more: no board"):
        calibrate_intrinsics("a", lens_views(CAMERA, LENS_BOARD, 2), LENS_BOARD, dropped=gone)


def test_pictures_of_another_size_are_left_out() -> None:
    views = lens_views(CAMERA, LENS_BOARD, 7)
    views[2] = replace(views[2], size=(1280, 720))
    found = calibrate_intrinsics("a", views, LENS_BOARD)
    assert found.dropped == (Dropped("2.png", "1280×720 pixels, the others have 480×360"),)


def test_as_many_pictures_of_one_size_as_of_another_are_refused() -> None:
    views = [
        replace(v, size=(1280, 720)) if k % 2 else v
        for k, v in enumerate(lens_views(CAMERA, LENS_BOARD, 8))
    ]
    with pytest.raises(InvalidInput, match="pictures of one size"):
        calibrate_intrinsics("a", views, LENS_BOARD)


def test_pictures_of_another_shape_than_the_session_are_refused() -> None:
    with pytest.raises(InvalidInput, match="films 1920×1080"):
        calibrate_intrinsics("a", lens_views(CAMERA, LENS_BOARD, 6), LENS_BOARD, size=(1920, 1080))


def test_pictures_twice_as_large_give_the_lens_of_the_session() -> None:
    views = [
        replace(v, size=(960, 720), corners=2 * (v.corners + 0.5) - 0.5)
        for v in lens_views(CAMERA, LENS_BOARD, 8)
    ]
    found = calibrate_intrinsics("a", views, LENS_BOARD, size=(480, 360))
    assert (found.camera.width, found.camera.height) == (480, 360)
    assert abs(found.camera.K[0, 0] / CAMERA.K[0, 0] - 1) < 0.01


def test_the_board_always_seen_from_the_same_side_does_not_tell_the_focal_length() -> None:
    points = LENS_BOARD.points
    rng = np.random.default_rng(0)
    views = []
    for k in range(6):
        local = points + np.array((-0.1 + 0.005 * k, -0.05, 0.5))
        corners = CAMERA.project_local(local) - 0.5 + rng.normal(0, 0.3, (28, 2))
        views.append(BoardView(f"{k}.png", (WIDTH, HEIGHT), corners))
    with pytest.raises(InvalidInput, match="Tilt the board"):
        calibrate_intrinsics("a", views, LENS_BOARD)


def test_a_wrong_board_fits_no_lens() -> None:
    rng = np.random.default_rng(0)
    views = [
        replace(v, corners=rng.uniform(20, 300, v.corners.shape))
        for v in lens_views(CAMERA, LENS_BOARD, 5)
    ]
    with pytest.raises(InvalidInput):
        calibrate_intrinsics("a", views, LENS_BOARD)
