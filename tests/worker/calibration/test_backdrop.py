"""What stands still in a camera's pictures tells how the camera turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from backend.domain.cameras import Camera
from backend.domain.estimates import RgbImage
from tests.worker.calibration.rigs import rig
from worker.calibration.adjusting import Adjusted, adjust_to_marks
from worker.calibration.backdrop import compare_backdrops
from worker.calibration.marks import Marks
from worker.calibration.poses import angle_deg
from worker.synthesis.backdrops import Room
from worker.synthesis.marks import knocked, marks_of, wander

MOMENTS = 32


def near_rig() -> list[Camera]:
    K = np.array([[900.0, 0, 321], [0, 900, 238], [0, 0, 1]])
    return [replace(camera, width=640, height=480, K=K) for camera in rig()]


@pytest.fixture(scope="module")
def room() -> Room:
    return Room(3)


def test_a_turn_is_read_from_the_room_to_hundredths_of_a_degree_past_somebody_who_moves(
    room: Room,
) -> None:
    before = near_rig()[1]
    after = knocked(before, (1.1, -0.8, 0.2))
    bodies = wander(4, np.random.default_rng(0))
    first = [room.seen_by(before, bodies[k]) for k in (0, 1)]
    second = [room.seen_by(after, bodies[k], light=1.15) for k in (2, 3)]
    seen = compare_backdrops(before, first, second)
    assert seen is not None
    assert abs(seen.turned_deg - angle_deg(before.pose, after.pose)) < 0.03
    assert len(seen.before) > 50


def test_pictures_that_show_nothing_of_the_room_tell_nothing(room: Room) -> None:
    camera = near_rig()[0]
    grey = np.full((480, 640, 3), 120, np.uint8)
    assert compare_backdrops(camera, [grey], [room.seen_by(camera)]) is None
    elsewhere = Room(4).seen_by(camera)
    assert compare_backdrops(camera, [room.seen_by(camera)], [elsewhere]) is None


def adjusted(
    room: Room, before: list[Camera], after: list[Camera], marks: Marks, points: np.ndarray
) -> Adjusted:
    def pictures(camera: int, from_s: float, to_s: float, most: int) -> Sequence[RgbImage]:
        moments = [round(2 * at) for at in np.linspace(from_s, to_s, min(most, 2))]
        eyes = [(before if t < MOMENTS // 2 else after)[camera] for t in moments]
        return [room.seen_by(eye, points[t]) for eye, t in zip(eyes, moments, strict=True)]

    return adjust_to_marks(before, marks, pictures=pictures, floor_z=0.0)


def test_a_camera_knocked_and_pushed_aside_is_corrected_where_the_room_is_seen(
    room: Room,
) -> None:
    before, after = near_rig(), near_rig()
    after[2] = knocked(after[2], (0.9, -1.1, 0.3), (0.025, -0.02, 0.01))
    rng = np.random.default_rng(5)
    points = wander(MOMENTS, rng)
    half = MOMENTS // 2
    marks = marks_of([before] * half + [after] * half, points, rng, noise_px=4, steady_px=2)
    found = adjusted(room, before, after, marks, points)
    assert [bump.camera for bump in found.bumps] == [2]
    mended = found.rig.cameras[found.rig.slot[-1, 2]]
    assert angle_deg(mended.pose, after[2].pose) < 0.1
    assert np.linalg.norm(mended.centre - after[2].centre) < 0.006
    assert abs(found.bumps[0].turned_deg - angle_deg(before[2].pose, after[2].pose)) < 0.1


def test_a_knock_that_the_room_denies_is_none(room: Room) -> None:
    """The joints are marked otherwise from some moment on; the camera was not touched."""
    before, as_if = near_rig(), near_rig()
    as_if[1] = knocked(as_if[1], (1.2, -1.0, 0.0))
    rng = np.random.default_rng(6)
    points = wander(MOMENTS, rng)
    half = MOMENTS // 2
    marks = marks_of([before] * half + [as_if] * half, points, rng, noise_px=2)
    found = adjusted(room, before, before, marks, points)
    assert found.bumps == ()
    assert any("stands still" in words for words in found.warnings)
