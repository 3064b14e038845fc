"""Rotations between forms, held against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backend.domain.turns import as_quaternion, as_xzy, from_rotation_vectors

TURNS = Rotation.random(500, random_state=3)


def test_rotation_vectors_give_their_matrices() -> None:
    vectors = np.concatenate([TURNS.as_rotvec(), [[0, 0, 0], [1e-9, 0, 0], [np.pi, 0, 0]]])
    assert from_rotation_vectors(vectors) == pytest.approx(
        Rotation.from_rotvec(vectors).as_matrix(), abs=1e-12
    )


def test_angles_are_those_about_x_z_and_y() -> None:
    assert as_xzy(TURNS.as_matrix()) == pytest.approx(TURNS.as_euler("XZY"), abs=1e-9)


@pytest.mark.parametrize("middle", [90.0, -90.0])
def test_where_two_axes_fall_together_the_rotation_is_the_same(middle: float) -> None:
    turn = Rotation.from_euler("XZY", [[20, middle, 35]], degrees=True)
    back = Rotation.from_euler("XZY", as_xzy(turn.as_matrix()))
    assert back.as_matrix() == pytest.approx(turn.as_matrix(), abs=1e-7)


def test_quaternions_are_those_of_the_matrix_up_to_sign() -> None:
    turns = Rotation.concatenate([TURNS, Rotation.from_rotvec(np.pi * np.eye(3))])
    found, wanted = as_quaternion(turns.as_matrix()), turns.as_quat()
    sign = np.sign((found * wanted).sum(1, keepdims=True))
    assert sign * found == pytest.approx(wanted, abs=1e-9)
