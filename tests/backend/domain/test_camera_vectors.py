"""The Python side of ``tests/vectors/cameras.json``; Vitest runs the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.agreement import agree_by_trust
from backend.domain.cameras import Camera
from backend.domain.views import agree, epipolar_curve, triangulate

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "cameras.json").read_text(encoding="utf-8")
)
CAMERAS = [Camera.from_dict(camera) for camera in VECTORS["cameras"]]
MARKS = np.array(VECTORS["triangulated"]["marks"], float)


def close(found: Any, expected: Any, tolerance: float = 1e-6) -> None:
    np.testing.assert_allclose(
        np.asarray(found, float), np.array(expected, float), rtol=0, atol=tolerance
    )


@pytest.mark.parametrize("i", range(len(CAMERAS)), ids=[camera.name for camera in CAMERAS])
def test_a_camera_sees_what_the_browser_says_it_sees(i: int) -> None:
    pixels = np.array(VECTORS["pixels"][i])
    close(CAMERAS[i].project(VECTORS["points"]), pixels)
    close(CAMERAS[i].undistort(pixels), VECTORS["undistorted"][i])
    close(CAMERAS[i].rays(pixels), VECTORS["rays"][i])


def test_a_point_behind_a_camera_has_no_pixel() -> None:
    behind = VECTORS["behind"]
    assert np.isnan(CAMERAS[behind["camera"]].project(behind["point"])).all()


@pytest.mark.parametrize("case", VECTORS["epipolar"], ids=lambda c: f"{c['seen']}-{c['other']}")
def test_an_epipolar_curve_runs_where_the_browser_draws_it(case: dict[str, Any]) -> None:
    seen, other = CAMERAS[case["seen"]], CAMERAS[case["other"]]
    close(epipolar_curve(seen, other, case["pixel"], case["samples"]), case["curve"], 1e-5)


def test_points_are_triangulated_as_in_the_browser() -> None:
    expected = VECTORS["triangulated"]
    points = [[np.nan] * 3 if None in p else p for p in expected["points"]]
    close(triangulate(CAMERAS, MARKS), points)
    weights = np.repeat(np.array(expected["weights"])[:, None], MARKS.shape[1], axis=1)
    weighted = [[np.nan] * 3 if None in p else p for p in expected["weighted"]]
    close(triangulate(CAMERAS, MARKS, weights), weighted)


@pytest.mark.parametrize("i", range(MARKS.shape[1]))
def test_the_same_views_disagree_as_in_the_browser(i: int) -> None:
    found, expected = agree(CAMERAS, MARKS[:, i]), VECTORS["agreed"][i]
    assert found.inliers.tolist() == expected["inliers"]
    close(found.errors, expected["errors"], 1e-4)
    close(found.point, expected["point"])


def test_people_come_before_machines_as_in_the_browser() -> None:
    expected = VECTORS["trusted"]
    found = agree_by_trust(CAMERAS, MARKS, expected["trust"])
    assert found.agreed.tolist() == expected["agreed"]
    assert found.disagrees.tolist() == expected["disagrees"]
    close(found.errors, expected["errors"], 1e-4)
