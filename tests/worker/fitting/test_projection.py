from __future__ import annotations

import numpy as np
import pytest

from backend.domain.cameras import Camera, Lens
from tests.fixtures.fitting import camera_at
from worker.fitting.projection import collapse_views, errors_px, pack, project_points
from worker.fitting.triangulation import triangulate_all

CAMERAS = {
    "no distortion": camera_at("a", (1.2, -1.3, 1.0), distortion=()),
    "five coefficients": camera_at("a", (1.2, -1.3, 1.0)),
    "eight coefficients": camera_at(
        "a", (1.2, -1.3, 1.0), distortion=(-0.2, 0.1, 0.002, 0.001, 0.03, 0.05, -0.02, 0.01)
    ),
    "fisheye": camera_at(
        "a", (1.2, -1.3, 1.0), distortion=(0.05, -0.01, 0.003, -0.001), lens=Lens.FISHEYE
    ),
}


@pytest.fixture(params=CAMERAS, ids=list(CAMERAS))
def camera(request: pytest.FixtureRequest) -> Camera:
    return CAMERAS[request.param]


@pytest.fixture
def points() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.25, (40, 3)) + np.array([0, 0, 0.15])


def test_the_compiled_projection_is_the_cameras_own(camera: Camera, points: np.ndarray) -> None:
    pixels, _, front = project_points(camera, points)
    assert front.all()
    np.testing.assert_allclose(pixels, camera.project(points), atol=1e-8)


def test_the_derivative_of_the_projection_matches_finite_differences(
    camera: Camera, points: np.ndarray
) -> None:
    _, derivative, _ = project_points(camera, points)
    h = 1e-6
    for axis, step in enumerate(np.eye(3) * h):
        by_steps = (camera.project(points + step) - camera.project(points - step)) / (2 * h)
        np.testing.assert_allclose(derivative[:, :, axis], by_steps, rtol=1e-5, atol=1e-3)


def test_a_point_behind_a_camera_costs_the_most_and_pulls_nowhere() -> None:
    camera = CAMERAS["no distortion"]
    behind = 2 * camera.centre[None] - (0, 0, 0.15)
    A, g = np.empty((1, 6)), np.empty((1, 3))
    energy = collapse_views(
        pack([camera]), np.zeros((1, 1, 2)), np.full((1, 1), 0.5), behind, 400.0, A, g
    )
    assert energy == pytest.approx(0.5 * 400)
    assert not A.any()
    assert not g.any()


def test_errors_are_nan_where_no_joint_was_placed(points: np.ndarray) -> None:
    camera = CAMERAS["five coefficients"]
    X = points[None, :17]
    obs = camera.project(X)[:, None] + (3.0, 4.0)
    w2 = np.ones((1, 1, 17))
    w2[0, 0, 5] = 0
    out = np.empty((1, 1, 17))
    errors_px(pack([camera]), obs, w2, X, out)
    assert np.isnan(out[0, 0, 5])
    np.testing.assert_allclose(np.delete(out[0, 0], 5), 5.0, atol=1e-6)


def test_triangulation_leaves_out_the_view_that_disagrees(points: np.ndarray) -> None:
    cameras = [
        camera_at("a", (1.2, -1.3, 1.0)),
        camera_at("b", (1.3, 1.1, 1.2)),
        camera_at("c", (-1.1, 1.2, 1.06), distortion=(0.05, 0, 0, 0), lens=Lens.FISHEYE),
    ]
    X = points[None, :17]
    obs = np.stack([camera.project(X) for camera in cameras], axis=1)
    obs[0, 1, 3] += (80, -40)
    out, seen = np.empty((1, 17, 3)), np.empty((1, 17))
    triangulate_all(pack(cameras), obs, np.ones((1, 3, 17)), 20.0, out, seen)
    np.testing.assert_allclose(out, X, atol=1e-6)
    assert seen[0].tolist() == [3, 3, 3, 2] + [3] * 13


def test_one_view_triangulates_nothing(points: np.ndarray) -> None:
    camera = CAMERAS["five coefficients"]
    out, seen = np.empty((1, 17, 3)), np.empty((1, 17))
    obs = camera.project(points[None, :17])[:, None]
    triangulate_all(pack([camera]), obs, np.ones((1, 1, 17)), 20.0, out, seen)
    assert np.isnan(out).all()
    assert not seen.any()
