"""Posing bodies, and the files that leave: OBJ, glTF, the viewer's."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest
import trimesh

from backend.domain.errors import InvalidInput
from backend.multiview.bodies import export_mesh, viewer
from backend.multiview.bodies.mesh import (
    joint_transforms,
    pose_body,
    rest_joints,
    rotation_matrices,
)
from backend.multiview.bodies.model_file import PARENTS, open_body

RNG = np.random.default_rng(1)
BETAS, POSE = RNG.normal(size=20), RNG.normal(0, 0.4, 72)


def test_rotations_turn_by_their_angle_and_tiny_ones_do_not_fail() -> None:
    quarter = rotation_matrices([0, 0, np.pi / 2])
    np.testing.assert_allclose(quarter @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(rotation_matrices(np.zeros((2, 3))), [np.eye(3)] * 2)
    R = rotation_matrices(RNG.normal(size=(50, 3)) * 3)
    np.testing.assert_allclose(R @ R.transpose(0, 2, 1), [np.eye(3)] * 50, atol=1e-12)


def test_the_rest_pose_leaves_the_body_with_its_pelvis_at_the_translation() -> None:
    body = open_body()
    posed = pose_body(body, translation=(1.0, 2.0, 3.0))
    np.testing.assert_allclose(posed.joints[0], [1, 2, 3], atol=1e-9)
    rest = body.v_template - rest_joints(body)[0]
    np.testing.assert_allclose(posed.vertices, rest + np.array([1, 2, 3]), atol=1e-6)


def test_scale_is_about_the_pelvis() -> None:
    one = pose_body(open_body(), BETAS, POSE, 1.0, (0.1, 0.2, 0.3))
    two = pose_body(open_body(), BETAS, POSE, 2.0, (0.1, 0.2, 0.3))
    np.testing.assert_allclose(two.joints[0], one.joints[0])
    np.testing.assert_allclose(
        two.vertices - two.joints[0], 2 * (one.vertices - one.joints[0]), atol=1e-9
    )


def test_turning_the_root_turns_everything() -> None:
    turn = np.array([0.3, -1.0, 0.4])
    pose = POSE.copy()
    pose[:3] = 0
    before = pose_body(open_body(), BETAS, pose)
    pose[:3] = turn
    after = pose_body(open_body(), BETAS, pose)
    np.testing.assert_allclose(
        after.vertices, before.vertices @ rotation_matrices(turn).T, atol=1e-9
    )


def test_bones_keep_their_lengths_in_any_pose() -> None:
    rest = rest_joints(open_body(), BETAS)
    posed = pose_body(open_body(), BETAS, POSE).joints
    for k, p in enumerate(PARENTS[1:], 1):
        assert np.linalg.norm(posed[k] - posed[p]) == pytest.approx(
            np.linalg.norm(rest[k] - rest[p]), abs=1e-9
        )


def test_a_bent_elbow_moves_the_forearm_only() -> None:
    body = open_body()
    pose = np.zeros(72)
    pose[18 * 3 + 1] = -1.5
    moved = np.linalg.norm(pose_body(body, None, pose).vertices - pose_body(body).vertices, axis=1)
    beyond = body.weights[:, [18, 20, 22]].sum(axis=1)
    assert moved[beyond == 0].max() < 1e-12
    wrist = pose_body(body, None, pose).joints[20] - pose_body(body, None, pose).joints[18]
    assert wrist[2] > 0.9 * np.linalg.norm(wrist)  # it bends to the front


def test_coco_joints_are_exact_without_a_mesh() -> None:
    body = open_body()
    rest = rest_joints(body, BETAS)
    T = joint_transforms(rest, POSE)
    shaped = body.v_template + body.shapedirs @ BETAS
    parts = np.einsum("kv,vj->kjv", body.coco_regressor.astype(float), body.weights.astype(float))
    a, b = parts @ shaped, parts.sum(axis=2)
    joints = np.einsum("jab,kjb->ka", T[:, :, :3], a) + np.einsum("kj,ja->ka", b, T[:, :, 3])
    np.testing.assert_allclose(joints - rest[0], pose_body(body, BETAS, POSE).coco, atol=1e-6)


def test_offsets_move_the_surface_and_not_the_joints() -> None:
    offsets = np.full((len(open_body().v_template), 3), 0.01)
    plain, moved = pose_body(open_body()), pose_body(open_body(), offsets=offsets)
    np.testing.assert_allclose(moved.vertices - plain.vertices, 0.01, atol=1e-6)
    np.testing.assert_array_equal(moved.joints, plain.joints)


def test_an_obj_holds_every_vertex_in_the_world() -> None:
    posed = pose_body(open_body(), BETAS, POSE)
    data = export_mesh.to_obj(posed.vertices, open_body().faces, ["open-infant\nabc"])
    assert data.startswith(b"# open-infant abc\n")
    back = trimesh.load(io.BytesIO(data), file_type="obj", process=False)
    np.testing.assert_allclose(back.vertices, posed.vertices, atol=1e-6)
    np.testing.assert_array_equal(back.faces, open_body().faces)


def test_a_glb_stands_upright_and_names_its_body() -> None:
    posed = pose_body(open_body(), BETAS, POSE)
    extras = {"body": "open-infant", "sha256": open_body().sha256}
    data = export_mesh.to_glb(posed.vertices, open_body().faces, extras)
    assert data[:4] == b"glTF"
    assert b"open-infant" in data
    scene = trimesh.load(io.BytesIO(data), file_type="glb")
    back = scene.to_geometry()
    up = posed.vertices[:, [0, 2, 1]] * [1, 1, -1]
    np.testing.assert_allclose(back.bounds, [up.min(axis=0), up.max(axis=0)], atol=1e-5)


def _sections(data: bytes) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    assert data[:8] == viewer.MAGIC
    (length,) = struct.unpack("<I", data[8:12])
    header = json.loads(data[12 : 12 + length])
    start = 12 + length
    assert start % 4 == 0
    arrays = {}
    for name, section in header["sections"].items():
        assert section["offset"] % 4 == 0
        count = int(np.prod(section["shape"]))
        arrays[name] = np.frombuffer(
            data, "<" + section["type"], count, start + section["offset"]
        ).reshape(section["shape"])
    return header, arrays


def test_the_viewers_file_poses_to_the_same_surface() -> None:
    body = open_body()
    header, a = _sections(viewer.pack(body, BETAS))
    assert header["parents"] == list(PARENTS)
    T = joint_transforms(a["rest_joints"].astype(float), POSE)
    blend = np.einsum("vk,vkij->vij", a["skin_weight"], T[a["skin_index"]])
    posed = np.einsum("vij,vj->vi", blend[:, :, :3], a["rest"]) + blend[:, :, 3]
    expected = pose_body(body, BETAS, POSE).vertices + a["rest_joints"][0]
    np.testing.assert_allclose(posed, expected, atol=1e-5)
    np.testing.assert_array_equal(a["faces"], body.faces)


@pytest.mark.parametrize("text", ["a", "1,,2", "nan", "inf", "99", ",".join(["0"] * 21)])
def test_betas_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="betas"):
        viewer.parse_betas(text, open_body())


def test_betas_may_be_left_out() -> None:
    assert viewer.parse_betas(None, open_body()) == []
    assert viewer.parse_betas("0.5,-1", open_body()) == [0.5, -1.0]
