"""Sums of work and the rates made of them."""

from __future__ import annotations

import pytest

from backend.domain.effort import Effort, total


def test_rates_are_made_of_sums_and_not_of_rates() -> None:
    quick = Effort(frames=90, timed_frames=90, active_s=90, actions=90)
    slow = Effort(frames=10, timed_frames=10, active_s=910, actions=210)
    both = total([quick, slow])
    assert both.seconds_per_frame == pytest.approx(10.0)
    assert both.frames_per_hour == pytest.approx(360.0)
    assert both.actions_per_frame == pytest.approx(3.0)


def test_frames_of_unknown_time_do_not_make_anybody_faster() -> None:
    effort = Effort(frames=100, timed_frames=10, active_s=100)
    assert effort.seconds_per_frame == pytest.approx(10.0)


def test_a_rate_of_nothing_is_none() -> None:
    nothing = Effort()
    assert {
        nothing.seconds_per_frame,
        nothing.frames_per_hour,
        nothing.actions_per_frame,
        nothing.share_accepted,
        nothing.px_per_joint,
        nothing.return_rate,
    } == {None}


def test_discarded_frames_count_neither_as_accepted_nor_as_corrected() -> None:
    assert Effort(accepted=3, corrected=1, discarded=96).share_accepted == pytest.approx(0.75)
