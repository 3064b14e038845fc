"""COCO files element by element: what is odd costs itself alone, and is told with its place."""

from __future__ import annotations

import math

import pytest

from backend.domain.boxes import Box
from backend.domain.infants import Apart
from backend.domain.keypoints import Visibility
from backend.domain.oddities import Odd
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.coco import Rle
from backend.publishing.formats.coco_reader import read_coco
from tests.backend.publishing.formats.coco_edits import (
    JOINTS_LOST,
    LEFT_OUT,
    Edit,
    again,
    category,
    change,
    first,
    image,
    kp,
    odd,
    person,
)
from tests.backend.publishing.formats.conftest import SMALL


def test_a_small_file_is_read(coco_file):
    dataset = read_coco(coco_file())
    assert [image.file_name for image in dataset.images] == ["a.jpg", "b.jpg"]
    assert dataset.info == {"description": "small"}
    assert dataset.licenses == [{"id": 1, "name": "none", "url": ""}]
    found = person(dataset)
    assert found.box == Box(10, 10, 100, 50)
    assert found.area == 2500
    assert found.segmentation == ((10, 10, 110, 10, 110, 60),)
    assert found.skeleton.joints[16].x == 26
    assert found.apart is None
    assert 9 not in dataset.candidates
    assert odd(dataset) == {}


def test_several_annotations_of_an_image_are_its_candidates(coco_file):
    def edit(data):
        data["annotations"] += [first(data) | {"id": 2, "score": 0.5}]

    people = read_coco(coco_file(edit)).candidates[7]
    assert [p.id for p in people] == [1, 2]
    assert [p.score for p in people] == [None, 0.5]


def test_annotations_may_stand_before_what_they_refer_to(coco_file):
    def edit(data):
        for key in ("images", "categories"):
            data[key] = data.pop(key)

    assert len(read_coco(coco_file(edit)).candidates[7]) == 1


def test_coordinates_of_absent_joints_are_dropped(coco_file):
    def edit(data):
        first(data)["keypoints"][:3] = [123, 45, 0]

    joint = person(read_coco(coco_file(edit))).skeleton.joints[0]
    assert (joint.x, joint.y, joint.visibility) == (0, 0, Visibility.ABSENT)


def test_annotations_of_things_are_counted_and_left_out(coco_file):
    def edit(data):
        data["categories"].append({"id": 2, "name": "toy"})
        data["annotations"].append({"id": 5, "image_id": 7, "category_id": 2})

    dataset = read_coco(coco_file(edit))
    assert dataset.ignored_annotations == 1
    assert len(dataset.candidates[7]) == 1


def test_people_of_a_category_without_joints_are_kept_apart(coco_file):
    def edit(data):
        data["categories"].append({"id": 2, "name": "caregiver"})
        data["annotations"].append({"id": 5, "image_id": 7, "category_id": 2, "bbox": [1, 1, 9, 9]})

    _, other = read_coco(coco_file(edit)).candidates[7]
    assert (other.apart, other.box) == (Apart.NO_JOINTS, Box(1, 1, 9, 9))


def test_plain_run_lengths_become_compressed(coco_file):
    def edit(data):
        first(data)["segmentation"] = {"size": [480, 640], "counts": [480, 20, 480 * 639 - 20]}

    mask = person(read_coco(coco_file(edit))).segmentation
    assert isinstance(mask, Rle)
    assert (mask.height, mask.width) == (480, 640)


@pytest.mark.parametrize(("edit", "kind", "detail"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_an_annotation_that_cannot_be_used_costs_itself_alone(coco_file, edit, kind, detail):
    def both(data):
        edit(data)
        good = {**SMALL["annotations"][0], "id": 99, "image_id": 9, "category_id": 88}
        data["annotations"].append(good)
        data["categories"].append({**SMALL["categories"][0], "id": 88, "name": "infant"})

    dataset = read_coco(coco_file(both))
    assert dataset.candidates.keys() == {9}
    assert [p.id for p in dataset.candidates[9]] == [99]
    assert odd(dataset) == {kind: 1}
    (found,) = dataset.findings
    assert detail in found.places[0].detail


@pytest.mark.parametrize(("edit", "kind", "lost"), JOINTS_LOST.values(), ids=JOINTS_LOST.keys())
def test_an_odd_joint_becomes_absent_and_the_others_stay(coco_file, edit, kind, lost):
    dataset = read_coco(coco_file(edit))
    joints = person(dataset).skeleton.joints
    assert [i for i, joint in enumerate(joints) if not joint.present] == lost
    assert odd(dataset) == {kind: 1}


def test_in_a_file_of_this_product_the_corner_is_a_place(coco_file):
    def edit(data):
        data["info"]["infantnet"] = {}
        first(data)["keypoints"][:2] = [0, 0]

    dataset = read_coco(coco_file(edit))
    assert person(dataset).skeleton.joints[0].present
    assert odd(dataset) == {}


def test_a_joint_marked_absent_needs_no_place(coco_file):
    dataset = read_coco(
        coco_file(lambda d: first(d)["keypoints"].__setitem__(slice(0, 3), [None, math.nan, 0]))
    )
    assert not person(dataset).skeleton.joints[0].present
    assert odd(dataset) == {}


READ_ALL_THE_SAME: dict[str, tuple[Edit, Odd]] = {
    "numbers as text": (kp(0, "10.0"), Odd.JOINT_AS_TEXT),
    "lists of lists": (
        lambda d: change(keypoints=[[10.0 + i, 10.0 + i, 2] for i in range(17)])(d),
        Odd.JOINTS_NESTED),
    "true for visible": (kp(2, True), Odd.VISIBILITY_BOOLEAN),
    "a text for the image": (change(image_id="7"), Odd.ID_AS_TEXT),
    "a decimal point": (change(image_id=7.0), Odd.ID_AS_TEXT),
    "no id": (lambda d: first(d).pop("id"), Odd.ANNOTATION_ID_MISSING),
    "an id of the wrong kind": (change(id=[1]), Odd.ANNOTATION_ID_MISSING),
    "no size": (lambda d: d["images"][0].pop("width"), Odd.IMAGE_SIZE_UNKNOWN),
    "a negative size": (image(0, width=-640), Odd.IMAGE_SIZE_UNKNOWN),
    "names with blanks": (
        category(keypoints=[n.replace("_", " ").title() for n in JOINTS]), Odd.JOINTS_REORDERED),
    "no names": (lambda d: d["categories"][0].pop("keypoints"), Odd.JOINTS_UNNAMED),
    "no categories": (lambda d: d.pop("categories"), Odd.JOINTS_UNNAMED),
    "an odd crowd flag": (change(iscrowd="maybe"), Odd.CROWD_FLAG_UNREADABLE),
    "an odd score": (change(score="high"), Odd.SCORE_UNREADABLE),
    "an odd origin": (change(infantnet=5), Odd.ORIGIN_UNREADABLE),
    "a category twice": (
        lambda d: d["categories"].append({"id": 1, "name": "dog"}), Odd.CATEGORY_TWICE),
    "a category without id": (
        lambda d: d["categories"].append({"name": "dog"}), Odd.CATEGORY_UNREADABLE),
    "an image listed twice": (lambda d: d["images"].append(d["images"][0]), Odd.IMAGE_REPEATED),
    "an image that is a number": (lambda d: d["images"].append(5), Odd.IMAGE_UNREADABLE),
    "an annotation twice": (again(), Odd.ANNOTATION_REPEATED),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "kind"), READ_ALL_THE_SAME.values(), ids=READ_ALL_THE_SAME.keys())
def test_what_is_clear_is_read_all_the_same_and_told(coco_file, edit, kind):
    dataset = read_coco(coco_file(edit))
    assert person(dataset).skeleton == person(read_coco(coco_file(name="plain.json"))).skeleton
    assert odd(dataset) == {kind: 1}
