"""Places of cameras from marked points."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from tests.worker.calibration.rigs import rig
from worker.calibration.points import ScenePoint, as_points, place_cameras

PLACES = [
    (0.0, 0.0, 0.0), (0.5, 0.0, 0.0), (0.0, 0.4, 0.0), (0.5, 0.4, 0.0),
    (0.2, 0.2, 0.25), (-0.3, 0.1, 0.15), (0.1, -0.3, 0.1),
]  # fmt: skip


def marked(noise_px: float = 0.0, places: list[tuple[float, float, float]] = PLACES) -> list[
    ScenePoint
]:  # fmt: skip
    rng = np.random.default_rng(1)
    return [
        ScenePoint(
            f"p{k}", xyz,
            {c.name: tuple(c.project(xyz) + rng.normal(0, noise_px, 2)) for c in rig()},
        )
        for k, xyz in enumerate(places)
    ]  # fmt: skip


def test_cameras_stand_where_the_marks_say() -> None:
    found = place_cameras(rig(), marked())
    for camera, true in zip(found.cameras, rig(), strict=True):
        assert np.abs(camera.centre - true.centre).max() < 1e-5
    assert max(check.apart_mm or 0 for check in found.points) < 0.01


def test_four_points_on_the_floor_are_enough() -> None:
    found = place_cameras(rig(), marked(places=PLACES[:4]))
    for camera, true in zip(found.cameras, rig(), strict=True):
        assert np.abs(camera.centre - true.centre).max() < 1e-3


def test_a_point_marked_wrongly_in_one_camera_is_left_out_and_named() -> None:
    points = marked(0.3)
    seen = dict(points[5].seen)
    seen["rig2"] = (seen["rig2"][0] + 60, seen["rig2"][1])
    points[5] = ScenePoint("p5", points[5].xyz, seen)
    found = place_cameras(rig(), points)
    assert [(camera, name) for camera, name, _ in found.dropped] == [("rig2", "p5")]
    assert np.linalg.norm(found.cameras[1].centre - rig()[1].centre) < 0.02


def test_a_camera_with_too_few_points_is_named_and_the_others_are_placed() -> None:
    points = [
        ScenePoint(p.name, p.xyz, {n: at for n, at in p.seen.items() if n != "rig3" or k < 3})
        for k, p in enumerate(marked())
    ]
    found = place_cameras(rig(), points)
    assert [c.placed for c in found.cameras] == [True, True, False, True]
    assert "rig3 has no place: 3 points" in found.warnings[0]


def test_millimetres_are_refused() -> None:
    points = [
        ScenePoint(p.name, tuple(1000 * v for v in p.xyz), p.seen)  # type: ignore[arg-type]
        for p in marked()
    ]
    with pytest.raises(InvalidInput, match="millimetres"):
        place_cameras(rig(), points)


def test_points_on_a_line_are_refused() -> None:
    line = [(0.1 * k, 0.0, 0.0) for k in range(5)]
    with pytest.raises(InvalidInput, match="on one line"):
        place_cameras(rig(), marked(places=line))


def test_a_mark_outside_the_image_is_refused() -> None:
    points = marked()
    points[0] = ScenePoint("corner", points[0].xyz, {"rig1": (4000.0, 10.0)})
    with pytest.raises(InvalidInput, match="corner in rig1"):
        place_cameras(rig(), points)


def test_an_incomplete_point_is_named_by_its_number() -> None:
    with pytest.raises(InvalidInput, match="point 2"):
        as_points([{"xyz": [0, 0, 0], "seen": {}}, {"xyz": [1, 2], "seen": {}}], "points.json")
