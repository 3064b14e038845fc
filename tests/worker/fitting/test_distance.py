"""One view alone knows no distance; a scan does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import Sampled, four_cameras, sample_moments
from worker.fitting.config import FitConfig
from worker.fitting.session import fit_session
from worker.fitting.skin import Skin

QUICK = FitConfig(surface_vertices=400, surface_points=80, surface_steps=3)


@pytest.fixture(scope="module")
def sampled() -> Sampled:
    return sample_moments(3, seed=12, motion=True)


def seen_side(sampled: Sampled, t: int) -> np.ndarray:
    """Points of the surface that the first camera sees: those nearest to it, pixel by pixel."""
    camera, skin = four_cameras()[0], Skin.of(open_body(), sampled.betas)
    points = skin.vertices(sampled.pose[t], sampled.x[t, :3], sampled.scale)
    cell = np.floor(camera.project(points) / 8).astype(int)
    z = camera.in_camera(points)[:, 2]
    order = np.lexsort((z, cell[:, 1], cell[:, 0]))
    first = np.r_[True, (np.diff(cell[order], axis=0) != 0).any(1)]
    return points[order[first]]


def away_mm(fit_place: np.ndarray, sampled: Sampled) -> float:
    return 1000 * float(np.linalg.norm(fit_place - sampled.x[:, :3], axis=1).mean())


def test_a_scan_brings_a_single_view_to_its_distance(sampled: Sampled) -> None:
    camera, joints = four_cameras()[0], sampled.joints[:, :1]
    clouds = [seen_side(sampled, t) for t in range(3)]
    alone = fit_session(open_body(), [camera], joints)
    # A tenth of a second apart: neighbours must not hold one another where no scan told anything.
    times = (0.0, 0.1, 0.2)
    # These poses are no motion.
    config = replace(QUICK, sequence_weight=0)
    scanned = fit_session(open_body(), [camera], joints, scan=clouds, config=config, times=times)
    assert away_mm(scanned.translation, sampled) < 0.1 * away_mm(alone.translation, sampled)
    assert abs(scanned.scale[0] / sampled.scale - 1) < 0.1
    assert np.median(scanned.mean_error_px) < 5


def test_scans_of_other_places_do_not_move_a_single_view(sampled: Sampled) -> None:
    camera, joints = four_cameras()[0], sampled.joints[:1, :1]
    aside = seen_side(sampled, 0) + np.array([0.0, 0.0, 3.0])
    config = FitConfig(surface_vertices=100, surface_points=20, surface_steps=1)
    alone = fit_session(open_body(), [camera], joints, config=config)
    scanned = fit_session(open_body(), [camera], joints, scan=[aside], config=config)
    assert np.linalg.norm(scanned.translation - alone.translation) < 0.1
