from __future__ import annotations

import numpy as np
import pytest

from backend.domain.limbs import BONES
from backend.domain.privacy.heads import (
    ADULT,
    HEADS,
    INFANT,
    PersonKind,
    fitting_heads,
    length_by_bones,
    orientations,
    smallest_length,
)
from tests.backend.domain.privacy.making import FRONT, rotation, seen

ALL = np.arange(5)


def test_orientations_are_rotations_and_lie_close_to_any():
    turns = orientations()
    assert np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3), atol=1e-12)
    assert np.allclose(np.linalg.det(turns), 1)
    apart = []
    for seed in range(200):
        traces = np.einsum("nij,ij->n", turns, rotation(seed))
        apart.append(np.degrees(np.arccos(np.clip((traces.max() - 1) / 2, -1, 1))))
    assert max(apart) < 18


@pytest.mark.parametrize("head", [INFANT, ADULT])
def test_the_joints_of_a_face_lie_on_or_in_the_head(head):
    assert (np.linalg.norm((head.joints - head.centre) / head.axes, axis=1) < 1.05).all()
    assert (np.linalg.norm(head.joints, axis=1) < head.reach).all()


def test_eyes_are_as_far_apart_as_measured():
    assert 2 * INFANT.joints[1, 0] == pytest.approx(46.5 / 162, rel=0.02)
    assert 2 * ADULT.joints[1, 0] == pytest.approx(63 / 186, rel=0.02)


def test_a_head_is_at_least_as_large_as_its_joints_are_apart():
    for seed in range(20):
        joints = seen(INFANT.joints, rotation(seed), 50, (0, 0))
        assert smallest_length(joints, ALL, PersonKind.INFANT) <= 50 + 1e-9
    assert smallest_length(seen(INFANT.joints, FRONT, 50, (0, 0)), ALL, PersonKind.INFANT) > 49


def test_a_single_joint_says_nothing_of_the_size():
    assert smallest_length(np.zeros((1, 2)), np.array([0]), PersonKind.INFANT) == 0


def test_the_size_is_found_from_joints_that_fit():
    joints = seen(INFANT.joints, rotation(3), 50, (100, 100))
    fitting = fitting_heads(joints, ALL, PersonKind.INFANT, 20, 200)
    assert fitting is not None
    assert fitting.misfit < 0.08
    assert fitting.length == pytest.approx(50, rel=0.15)


def test_joints_that_lie_on_no_head_fit_none():
    joints = np.array([(0, 0), (100, 0), (0, 100), (100, 100), (50, -80)], dtype=float)
    assert fitting_heads(joints, ALL, PersonKind.INFANT, 50, 60) is None


@pytest.mark.parametrize("kind", [PersonKind.INFANT, PersonKind.ADULT])
def test_bones_that_are_foreshortened_do_not_shrink_the_head(kind):
    head = HEADS[kind][0]
    points = np.full((17, 2), np.nan)
    for at, number in ((0.0, 0), (200.0, 4), (400.0, 5), (600.0, 8)):
        a, b = BONES[number].ends
        points[a] = at, 0
        points[b] = at, 40 * head.bones[number] * (0.3 if number == 8 else 1)
    found = length_by_bones(points, kind)
    assert found is not None
    assert found >= 39


def test_no_bone_gives_no_length():
    assert length_by_bones(np.full((17, 2), np.nan), PersonKind.UNKNOWN) is None
