"""Which frames of one or several videos an import takes."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.domain.frame_groups import CameraTimes
from backend.domain.frame_matching import NONE, ROUND_S
from backend.domain.sampling import AtRate, EveryNth, sample
from tests.backend.domain.test_frame_groups import camera, widest


def test_one_camera_is_counted() -> None:
    groups = sample([camera(30, 1)], EveryNth(7))
    assert groups.members[:, 0].tolist() == [0, 7, 14, 21, 28]


@pytest.mark.parametrize(("rates", "n"), [((30, 25), 5), ((30, 60), 6), ((25, 60), 5)])
def test_every_nth_frame_of_the_first_camera_meets_the_nearest_of_the_others(
    rates: tuple[int, int], n: int
) -> None:
    cameras = [camera(rate) for rate in rates]
    groups = sample(cameras, EveryNth(n))
    assert groups.members[:, 0].tolist() == list(range(0, 6 * rates[0], n))
    assert groups.complete == len(groups)
    assert widest(cameras, groups) <= 0.5 / min(rates) + ROUND_S


def test_every_frame_means_every_frame_of_every_camera() -> None:
    groups = sample([camera(30), camera(60)], EveryNth(1))
    assert (len(groups), groups.complete, groups.missing) == (360, 180, [180, 0])


@pytest.mark.parametrize("fps", [2, 10, 25])
def test_at_a_rate_all_cameras_show_the_same_instants(fps: int) -> None:
    cameras = [camera(30), camera(25), camera(60)]
    groups = sample(cameras, AtRate(fps))
    assert len(groups) == groups.complete == 6 * fps
    assert widest(cameras, groups) <= 0.02 + ROUND_S
    assert np.abs(groups.times_s - np.arange(6 * fps) / fps).max() <= 0.02 + ROUND_S


def test_a_rate_above_all_cameras_takes_every_frame() -> None:
    cameras = [camera(30), camera(25)]
    groups = sample(cameras, AtRate(100))
    assert (groups.complete, groups.missing, groups.alone) == (150, [0, 30], [30, 0])


@pytest.mark.parametrize("choice", [EveryNth(5), AtRate(6)])
def test_a_pause_of_the_first_camera_is_filled_by_the_second(choice: EveryNth | AtRate) -> None:
    cameras = [camera(30, gap=(2, 3)), camera(30)]
    groups = sample(cameras, choice)
    assert len(groups) == 36
    assert groups.missing[1] == 0
    assert 5 <= groups.missing[0] <= 6
    assert widest(cameras, groups) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("choice", [EveryNth(6), AtRate(5)])
def test_cameras_that_begin_and_end_at_other_times_are_followed(choice: EveryNth | AtRate) -> None:
    cameras = [camera(30, 2, start=0.0), camera(30, 6, start=-1.0), camera(25, 3, start=3.5)]
    groups = sample(cameras, choice)
    assert groups.times_s[0] <= -0.8
    assert groups.times_s[-1] >= 6.2
    here = groups.members != NONE
    assert here[:, 0].sum() == 10
    assert set(np.round(np.diff(groups.times_s), 2)) <= {0.2, 0.19, 0.21, 0.18, 0.22}


def test_a_first_camera_with_one_picture_leaves_the_pace_to_the_others() -> None:
    groups = sample([CameraTimes.of([0.0]), camera(10, 2)], EveryNth(5))
    assert groups.times_s == pytest.approx([0, 0.5, 1, 1.5])


@pytest.mark.parametrize("make", [lambda: EveryNth(0), lambda: AtRate(0), lambda: AtRate(np.inf)])
def test_senseless_numbers_are_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput):
        make()
