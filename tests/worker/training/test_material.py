"""What is trained on: reading, cutting a validation side, and saying what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from backend.domain.errors import InvalidInput
from tests.worker.training.tiny import write_set
from worker.training.coco_file import as_coco
from worker.training.material import Need, require, require_postures, with_validation
from worker.training.reading import read, read_parts, side_of


def test_validation_is_cut_by_infant_and_said(tmp_path: Path) -> None:
    material = read(write_set(tmp_path / "set", infants=6, each=8))
    held = {sample.infant for sample in material.validation}
    assert held
    assert not held & {sample.infant for sample in material.train}
    assert len(material.train) + len(material.validation) == 48
    assert "1 of 6 infants" in material.notes[0]


def test_the_cut_is_the_same_each_time(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", infants=6)
    first, second = read(folder), read(folder)
    assert [s.image for s in first.validation] == [s.image for s in second.validation]
    assert first.sha256 == second.sha256


def test_one_infant_cannot_be_split(tmp_path: Path) -> None:
    parts = read_parts(write_set(tmp_path / "set", infants=1))
    with pytest.raises(InvalidInput, match="one infant only"):
        with_validation(parts)


def test_too_few_images_are_said_with_their_side(tmp_path: Path) -> None:
    material = read(write_set(tmp_path / "set", infants=3, each=2))
    with pytest.raises(InvalidInput, match=r"too small for its split: validation has 2"):
        require(material, {Need.JOINTS})


def test_missing_labels_are_named(tmp_path: Path) -> None:
    material = read(write_set(tmp_path / "set"))
    with pytest.raises(InvalidInput, match=r"posture labels .*: 0 of 24 images of train"):
        require(material, {Need.JOINTS, Need.POSTURES})
    with pytest.raises(InvalidInput, match="posture rolling"):
        require_postures(material.train, ["rolling"], "train")
    with pytest.raises(InvalidInput, match="two sets"):
        require(material, {Need.SECOND_DOMAIN})


def test_pixels_are_counted_as_the_file_says(tmp_path: Path) -> None:
    told = {"infantnet": {"pixels": "continuous"}}
    continuous = read(write_set(tmp_path / "a", info=told)).train[0]
    index = read(write_set(tmp_path / "b")).train[0]
    np.testing.assert_array_equal(index.joints[:, :2], continuous.joints[:, :2] + 0.5)
    again = as_coco([index])["annotations"][0]["keypoints"]
    np.testing.assert_allclose(again[:2], index.joints[0, :2] - 0.5)


def test_other_joints_and_missing_images_are_named(tmp_path: Path) -> None:
    other = [{"id": 1, "name": "person", "keypoints": ["head", "tail"]}]
    with pytest.raises(InvalidInput, match="infantnet tools convert"):
        read(write_set(tmp_path / "a", categories=other))
    folder = write_set(tmp_path / "b")
    (folder / "images" / "003.png").unlink()
    with pytest.raises(InvalidInput, match=r"003\.png"):
        read(folder)


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("person_keypoints_train2017", "train"),
        ("person_keypoints_validate_infant", "validation"),
        ("val", "validation"),
        ("test", "test"),
        ("captions", None),
    ],
)
def test_sides_are_told_by_names(name: str, side: str | None) -> None:
    assert side_of(name) == side


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"keypoints": [1, 2, 2]}, "annotation 1 .* 3 numbers of key points"),
        ({"keypoints": ["a", 2, 2] * 17}, "annotation 1 cannot be read"),
        ({"bbox": [1, 2]}, "annotation 1 .* box has 2 numbers"),
        ({"image_id": None}, "entry 1 of its annotations has no image_id"),
    ],
)
def test_a_damaged_annotation_is_named(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    file = write_set(tmp_path / "set") / "annotations.json"
    coco = orjson.loads(file.read_bytes())
    coco["annotations"][0] |= change
    file.write_bytes(orjson.dumps(coco))
    with pytest.raises(InvalidInput, match=words):
        read(tmp_path / "set")


def test_people_without_key_points_or_box_are_no_fault_of_the_file(tmp_path: Path) -> None:
    file = write_set(tmp_path / "set") / "annotations.json"
    coco = orjson.loads(file.read_bytes())
    coco["annotations"][0]["keypoints"] = None
    del coco["annotations"][1]["bbox"]
    file.write_bytes(orjson.dumps(coco))
    parts = read(tmp_path / "set").parts
    boxes = [sample.box for part in parts.values() for sample in part]
    assert len(boxes) == len(coco["annotations"]) - 1
    assert boxes.count((0.0, 0.0, 0.0, 0.0)) == 1
