"""The whole evaluation of a model's joints."""

from __future__ import annotations

import json

import numpy as np
import pytest

from backend.domain.evaluation.evaluate import Options, evaluate
from backend.domain.evaluation.facets import FACETS
from backend.domain.skeleton import JOINTS
from tests.backend.domain.evaluation.people import figure, predictions, truths

FACTS = [
    {"infant": f"B{i % 6}", "recording_source": "home" if i % 2 else "youtube", "age_months": i}
    for i in range(12)
]
THERE = truths([figure()] * 12, facts=FACTS)


def noisy(seed: int = 0) -> np.ndarray:
    return figure() + np.random.default_rng(seed).normal(0, 12, (12, 17, 2))


def test_a_perfect_model_reaches_everything() -> None:
    found = evaluate(THERE, predictions(list(THERE.joints)), Options(resamples=50))
    for name in ("AP", "AP.5", "AP.75", "AR", "OKS", "PCK_box@0.1", "PCKh@0.5"):
        measure = found.measures[name]
        assert measure.value == pytest.approx(1)
        assert measure.interval is not None
        assert (measure.interval.low, measure.interval.high) == pytest.approx((1, 1))
    assert found.measures["AJPE"].value == 0
    assert found.measures["AP_M"].value is None  # nobody is of medium size
    assert found.errors.counts["good"] == 12 * 17


def test_intervals_hold_the_value_and_come_out_the_same_again() -> None:
    options = Options(resamples=300, seed=7)
    found = evaluate(THERE, predictions(list(noisy())), options)
    again = evaluate(THERE, predictions(list(noisy())), options)
    assert found.to_json() == again.to_json()
    for name in ("AP", "AJPE", "OKS"):
        measure = found.measures[name]
        assert measure.value is not None
        assert measure.interval is not None
        assert measure.interval.low <= measure.value <= measure.interval.high


def test_every_facet_can_be_asked_for_and_its_parts_hold_all_images() -> None:
    found = evaluate(THERE, predictions(list(noisy())), Options(by=FACETS, resamples=50))
    assert set(found.parts) == set(FACETS)
    for name, parts in found.parts.items():
        if name in ("joint", "visibility"):
            assert sum(part.joints for part in parts) == 12 * 17
        else:
            assert sum(part.images or 0 for part in parts) == 12
    assert [part.name for part in found.parts["joint"]] == list(JOINTS)
    assert [part.name for part in found.parts["source"]] == ["home", "youtube"]
    # Three infants of each source are too few for an interval there.
    assert all(part.measures["AP"].interval is None for part in found.parts["source"])
    json.dumps(found.to_json())


def test_the_worst_frame_comes_first_with_what_went_wrong() -> None:
    joints = [figure() for _ in range(12)]
    joints[4][9] = joints[4][10]
    joints[7] += 30.0
    found = evaluate(THERE, predictions(joints), Options(resamples=0, worst=2))
    assert [frame.image_id for frame in found.worst] == [8, 5]
    assert found.worst[1].errors == {"left_wrist": "inversion"}
    assert found.worst[0].facts["infant"] == "B1"


def test_mending_what_went_wrong_brings_back_what_it_cost() -> None:
    joints = [figure() for _ in range(12)]
    for joint in joints[:6]:
        joint[[9, 10]] = joint[[10, 9]]
    found = evaluate(THERE, predictions(joints), Options(resamples=0))
    assert (found.measures["AP"].value or 0) < 0.9
    assert found.errors.ap_if_mended["inversion"] == pytest.approx(1)
    assert found.errors.ap_if_mended["swap"] == found.measures["AP"].value


def test_nobody_predicted_is_said_and_measured_as_missing() -> None:
    found = evaluate(THERE, predictions([]), Options(resamples=50))
    assert found.measures["AP"].value == 0
    assert found.measures["AJPE"].value is None
    assert found.measures["PCK_box@0.1"].value == 0
    assert found.counts["people_without_prediction"] == 12
    assert found.notes[0].startswith("Nobody was predicted")


def test_false_alarms_in_pictures_of_nobody_are_in_the_interval_too() -> None:
    facts = [{"infant": f"B{i}"} for i in range(12)]
    there = truths([figure()] * 6, range(6), facts=facts)
    found = predictions([figure()] * 12, range(12), [*[0.5] * 6, *[0.9] * 6])
    measure = evaluate(there, found, Options(resamples=300)).measures["AP"]
    assert measure.value is not None
    assert measure.interval is not None
    assert measure.interval.low < measure.value < measure.interval.high < 1


def test_parts_that_are_too_many_to_measure_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.domain.evaluation.evaluate.MAX_PARTS", 4)
    options = Options(by=("infant",), resamples=0)
    found = evaluate(THERE, predictions(list(THERE.joints)), options)
    assert len(found.parts["infant"]) == 4
    assert found.notes[-1] == "By infant there are 6 parts; only the first 4 are measured."


def test_without_infants_there_is_a_sentence_and_no_interval() -> None:
    found = evaluate(truths([figure()] * 3), predictions([figure()] * 3))
    assert all(measure.interval is None for measure in found.measures.values())
    assert any("does not say which infant" in note for note in found.notes)
    assert found.settings["resamples"] == 0
