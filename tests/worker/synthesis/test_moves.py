"""Random poses: every posture rests on the floor, and bodies keep their shape."""

from __future__ import annotations

import numpy as np
import pytest

from worker.synthesis.body import Body
from worker.synthesis.motion import matrix
from worker.synthesis.moves import DEEPEST, POSTURES, random_move
from worker.synthesis.open_infants import from_smpl, random_infant, to_smpl


@pytest.fixture(scope="module")
def body() -> Body:
    return random_infant(np.random.default_rng(4), 0.72).body


def test_an_infant_has_the_stature_asked_for(body: Body) -> None:
    assert body.stature == pytest.approx(0.72)


@pytest.mark.parametrize("posture", POSTURES)
def test_every_posture_rests_on_the_floor(body: Body, posture: str) -> None:
    rng = np.random.default_rng(9)
    for _ in range(4):
        move = random_move(body, rng, posture)
        (points,) = body.skin(move.pose.transforms(body), body.vertices)
        assert -DEEPEST - 1e-6 <= points[:, 2].min() <= 0.001
        if posture != "standing":
            assert points[:, 2].max() < 0.66


def test_a_pose_survives_the_way_to_smpl_and_back(body: Body) -> None:
    move = random_move(body, np.random.default_rng(3), "sitting")
    there = from_smpl(to_smpl(move.pose), move.pose.at)
    np.testing.assert_allclose(there.transforms(body), move.pose.transforms(body), atol=1e-9)
    np.testing.assert_allclose(matrix(there.root), matrix(move.pose.root), atol=1e-9)
