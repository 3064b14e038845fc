"""Which prediction's joints are measured against which person's."""

from __future__ import annotations

import numpy as np

from backend.domain.evaluation.matching import pair
from backend.domain.evaluation.pairing import located, nearest
from tests.backend.domain.evaluation.people import figure, predictions, truths


def test_the_most_alike_are_paired_first_whatever_their_scores() -> None:
    there = truths([figure(), figure(30)], [0, 0])
    found = predictions([figure(28), figure(2)], [0, 0], [0.1, 0.9])
    paired = nearest(there, pair(there, found))
    assert paired.prediction.tolist() == [1, 0]


def test_a_prediction_is_used_once_and_the_other_person_has_none() -> None:
    there = truths([figure(), figure(30)], [0, 0])
    found = predictions([figure(1)], [0])
    paired = nearest(there, pair(there, found))
    assert paired.prediction.tolist() == [0, -1]
    assert paired.oks[1] == 0


def test_somebody_far_away_is_paired_but_not_located() -> None:
    there, found = truths([figure()]), predictions([figure(5000)])
    pairs = pair(there, found)
    assert nearest(there, pairs).prediction.tolist() == [0]
    assert located(there, found, pairs).prediction.tolist() == [-1]


def test_crowds_and_people_without_joints_take_part_in_nothing() -> None:
    nobody = np.zeros((2, 17), np.int64)
    nobody[0] = 2
    there = truths([figure(), figure()], crowd=np.array([True, False]), visibility=nobody)
    found = predictions([figure(), figure()])
    pairs = pair(there, found)
    for paired in (nearest(there, pairs), located(there, found, pairs)):
        assert paired.prediction.tolist() == [-1, -1]
        assert np.isnan(paired.oks).all()


def test_the_surest_one_is_located_as_in_coco() -> None:
    there = truths([figure()])
    found = predictions([figure(1), figure(3)], [0, 0], [0.2, 0.8])
    pairs = pair(there, found)
    assert located(there, found, pairs).prediction.tolist() == [1]
    assert nearest(there, pairs).prediction.tolist() == [0]
