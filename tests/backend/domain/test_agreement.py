"""Many joints at once: the same answer as one by one, and people before machines."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.agreement import Trust, agree_by_trust, scaled_to
from backend.domain.errors import InvalidInput
from backend.domain.views import agree
from tests.vectors.make_cameras import cameras, points

RIG = cameras()
WORLD = points()
SEEN = np.stack([camera.project(WORLD) for camera in RIG])


def trust(level: Trust = Trust.VISIBLE) -> np.ndarray:
    return np.full(SEEN.shape[:2], int(level))


def test_visible_joints_are_judged_as_one_by_one() -> None:
    random = np.random.default_rng(3)
    marks = SEEN + random.normal(0, 3, SEEN.shape)
    wrong = random.integers(0, 4, SEEN.shape[1])
    marks[wrong, np.arange(SEEN.shape[1])] += 70
    levels = trust()
    levels[random.random(levels.shape) < 0.2] = Trust.NONE
    found = agree_by_trust(RIG, marks, levels)
    for i in range(SEEN.shape[1]):
        one = agree(RIG, np.where(levels[:, i, None] > 0, marks[:, i], np.nan))
        assert found.agreed[i] == one.inliers.any()
        np.testing.assert_allclose(found.points[i], one.point, atol=1e-6)
        np.testing.assert_allclose(found.errors[:, i], one.errors, atol=1e-3)


def test_the_view_that_disagrees_is_named() -> None:
    marks = SEEN.copy()
    marks[2, 5] += (0, 40)
    found = agree_by_trust(RIG, marks, trust())
    assert np.argwhere(found.disagrees).tolist() == [[2, 5]]
    assert found.errors[2, 5] == pytest.approx(40, abs=0.1)


def test_two_views_that_a_person_confirmed_outweigh_two_of_the_machine() -> None:
    marks = SEEN.copy()
    elsewhere = np.stack([camera.project(WORLD + np.array((0.2, 0, 0))) for camera in RIG[2:]])
    marks[2:] = elsewhere
    levels = trust()
    levels[:2] = Trust.CONFIRMED
    found = agree_by_trust(RIG, marks, levels)
    assert found.agreed.all()
    np.testing.assert_allclose(found.points, WORLD, atol=1e-6)
    assert found.disagrees[2:].all()
    assert not found.disagrees[:2].any()


def test_occluded_joints_are_measured_but_not_asked_where_two_views_see_the_joint() -> None:
    marks = SEEN.copy()
    marks[0] += 10
    levels = trust()
    levels[0] = Trust.OCCLUDED
    found = agree_by_trust(RIG, marks, levels)
    np.testing.assert_allclose(found.points, WORLD, atol=1e-6)
    assert (found.errors[0] > 10).all()


def test_one_view_says_nothing() -> None:
    levels = trust(Trust.NONE)
    levels[1] = Trust.VISIBLE
    found = agree_by_trust(RIG, SEEN, levels)
    assert np.isnan(found.points).all()
    assert np.isnan(found.errors).all()
    assert not found.disagrees.any()
    assert not found.agreed.any()


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidInput):
        agree_by_trust(RIG[:2], SEEN, trust())


def test_a_camera_serves_smaller_images_of_the_same_shape_only() -> None:
    half = scaled_to(RIG[1], 960, 540)
    assert half is not None
    np.testing.assert_allclose(half.project(WORLD), RIG[1].project(WORLD) / 2)
    assert scaled_to(RIG[1], 960, 720) is None
