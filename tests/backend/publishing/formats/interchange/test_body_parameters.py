"""Bodies in the layouts of others: the same body, told in their terms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.publishing.formats.body_parameters import (
    BODY_FORMATS,
    body_format_of_file,
    read_4d_humans,
    read_fits,
    read_smplify_x,
    write_4d_humans,
    write_smplify_x,
)

N = 3


def camera(name: str, turn: float) -> Camera:
    T = np.eye(4)
    T[:3, :3] = Rotation.from_rotvec([0.1, turn, 0.2]).as_matrix()
    T[:3, 3] = [0.1, -0.2, 2.5]
    K = np.array([[900.0, 0, 640], [0, 900, 360], [0, 0, 1]])
    return Camera(name=name, width=1280, height=720, K=K, distortion=np.zeros(0), T_camera_world=T)


def fits(path: Path, **changes: Any) -> Path:
    random = np.random.default_rng(7)
    cameras = [camera("a", 0.3), camera("b", -0.8)]
    arrays: dict[str, Any] = {
        "format": np.array(1),
        "session": np.array(["visit"] * N),
        "moment": np.arange(N),
        "cameras": np.array([json.dumps([c.to_dict() for c in cameras])] * N),
        "camera_names": np.array([["a", "b"]] * N),
        "frame_file_name": np.array([[f"a/{i}.jpg", f"b/{i}.jpg" if i else ""] for i in range(N)]),
        "pose": random.normal(size=(N, 72)) * 0.5,
        "betas": random.normal(size=(N, 20)),
        "scale": np.full(N, 1.25),
        "translation": random.normal(size=(N, 3)) * 0.1,
        "joints3d_coco": random.normal(size=(N, 17, 3)) * 0.2,
    }
    np.savez_compressed(path, **arrays | changes)
    return path


def test_smplify_x_gets_the_same_bodies(tmp_path: Path) -> None:
    bodies = read_fits(fits(tmp_path / "a.npz"))
    with (tmp_path / "b.npz").open("wb") as file:
        written = write_smplify_x(bodies, file)

    back = read_smplify_x(tmp_path / "b.npz")

    assert written.fits == N
    assert body_format_of_file(tmp_path / "b.npz") is BODY_FORMATS["smplify-x"]
    for name in ("pose", "betas", "scale", "pelvis"):
        assert np.array_equal(getattr(back, name), getattr(bodies, name))
    assert back.names == bodies.names
    assert any("20 betas" in note for note in written.notes)
    assert any("body_scale" in note for note in written.notes)
    with np.load(tmp_path / "b.npz") as arrays:
        assert arrays["global_orient"].shape == (N, 3)
        assert arrays["body_pose"].shape == (N, 69)


def test_4d_humans_gets_each_body_in_the_axes_of_each_camera(tmp_path: Path) -> None:
    bodies = read_fits(fits(tmp_path / "a.npz"))
    with (tmp_path / "c.npz").open("wb") as file:
        written = write_4d_humans(bodies, file)

    assert written.images == 2 * N - 1
    assert body_format_of_file(tmp_path / "c.npz") is BODY_FORMATS["4d-humans"]
    with np.load(tmp_path / "c.npz") as arrays:
        told = dict(arrays)
    assert told["imgname"].tolist() == ["a/0.jpg", "a/1.jpg", "b/1.jpg", "a/2.jpg", "b/2.jpg"]
    row, seen = 2, camera("b", -0.8)
    turned = seen.pose[:3, :3] @ Rotation.from_rotvec(bodies.pose[1, :3]).as_matrix()
    assert np.allclose(Rotation.from_rotvec(told["body_pose"][row, :3]).as_matrix(), turned)
    assert np.array_equal(told["body_pose"][row, 3:], bodies.pose[1, 3:])
    joints = told["body_keypoints_3d"][row]
    assert joints.shape == (25, 4)
    assert np.allclose(joints[0, :3], seen.in_camera(bodies.joints[1])[0])  # the nose
    assert np.allclose(joints[4, :3], seen.in_camera(bodies.joints[1])[10])  # the right wrist
    assert joints[1, 3] == 0  # COCO has no neck
    pixels = seen.project(bodies.joints[1])
    half = told["scale"][row] / 2
    assert (np.abs(pixels - told["center"][row]) <= half).all()


def test_rows_without_a_pose_are_not_read(tmp_path: Path) -> None:
    bodies = read_fits(fits(tmp_path / "a.npz"))
    with (tmp_path / "c.npz").open("wb") as file:
        write_4d_humans(bodies, file)
    with np.load(tmp_path / "c.npz") as arrays:
        told = dict(arrays)
    told["has_body_pose"][1:] = 0
    np.savez(tmp_path / "d.npz", **told)

    back = read_4d_humans(tmp_path / "d.npz")

    assert back.names == ("a/0.jpg",)
    assert back.in_camera
    assert np.allclose(back.pose, told["body_pose"][:1])


def test_images_whose_camera_is_not_known_are_counted(tmp_path: Path) -> None:
    path = fits(tmp_path / "a.npz", camera_names=np.array([["a", "elsewhere"]] * N))
    with (tmp_path / "c.npz").open("wb") as file:
        written = write_4d_humans(read_fits(path), file)

    assert written.images == N
    assert any(note.startswith("2 images whose cameras") for note in written.notes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pose": np.zeros((N, 63))}, "pose is"),
        ({"betas": np.full((N, 20), np.nan)}, "not finite"),
        ({"cameras": np.array(["{"] * N)}, "no cameras"),
        ({"session": np.zeros(N)}, "session"),
    ],
)
def test_arrays_that_do_not_fit_are_named(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_fits(fits(tmp_path / "a.npz", **change))


def test_parameters_of_another_body_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(
        path, global_orient=np.zeros((1, 3)), body_pose=np.zeros((1, 63)), betas=np.zeros((1, 10))
    )

    with pytest.raises(InvalidInput, match="SMPL-X"):
        read_smplify_x(path)


def test_what_is_not_read_of_a_set_of_4d_humans_is_said(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    np.savez(
        path,
        imgname=np.array(["a.jpg", "b.jpg", "c.jpg"]),
        center=np.zeros((3, 2)),
        body_pose=np.zeros((3, 72)),
        has_body_pose=np.array([1.0, 0.0, 1.0]),
        betas=np.zeros((3, 10)),
        extra_keypoints_2d=np.zeros((3, 19, 3)),
    )

    with (tmp_path / "x.npz").open("wb") as target:
        written = write_smplify_x(read_4d_humans(path), target)

    assert written.fits == 2
    assert written.notes == (
        "Bodies are turned as the camera of their image sees them, not in the world.",
        "Rows without a pose, left out: 1.",
        "Arrays that were not read: center, extra_keypoints_2d.",
    )
