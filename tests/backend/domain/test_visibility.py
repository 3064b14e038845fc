"""Visibility is proposed from what the scores say together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.limits import LOW_SCORE
from backend.domain.visibility import seen_joints
from tests.backend.domain.suspicion.playing import LYING

NOSE, LEFT_EAR, WRIST = 0, 3, 9


def seen(**weak: float) -> list[int]:
    """Joints proposed as covered where all have .9 but these; by number, ``j9=0.2``."""
    scores = np.full(17, 0.9)
    for name, score in weak.items():
        scores[int(name[1:])] = score
    return [int(j) for j in np.flatnonzero(~seen_joints(LYING, scores))]


def test_a_weak_nose_between_good_eyes_is_seen():
    assert seen(j0=0.18) == []


def test_a_weak_ear_beside_the_face_is_covered():
    away = LYING.copy()
    away[LEFT_EAR] += (80, 0)
    scores = np.full(17, 0.9)
    scores[LEFT_EAR] = 0.2
    assert not seen_joints(away, scores)[LEFT_EAR]


def test_a_wrist_far_weaker_than_its_elbow_is_covered():
    assert seen(j9=0.2) == [WRIST]


def test_a_model_that_is_unsure_of_the_whole_body_covers_none_of_it():
    assert seen_joints(LYING, np.full(17, 0.25)).all()


def test_what_is_hardly_found_is_covered_and_what_is_not_there_is_not_seen():
    assert seen(j7=0.05) == [7]
    assert not seen_joints(LYING, np.zeros(17)).any()


@pytest.mark.parametrize("score", [0.05, 0.14])
def test_a_face_is_not_seen_where_its_joint_is_hardly_found(score: float):
    assert NOSE in seen(j0=score)


@given(st.lists(st.floats(0, 1), min_size=17, max_size=17))
def test_good_joints_are_always_seen(scores: list[float]):
    found = np.array(scores)
    assert seen_joints(LYING, found)[found >= LOW_SCORE].all()
