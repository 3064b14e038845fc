"""Moments: which frames of several cameras show one instant."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.frame_groups import (
    CameraTimes,
    FrameGroups,
    frame_interval,
    group_all,
    group_at,
    instants,
    limits,
)
from backend.domain.frame_matching import NONE, ROUND_S


def camera(
    fps: float, seconds: float = 6, *, start: float = 0.0,
    gap: tuple[float, float] | None = None, jitter: float = 0.0, seed: int = 0,
) -> CameraTimes:  # fmt: skip
    times = np.arange(round(seconds * fps)) / fps
    if gap is not None:
        times = times[(times < gap[0]) | (times >= gap[1])]
    if jitter:
        times = np.sort(times + np.random.default_rng(seed).uniform(-jitter, jitter, len(times)))
    return CameraTimes.of(times + start)


def when(cameras: list[CameraTimes], groups: FrameGroups) -> np.ndarray:
    """Times of the members, NaN where there is none."""
    found = np.full(groups.members.shape, np.nan)
    for c, own in enumerate(cameras):
        rows = groups.members[:, c] != NONE
        found[rows, c] = own.times_s[groups.members[rows, c]]
    return found


def widest(cameras: list[CameraTimes], groups: FrameGroups) -> float:
    times = when(cameras, groups)
    return float((np.nanmax(times, axis=1) - np.nanmin(times, axis=1)).max())


@st.composite
def filming(draw: st.DrawFn) -> CameraTimes:
    """A camera with a rate, jitter, dropped frames, a pause, perhaps frames of one time."""
    interval = draw(st.sampled_from([1 / 24, 1 / 25, 1 / 29.97, 1 / 30, 1 / 60, 0.1]))
    count = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    times = draw(st.floats(-0.3, 0.3)) + np.arange(count) * interval
    times = times + rng.uniform(-1, 1, count) * interval * draw(st.sampled_from([0, 0.02, 0.3]))
    times[rng.random(count) < draw(st.sampled_from([0, 0.2]))] += draw(st.sampled_from([0, 0.2]))
    kept = rng.random(count) >= draw(st.sampled_from([0, 0.3]))
    kept[0] = True
    times = np.sort(times[kept])
    if draw(st.booleans()) and len(times) > 2:
        times[1] = times[2]
    return CameraTimes.of(times, interval)


several = st.lists(filming(), min_size=1, max_size=4)


@given(several)
def test_every_frame_is_in_exactly_one_moment(cameras: list[CameraTimes]) -> None:
    groups = group_all(cameras)
    for c, own in enumerate(cameras):
        column = groups.members[:, c]
        assert sorted(column[column != NONE]) == list(range(len(own.times_s)))


@given(several)
def test_moments_and_frames_keep_their_order(cameras: list[CameraTimes]) -> None:
    groups = group_all(cameras)
    assert (np.diff(groups.times_s) >= 0).all()
    for column in groups.members.T:
        assert (np.diff(column[column != NONE]) > 0).all()


@given(several)
def test_frames_of_one_moment_lie_within_their_limit(cameras: list[CameraTimes]) -> None:
    times = when(cameras, group_all(cameras))
    allowed = limits([own.interval_s for own in cameras])
    for a, b in combinations(range(len(cameras)), 2):
        apart = np.abs(times[:, a] - times[:, b])
        assert (apart[~np.isnan(apart)] <= allowed[a, b] + 1e-9).all()


@given(st.lists(filming(), min_size=2, max_size=4), st.floats(-1, 7), st.floats(0.03, 0.5))
def test_chosen_frames_obey_the_same_rules(
    cameras: list[CameraTimes], begin: float, step: float
) -> None:
    groups = group_at(cameras, begin + step * np.arange(12))
    times = when(cameras, groups)
    allowed = limits([own.interval_s for own in cameras])
    assert (np.diff(groups.times_s) >= 0).all()
    for column in groups.members.T:
        assert (np.diff(column[column != NONE]) > 0).all()
    for a, b in combinations(range(len(cameras)), 2):
        apart = np.abs(times[:, a] - times[:, b])
        assert (apart[~np.isnan(apart)] <= allowed[a, b] + 1e-9).all()


RATES = st.sampled_from([24, 25, 29.97, 30, 50, 59.94, 60, 120])


@given(RATES, RATES, st.floats(-0.5, 0.5), st.floats(0, 0.25), st.integers(0, 1000))
def test_no_two_frames_stand_apart_that_are_nearer_to_each_other_than_to_their_own(
    first: float, second: float, start: float, jitter: float, seed: int
) -> None:
    cameras = [
        camera(first, 1, jitter=jitter / first / 2, seed=seed),
        camera(second, 1, start=start, jitter=jitter / second / 2, seed=seed + 1),
    ]
    times = when(cameras, group_all(cameras))
    reach = max(own.interval_s for own in cameras) / 2
    apart = np.abs(times[:, 0] - times[:, 1])
    own = np.where(np.isnan(apart), np.inf, apart)
    between = np.abs(times[:, 0][:, None] - times[:, 1][None, :])
    better = (between <= reach) & (between < own[:, None] - 3 * ROUND_S)
    better &= between < own[None, :] - 3 * ROUND_S
    assert not better.any()


@given(several, st.floats(-1000, 1000))
def test_a_common_shift_changes_nothing(cameras: list[CameraTimes], by: float) -> None:
    # By steps that floating point adds exactly, so that ties stay ties.
    by = round(by * 1024) / 1024
    exact = [CameraTimes(np.round(c.times_s * 2**20) / 2**20, c.interval_s) for c in cameras]
    moved = [CameraTimes(c.times_s + by, c.interval_s) for c in exact]
    assert group_all(exact).members.tolist() == group_all(moved).members.tolist()


@given(filming(), filming())
def test_which_of_two_cameras_is_named_first_does_not_matter(
    a: CameraTimes, b: CameraTimes
) -> None:
    if abs(a.interval_s - b.interval_s) < 1e-9:
        return  # then the first one's frames are those that moments are built around
    there, back = group_all([a, b]).members, group_all([b, a]).members
    assert {tuple(row) for row in there.tolist()} == {tuple(row[::-1]) for row in back.tolist()}


def test_30_and_25_frames_a_second_share_every_frame_of_the_slower() -> None:
    cameras = [camera(30), camera(25)]
    groups = group_all(cameras)
    assert (groups.complete, groups.missing, groups.alone) == (150, [0, 30], [30, 0])
    assert widest(cameras, groups) <= 0.02 + ROUND_S


def test_a_minute_of_29_97_and_30_loses_only_the_frames_that_have_no_partner() -> None:
    cameras = [camera(30000 / 1001, 60), camera(30, 60)]
    groups = group_all(cameras)
    assert groups.complete >= 1797
    assert widest(cameras, groups) <= 1001 / 60000 + ROUND_S


def test_a_gap_leaves_moments_without_that_camera_and_nothing_moves_up() -> None:
    for cameras in ([camera(30), camera(30, gap=(2, 2.5))], [camera(30, gap=(2, 2.5)), camera(30)]):
        groups = group_all(cameras)
        assert sorted(groups.missing) == [0, 15]
        assert widest(cameras, groups) == pytest.approx(0, abs=1e-9)


def test_a_camera_that_began_later_shares_only_what_it_saw() -> None:
    cameras = [camera(30), camera(30, 3, start=3.0)]
    groups = group_all(cameras)
    assert (len(groups), groups.complete, groups.missing) == (180, 90, [0, 90])


def test_times_of_a_moment_are_those_of_the_first_camera_where_rates_are_equal() -> None:
    cameras = [camera(30), camera(30, start=0.01)]
    groups = group_all(cameras)
    assert groups.times_s == pytest.approx(cameras[0].times_s)
    assert groups.distances(cameras) == [0, pytest.approx(0.01)]


def test_four_rates_at_once_hold_every_pair_to_half_a_frame_of_the_slower() -> None:
    rates = [24, 25, 30, 60]
    cameras = [camera(rate, 10) for rate in rates]
    times = when(cameras, group_all(cameras))
    for a, b in combinations(range(4), 2):
        apart = np.abs(times[:, a] - times[:, b])
        assert np.nanmax(apart) <= 0.5 / min(rates[a], rates[b]) + ROUND_S


@pytest.mark.parametrize(
    ("phases", "spread"),
    [((0, 0.25, 0.5, 0.75), 0.75), ((0, 0.5, 0.75), 0.5), ((0, 0.45, 0.55), 0.55)],
)
def test_cameras_of_one_rate_that_are_out_of_step_all_stay(
    phases: tuple[float, ...], spread: float
) -> None:
    cameras = [camera(60, 5, start=phase / 60) for phase in phases]
    groups = group_all(cameras)
    assert groups.complete >= 298
    # No choice of one frame each is tighter.
    assert widest(cameras, groups) == pytest.approx(spread / 60, abs=1e-6)


def test_a_slowly_drifting_camera_loses_a_moment_only_where_it_slips_a_frame() -> None:
    cameras = [camera(30, 20), CameraTimes.of(camera(30, 20).times_s * 1.005)]
    groups = group_all(cameras)
    assert groups.complete >= 595


def test_of_two_frames_of_one_time_only_one_meets_the_other_camera() -> None:
    groups = group_all([CameraTimes.of([0, 1, 1, 2]), CameraTimes.of([0, 1, 2])])
    assert groups.complete == 3
    assert groups.alone == [1, 0]


def test_a_frame_meets_its_nearest_even_if_another_came_first() -> None:
    groups = group_all([CameraTimes.of([0, 0.8], 1), CameraTimes.of([0.45], 1)])
    assert groups.members.tolist() == [[0, NONE], [1, 0]]


def test_frames_half_a_frame_apart_all_go_the_same_way() -> None:
    groups = group_all([CameraTimes.of([0, 1, 2, 3]), CameraTimes.of([0.5, 1.5, 2.5, 3.5])])
    assert groups.members.tolist() == [[k, k] for k in range(4)]


def test_single_pictures_meet_only_at_one_time() -> None:
    assert group_all([CameraTimes.of([0.0]), CameraTimes.of([0.0])]).complete == 1
    assert group_all([CameraTimes.of([0.0]), CameraTimes.of([0.1])]).complete == 0
    assert group_all([CameraTimes.of([0.0]), CameraTimes.of([0.09], 0.2)]).complete == 1


def test_few_frames_of_a_video_are_held_to_its_own_rate() -> None:
    """Every tenth frame was taken: a third of a second apart, yet one frame lasts 33 ms."""
    taken = np.arange(0, 6, 1 / 3)
    apart = [CameraTimes.of(taken, 1 / 30), CameraTimes.of(taken + 0.1, 1 / 30)]
    assert group_all(apart).complete == 0
    near = [CameraTimes.of(taken, 1 / 30), CameraTimes.of(taken + 0.016, 1 / 30)]
    assert group_all(near).complete == len(taken)


def test_instants_are_served_by_the_next_camera_where_the_first_was_not_running() -> None:
    cameras = [camera(30, gap=(2, 2.5)), camera(25)]
    groups = group_at(cameras, np.arange(0, 6, 0.1))
    assert len(groups) == 60
    assert groups.missing[1] == 0
    assert groups.missing[0] == 5
    assert widest(cameras, groups) <= 0.02 + ROUND_S


def test_an_instant_that_nobody_saw_gives_no_moment() -> None:
    assert len(group_at([camera(30, 1), camera(30, 1)], [0.5, 7.0])) == 1


def test_instants_go_on_before_after_and_in_a_pause() -> None:
    times = np.concatenate([np.arange(0, 1.01, 0.1), np.arange(2, 3.01, 0.1)])
    found = instants(times, [0, 5, 10, 11, 16, 21], 0.5, -1.2, 4.0)
    assert found == pytest.approx([-1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4])


def test_instants_follow_a_camera_that_only_slows_down() -> None:
    times = np.concatenate([np.arange(0, 1, 0.1), np.arange(1, 3, 0.2)])
    chosen = list(range(0, 20, 5))
    assert instants(times, chosen, 0.5, 0, 2.8) == pytest.approx(times[chosen])


def test_times_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidInput, match="ascending"):
        CameraTimes.of([0, 2, 1])
    with pytest.raises(InvalidInput, match="finite"):
        CameraTimes.of([0, np.nan])


def test_the_interval_is_the_median_of_what_is_not_double() -> None:
    assert frame_interval([0, 1, 1, 2, 3, 9]) == 1
    assert frame_interval([5]) == 0
