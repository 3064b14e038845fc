"""Predictions of another split are told by its name, whatever they are predictions of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.publishing.evaluation.body_files import read_bodies
from backend.publishing.evaluation.other_splits import OtherSplits, others_beside
from backend.publishing.evaluation.posture_file import read_postures
from backend.publishing.evaluation.predictions_file import read_predictions
from backend.publishing.evaluation.truth_file import read_truth
from tests.backend.publishing.evaluation.files import result, truth, write

TRAINING = OtherSplits(lambda: {40: "train", "40": "train", "d": "train"})
WORDS = "of the split “train” (choose train to measure these)"


def test_joints_of_another_split(tmp_path: Path) -> None:
    known = read_truth(write(tmp_path, "test.json", truth()))
    predicted = write(tmp_path, "p.json", [result(7), result(40), result(41)])

    with pytest.raises(InvalidInput) as refused:
        read_predictions(predicted, known, others=TRAINING)

    assert f"image_id {WORDS}: 1 ([1]: 40)" in str(refused.value)
    assert "image_id that the ground truth does not have: 1 ([2]: 41)" in str(refused.value)


def test_postures_of_another_split(tmp_path: Path) -> None:
    told = truth()
    told["images"][0]["posture"] = "supine"
    known = read_truth(write(tmp_path, "test.json", told))
    table = tmp_path / "postures.csv"
    table.write_text("image_id,posture\n40,prone\n")

    with pytest.raises(InvalidInput) as refused:
        read_postures(table, known, others=TRAINING)

    assert f"image {WORDS}: 1" in str(refused.value)


def test_bodies_of_another_split(tmp_path: Path) -> None:
    joints = np.random.default_rng(1).normal(0, 0.3, (2, 17, 3))
    np.savez(tmp_path / "test.npz", joints3d=joints, id=np.array(["a", "b"]))
    np.savez(tmp_path / "p.npz", joints3d=joints, id=np.array(["a", "d"]))

    with pytest.raises(InvalidInput) as refused:
        read_bodies(tmp_path / "test.npz", tmp_path / "p.npz", others=TRAINING)

    assert f"1 ids are {WORDS}" in str(refused.value)


def test_other_splits_of_plain_files_lie_beside_the_truth(tmp_path: Path) -> None:
    known = write(tmp_path, "test.json", truth())
    write(tmp_path, "person_keypoints_train.json", {"images": [{"id": 40}, {"id": "a"}]})
    (tmp_path / "notes.json").write_text("no JSON at all")
    (tmp_path / "numbers.json").write_text(json.dumps([1, 2]))

    others = others_beside(known)

    assert (others.of(40), others.of("a"), others.of(41), others.of(None)) == (
        "train",
        "train",
        None,
        None,
    )
