"""Cameras adjusted to the joints of the recording itself, and knocked cameras found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from tests.worker.calibration.rigs import rig
from worker.calibration.adjustable import KnownPoint, LensFreedom
from worker.calibration.bumps import find_bumps
from worker.calibration.contradictions import exchanged_views
from worker.calibration.marks import Marks, Rig, cross_errors, level_of
from worker.calibration.poses import angle_deg
from worker.calibration.refine import refine, turned_by_deg
from worker.synthesis.marks import knocked, marks_of, wander

MOMENTS = 48


def filmed(cameras_at: list[list[Camera]], seed: int = 0, **faults: float) -> Marks:
    rng = np.random.default_rng(seed)
    return marks_of(cameras_at, wander(len(cameras_at), rng), rng, **faults)


def still(seed: int = 0, **faults: float) -> Marks:
    return filmed([list(rig())] * MOMENTS, seed, **faults)


def near_rig() -> list[Camera]:
    """The infant fills the picture, as it does in a visit."""
    K = np.array([[900.0, 0, 321], [0, 900, 238], [0, 0, 1]])
    return [replace(camera, width=640, height=480, K=K) for camera in rig()]


def test_a_camera_turned_in_the_middle_is_found_timed_and_corrected() -> None:
    before, after = near_rig(), near_rig()
    after[2] = knocked(after[2], (0.9, -1.1, 0.3), (0.003, 0, 0))
    marks = filmed([before] * 50 + [after] * 46, 4)
    refined, bumps = find_bumps(Rig.still(before, 96), marks)
    assert [(b.camera, abs(b.first - 50) <= 1) for b in bumps] == [(2, True)]
    assert bumps[0].earliest_s <= 25.0 <= bumps[0].latest_s
    assert abs(bumps[0].turned_deg - turned_by_deg(before[2], after[2])) < 0.2
    found = refined.rig
    for t, truth in ((10, before), (80, after)):
        for c, camera in enumerate(truth):
            mended = found.cameras[found.slot[t, c]]
            assert angle_deg(mended.pose, camera.pose) < 0.2, (t, c)
            assert np.linalg.norm(mended.centre - camera.centre) < 0.02, (t, c)


def test_marks_that_err_alike_for_seconds_are_no_movement() -> None:
    marks = still(1, noise_px=3.0, steady_px=3.0)
    assert find_bumps(Rig.still(rig(), MOMENTS), marks)[1] == []


def test_of_two_cameras_it_is_not_said_which_one_moved() -> None:
    after = [rig()[0], knocked(rig()[1], (0, 2.0, 0))]
    marks = filmed([list(rig()[:2])] * 24 + [after] * 24)
    assert find_bumps(Rig.still(rig()[:2], MOMENTS), marks)[1] == []


def test_cameras_that_were_placed_badly_agree_better_afterwards_on_moments_left_out() -> None:
    marks = filmed([near_rig()] * MOMENTS, 3, noise_px=1.0, wrong=0.05)
    bad = near_rig()
    bad[1] = knocked(bad[1], (1.6, 1.1, 0.0), (0.004, 0, 0))
    kept = np.arange(MOMENTS) % 4 != 0
    start = Rig.still(bad, MOMENTS)
    refined = refine(start.at(kept), marks.at(kept))
    end = Rig.still(refined.rig.cameras, MOMENTS)
    before, after = (level_of(cross_errors(r.at(~kept), marks.at(~kept))) for r in (start, end))
    assert after < 0.5 * before
    mended = angle_deg(end.cameras[1].pose, near_rig()[1].pose)
    assert mended < 0.3 * angle_deg(bad[1].pose, near_rig()[1].pose)
    assert 0.8 < refined.sd_px < 1.4


def test_a_wrong_focal_length_is_mended_where_lenses_are_free() -> None:
    marks = still(5, noise_px=1.0, wrong=0.0, missing=0.1)
    bad = list(rig())
    K = bad[0].K.copy()
    K[:2, :2] *= 1.03
    bad[0] = replace(bad[0], K=K)
    found = refine(Rig.still(bad, MOMENTS), marks, lenses=LensFreedom.FOCAL).rig.cameras[0]
    assert abs(found.K[0, 0] / rig()[0].K[0, 0] - 1) < 0.01
    assert found.covariance is not None
    assert found.covariance.focal_sd_px is not None


def test_known_points_say_where_the_world_is() -> None:
    marks = still(6, noise_px=1.0, wrong=0.0)
    shift = np.eye(4)
    shift[:3, 3] = 0.03, -0.02, 0.05
    moved = [camera.moved(camera.pose @ shift) for camera in rig()]
    places = [(-0.3, 0, 0), (0.3, 0, 0), (0, 0.3, 0), (0, -0.3, 0), (0, 0, 0.3)]
    known = [
        KnownPoint(xyz, {i: tuple(c.project(xyz)) for i, c in enumerate(rig())}) for xyz in places
    ]
    found = refine(Rig.still(moved, MOMENTS), marks, known=known).rig.cameras
    apart = [np.linalg.norm(a.centre - b.centre) for a, b in zip(found, rig(), strict=True)]
    assert max(apart) < 0.01


def test_the_stated_spread_of_a_place_is_about_the_error() -> None:
    ratios = []
    for seed in range(2):
        marks = still(seed, noise_px=2.0, wrong=0.0)
        start = [knocked(c, (0.5 * (-1) ** i, 0.4, 0)) for i, c in enumerate(rig())]
        for found, truth in zip(
            refine(Rig.still(start, MOMENTS), marks).rig.cameras, rig(), strict=True
        ):
            assert found.covariance is not None
            sd = found.covariance.angle_sd_deg
            assert sd is not None
            ratios.append(angle_deg(found.pose, truth.pose) / np.sqrt(3) / sd)
    assert 0.4 < np.sqrt(np.mean(np.square(ratios))) < 2.0, ratios


def test_exchanged_cameras_are_noticed_by_their_marks() -> None:
    marks = still(7)
    assert exchanged_views(rig(), marks.exchanged(1, 3)) == (1, 3)
    assert exchanged_views(rig(), marks) is None


def test_too_few_marks_are_refused() -> None:
    marks = still(8).at(np.arange(1))
    empty = Marks(np.full_like(marks.pixels, np.nan), marks.trust * 0, marks.time_s)
    with pytest.raises(InvalidInput, match="0 marks of joints"):
        refine(Rig.still(rig(), 1), empty)
    with pytest.raises(InvalidInput, match="no moment"):
        still(8).at(np.zeros(0, int))


def test_what_no_mark_tells_is_not_stated_to_be_known() -> None:
    """A camera without marks keeps what was known of it; groups that share no moment are wide."""
    cameras = near_rig()
    marks = filmed([cameras] * 24, 7, noise_px=2.0)
    usual = refine(Rig.still(cameras, 24), marks, steps=3).rig.cameras
    blind = marks.pixels.copy()
    blind[:, 3] = np.nan
    found = refine(Rig.still(cameras, 24), replace(marks, pixels=blind), steps=3).rig.cameras
    assert found[3].covariance is None
    assert angle_sd(found[0]) < 2 * angle_sd(usual[0])
    apart = marks.pixels.copy()
    apart[:12, 2:], apart[12:, :2] = np.nan, np.nan
    found = refine(Rig.still(cameras, 24), replace(marks, pixels=apart), steps=3).rig.cameras
    assert min(map(angle_sd, found)) > 10 * max(map(angle_sd, usual))


def angle_sd(camera: Camera) -> float:
    assert camera.covariance is not None
    assert camera.covariance.angle_sd_deg is not None
    return camera.covariance.angle_sd_deg
