"""Simulated pre-labels are deterministic, plausible, and wrong in the ways that models are."""

from __future__ import annotations

import numpy as np
import pytest

from backend.demo.simulate import simulate_frame, simulate_prelabels, simulated_mask
from backend.demo.truth import CameraTruth, load_truth
from backend.domain.skeleton import SIGMAS


@pytest.fixture(scope="module")
def mat() -> CameraTruth:
    return load_truth("play_mat").cameras[1]


@pytest.fixture(scope="module")
def room() -> CameraTruth:
    return load_truth("living_room").cameras[0]


def oks(candidate, person) -> float:
    seen = person.visibility > 0
    d2 = ((candidate.keypoints[:, :2] - person.joints2d) ** 2).sum(axis=1)
    k = 2 * np.asarray(SIGMAS)
    return float(np.exp(-d2 / (2 * person.area * k**2))[seen].mean())


def test_the_same_seed_gives_the_same_candidates(room: CameraTruth) -> None:
    first, second = simulate_prelabels(room, 5), simulate_prelabels(room, 5)
    for a, b in zip(first, second, strict=True):
        assert [c.score for c in a] == [c.score for c in b]
        assert all(np.array_equal(c.keypoints, d.keypoints) for c, d in zip(a, b, strict=True))


def test_another_seed_gives_other_candidates(mat: CameraTruth) -> None:
    a, b = simulate_prelabels(mat, 1)[0][0], simulate_prelabels(mat, 2)[0][0]
    assert not np.array_equal(a.keypoints, b.keypoints)


def test_frames_can_be_simulated_in_any_order(mat: CameraTruth) -> None:
    everything = simulate_prelabels(mat, 3)
    alone = simulate_frame(mat.frames[50], 3)
    assert np.array_equal(alone[0].keypoints, everything[50][0].keypoints)


def test_most_infant_candidates_are_good_and_some_are_not(mat: CameraTruth) -> None:
    scores = [
        oks(c, f.infant)
        for f, found in zip(mat.frames, simulate_prelabels(mat), strict=True)
        for c in found
        if c.kind == "infant"
    ]
    assert np.median(scores) > 0.8
    assert min(scores) < 0.75


def test_limbs_are_swapped_now_and_then(mat: CameraTruth) -> None:
    swapped = 0
    for frame in mat.frames:
        for c in simulate_frame(frame):
            truth = frame.infant.joints2d
            to_own = np.linalg.norm(c.keypoints[15:, :2] - truth[15:], axis=1).sum()
            to_other = np.linalg.norm(c.keypoints[15:, :2] - truth[[16, 15]], axis=1).sum()
            swapped += to_other + 20 < to_own
    assert 1 <= swapped <= 0.2 * len(mat.frames)


def test_a_frame_without_people_has_no_candidates(room: CameraTruth) -> None:
    bare = [f for f in room.frames if not f.people]
    assert bare
    assert all(simulate_frame(f) == [] for f in bare)


def test_no_infant_is_claimed_where_there_is_none(room: CameraTruth) -> None:
    for frame in room.frames:
        if frame.condition == "empty":
            assert all(c.kind == "adult" for c in simulate_frame(frame))


def test_an_adult_in_view_is_a_further_candidate(room: CameraTruth) -> None:
    both = [simulate_frame(f) for f in room.frames if len(f.people) == 2 and f.condition == "ok"]
    assert np.mean([{"infant", "adult"} <= {c.kind for c in found} for found in both]) > 0.9


def test_darkness_brings_people_who_are_not_there(room: CameraTruth) -> None:
    dark = [c for f in room.frames if f.condition == "dark" for c in simulate_frame(f)]
    assert any(c.kind == "spurious" for c in dark)
    assert max(c.score for c in dark if c.kind == "spurious") < 0.3


def test_candidates_stay_in_the_image_with_scores_between_zero_and_one(room: CameraTruth) -> None:
    for frame, found in zip(room.frames, simulate_prelabels(room), strict=True):
        assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
        for c in found:
            assert np.isfinite(c.keypoints).all()
            assert (
                (c.keypoints[:, :2] >= 0) & (c.keypoints[:, :2] <= [frame.width, frame.height])
            ).all()
            assert ((c.keypoints[:, 2] > 0) & (c.keypoints[:, 2] < 1)).all()
            assert 0 < c.score < 1
            x0, y0, x1, y1 = c.box
            assert 0 <= x0 < x1 <= frame.width
            assert 0 <= y0 < y1 <= frame.height


def test_the_simulated_mask_is_the_infants_true_mask(room: CameraTruth) -> None:
    for frame in room.frames:
        found = simulated_mask(frame)
        if frame.infant is None:
            assert found is None
        else:
            rle, score = found
            assert rle == frame.infant.mask
            assert 0 < score < 1
