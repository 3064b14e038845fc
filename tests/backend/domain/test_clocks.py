"""Session time, and which frames belong to one moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.clocks import ClockOffset, instants, nearest_frames, pair_moments

SECONDS = [0.0, 1.0, 2.0, 3.0]


def shifted(by: float, times: list[float] = SECONDS) -> list[float]:
    return [time + by for time in times]


@given(st.floats(-1e5, 1e5), st.floats(-1e6, 1e6), st.floats(-1000, 1000))
def test_camera_and_session_time_undo_each_other(at: float, offset: float, drift: float) -> None:
    clock = ClockOffset(offset, drift)
    assert clock.camera_s(clock.session_s(at)) == pytest.approx(at, abs=1e-6)


def test_equal_clocks_pair_frame_by_frame() -> None:
    pairing = pair_moments({1: SECONDS, 2: SECONDS})
    assert pairing.members == tuple({1: k, 2: k} for k in range(4))
    assert pairing.residual_s == {1: 0, 2: 0}


def test_a_camera_that_began_later_pairs_with_later_frames() -> None:
    pairing = pair_moments({1: SECONDS, 2: shifted(1.1)})
    assert pairing.members == ({1: 0}, {1: 1, 2: 0}, {1: 2, 2: 1}, {1: 3, 2: 2}, {2: 3})
    assert pairing.residual_s[2] == pytest.approx(0.1)
    assert pairing.alone == {1: 1, 2: 1}


def test_frames_half_a_step_apart_all_go_the_same_way() -> None:
    pairing = pair_moments({1: SECONDS, 2: shifted(0.5)})
    assert pairing.members == tuple({1: k, 2: k} for k in range(4))


def test_frames_without_partner_meet_those_of_a_third_camera() -> None:
    pairing = pair_moments({1: SECONDS, 2: shifted(10), 3: shifted(10.2)})
    assert pairing.members[4:] == tuple({2: k, 3: k} for k in range(4))
    assert pairing.residual_s[1] is None


def test_a_denser_camera_lends_its_nearest_frames() -> None:
    pairing = pair_moments({1: SECONDS, 2: [k * 0.25 + 0.05 for k in range(13)]})
    assert [m[2] for m in pairing.members if 1 in m] == [0, 4, 8, 12]


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=30, unique=True).map(sorted),
    st.lists(st.floats(0, 100), min_size=1, max_size=30, unique=True).map(sorted),
)
def test_every_frame_is_in_exactly_one_moment(first: list[float], second: list[float]) -> None:
    pairing = pair_moments({1: first, 2: second})
    for camera, own in ((1, first), (2, second)):
        assert sorted(m[camera] for m in pairing.members if camera in m) == list(range(len(own)))
    assert list(pairing.times_s) == sorted(pairing.times_s)


def test_instants_go_on_where_only_other_cameras_ran() -> None:
    reference = [k / 10 for k in range(21)]
    assert instants(reference, [0, 10, 20], -1.2, 4.0) == pytest.approx([-1, 0, 1, 2, 3, 4])


def test_the_nearest_frame_is_taken_once_and_only_while_the_camera_ran() -> None:
    assert nearest_frames([0.0, 0.1, 0.2], [-1.0, 0.04, 0.06, 0.11, 0.24, 0.9]) == [
        None, 0, 1, None, 2, None,
    ]  # fmt: skip
