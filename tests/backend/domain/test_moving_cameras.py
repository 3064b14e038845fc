"""Cameras that were knocked: which of their places holds at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backend.domain.agreement import Trust
from backend.domain.cameras import Camera
from backend.domain.moving_cameras import (
    Place,
    agree_over_time,
    at_last,
    at_time,
    changes,
    is_placed,
    places_of,
)
from tests.vectors.make_cameras import look_at

EYES = ((2.0, 0.3, 1.2), (-1.4, 1.5, 1.0), (-0.9, -1.8, 1.4))


def camera(eye: int, at: tuple[float, float, float] = (0, 0, 0.2)) -> Camera:
    K = np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])
    return Camera(f"c{eye}", 640, 480, K, np.zeros(5), T_camera_world=look_at(EYES[eye], at))


def knocked(*starts: float) -> dict[str, Any]:
    """A stored camera that looks elsewhere from each of these times on."""
    looks = [camera(0, (0.1 * k, 0, 0.2)).to_dict() for k in range(len(starts) + 1)]
    moves = [
        {"from_s": start, "T_camera_world": look["T_camera_world"], "covariance": None}
        for start, look in zip((None, *starts), looks, strict=True)
    ]
    return {**looks[0], "T_camera_world": None, "moves": moves}


def test_each_place_holds_from_its_time_on() -> None:
    entry = knocked(10.0, 25.0)
    for time, place in ((None, 0), (0.0, 0), (9.99, 0), (10.0, 1), (24.0, 1), (25.0, 2)):
        assert np.allclose(at_time(entry, time).pose, camera(0, (0.1 * place, 0, 0.2)).pose), time
    assert np.allclose(at_last(entry).pose, at_time(entry, 1e9).pose)
    times = np.array([0.0, 10.0, 24.9, 25.0])
    held = np.stack([place.holds(times) for place in places_of(entry)])
    assert (held.sum(axis=0) == 1).all()
    assert changes([camera(1).to_dict(), entry]) == [10.0, 25.0]


def test_a_camera_with_one_place_stands_there_always_and_one_without_nowhere() -> None:
    entry = camera(1).to_dict()
    assert is_placed(entry)
    assert np.allclose(at_time(entry, 3.0).pose, camera(1).pose)
    lens = {**entry, "T_camera_world": None}
    assert not is_placed(lens)
    assert places_of(lens) == ()
    assert not at_time(lens, 3.0).placed


def test_views_agree_by_the_place_that_holds_then() -> None:
    entry = knocked(1.0)
    rig = [places_of(entry), places_of(camera(1).to_dict()), places_of(camera(2).to_dict())]
    points = np.random.default_rng(1).uniform((-0.3, -0.3, 0), (0.3, 0.3, 0.4), (17, 3))
    times = np.array([0.0, 0.5, 1.0, 2.0])
    pixels = np.stack(
        [
            [at_time(entry, time).project(points) for time in times],
            *([camera(c).project(points)] * 4 for c in (1, 2)),
        ]
    )
    trust = np.full(pixels.shape[:3], int(Trust.VISIBLE))
    errors, disagrees = agree_over_time(rig, pixels, trust, times, 15.0)
    assert np.nanmax(errors) < 1e-6
    assert np.isfinite(errors).all()
    assert not disagrees.any()
    still = [(Place(at_time(entry, None)),), *rig[1:]]
    errors, _ = agree_over_time(still, pixels, trust, times, 15.0)
    assert np.nanmax(errors[:, :2]) < 1e-6
    assert np.nanmin(errors[0, 2:]) > 2


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_placed_cameras_agree_on_nothing(count: int) -> None:
    rig = [places_of(camera(c).to_dict()) if c < count else () for c in range(3)]
    trust = np.full((3, 1, 17), int(Trust.VISIBLE))
    errors, disagrees = agree_over_time(rig, np.zeros((3, 1, 17, 2)), trust, np.zeros(1), 15.0)
    assert np.isnan(errors).all()
    assert not disagrees.any()
