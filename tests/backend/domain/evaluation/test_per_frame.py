"""A row for each frame: the worst person of each, with the prediction that is nearest to it."""

from __future__ import annotations

import numpy as np

from backend.domain.evaluation.evaluate import Model, worst_frames
from backend.domain.evaluation.keypoint_errors import ErrorKind
from backend.domain.evaluation.per_frame import frame_columns
from backend.domain.evaluation.samples import no_predictions
from backend.domain.skeleton import JOINTS
from tests.backend.domain.evaluation.coco_sets import columns, make_set


def test_frames_come_in_the_order_of_the_worst_and_say_the_same_of_them() -> None:
    model = Model(*columns(*make_set(3, 40, 1, 3, 3, False)))
    found = frame_columns(model)
    listed = worst_frames(model, 1000)
    assert len(found) == len(listed)
    for i, frame in enumerate(listed):
        assert found.image_ids[i] == frame.image_id
        assert found.oks[i] == frame.oks
        if frame.distance is not None:
            assert np.isclose(found.distance[i], frame.distance)
        wrong = {
            JOINTS[j]: ErrorKind(kind).name.lower()
            for j, kind in enumerate(found.kinds[i].tolist())
            if kind > ErrorKind.GOOD
        }
        assert wrong == frame.errors


def test_the_worst_joint_is_a_labelled_one_with_the_least_similarity() -> None:
    model = Model(*columns(*make_set(5, 30, 1, 2, 3, False)))
    found = frame_columns(model)
    rows = np.arange(len(found))
    assert np.isfinite(found.similarity[rows, found.worst_joint]).all()
    assert (found.similarity[rows, found.worst_joint] == np.nanmin(found.similarity, axis=1)).all()


def test_without_a_prediction_there_are_no_joints_and_no_score() -> None:
    truths, _ = columns(*make_set(7, 20, 1, 2, 3, False))
    found = frame_columns(Model(truths, no_predictions()))
    assert (found.oks == 0).all()
    assert np.isnan(found.joints).all()
    assert np.isnan(found.score).all()
    assert np.isnan(found.distance).all()
