"""Postures proposed from joints; ``benchmarks/postures`` measures how often they are right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.posture_proposals import (
    SHOWN,
    Shown,
    image_features,
    mirrored,
    propose,
    shown_by_bodies,
    shown_in_images,
    up_of_cameras,
)
from backend.domain.skeleton import N_JOINTS

Array = NDArray[np.float64]
UP = np.array([0.0, 0.0, 1.0])


def body(trunk: Array, front: Array, thigh: Array, shin: Array, lift: float = 0.0) -> Array:
    """A crude body: trunk .2 m along a direction, belly towards ``front``, legs by directions."""
    left = np.cross(trunk, front)
    hips, shoulders = np.zeros(3), 0.2 * trunk
    head = shoulders + 0.1 * trunk + 0.04 * front
    joints = np.zeros((N_JOINTS, 3))
    joints[:5] = head
    for side, s in ((0, 1), (1, -1)):
        joints[1 + side] += 0.02 * s * left
        joints[3 + side] += 0.04 * s * left
        joints[5 + side] = shoulders + 0.06 * s * left
        joints[7 + side] = joints[5 + side] + 0.08 * thigh
        joints[9 + side] = joints[7 + side] + 0.07 * thigh
        joints[11 + side] = hips + 0.04 * s * left
        joints[13 + side] = joints[11 + side] + 0.12 * thigh
        joints[15 + side] = joints[13 + side] + 0.11 * shin
    return joints + lift * UP


X, Y, Z = np.eye(3)
SUPINE = body(X, Z, -X, -X)
PRONE = body(X, -Z, -X, -X)
SIDE = body(X, Y, -X, -X)
SITTING = body(Z, Y, Y, Y)
STANDING = body(Z, Y, -Z, -Z)
ON_FOURS = body(X, -Z, -Z, -X)


def told(joints: Array, seconds: Array | None = None) -> list[Shown]:
    found = shown_by_bodies(joints, UP, seconds).argmax(axis=1)
    return [SHOWN[i] for i in found]


def test_bodies_in_space_are_told_by_angles_and_heights() -> None:
    joints = np.array([SUPINE, PRONE, SIDE, SITTING, STANDING, ON_FOURS])
    assert told(joints) == [
        Shown.SUPINE, Shown.PRONE_LYING, Shown.ROLLING,
        Shown.SITTING, Shown.STANDING, Shown.FOUR_POINT,
    ]  # fmt: skip


@given(st.floats(0, 2 * np.pi), st.floats(0.5, 3.0), st.floats(-5, 5))
def test_where_a_body_is_and_how_large_it_is_does_not_matter(
    angle: float, size: float, away: float
) -> None:
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    joints = np.array([SUPINE, PRONE, SIDE, SITTING, STANDING, ON_FOURS])
    assert told(size * joints @ turn.T + away) == told(joints)


def test_on_four_points_what_moves_on_crawls() -> None:
    seconds = np.arange(10) / 10
    still = np.repeat(ON_FOURS[None], 10, axis=0)
    moving = still + np.linspace(0, 0.3, 10)[:, None, None] * X
    assert set(told(still, seconds)) == {Shown.FOUR_POINT}
    assert set(told(moving, seconds)) == {Shown.CRAWLING}


def test_a_propped_chest_is_forearm_support() -> None:
    tilted = np.array([np.cos(0.45), 0, np.sin(0.45)])
    front = np.array([np.sin(0.45), 0, -np.cos(0.45)])
    assert told(body(tilted, front, -X, -X)[None]) == [Shown.FOREARMS]


def seen_from_the_side(joints: Array) -> Array:
    """Pixels of a camera at the height of the floor that looks along y."""
    return np.stack([400 + 500 * joints[:, 0], 300 - 500 * joints[:, 2]], axis=1)


def test_likelihoods_in_images_are_shares_and_do_not_know_the_images_size() -> None:
    places = np.array([seen_from_the_side(one) for one in (SITTING, STANDING, SUPINE)])
    all_told = np.ones((3, N_JOINTS), bool)
    likely = shown_in_images(places, all_told)
    assert likely.sum(axis=1) == pytest.approx(1)
    assert (likely >= 0).all()
    assert shown_in_images(3 * places + 100, all_told) == pytest.approx(likely)


def test_a_mirrored_image_shows_the_same_posture() -> None:
    rng = np.random.default_rng(1)
    places = rng.normal(0, 100, (5, N_JOINTS, 2))
    told_ = rng.random((5, N_JOINTS)) > 0.2
    features = image_features(places, told_)
    assert mirrored(mirrored(features)) == pytest.approx(features)
    flipped = places * (-1.0, 1.0)
    pairs = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    again = shown_in_images(flipped[:, pairs], told_[:, pairs])
    assert again == pytest.approx(shown_in_images(places, told_))


def test_too_few_joints_say_nothing() -> None:
    places = seen_from_the_side(SITTING)[None]
    few = np.zeros((1, N_JOINTS), bool)
    few[0, :5] = True
    assert shown_in_images(places, few) == pytest.approx(1 / len(SHOWN))
    nothing = shown_in_images(np.full((1, N_JOINTS, 2), 7.0), np.ones((1, N_JOINTS), bool))
    assert np.isfinite(nothing).all()


SITS_PX = np.array(
    [[218, 113], [212, 111], [226, 109], [202, 125], [246, 116], [200, 153], [250, 154],
     [219, 124], [242, 175], [235, 100], [239, 147], [225, 187], [259, 191], [216, 144],
     [303, 166], [246, 157], [288, 165]], float
)  # fmt: skip
"""A body of the synthesis that sits, in an image."""


def test_a_body_that_sits_is_told_in_an_image() -> None:
    found = shown_in_images(SITS_PX[None], np.ones((1, N_JOINTS), bool))[0]
    assert SHOWN[int(found.argmax())] is Shown.SITTING
    assert found.max() > 0.9


def likely(*shown: Shown, sure: float = 0.9) -> Array:
    table = np.full((len(shown), len(SHOWN)), (1 - sure) / (len(SHOWN) - 1))
    for i, one in enumerate(shown):
        table[i, SHOWN.index(one)] = sure
    return table


def proposed(table: Array, rate: float = 10.0) -> list[tuple[int, int, str]]:
    moments = np.arange(len(table))
    found = propose(table, moments, moments / rate)
    return [(p.first, p.last, p.label.posture or p.label.group) for p in found]


def test_a_single_odd_moment_makes_no_range() -> None:
    table = likely(*[Shown.SITTING] * 20, Shown.SUPINE, *[Shown.SITTING] * 20)
    assert proposed(table) == [(0, 40, "sitting")]


def test_a_change_that_lasts_is_a_border() -> None:
    table = likely(*[Shown.SITTING] * 20, *[Shown.ROLLING] * 20)
    assert proposed(table) == [(0, 19, "sitting"), (20, 39, "rolling")]


def test_what_is_none_of_the_postures_is_not_proposed() -> None:
    table = likely(*[Shown.OTHER] * 20, *[Shown.STANDING] * 20)
    assert proposed(table) == [(20, 39, "standing")]


def test_without_clear_evidence_nothing_is_proposed() -> None:
    assert proposed(likely(*[Shown.SITTING] * 20, sure=0.4)) == []
    assert propose(np.zeros((0, len(SHOWN))), np.zeros(0, int), np.zeros(0)) == []


def test_moments_without_evidence_are_in_no_range() -> None:
    table = likely(*[Shown.SITTING] * 20)
    moments = np.r_[0:10, 30:40]
    found = propose(table, moments, moments / 10)
    assert [(p.first, p.last) for p in found] == [(0, 9), (30, 39)]


def test_one_moment_alone_may_be_proposed() -> None:
    assert proposed(likely(Shown.SITTING)) == [(0, 0, "sitting")]


def camera(name: str, down: Array) -> Camera:
    place = np.eye(4)
    place[:3, :3] = np.stack([np.cross(down, Z), down, Z])
    return Camera(name, 640, 480, np.eye(3), np.zeros(5), T_camera_world=place)


def test_up_is_z_over_a_known_floor_and_else_how_cameras_stand() -> None:
    tilted = [np.array([s * 0.6, 0.8, 0.0]) for s in (1, -1)]
    cameras = [camera(f"c{i}", down) for i, down in enumerate(tilted)]
    assert up_of_cameras([], floor_known=True) == pytest.approx(UP)
    assert up_of_cameras(cameras, floor_known=False) == pytest.approx([0, -1, 0])
    assert up_of_cameras(cameras[:1], floor_known=False) is None
    against = [camera("a", np.array([0, 1.0, 0])), camera("b", np.array([0, -1.0, 0]))]
    assert up_of_cameras(against, floor_known=False) is None
