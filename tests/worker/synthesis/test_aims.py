"""The twelve postures: each body drawn meets the geometry of its own posture, and of no other."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.domain.posture_geometry import TWELVE, postures_met
from worker.synthesis.aims import aims_move
from worker.synthesis.body import Body
from worker.synthesis.dataset import Order, shots
from worker.synthesis.joints import JointsOfBody, camera_around, head_length
from worker.synthesis.moves import DEEPEST
from worker.synthesis.open_infants import random_infant

UP = np.array([0.0, 0.0, 1.0])


@pytest.fixture(scope="module")
def bodies() -> list[Body]:
    return [random_infant(np.random.default_rng([31, k]), 0.72).body for k in range(2)]


@pytest.mark.parametrize("posture", TWELVE)
def test_a_body_meets_the_posture_asked_for_and_no_other(bodies: list[Body], posture: str) -> None:
    for k, body in enumerate(bodies):
        move = aims_move(body, np.random.default_rng([5, k]), posture)
        (bare,) = body.skin(move.pose.transforms(body), body.vertices)
        met = postures_met((body.coco @ bare)[None], UP)[0]
        assert [name for name, holds in zip(TWELVE, met, strict=True) if holds] == [posture]
        assert -DEEPEST - 1e-6 <= bare[:, 2].min() <= 0.001


def test_the_geometry_is_the_same_whatever_turns_about_the_vertical(bodies: list[Body]) -> None:
    joints = JointsOfBody(bodies[0])
    c, s = np.cos(2.0), np.sin(2.0)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    for posture in TWELVE:
        at = joints(aims_move(bodies[0], np.random.default_rng(3), posture).pose)
        turned = 3 * at @ turn.T + (1, 2, 3)
        np.testing.assert_array_equal(postures_met(turned[None], UP), postures_met(at[None], UP))


def test_who_sits_with_support_leans_on_a_cushion_that_is_behind_the_back(
    bodies: list[Body],
) -> None:
    move = aims_move(bodies[1], np.random.default_rng(8), "sitting_with_support")
    joints = JointsOfBody(bodies[1])(move.pose)
    (cushion,) = move.supports
    shoulders, hips = joints[5:7].mean(axis=0), joints[11:13].mean(axis=0)
    front = np.cross((joints[5] - joints[6]) + (joints[11] - joints[12]), shoulders - hips)
    front /= np.linalg.norm(front)
    middle = (cushion.vertices.min(axis=0) + cushion.vertices.max(axis=0)) / 2
    behind = float(((shoulders + hips) / 2 - middle) @ front)
    assert 0.05 < behind < 0.35


def test_joints_without_a_mesh_are_those_of_the_skinned_mesh(bodies: list[Body]) -> None:
    move = aims_move(bodies[0], np.random.default_rng(4), "rolling")
    (bare,) = bodies[0].skin(move.pose.transforms(bodies[0]), bodies[0].vertices)
    found = JointsOfBody(bodies[0])(move.pose)
    np.testing.assert_allclose(found, bodies[0].coco @ bare, atol=1e-9)


def test_a_head_is_a_fifth_to_a_third_of_an_infant(bodies: list[Body]) -> None:
    for body in bodies:
        assert 0.2 < head_length(body) / body.stature < 0.34


def test_a_camera_without_a_room_sees_every_joint(bodies: list[Body]) -> None:
    joints = JointsOfBody(bodies[0])(aims_move(bodies[0], np.random.default_rng(4), "rolling").pose)
    for k in range(20):
        seen = camera_around(joints, np.random.default_rng(k), (200, 100)).project(joints)
        assert (seen[:, 2] > 0).all()
        assert ((seen[:, :2] >= 0) & (seen[:, :2] <= (200, 100))).all()


def test_renders_show_the_twelve_in_turn_and_look_as_asked() -> None:
    means = {}
    for look in ("plain", "dim"):
        order = Order(2, 3, (64, 64), look=look, postures="aims")
        found = [shot for _, shot in shots(order, 0)]
        assert [shot.posture for shot in found] == list(TWELVE[:2])
        means[look] = np.mean([shot.image.mean() for shot in found])
    assert means["dim"] < means["plain"] - 20


@pytest.mark.parametrize("wrong", [{"look": "nice"}, {"postures": "yoga"}])
def test_an_unknown_look_or_set_of_postures_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=r"There (is|are) no"):
        Order(1, 0, (64, 64), **wrong)  # type: ignore[arg-type]
