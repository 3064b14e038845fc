"""The renderer: geometry agrees with the camera, labels with what was drawn."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="rendering needs the extra 'synthesis'")

from backend.domain.skeleton import JOINTS
from worker.synthesis import motion, props, truth
from worker.synthesis.body import PARTS, part_of_bone
from worker.synthesis.camera import Camera, develop
from worker.synthesis.lights import Lights
from worker.synthesis.scene import Actor, Renderer
from worker.synthesis.textures import plain

CAMERA = Camera.looking_at("front", (160, 120), 200.0, (0.0, -2.0, 0.8), (0.0, 0.0, 0.3))


def ball_actor(at, radius=0.2, part="torso") -> Actor:
    mesh = props.ball(radius, at, plain((200, 60, 60)))
    return Actor(mesh, np.full(len(mesh.faces), PARTS.index(part), np.int16))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    ground = props.patch((-2, -2, 0), (4, 0, 0), (0, 4, 0), plain((180, 180, 180)), cells=16)
    stone = props.rounded_box((0.1, 0.1, 0.1), (0.8, 0.8, 0), plain((90, 90, 90)))
    return Renderer([ground, stone], Lights.indoor(-1.0, 0.9), dynamic_map_size=128)


def test_looking_at_puts_the_target_in_the_image_centre() -> None:
    x, y, depth = CAMERA.project(np.array([[0.0, 0.0, 0.3]]))[0]
    assert (x, y) == pytest.approx((80, 60))
    assert depth == pytest.approx(np.hypot(2.0, 0.5))


def test_up_in_the_world_is_up_in_the_image() -> None:
    low, high = CAMERA.project(np.array([[0, 0, 0.0], [0, 0, 0.5]]))
    assert high[1] < low[1]
    right = CAMERA.project(np.array([[0.5, 0, 0.3]]))[0]
    assert right[0] > 80


def test_a_ball_covers_the_disc_that_its_projection_predicts(renderer: Renderer) -> None:
    rendering = renderer.render(CAMERA, renderer.stage([ball_actor((0, 0, 0.1), 0.2)]))
    mask = rendering.mask(0)
    rows, cols = np.nonzero(mask)
    x, y, _ = CAMERA.project(np.array([[0, 0, 0.3]]))[0]
    assert cols.mean() + 0.5 == pytest.approx(x, abs=0.6)
    assert rows.mean() + 0.5 == pytest.approx(y, abs=0.6)
    distance = np.linalg.norm(CAMERA.centre - [0, 0, 0.3])
    radius = 200 * np.tan(np.arcsin(0.2 / distance))
    assert mask.sum() == pytest.approx(np.pi * radius**2, rel=0.05)


def test_the_depth_in_the_middle_of_a_ball_is_its_near_side(renderer: Renderer) -> None:
    rendering = renderer.render(CAMERA, renderer.stage([ball_actor((0, 0, 0.1), 0.2)]))
    centre = rendering.depth[119:121, 159:161].mean()
    assert centre == pytest.approx(np.hypot(2.0, 0.5) - 0.2, abs=0.01)


def test_the_nearer_of_two_actors_hides_the_other(renderer: Renderer) -> None:
    behind, before = ball_actor((0, 0.5, 0.1)), ball_actor((0, -0.5, 0.1))
    rendering = renderer.render(CAMERA, renderer.stage([behind, before]))
    assert rendering.owner[120, 160] == 1
    assert rendering.mask(0).sum() < rendering.mask(1).sum()


def test_an_actor_casts_a_shadow_on_the_floor(renderer: Renderer) -> None:
    bare = renderer.render(CAMERA, renderer.stage([])).linear
    rendering = renderer.render(CAMERA, renderer.stage([ball_actor((0, 0, 0.02))]))
    floor = rendering.mask(0) == 0
    darker = (rendering.linear.sum(axis=2) < 0.8 * bare.sum(axis=2)) & floor
    assert darker.sum() > 100
    assert (rendering.linear[floor] <= bare[floor] + 1e-4).mean() > 0.95


def test_a_joint_is_seen_only_through_flesh_of_its_own_part(renderer: Renderer) -> None:
    joints = np.tile([[0.0, 0.0, 0.3]], (17, 1))
    shown = {}
    for part in ("torso", "head"):
        rendering = renderer.render(CAMERA, renderer.stage([ball_actor((0, 0, 0.25), 0.05, part)]))
        labels = truth.label(rendering, CAMERA, 0, joints, 0.72)
        shown[part] = {JOINTS[k] for k in np.nonzero(labels.visibility == truth.VISIBLE)[0]}
    assert shown["torso"] == {"left_shoulder", "right_shoulder", "left_hip", "right_hip"}
    assert "left_hip" not in shown["head"]


def test_a_joint_behind_something_is_hidden_and_widens_the_box(renderer: Renderer) -> None:
    rendering = renderer.render(CAMERA, renderer.stage([ball_actor((0, 0, 0.1), 0.2)]))
    joints = np.tile([[0.0, 0.0, 0.3]], (17, 1))
    joints[0] = [0.6, 0.6, 0.0]
    labels = truth.label(rendering, CAMERA, 0, joints, 0.72)
    assert labels.visibility[0] == truth.OCCLUDED
    assert labels.box[2] == pytest.approx(labels.joints[0, 0])


def test_a_joint_out_of_the_image_counts_as_outside(renderer: Renderer) -> None:
    rendering = renderer.render(CAMERA, renderer.stage([ball_actor((0, 0, 0.1), 0.2)]))
    joints = np.tile([[5.0, 0.0, 0.3]], (17, 1))
    assert (truth.label(rendering, CAMERA, 0, joints, 0.72).visibility == truth.OUTSIDE).all()


def test_developing_is_monotone_and_fills_the_range() -> None:
    ramp = np.linspace(0, 4, 500, dtype=np.float32)[None, :, None].repeat(3, 2)
    image = develop(ramp).astype(int)
    assert (np.diff(image[0, :, 0]) >= 0).all()
    assert image.min() == 0
    assert image.max() > 235


def test_rotations_survive_the_way_through_quaternions() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        R = motion.turn(rng.normal(0, 1.5, 3))
        np.testing.assert_allclose(motion.matrix(motion.quaternion(R)), R, atol=1e-9)


def test_interpolation_halves_the_angle() -> None:
    a, b = (motion.quaternion(motion.turn([0, 0, x])) for x in (0.2, 1.0))
    np.testing.assert_allclose(
        motion.matrix(motion.slerp(a, -b, 0.5)), motion.turn([0, 0, 0.6]), atol=1e-9
    )


def test_every_bone_belongs_to_a_part_of_its_own_side() -> None:
    assert part_of_bone("lowerarm01.L") == "forearm.L"
    assert part_of_bone("toe3-1.R") == "foot.R"
    assert part_of_bone("clavicle.L") == "torso"
    assert part_of_bone("eye.R") == "head"
