from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import open_basis, open_family, open_prior, sample_moments
from worker.fitting.rig import make_rig
from worker.fitting.skin import Skin, posed_joints
from worker.fitting.solve import points, turn_around
from worker.fitting.vertexpulls import pull_pose


@pytest.fixture(scope="module")
def posed() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    pose = np.concatenate([Rotation.random(random_state=1).as_rotvec(), rng.normal(0, 0.3, 69)])
    return rng.normal(0, 1, open_body().betas), pose, np.array([0.1, -0.2, 0.3])


def test_the_skin_is_the_body_models_mesh(
    posed: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    betas, pose, place = posed
    vertices = Skin.of(open_body(), betas).vertices(pose, place, 1.1)
    np.testing.assert_allclose(
        vertices, pose_body(open_body(), betas, pose, 1.1, place).vertices, atol=1e-6
    )


def test_joints_without_a_mesh_are_the_regressed_vertices(
    posed: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    betas, pose, place = posed
    coco, _ = posed_joints(open_basis(), betas, pose[None], place[None], 1.1)
    vertices = Skin.of(open_body(), betas).vertices(pose, place, 1.1)
    np.testing.assert_allclose(coco[0], open_body().coco_regressor @ vertices, atol=1e-5)


def test_the_solved_bones_give_the_same_joints_within_millimetres() -> None:
    sampled = sample_moments(20, noise_px=0)
    coco, _ = posed_joints(
        open_basis(), sampled.betas, sampled.pose, sampled.x[:, :3], sampled.scale
    )
    away = np.linalg.norm(coco - sampled.coco, axis=2)
    assert away.mean() < 0.0005
    assert away.max() < 0.006  # a wrist or ankle whose hand or foot bends a lot


def test_the_rest_pose_gives_exactly_the_regressed_joints() -> None:
    rig = make_rig(open_basis(), np.zeros(open_basis().n_betas))
    rest = points(rig, np.zeros((1, 3 + 3 * len(rig.parent))), 1.0)[0]
    body = open_body()
    want = body.coco_regressor.astype(float) @ body.v_template - open_basis().J[0]
    np.testing.assert_allclose(rest[:17], want, atol=2e-5)


def test_the_skins_derivative_matches_finite_differences(
    posed: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    betas, pose, place = posed
    skin = Skin.of(open_body(), betas).part(np.arange(0, 13000, 500))
    J = skin.jacobian(pose, 1.1)
    h = 1e-6
    for column in range(75):
        d = np.zeros(75)
        d[column] = h
        plus = skin.vertices(pose + d[3:], place + d[:3], 1.1)
        minus = skin.vertices(pose - d[3:], place - d[:3], 1.1)
        np.testing.assert_allclose(J[:, :, column], (plus - minus) / (2 * h), atol=1e-6)


def test_pulls_sum_as_the_derivative_says(
    posed: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    betas, pose, _ = posed
    rng = np.random.default_rng(0)
    skin = Skin.of(open_body(), betas)
    vertex = rng.integers(0, skin.count, 60)
    half = rng.normal(size=(60, 3, 3))
    A, g = half @ half.transpose(0, 2, 1), rng.normal(size=(60, 3))
    H, h = pull_pose(skin, pose, 1.1, vertex, A, g)
    J = skin.part(vertex).jacobian(pose, 1.1)
    np.testing.assert_allclose(H, np.einsum("nia,nij,njb->ab", J, A, J), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(h, np.einsum("nia,ni->a", J, g), rtol=1e-3, atol=1e-3)


def test_joints_move_with_the_betas_as_the_family_says() -> None:
    sampled, family = sample_moments(2), open_family()
    slopes = family.by_shape(sampled.x, 1.1)
    h = 1e-4
    for b in (0, 7):
        d = h * np.eye(len(sampled.betas))[b]
        plus = points(family.at(sampled.betas + d), sampled.x, 1.1)
        minus = points(family.at(sampled.betas - d), sampled.x, 1.1)
        np.testing.assert_allclose(slopes[..., b], (plus - minus) / (2 * h), atol=1e-8)


def test_turning_around_twice_changes_nothing() -> None:
    root = Rotation.random(5, random_state=0).as_rotvec()
    again = Rotation.from_rotvec(turn_around(turn_around(root)))
    assert (again * Rotation.from_rotvec(root).inv()).magnitude().max() < 1e-9


def test_hands_and_feet_follow_the_prior_where_no_joint_tells_of_them() -> None:
    hidden = set(range(24)) - set(open_basis().active)
    assert hidden >= {10, 11, 22, 23}
    assert open_prior().rest_mean.shape == (1, 3 * len(hidden))
