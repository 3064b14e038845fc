"""The same sensor in pictures of another size."""

from __future__ import annotations

import numpy as np
import pytest

from tests.worker.calibration.rigs import rig
from worker.calibration.boards import BoardView
from worker.calibration.resize import camera_at, view_at


@pytest.mark.parametrize("wanted", [(960, 720), (240, 180), (484, 360), (476, 360)])
def test_a_camera_and_what_it_sees_change_alike(wanted: tuple[int, int]) -> None:
    camera = rig()[0]
    fitting = camera_at(camera, wanted)
    assert fitting is not None
    assert (fitting.width, fitting.height) == wanted
    point = np.array([0.1, 0.2, 0.3])
    view = BoardView("a.png", (480, 360), camera.project(point)[None] - 0.5)
    moved = view_at(view, wanted)
    assert moved is not None
    assert np.allclose(moved.corners + 0.5, fitting.project(point)[None])


def test_a_picture_trimmed_for_a_coder_comes_back_by_the_way_it_went() -> None:
    camera = rig()[0]
    there = camera_at(camera, (484, 360))
    assert there is not None
    back = camera_at(there, (480, 360))
    assert back is not None
    assert np.allclose(back.K, camera.K)


def test_pictures_of_another_shape_are_another_mode() -> None:
    assert camera_at(rig()[0], (640, 360)) is None
    assert view_at(BoardView("a.png", (480, 360), np.zeros((4, 2))), (640, 360)) is None
