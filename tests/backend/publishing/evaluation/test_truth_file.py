"""Ground truth is read strictly: what is unsound is refused by name and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.domain.pixels import PixelRule
from backend.domain.skeleton import JOINTS
from backend.publishing.evaluation.truth_file import read_truth
from tests.backend.publishing.evaluation.files import KEYPOINTS, person, truth, write


def test_images_stand_in_the_order_of_their_ids_with_what_is_known_of_them(tmp_path: Path) -> None:
    found = read_truth(write(tmp_path, "t.json", truth()))
    assert found.truths.image_ids == [3, 7]
    assert found.truths.image.tolist() == [1, 0]
    assert found.truths.facts[0]["infant"] == "B3"
    assert found.truths.facts[0]["file_name"] == "visit/3.jpg"
    assert found.truths.joints[0].ravel().tolist() == np.delete(KEYPOINTS, np.s_[2::3]).tolist()


def test_a_packed_file_and_members_in_another_order_read_the_same(tmp_path: Path) -> None:
    plain = read_truth(write(tmp_path, "t.json", truth()))
    turned = dict(reversed(list(truth().items())))
    packed = read_truth(write(tmp_path, "t.json.gz", turned))
    assert packed.truths.image_ids == plain.truths.image_ids
    assert np.array_equal(packed.truths.joints, plain.truths.joints)


def test_facts_beside_the_namespace_postures_and_heads_are_taken(tmp_path: Path) -> None:
    images = [{"id": 1, "infant": "B1"}]
    people = [person(1, 1, infantnet={"posture": "Four-Point Kneeling", "head_length": 55.0})]
    found = read_truth(write(tmp_path, "t.json", truth(images=images, annotations=people)))
    assert found.truths.facts[0] == {"infant": "B1", "posture": "four_point_kneeling"}
    assert found.truths.head.tolist() == [55]


def test_what_its_pixels_count_is_known_where_it_is_declared(tmp_path: Path) -> None:
    told = truth(info={"infantnet": {"pixels": "continuous"}})
    assert read_truth(write(tmp_path, "t.json", told)).pixels is PixelRule.CONTINUOUS
    assert read_truth(write(tmp_path, "u.json", truth())).pixels is None


def test_people_without_joints_are_left_out_and_said(tmp_path: Path) -> None:
    ball = {"id": 5, "image_id": 7, "category_id": 2, "bbox": [0, 0, 1, 1], "area": 1}
    told = truth()
    told["annotations"].append(ball)
    told["categories"].append({"id": 2, "name": "ball"})
    found = read_truth(write(tmp_path, "t.json", told))
    assert len(found.truths) == 2
    assert found.truths.categories == 1
    assert "1 annotations without joints" in found.notes[0]


def test_a_count_of_joints_that_differs_is_kept_and_said(tmp_path: Path) -> None:
    told = truth(annotations=[person(1, 7, num_keypoints=0), person(2, 3)])
    found = read_truth(write(tmp_path, "t.json", told))
    assert found.truths.ignored.tolist() == [True, False]
    assert "num_keypoints" in found.notes[0]


def _with(joint_values: dict[int, Any]) -> list[Any]:
    values: list[Any] = list(KEYPOINTS)
    for place, value in joint_values.items():
        values[place] = value
    return values


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"images": [{"id": 7}, {"id": 7}, {"id": 3}]},
            "image id that is there twice: 1 (images[1",
        ),
        ({"images": [{"file_name": "a.jpg"}]}, "image without an id: 1 (images[0]"),
        ({"images": [{"id": 7}]}, "an image that is not listed: 1 (annotations[1]: 3"),
        ({"images": [{"id": 7}, {"id": "3"}, {"id": 3}]}, "some are text"),
        ({"annotations": [person(1, 7), person(1, 3)]}, "annotation id that is there twice"),
        ({"annotations": [person(1, 7, category_id=4)]}, "category that is not listed"),
        ({"annotations": [person(1, 7, area=None)]}, "without an area"),
        ({"annotations": [person(1, 7, area=-3)]}, "without an area"),
        ({"annotations": [person(1, 7, iscrowd=2)]}, "neither 0 nor 1"),
        ({"annotations": [person(1, 7, keypoints=[1, 2, 2])]}, "another length than 51"),
        ({"annotations": [person(1, 7, keypoints=_with({3: "x"}))]}, "keypoints[3]: 'x'"),
        ({"annotations": [person(1, 7, keypoints=_with({5: 3}))]}, "left_eye: 3"),
        ({"annotations": [person(1, 7, bbox=[1, 2])]}, "bbox of another length"),
        ({"annotations": [person(1, 7, infantnet={"head_length": 0})]}, "head_length"),
        ({"annotations": [7]}, "annotation that is no object"),
        ({"annotations": []}, "nobody with joints"),
        ({"annotations": {"a": 1}}, "“annotations” is no list"),
        (
            {"categories": [{"id": 1, "keypoints": [*JOINTS[1:], JOINTS[0]]}]},
            "not COCO's 17 in COCO's order",
        ),
    ],
)
def test_what_is_unsound_is_refused_by_name_and_place(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_truth(write(tmp_path, "t.json", truth(**changes)))
    assert words in caught.value.message
    assert caught.value.file == "t.json"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("[]", "this is a list"),
        ('{"images": []}', "“categories” is missing"),
        ('{"images": [', "images[0]: Expecting value"),
        ("7", "this is neither a JSON object nor a list"),
        ("hello", "this is not a JSON array"),
        ('{"images": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_coco_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=r"t\.json") as caught:
        read_truth(write(tmp_path, "t.json", text))
    assert words in caught.value.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such file"):
        read_truth(tmp_path / "none.json")
