from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.domain.estimates import MaskProposal, PointPrompts
from backend.domain.prompts import (
    Attempt,
    PromptJoints,
    box_prompt,
    climb,
    consistency,
    point_prompts,
)

WIDTH, HEIGHT = 200, 160


def joints(x0: float = 40, y0: float = 30, size: float = 80, **kwargs: object) -> PromptJoints:
    """Seventeen joints spread over a square."""
    spots = np.random.default_rng(7).random((17, 2)) * size + (x0, y0)
    visibilities = np.full(17, 2)
    for index, visibility in dict(kwargs.pop("visibility", {})).items():
        visibilities[index] = visibility
    scores = kwargs.pop("scores", None)
    return PromptJoints(spots, visibilities, scores)


def square(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[y0:y1, x0:x1] = True
    return mask


AROUND_INFANT = square(38, 28, 122, 112)
AROUND_BOTH = square(0, 0, WIDTH, HEIGHT)
CARER = joints(130, 20, 60)


def test_six_joints_prompt_and_one_of_them_is_of_the_face() -> None:
    infant = joints()
    prompts = point_prompts(infant, [], WIDTH, HEIGHT)
    assert prompts.labels.tolist() == [1] * 6
    chosen = [int(np.flatnonzero((infant.keypoints == p).all(axis=1))[0]) for p in prompts.points]
    assert sum(joint < 5 for joint in chosen) == 1
    assert prompts.box is None


def test_the_best_face_joint_is_taken() -> None:
    scores = np.full(17, 0.9)
    scores[:5] = [0.5, 0.6, 0.95, 0.4, 0.7]
    infant = joints(scores=scores)
    first = point_prompts(infant, [], WIDTH, HEIGHT).points[0]
    assert np.array_equal(first, infant.keypoints[2])


def test_occluded_absent_and_doubtful_joints_do_not_prompt() -> None:
    scores = np.full(17, 0.9)
    scores[12:] = 0.2
    infant = joints(visibility=dict.fromkeys(range(4), 1) | {4: 0, 5: 0}, scores=scores)
    prompts = point_prompts(infant, [], WIDTH, HEIGHT)
    allowed = infant.keypoints[6:12]
    assert all((allowed == point).all(axis=1).any() for point in prompts.points)


def test_the_chosen_joints_lie_far_apart() -> None:
    spots = np.zeros((17, 2)) + (60, 60) + np.arange(17)[:, None] * 0.5
    spots[9], spots[10], spots[15], spots[16] = (20, 20), (100, 20), (20, 100), (100, 100)
    prompts = point_prompts(PromptJoints(spots, np.full(17, 2)), [], WIDTH, HEIGHT)
    chosen = {tuple(point) for point in prompts.points.tolist()}
    assert {(20.0, 20.0), (100.0, 20.0), (20.0, 100.0), (100.0, 100.0)} <= chosen


def test_joints_of_others_are_points_outside_nearest_first() -> None:
    infant = joints()
    prompts = point_prompts(infant, [CARER], WIDTH, HEIGHT)
    negative = prompts.points[prompts.labels == 0]
    assert len(negative) == 6
    gaps = np.linalg.norm(negative[:, None] - infant.keypoints[None], axis=2).min(axis=1)
    assert (np.diff(gaps) >= 0).all()


def test_a_foreign_joint_right_beside_an_own_one_is_no_point_outside() -> None:
    infant = joints()
    hand = PromptJoints(infant.keypoints + 1.0, np.full(17, 2))
    assert (point_prompts(infant, [hand], WIDTH, HEIGHT).labels == 1).all()


def test_without_visible_joints_there_is_nothing_to_prompt_with() -> None:
    hidden = joints(visibility=dict.fromkeys(range(17), 1))
    assert len(point_prompts(hidden, [CARER], WIDTH, HEIGHT).points) == 0
    assert box_prompt(hidden, WIDTH, HEIGHT) is None


@given(
    arrays(float, (17, 2), elements=st.floats(-50, 250)),
    arrays(int, 17, elements=st.integers(0, 2)),
)
def test_all_points_and_the_box_lie_inside_the_image(spots: np.ndarray, flags: np.ndarray) -> None:
    infant = PromptJoints(spots, flags)
    prompts = point_prompts(infant, [CARER], WIDTH, HEIGHT)
    assert len(prompts.points) == len(prompts.labels) <= 12
    assert (prompts.points >= 0).all()
    assert (prompts.points < [WIDTH, HEIGHT]).all()
    box = box_prompt(infant, WIDTH, HEIGHT)
    if box is not None:
        assert box[2] > 0
        assert box[3] > 0
        assert box[0] + box[2] <= WIDTH
        assert box[1] + box[3] <= HEIGHT


def test_the_box_is_fifteen_percent_larger_on_each_side() -> None:
    spots = np.full((17, 2), 60.0)
    spots[0], spots[1] = (40, 50), (80, 90)
    box = box_prompt(PromptJoints(spots, np.full(17, 2)), WIDTH, HEIGHT)
    assert box == pytest.approx((34, 44, 52, 52))


def test_a_perfect_mask_is_fully_consistent() -> None:
    assert consistency(AROUND_INFANT, joints(), [CARER]) == 1.0


def test_a_mask_over_everybody_is_half_consistent() -> None:
    assert consistency(AROUND_BOTH, joints(), [CARER]) == 0.5


def test_alone_in_the_frame_only_own_joints_count() -> None:
    assert consistency(AROUND_INFANT, joints(), []) == 1.0
    assert consistency(np.zeros_like(AROUND_INFANT), joints(), []) == 0.0


def test_occluded_joints_do_not_count() -> None:
    infant = joints(visibility={3: 1})
    infant.keypoints[3] = (190, 150)
    assert consistency(AROUND_INFANT, infant, []) == 1.0


class Segmenter:
    """Answers each rung from a script and keeps what it was asked."""

    def __init__(self, *answers: Sequence[np.ndarray]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[PointPrompts, bool]] = []

    def __call__(self, prompts: PointPrompts, several: bool) -> list[MaskProposal]:
        self.asked.append((prompts, several))
        return [MaskProposal(mask, 0.5) for mask in self.answers.pop(0)]


def test_a_good_first_mask_is_taken_at_once() -> None:
    segmenter = Segmenter([AROUND_INFANT])
    result = climb(segmenter, joints(), [CARER], WIDTH, HEIGHT)
    assert result.attempts == (Attempt.POINTS,)
    assert not result.flagged
    assert result.consistency == 1.0
    assert segmenter.asked[0][0].box is None


def test_a_mask_that_bleeds_is_retried_with_the_joints_rectangle() -> None:
    segmenter = Segmenter([AROUND_BOTH], [AROUND_INFANT])
    result = climb(segmenter, joints(), [CARER], WIDTH, HEIGHT)
    assert result.attempts == (Attempt.POINTS, Attempt.BOX)
    assert segmenter.asked[1][0].box == box_prompt(joints(), WIDTH, HEIGHT)
    assert np.array_equal(result.mask, AROUND_INFANT)


def test_of_several_masks_the_most_consistent_is_taken() -> None:
    clothing = square(60, 50, 100, 90)
    segmenter = Segmenter([AROUND_BOTH], [clothing], [clothing, AROUND_INFANT, AROUND_BOTH])
    result = climb(segmenter, joints(), [CARER], WIDTH, HEIGHT)
    assert result.attempts == tuple(Attempt)
    assert segmenter.asked[2][1]
    assert np.array_equal(result.mask, AROUND_INFANT)
    assert not result.flagged


def test_the_best_of_bad_masks_is_kept_and_flagged() -> None:
    best = square(38, 28, 90, 112)
    alone = climb(
        Segmenter([best], [square(0, 0, 5, 5)], [square(0, 0, 5, 5)]), joints(), [], WIDTH, HEIGHT
    )
    assert alone.flagged
    assert alone.attempts == tuple(Attempt)
    assert np.array_equal(alone.mask, best)


def test_specks_and_holes_are_removed() -> None:
    dirty = AROUND_INFANT.copy()
    dirty[2:5, 2:5] = True
    dirty[60:64, 70:74] = False
    result = climb(Segmenter([dirty]), joints(), [], WIDTH, HEIGHT)
    assert np.array_equal(result.mask, AROUND_INFANT)


def test_without_visible_joints_the_mask_is_empty_and_flagged() -> None:
    segmenter = Segmenter()
    hidden = joints(visibility=dict.fromkeys(range(17), 1))
    result = climb(segmenter, hidden, [CARER], WIDTH, HEIGHT)
    assert result.flagged
    assert not result.mask.any()
    assert segmenter.asked == []
