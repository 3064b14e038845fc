"""Evaluations of postures and bodies as wholes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from backend.domain.evaluation.body_errors import body_measures
from backend.domain.evaluation.intervals import clusters_of
from backend.domain.evaluation.other_kinds import evaluate_bodies, evaluate_postures
from backend.domain.postures import GROUP_OF, posture_name

INFANTS = clusters_of([{"infant": f"B{i % 6}"} for i in range(12)])


def test_a_confused_posture_of_the_same_group_is_right_for_the_group() -> None:
    true = ["prone_lying"] * 6 + ["standing"] * 6
    predicted = ["prone_lying"] * 3 + ["forearm_support"] * 3 + ["standing"] * 3 + ["rolling"] * 3
    found = evaluate_postures(true, predicted, INFANTS, resamples=200)
    assert found.measures["top1"].value == pytest.approx(0.5)
    assert found.measures["top1_groups"].value == pytest.approx(0.75)
    assert found.measures["top1"].interval is not None
    names = found.confusion.names
    assert names == tuple(GROUP_OF)
    row, column = names.index("prone_lying"), names.index("forearm_support")
    assert found.confusion.counts[row, column] == 3
    assert found.confusion.counts[column, row] == 0
    assert found.groups is not None
    assert found.groups.counts.tolist() == [[6, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 3, 0, 3]]
    json.dumps(found.to_json())


def test_rare_postures_weigh_as_much_as_frequent_ones_in_the_balanced_accuracy() -> None:
    true = ["sitting"] * 11 + ["all_fours"]
    found = evaluate_postures(true, ["sitting"] * 12, INFANTS)
    assert found.measures["top1"].value == pytest.approx(11 / 12)
    assert found.measures["top1_balanced"].value == pytest.approx(0.5)
    assert found.groups is None  # names of another scheme have no groups


def test_beside_postures_stands_what_always_saying_the_most_frequent_one_reaches() -> None:
    true = ["prone_lying"] * 3 + ["standing"] * 5 + ["forearm_support"] * 4
    training = ["prone_lying"] * 6 + ["forearm_support"] * 2 + ["standing"] * 5
    found = evaluate_postures(true, true, INFANTS, training=training)
    assert found.baseline["top1"].value == pytest.approx(3 / 12)
    assert found.baseline["top1_balanced"].value == pytest.approx(1 / 3)
    assert found.baseline["top1_groups"].value == pytest.approx(7 / 12)
    assert found.commonest.name == "always prone lying"
    assert "to train on (6 of 13 frames)" in found.notes[-1]
    alone = evaluate_postures(true, true, INFANTS)
    assert alone.baseline["top1"].value == pytest.approx(5 / 12)
    assert "standing" in alone.notes[-1]
    assert "none to train on are known" in alone.notes[-1]


def test_the_baseline_of_a_scheme_of_its_own_has_no_groups() -> None:
    found = evaluate_postures(["sitting"] * 3, ["sitting"] * 3, clusters_of([{}] * 3))
    assert found.baseline.keys() == {"top1", "top1_balanced"}
    assert found.to_json()["baseline_name"] == "always sitting"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Four-Point Kneeling", "four_point_kneeling"),
        ("Hands to Knee/Feet", "hands_to_knees_or_feet"),
        ("sitting  with ARM support", "sitting_with_arm_support"),
    ],
)
def test_postures_are_known_however_they_are_written(written: str, name: str) -> None:
    assert posture_name(written) == name
    assert name in GROUP_OF


def test_bodies_that_cannot_be_measured_are_counted_and_the_worst_come_first() -> None:
    true = np.random.default_rng(0).normal(0, 0.3, (12, 17, 3))
    predicted = true.copy()
    predicted[5, 3] += 0.2
    true[2, 11] = np.nan
    found = evaluate_bodies(body_measures(predicted, true), INFANTS, resamples=100)
    assert found.unmeasured == {"MPJPE": 1, "MPJPE_unaligned": 0, "PA-MPJPE": 0}
    assert found.worst[0][0] == 5
    assert found.measures["PA-MPJPE"].interval is not None
    json.dumps(found.to_json())


def test_few_infants_leave_a_sentence() -> None:
    true = np.random.default_rng(0).normal(0, 0.3, (12, 17, 3))
    few = clusters_of([{"infant": f"B{i % 3}"} for i in range(12)])
    found = evaluate_bodies(body_measures(true, true), few)
    assert found.measures["MPJPE"].interval is None
    assert "3 infants" in found.notes[0]
