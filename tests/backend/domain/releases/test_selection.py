"""Which frames a rule takes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.quality import QualityFlag
from backend.domain.releases.selection import (
    FLAG_BITS,
    FrameColumns,
    FrameRule,
    Step,
    largest_count,
    select_frames,
)


def columns(per_infant: list[int], cameras: int = 1) -> FrameColumns:
    """A recording for each infant, with so many moments of some cameras."""
    rows = [
        (infant, camera, moment)
        for infant, count in enumerate(per_infant)
        for camera in range(cameras)
        for moment in range(count)
    ]
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    infant, camera, moment = table.T
    return FrameColumns(
        frame=np.arange(len(rows)),
        recording=infant,
        camera=infant * 10 + camera,
        moment=infant * 100_000 + moment,
        moment_index=moment,
        infant=infant,
        flags=np.zeros(len(rows), np.int64),
        dhash=np.random.default_rng(1).integers(-(2**63), 2**63 - 1, len(rows)),
        posture=np.zeros(len(rows), np.int64),
    )


def test_without_a_rule_every_frame_is_taken() -> None:
    found = select_frames(columns([5, 7]), FrameRule())
    assert found.taken.all()
    assert set(found.left_out.values()) == {0}


def test_of_every_second_moment_all_cameras_are_taken() -> None:
    given_ = columns([6], cameras=2)
    found = select_frames(given_, FrameRule(every_nth=2))
    assert given_.moment_index[found.taken].tolist() == [0, 2, 4, 0, 2, 4]
    assert found.left_out[Step.THINNED] == 6


def test_only_frames_in_the_wanted_postures_are_taken() -> None:
    given_ = columns([4])
    given_.posture[:] = [11, 10, 0, 42]
    found = select_frames(given_, FrameRule(postures=frozenset({11, 42})))
    assert found.taken.tolist() == [True, False, False, True]
    assert found.left_out[Step.POSTURE] == 2


def test_frames_with_an_unwanted_flag_are_left_out() -> None:
    given_ = columns([4])
    given_.flags[1] = FLAG_BITS[QualityFlag.BLURRED]
    given_.flags[2] = FLAG_BITS[QualityFlag.DARK]
    found = select_frames(given_, FrameRule(without_flags=frozenset({QualityFlag.BLURRED})))
    assert found.taken.tolist() == [True, False, True, True]


def test_of_frames_that_nearly_repeat_each_other_the_first_is_taken() -> None:
    given_ = columns([5])
    given_.dhash[:] = [0, 1, 3, 2**40 - 1, 2**40 - 2]
    found = select_frames(given_, FrameRule(near_duplicates=False))
    assert found.taken.tolist() == [True, False, False, True, False]


def test_no_infant_has_more_than_the_largest_share_and_the_rest_is_spread() -> None:
    given_ = columns([100, 10, 10])
    found = select_frames(given_, FrameRule(max_share=0.5))
    kept = given_.moment_index[found.taken & (given_.infant == 0)]
    assert len(kept) == 20
    assert (kept[0], kept[-1]) == (0, 99)
    assert np.diff(kept).max() <= 6


def test_whole_moments_do_not_push_another_infant_beyond_its_share() -> None:
    given_ = columns([200, 61], cameras=4)
    single = (given_.infant == 0) | (given_.camera % 4 == 0)
    given_ = FrameColumns(*(getattr(given_, name)[single] for name in FrameColumns.__slots__))
    found = select_frames(given_, FrameRule(max_share=0.5))
    counts = np.bincount(given_.infant[found.taken])
    assert counts.max() <= 0.5 * counts.sum()
    assert counts.sum() >= 0.95 * 2 * 61
    assert found.remarks == ()


def test_a_share_that_whole_moments_cannot_reach_is_said() -> None:
    given_ = columns([1, 1], cameras=4)
    fewer = (given_.infant == 0) | (given_.moment_index + np.arange(8) == 4)
    given_ = FrameColumns(*(getattr(given_, name)[fewer] for name in FrameColumns.__slots__))
    found = select_frames(given_, FrameRule(max_share=0.5))
    assert found.taken.all()
    assert found.remarks == (
        "Moments stay whole: one infant has 80.0 % of the frames, more than 50 %.",
    )


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6),
    st.integers(1, 3),
    st.floats(0.05, 1.0),
)
def test_a_share_that_can_be_met_is_met(per_infant: list[int], cameras: int, share: float) -> None:
    given_ = columns(per_infant, cameras)
    found = select_frames(given_, FrameRule(max_share=share))
    counts = np.bincount(given_.infant[found.taken], minlength=len(per_infant))
    assert (counts > 0).all()
    most = largest_count(np.bincount(given_.infant), share)
    assert (counts <= max(most, cameras)).all()
    again = select_frames(given_, FrameRule(max_share=share))
    assert np.array_equal(found.taken, again.taken)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8), st.floats(0.01, 1.0))
def test_the_largest_count_is_the_largest(counts: list[int], share: float) -> None:
    values = np.array(counts)
    most = largest_count(values, share)

    def holds(m: int) -> bool:
        return m <= share * np.minimum(values, m).sum()

    assert most == min(counts) or holds(most)
    assert most == max(counts) or not holds(most + 1)
