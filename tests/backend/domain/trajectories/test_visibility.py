"""Whether a joint is seen travels from confirmed frames."""

from __future__ import annotations

import numpy as np

from backend.domain.trajectories.visibility import proposed
from tests.backend.domain.trajectories.made import blank

INSIDE = np.full((60, 17, 2), 50.0)


def test_weak_joints_are_proposed_as_seen() -> None:
    assert (proposed(blank(60, scores=np.full((60, 17), 0.35)), INSIDE) == 2).all()


def test_what_a_person_said_holds_nearby_and_fades() -> None:
    said = np.full((60, 17), -1)
    said[10, 5] = 1
    found = proposed(blank(60, scores=np.full((60, 17), 0.6), confirmed_visibility=said), INSIDE)
    assert (found[5:16, 5] == 1).all()
    assert (found[50:, 5] == 2).all()
    assert (np.delete(found, 5, axis=1) == 2).all()


def test_what_a_person_said_stays() -> None:
    said = np.random.default_rng(0).integers(-1, 3, (60, 17))
    found = proposed(blank(60, confirmed_visibility=said), INSIDE)
    assert (found[said >= 0] == said[said >= 0]).all()


def test_the_depth_order_hides_a_joint() -> None:
    hidden = np.full((60, 17), np.nan)
    hidden[20:30, 9] = 1.0
    found = proposed(blank(60, scores=np.full((60, 17), 0.7), hidden=hidden), INSIDE)
    assert (found[20:30, 9] == 1).all()
    assert (found[30:, 9] == 2).all()


def test_outside_of_the_image_and_between_absent_frames_nothing_is_present() -> None:
    outside = INSIDE.copy()
    outside[3, 2] = (-5, 10)
    said = np.full((60, 17), -1)
    said[(20, 40), 7] = 0
    found = proposed(blank(60, confirmed_visibility=said), outside)
    assert found[3, 2] == 0
    assert (found[20:41, 7] == 0).all()
    assert found[41, 7] != 0
