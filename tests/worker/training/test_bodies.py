"""Crops, parts, rotations and the torch body that body regressors are trained with."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import MIRROR
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from tests.worker.training.bodies_material import SIDE, bodies, material, samples
from worker.training.bodies.crops import Crop, crop_of
from worker.training.bodies.losses import WEIGHTS, body_losses, projected
from worker.training.bodies.models_in_use import ADULT, network_body, truth_bodies
from worker.training.bodies.parts import EXCHANGED, PARTS, part_map, vertex_parts
from worker.training.bodies.regression import Estimate
from worker.training.bodies.rotations import (
    from_vectors,
    mean_rotations,
    to_matrices,
    to_six,
    to_vectors,
)
from worker.training.bodies.samples import BodySamples, from_crop, seen_by, truth_in
from worker.training.bodies.scoring import mean_of, score_mean
from worker.training.bodies.torch_body import TorchBody

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def body() -> TorchBody:
    return TorchBody(open_body())


def crops(mirrored: bool) -> Crop:
    return crop_of(samples(6)[0], SIDE, roll=0.7, zoom=1.1, shift=(0.05, -0.03), mirrored=mirrored)


def test_six_numbers_of_any_size_are_a_rotation_and_back() -> None:
    six = torch.randn(50, 6, generator=torch.Generator().manual_seed(0))
    matrices = to_matrices(six)
    assert torch.allclose(matrices @ matrices.mT, torch.eye(3).expand(50, 3, 3), atol=1e-5)
    assert torch.allclose(torch.linalg.det(matrices), torch.ones(50), atol=1e-5)
    assert torch.allclose(to_matrices(to_six(matrices)), matrices, atol=1e-5)
    vectors = np.random.default_rng(0).normal(0, 0.8, (5, 72))
    assert np.allclose(from_vectors(to_vectors(from_vectors(vectors))), from_vectors(vectors))


def test_the_mean_of_turns_about_one_axis_is_the_turn_by_their_mean() -> None:
    vectors = np.zeros((3, 3))
    vectors[:, 2] = (-0.4, 0.1, 0.9)
    found = mean_rotations(from_vectors(vectors))
    assert np.allclose(to_vectors(found[None])[0], [0, 0, 0.2], atol=0.01)


def test_the_torch_body_is_the_body_of_the_fits(body: TorchBody) -> None:
    rng = np.random.default_rng(1)
    betas, pose, scale = rng.normal(0, 1, 20), rng.normal(0, 0.5, 72), 1.1
    posed = pose_body(open_body(), betas, pose, scale)
    numbers = [
        torch.as_tensor(v, dtype=torch.float32)[None] for v in (betas, from_vectors(pose), scale)
    ]
    coco, joints = body.joints(*numbers)
    vertices = body.vertices(*numbers)
    assert np.abs(vertices[0].numpy() - posed.vertices).max() < 1e-4
    assert np.abs(joints[0].numpy() - posed.joints).max() < 1e-4
    assert np.abs(coco[0].numpy() - posed.coco).max() < 1e-4


@pytest.mark.parametrize("mirrored", [False, True])
def test_what_is_true_in_a_crop_is_seen_where_its_joints_are(mirrored: bool) -> None:
    sample, crop = samples(6)[0], crops(mirrored)
    truth = truth_in(sample, crop, bodies())
    labelled = crop.points(sample.joints[:, :2])
    if mirrored:
        labelled = labelled[list(MIRROR)]
    joints = truth["joints_3d"]
    seen = joints[:, :2] / joints[:, 2:] * crop.focal + SIDE / 2
    assert np.abs(seen - labelled).max() < 1e-5
    middle = np.array([sample.box[0] + sample.box[2] / 2, sample.box[1] + sample.box[3] / 2])
    plain = crop_of(sample, SIDE)
    assert np.allclose(plain.points(middle[None])[0], SIDE / 2)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_body_found_in_a_crop_stands_in_the_world_where_it_was(
    body: TorchBody, mirrored: bool
) -> None:
    sample, crop = samples(6)[0], crops(mirrored)
    truth = truth_in(sample, crop, bodies())
    assert sample.body is not None
    pose, place = from_crop(truth["rotations"], truth["place"], crop, sample.T_camera_world)
    assert np.allclose(from_vectors(pose), from_vectors(sample.body.pose), atol=1e-6)
    assert np.allclose(place, sample.body.translation, atol=1e-9)
    numbers = [
        torch.as_tensor(truth[k], dtype=torch.float32)[None]
        for k in ("betas", "rotations", "scale")
    ]
    off = body.joints(*numbers)[0][0].numpy() + truth["place"] - truth["joints_3d"]
    # Traces of bones that the sampled rig leaves out, and a mesh that is not wholly symmetric.
    assert np.abs(off).max() < 0.002


def test_joints_without_a_picture_are_turned_as_those_of_a_turned_crop_are() -> None:
    sample = samples(6)[0]
    part = BodySamples(
        [sample], bodies(), model=open_body().name, betas=20, side=SIDE, changed=False, image=False
    )
    plain = crop_of(sample, SIDE)
    turned = crop_of(sample, SIDE, roll=0.8, mirrored=True)
    seen = seen_by(
        part._true(0, plain), turned.R @ plain.R.T, 2 * turned.focal / SIDE, mirrored=True
    )
    again = part._true(0, turned)
    assert set(seen) == set(again)
    for name, value in again.items():
        assert np.allclose(seen[name], value, atol=1e-6), name
    assert turned.focal == pytest.approx(plain.focal, rel=0.05)


def test_a_spot_in_the_picture_is_cut_out_where_its_pixel_goes() -> None:
    sample, crop = samples(6)[0], crops(mirrored=True)
    image = np.zeros((sample.height, sample.width, 3), np.uint8)
    x, y = sample.joints[5, :2]
    radius = max(2, round(2 * crop.camera.K[0, 0] / crop.focal))
    cv2.circle(image, (int(x), int(y)), radius, (255, 255, 255), -1)
    cut = crop.cut(image)[..., 0].astype(float)
    rows, columns = np.indices(cut.shape) + 0.5
    found = np.array([(cut * columns).sum(), (cut * rows).sum()]) / cut.sum()
    assert np.linalg.norm(found - crop.points(sample.joints[5:6, :2])[0]) < 1


def test_seven_parts_hold_every_vertex_and_a_mirror_exchanges_sides() -> None:
    parts = vertex_parts(open_body())
    assert len(parts) == len(open_body().v_template)
    assert np.bincount(parts, minlength=len(PARTS)).min() > 100
    assert len(PARTS) == 7
    for k, name in enumerate(PARTS):
        other = PARTS[EXCHANGED[k]]
        assert (name == other) == (not name.startswith(("left", "right")))
    x = open_body().v_template[:, 0]
    assert (
        x[parts == PARTS.index("left_arm")].mean() > 0 > x[parts == PARTS.index("right_leg")].mean()
    )


def test_a_map_shows_the_part_that_is_nearest() -> None:
    vertices = np.array([[-1, -1, 2], [1, -1, 2], [0, 1, 2], [-1, -1, 3], [1, -1, 3], [0, 1, 3.0]])
    faces = np.array([[3, 4, 5], [0, 1, 2]], np.int32)
    found = part_map(vertices, faces, np.array([4, 2]), 8.0, 8)
    assert found[3, 4] == 3
    assert found[7, 0] == 0
    assert set(np.unique(found)) <= {0, 3, 5}


def test_maps_of_a_mirrored_crop_have_the_sides_exchanged() -> None:
    part = BodySamples(
        samples(6), bodies(), model=open_body().name, betas=20, side=SIDE, changed=False,
        map_side=32,
    )  # fmt: skip
    sample = part.part[0]
    plain = part._parts(0, crop_of(sample, SIDE))
    other = part._parts(0, crop_of(sample, SIDE, mirrored=True))
    assert np.array_equal(plain == 0, other[:, ::-1] == 0)
    left, right = (PARTS.index(f"{side}_leg") + 1 for side in ("left", "right"))
    assert np.array_equal(plain == left, other[:, ::-1] == right)


def test_losses_are_what_plain_numpy_makes_of_them(body: TorchBody) -> None:
    n = 3
    part = BodySamples(
        samples(6), bodies(), model=open_body().name, betas=20, side=SIDE, changed=False,
        image=False,
    )  # fmt: skip
    truth = torch.utils.data.default_collate([part[i] for i in range(n)])["data_samples"]
    truth["joints_2d"][0, 3, 2] = 0
    rng = torch.Generator().manual_seed(0)
    found = Estimate(
        to_matrices(torch.randn(n, 24, 6, generator=rng)),
        torch.randn(n, 20, generator=rng), 0.1 * torch.randn(n, generator=rng),
        0.1 * torch.randn(n, 3, generator=rng),
    )  # fmt: skip
    losses = body_losses(found, truth, body)

    plain = {name: value.numpy().astype(float) for name, value in truth.items()}
    joints = np.stack(
        [
            pose_body(
                open_body(), found.betas[i].numpy(), to_vectors(found.rotations[i].numpy()),
                float(found.size[i].exp()),
            ).coco
            for i in range(n)
        ]
    )  # fmt: skip
    camera = found.camera.numpy().astype(float)
    depth = plain["focal"] / np.exp(camera[:, 0])
    placed = joints + np.column_stack([camera[:, 1:], depth])[:, None]
    flat = plain["focal"][:, None, None] * placed[..., :2] / np.maximum(placed[..., 2:], 0.1)
    off = np.minimum(np.abs(flat - plain["joints_2d"][..., :2]), 2) * plain["joints_2d"][..., 2:]
    hips = (
        (joints[:, 11] + joints[:, 12]) / 2,
        (plain["joints_3d"][:, 11] + plain["joints_3d"][:, 12]) / 2,
    )
    away = (joints - hips[0][:, None]) - (plain["joints_3d"] - hips[1][:, None])
    expected = {
        "joints_2d": off.sum() / plain["joints_2d"][..., 2].sum() / 2,
        "joints_3d": np.abs(away).mean(),
        "pose": ((found.rotations.numpy() - plain["rotations"]) ** 2).mean(),
        "betas": ((found.betas.numpy() - plain["betas"]) ** 2).mean(),
        "size": np.abs(found.size.numpy() - np.log(plain["scale"])).mean(),
        "camera": np.abs(camera[:, 0] - np.log(plain["focal"] / plain["place"][:, 2])).mean(),
    }
    assert {name: float(value) for name, value in losses.items()} == pytest.approx(
        {f"loss_{name}": WEIGHTS[name] * value for name, value in expected.items()}, rel=1e-3
    )


def test_points_behind_the_camera_give_finite_gradients() -> None:
    points = torch.tensor([[[0.1, 0.2, -1.0]]], requires_grad=True)
    projected(points, torch.ones(1)).sum().backward()
    assert points.grad is not None
    assert torch.isfinite(points.grad).all()


def test_the_mean_body_of_one_sample_is_that_sample() -> None:
    part = BodySamples(
        samples(6)[:1], bodies(), model=open_body().name, betas=20, side=SIDE, changed=False,
        image=False,
    )  # fmt: skip
    scores = score_mean(part, mean_of(part, open_body()), open_body())
    assert set(scores) == {
        "MPJPE", "MPJPE_unaligned", "PA-MPJPE", "PVE", "PVE_unaligned",
    }  # fmt: skip
    assert max(scores.values()) < 1


def test_fits_of_an_unknown_body_model_are_refused_by_its_name() -> None:
    one = samples(6)[0]
    assert one.body is not None
    other = replace(one, body=replace(one.body, model="smil-0123"))
    whole = replace(material(), parts={"train": (other,)})
    with pytest.raises(InvalidInput, match=r"smil-0123.*truth"):
        truth_bodies(whole)
    with pytest.raises(InvalidInput, match="make_open_infant --adult"):
        network_body(ADULT, bodies())
