"""PCK, distances, and kinds of errors, on people whose errors are known."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.evaluation import keypoint_errors as errors
from backend.domain.evaluation.keypoint_errors import ErrorKind
from backend.domain.evaluation.matching import pair
from backend.domain.evaluation.pairing import Paired, nearest
from backend.domain.evaluation.samples import Predictions, Truths
from backend.domain.evaluation.similarity import VARIANCES
from backend.domain.skeleton import JOINTS
from tests.backend.domain.evaluation.people import AREA, figure, predictions, truths

NOSE, LEFT_WRIST, RIGHT_WRIST = 0, JOINTS.index("left_wrist"), JOINTS.index("right_wrist")


def paired(there: Truths, found: Predictions) -> Paired:
    return nearest(there, pair(there, found))


def shifted(joint: int, by: float) -> np.ndarray:
    joints = figure()
    joints[joint, 0] += by
    return joints


def off(joint: int, similarity: float) -> float:
    """Pixels at which a joint has this similarity."""
    return float(np.sqrt(-np.log(similarity) * 2 * AREA * VARIANCES[joint]))


def kind_of(there: Truths, joints: np.ndarray, joint: int) -> ErrorKind:
    found = predictions([joints], [0])
    return ErrorKind(errors.kinds(there, found, paired(there, found))[0, joint])


def test_distances_are_pixels_and_unlabelled_joints_have_none() -> None:
    visibility = np.full((1, 17), 2)
    visibility[0, NOSE] = 0
    there = truths([figure()], visibility=visibility)
    found = predictions([figure(3, 4)])
    distance = errors.distances(there, found, paired(there, found))
    assert np.isnan(distance[0, NOSE])
    assert distance[0, 1:] == pytest.approx(5)


def test_pck_counts_joints_within_a_share_of_the_length_border_included() -> None:
    there = truths([figure()])
    found = predictions([shifted(NOSE, 50)])
    distance = errors.distances(there, found, paired(there, found))
    length = errors.box_sides(there)
    assert length.tolist() == [500]
    assert errors.correct(there, distance, length, 0.1)[0, NOSE] == 1
    assert errors.correct(there, distance, length, 0.0999)[0, NOSE] == 0


def test_joints_of_somebody_who_was_not_predicted_are_wrong() -> None:
    there, found = truths([figure()]), predictions([])
    distance = errors.distances(there, found, paired(there, found))
    assert errors.correct(there, distance, errors.box_sides(there), 0.1).tolist() == [[0.0] * 17]


def test_people_without_the_length_are_left_out() -> None:
    visibility = np.full((1, 17), 2)
    visibility[0, [5, 6]] = 0
    there = truths([figure()], visibility=visibility)
    length = errors.torso_lengths(there)
    assert np.isnan(length).all()
    assert np.isnan(errors.correct(there, np.zeros((1, 17)), length, 0.2)).all()


def test_the_torso_is_the_longer_labelled_diagonal() -> None:
    joints = figure()
    left, right = JOINTS.index("left_shoulder"), JOINTS.index("right_shoulder")
    joints[left], joints[JOINTS.index("right_hip")] = (0, 0), (30, 40)
    joints[right], joints[JOINTS.index("left_hip")] = (0, 0), (60, 80)
    assert errors.torso_lengths(truths([joints])).tolist() == [100]
    visibility = np.full((1, 17), 2)
    visibility[0, right] = 0
    assert errors.torso_lengths(truths([joints], visibility=visibility)).tolist() == [50]


def test_the_head_is_the_files_where_everybody_has_one_else_the_faces_extent() -> None:
    there = truths([figure(), figure()], head=np.array([80.0, 90.0]))
    assert errors.head_lengths(there)[0].tolist() == [80, 90]
    some = truths([figure(), figure()], head=np.array([80.0, np.nan]))
    lengths, said = errors.head_lengths(some)
    assert not said
    assert lengths.tolist() == [400, 400]  # from the nose to the right ear of these figures
    visibility = np.full((1, 17), 2)
    visibility[0, :3] = 0
    assert np.isnan(errors.head_lengths(truths([figure()], visibility=visibility))[0]).all()


@pytest.mark.parametrize(
    ("similarity", "kind"),
    [
        (0.86, ErrorKind.GOOD),
        (0.84, ErrorKind.JITTER),
        (0.51, ErrorKind.JITTER),
        (0.49, ErrorKind.MISS),
    ],
)
def test_good_jitter_and_miss_part_at_their_similarities(
    similarity: float, kind: ErrorKind
) -> None:
    there = truths([figure()])
    joints = shifted(LEFT_WRIST, off(LEFT_WRIST, similarity))
    assert kind_of(there, joints, LEFT_WRIST) is kind


def test_a_wrist_on_the_other_wrist_is_an_inversion() -> None:
    joints = figure()
    joints[LEFT_WRIST] = joints[RIGHT_WRIST]
    there = truths([figure()])
    assert kind_of(there, joints, LEFT_WRIST) is ErrorKind.INVERSION
    assert kind_of(there, joints, RIGHT_WRIST) is ErrorKind.GOOD


def test_where_the_other_wrist_is_not_labelled_there_is_no_inversion() -> None:
    joints = figure()
    joints[LEFT_WRIST] = joints[RIGHT_WRIST]
    visibility = np.full((1, 17), 2)
    visibility[0, RIGHT_WRIST] = 0
    assert kind_of(truths([figure()], visibility=visibility), joints, LEFT_WRIST) is ErrorKind.MISS


@pytest.mark.parametrize("of", [LEFT_WRIST, RIGHT_WRIST])
def test_a_wrist_on_somebody_elses_wrist_is_a_swap(of: int) -> None:
    other = figure(2000, 2000)
    joints = figure()
    joints[LEFT_WRIST] = other[of]
    assert kind_of(truths([figure(), other], [0, 0]), joints, LEFT_WRIST) is ErrorKind.SWAP


def test_somebody_in_another_image_is_no_swap() -> None:
    joints = figure()
    joints[LEFT_WRIST] = figure(2000, 2000)[LEFT_WRIST]
    there = truths([figure(), figure(2000, 2000)], [0, 1])
    assert kind_of(there, joints, LEFT_WRIST) is ErrorKind.MISS


def test_the_more_similar_of_inversion_and_swap_is_said() -> None:
    near = off(LEFT_WRIST, 0.9)
    other = figure(2000, 2000)
    other[LEFT_WRIST] = figure()[RIGHT_WRIST] + (near, 0)
    there = truths([figure(), other], [0, 0])
    joints = figure()
    joints[LEFT_WRIST] = figure()[RIGHT_WRIST] + (near * 0.9, 0)
    assert kind_of(there, joints, LEFT_WRIST) is ErrorKind.SWAP
    joints[LEFT_WRIST] = figure()[RIGHT_WRIST] + (near * 0.1, 0)
    assert kind_of(there, joints, LEFT_WRIST) is ErrorKind.INVERSION


def test_mended_joints_are_where_they_belong_and_the_others_where_they_were() -> None:
    there, found = truths([figure()]), predictions([figure(7, 0)])
    wrong = np.zeros((1, 17), bool)
    wrong[0, NOSE] = True
    better = errors.mended(there, found, paired(there, found), wrong)
    assert better.joints[0, NOSE].tolist() == figure()[NOSE].tolist()
    assert better.joints[0, 1:].tolist() == figure(7, 0)[1:].tolist()
