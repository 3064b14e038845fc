"""COCO files element by element: what is odd costs itself alone, and is told with its place."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.infants import Apart, PersonRole
from backend.domain.keypoints import Visibility
from backend.domain.oddities import ODD_RULES, Answer, Answers, Odd
from backend.domain.skeleton import JOINTS
from backend.domain.skeleton_maps import SKELETONS
from backend.publishing.formats.coco import CocoChoices, CocoDataset, Rle
from backend.publishing.formats.coco_reader import CocoFile, read_coco
from tests.backend.publishing.formats.conftest import SMALL

Edit = Callable[[dict[str, Any]], object]


def first(data):
    return data["annotations"][0]


def read(path: Path, *answers: tuple[Odd, Answer], **choices: Any) -> CocoDataset:
    return read_coco(path, choices=CocoChoices(Answers(dict(answers)), **choices))


def person(dataset: CocoDataset):
    (found,) = dataset.candidates[7]
    return found


def odd(dataset: CocoDataset) -> dict[Odd, int]:
    return {found.kind: found.count for found in dataset.findings}


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


def kp(index: int, value: Any) -> Edit:
    return lambda d: first(d)["keypoints"].__setitem__(index, value)


def change(**members: Any) -> Edit:
    return lambda d: first(d).update(members)


def again(**members: Any) -> Edit:
    return lambda d: d["annotations"].append({**first(d), **members})


def image(index: int, **members: Any) -> Edit:
    return lambda d: d["images"][index].update(members)


def category(**members: Any) -> Edit:
    return lambda d: d["categories"][0].update(members)


ZEROS = [0] * 51
PAIRS = [float(10 + i // 2) for i in range(34)]

LEFT_OUT: dict[str, tuple[Edit, Odd, str]] = {
    "48 numbers": (change(keypoints=[1] * 48), Odd.JOINTS_WRONG_LENGTH, "48 numbers, 17 joints"),
    "an object of joints": (change(keypoints={"nose": 1}), Odd.JOINTS_WRONG_LENGTH, "not a list"),
    "pairs": (change(keypoints=PAIRS), Odd.JOINTS_WITHOUT_VISIBILITY, "34 numbers"),
    "shares of the image": (
        change(keypoints=[0.5, 0.25, 2] * 17), Odd.JOINTS_RELATIVE, "0.5"),
    "an image that is not listed": (change(image_id=8), Odd.ANNOTATION_WITHOUT_IMAGE, "8"),
    "no image at all": (change(image_id=None), Odd.ANNOTATION_WITHOUT_IMAGE, "None"),
    "an unknown category": (change(category_id=3), Odd.CATEGORY_UNKNOWN, "no category 3"),
    "a number among annotations": (
        lambda d: d.update(annotations=[5]), Odd.ANNOTATION_UNREADABLE, "5 is not an object"),
    "joints of nobody known": (
        category(keypoints=["a"] * 15), Odd.SKELETON_UNKNOWN, "15 joints (a, a,"),
    "another skeleton without names": (
        lambda d: (d["categories"][0].pop("keypoints"), change(keypoints=[9, 9, 2] * 14)(d)),
        Odd.SKELETON_BY_COUNT, "CrowdPose, 14 joints"),
}  # fmt: skip


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


JOINTS_LOST: dict[str, tuple[Edit, Odd, list[int]]] = {
    "NaN": (kp(4, math.nan), Odd.JOINT_NOT_A_NUMBER, [1]),
    "infinity": (kp(3, math.inf), Odd.JOINT_NOT_A_NUMBER, [1]),
    "null": (kp(0, None), Odd.JOINT_NOT_A_NUMBER, [0]),
    "text": (kp(49, "left"), Odd.JOINT_NOT_A_NUMBER, [16]),
    "true for a place": (kp(0, True), Odd.JOINT_NOT_A_NUMBER, [0]),
    "a list in a list": (kp(0, [1]), Odd.JOINT_NOT_A_NUMBER, [0]),
    "no visibility": (kp(2, None), Odd.JOINT_NOT_A_NUMBER, [0]),
    "an endless number": (kp(0, 10**400), Odd.JOINT_NOT_A_NUMBER, [0]),
    "visibility 3": (kp(5, 3), Odd.VISIBILITY_UNKNOWN, [1]),
    "visibility -1": (kp(5, -1), Odd.VISIBILITY_UNKNOWN, [1]),
    "visibility 1.5": (kp(5, 1.5), Odd.VISIBILITY_UNKNOWN, [1]),
    "visibility false": (kp(5, False), Odd.VISIBILITY_UNKNOWN, [1]),
    "labelled in the corner": (
        lambda d: first(d)["keypoints"].__setitem__(slice(0, 2), [0, 0]),
        Odd.JOINT_AT_CORNER, [0]),
}  # fmt: skip


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


SHAPES: dict[str, tuple[Edit, Odd]] = {
    "infinity in a box": (change(bbox=[0, math.inf, 5, 5]), Odd.BOX_UNREADABLE),
    "a box of three": (change(bbox=[1, 2, 3]), Odd.BOX_UNREADABLE),
    "a box of words": (change(bbox=["a", 1, 1, 1]), Odd.BOX_UNREADABLE),
    "a negative box": (change(bbox=[60, 60, -20, -30]), Odd.BOX_NEGATIVE),
    "two corners": (change(bbox=[90, 90, 600, 450]), Odd.BOX_AS_CORNERS),
}


@pytest.mark.parametrize(("edit", "kind"), SHAPES.values(), ids=SHAPES.keys())
def test_an_odd_box_is_dropped_and_the_joints_stay(coco_file, edit, kind):
    dataset = read_coco(coco_file(edit))
    assert person(dataset).box is None
    assert person(dataset).skeleton.num_keypoints == 17
    assert odd(dataset) == {kind: 1}


def test_boxes_are_mapped_where_that_was_chosen(coco_file):
    corners = coco_file(change(bbox=[90, 90, 600, 450]))
    assert person(read(corners, (Odd.BOX_AS_CORNERS, Answer.MAP))).box == Box(90, 90, 510, 360)
    negative = coco_file(change(bbox=[60, 60, -20, -30]))
    assert person(read(negative, (Odd.BOX_NEGATIVE, Answer.MAP))).box == Box(40, 30, 20, 30)


def test_one_box_that_can_only_be_corners_puts_all_of_the_file_in_doubt(coco_file):
    def edit(data):
        change(bbox=[5, 5, 300, 300])(data)
        again(id=2, image_id=9, bbox=[90, 90, 600, 450])(data)

    path = coco_file(edit)
    assert odd(read_coco(path)) == {Odd.BOX_AS_CORNERS: 2}
    mapped = read(path, (Odd.BOX_AS_CORNERS, Answer.MAP))
    assert person(mapped).box == Box(5, 5, 295, 295)


def test_a_box_that_can_only_be_a_size_speaks_for_the_others(coco_file):
    def edit(data):
        change(bbox=[5, 5, 300, 300])(data)
        again(id=2, image_id=9, bbox=[90, 90, 600, 450])(data)
        again(id=3, image_id=9, bbox=[300, 300, 50, 50])(data)

    dataset = read_coco(coco_file(edit))
    assert odd(dataset) == {Odd.BOX_AS_CORNERS: 1}
    assert person(dataset).box == Box(5, 5, 300, 300)


@pytest.mark.parametrize("box", [None, [], [0, 0, 0, 0], [5, 5, 0, 9]])
def test_a_box_that_is_not_there_is_not_odd(coco_file, box):
    dataset = read_coco(coco_file(change(bbox=box, area=None)))
    assert (person(dataset).box, person(dataset).area) == (None, None)
    assert odd(dataset) == {}


def test_a_box_that_stands_a_little_out_of_the_image_is_left_as_it_is(coco_file):
    dataset = read_coco(coco_file(change(bbox=[100, 100, 545, 385])))
    assert person(dataset).box == Box(100, 100, 545, 385)
    assert odd(dataset) == {}


MASKS: dict[str, tuple[Any, Odd]] = {
    "of another size": ({"size": [4, 4], "counts": [16]}, Odd.MASK_UNREADABLE),
    "of too few pixels": ({"size": [480, 640], "counts": [16]}, Odd.MASK_UNREADABLE),
    "of garbage": ({"size": [480, 640], "counts": "\u007fZZZ"}, Odd.MASK_UNREADABLE),
    "of letters that are no ASCII": ({"size": [480, 640], "counts": "é"}, Odd.MASK_UNREADABLE),
    "without size": ({"counts": [16]}, Odd.MASK_UNREADABLE),
    "of negative runs": ({"size": [480, 640], "counts": [-1, 307201]}, Odd.MASK_UNREADABLE),
    "of no runs": ({"size": [480, 640], "counts": None}, Odd.MASK_UNREADABLE),
    "two points": ([[1, 2, 3, 4]], Odd.OUTLINE_UNREADABLE),
    "an odd count": ([[1, 2, 3, 4, 5, 6, 7]], Odd.OUTLINE_UNREADABLE),
    "NaN": ([[1, 2, 3, 4, 5, math.nan]], Odd.OUTLINE_UNREADABLE),
    "a text": ("none", Odd.OUTLINE_UNREADABLE),
}


@pytest.mark.parametrize(("value", "kind"), MASKS.values(), ids=MASKS.keys())
def test_an_odd_mask_is_dropped_and_the_joints_stay(coco_file, value, kind):
    dataset = read_coco(coco_file(change(segmentation=value)))
    assert person(dataset).segmentation is None
    assert person(dataset).skeleton.num_keypoints == 17
    assert odd(dataset) == {kind: 1}


def test_of_several_outlines_the_good_ones_stay(coco_file):
    good = [1, 1, 9, 1, 9, 9]
    dataset = read_coco(coco_file(change(segmentation=[[5, 5], good, []])))
    assert person(dataset).segmentation == (tuple(map(float, good)),)
    assert odd(dataset) == {Odd.OUTLINE_UNREADABLE: 2}


def test_an_outline_without_its_list_is_read(coco_file):
    dataset = read_coco(coco_file(change(segmentation=[1, 1, 9, 1, 9, 9])))
    assert person(dataset).segmentation == ((1, 1, 9, 1, 9, 9),)
    assert odd(dataset) == {Odd.OUTLINE_FLAT: 1}


@pytest.mark.parametrize("area", [-1, math.nan, "large"])
def test_an_odd_area_is_dropped(coco_file, area):
    dataset = read_coco(coco_file(change(area=area)))
    assert person(dataset).area is None
    assert odd(dataset) == {Odd.AREA_UNREADABLE: 1}


@pytest.mark.parametrize("members", [{"keypoints": ZEROS}, {"keypoints": []}, {"keypoints": None}])
def test_people_without_joints_are_kept_apart(coco_file, members):
    dataset = read_coco(coco_file(again(id=2, **members)))
    assert [p.apart for p in dataset.candidates[7]] == [None, Apart.NO_JOINTS]
    assert odd(dataset) == {Odd.PERSON_WITHOUT_JOINTS: 1}


@pytest.mark.parametrize("flag", [1, True, "1", "true"])
def test_crowds_are_kept_apart_with_their_mask(coco_file, flag):
    runs = {"size": [480, 640], "counts": [480, 20, 480 * 639 - 20]}
    dataset = read_coco(
        coco_file(again(id=2, iscrowd=flag, keypoints=ZEROS, bbox=[0, 0, 0, 0], segmentation=runs))
    )
    _, crowd = dataset.candidates[7]
    assert (crowd.apart, crowd.iscrowd, crowd.box) == (Apart.CROWD, True, None)
    assert isinstance(crowd.segmentation, Rle)
    assert odd(dataset) == {Odd.CROWD: 1}


def test_crowds_are_left_out_where_that_was_chosen(coco_file):
    path = coco_file(again(id=2, iscrowd=1))
    assert person(read(path, (Odd.CROWD, Answer.SKIP))).id == 1


def test_a_used_id_is_given_to_nobody_else(coco_file):
    dataset = read_coco(coco_file(again(image_id=9)))
    assert [p.id for people in dataset.candidates.values() for p in people] == [1, None]
    assert odd(dataset) == {Odd.ANNOTATION_ID_TWICE: 1}


def test_an_id_that_stands_for_two_images_stands_for_none(coco_file):
    dataset = read_coco(coco_file(image(1, id=7)))
    assert (dataset.images, dataset.candidates) == ([], {})
    assert odd(dataset) == {Odd.IMAGE_ID_TWICE: 1}


def test_one_file_under_two_ids_is_one_image_with_the_people_of_both(coco_file):
    def edit(data):
        image(1, file_name="a.jpg")(data)
        again(id=2, image_id=9)(data)

    dataset = read_coco(coco_file(edit))
    assert [p.id for p in dataset.candidates[7]] == [1, 2]
    assert odd(dataset) == {Odd.IMAGE_NAME_TWICE: 1}
    kept = read(coco_file(edit), (Odd.IMAGE_NAME_TWICE, Answer.SKIP))
    assert person(kept).id == 1


def test_ids_of_either_notation_meet(coco_file):
    dataset = read_coco(coco_file(image(0, id="7")))
    assert person(dataset).image_id == 7


def test_an_id_with_leading_zeros_is_another_one(coco_file):
    dataset = read_coco(coco_file(image(1, id="07")))
    assert [image.id for image in dataset.images] == [7, "07"]


def test_a_name_that_leads_out_of_the_folder_is_only_a_name(coco_file):
    dataset = read_coco(coco_file(image(1, file_name="../../etc/passwd")))
    assert dataset.images[1].file_name == "../../etc/passwd"


def test_scores_in_the_place_of_visibility_are_read_as_a_models(coco_file):
    def edit(data):
        first(data)["keypoints"][2::3] = [0.9, 0.1, 0, *[0.5] * 14]

    dataset = read_coco(coco_file(edit))
    found = person(dataset)
    assert [int(joint.visibility) for joint in found.skeleton.joints] == [2, 1, 0, *[2] * 14]
    assert found.joint_scores[:3] == (0.9, 0.1, 0.0)
    assert odd(dataset) == {Odd.VISIBILITY_SCORE: 1}


def test_a_whole_score_beside_others_is_a_score(coco_file):
    def edit(data):
        first(data)["keypoints"][2::3] = [1, *[0.5] * 16]

    assert person(read_coco(coco_file(edit))).skeleton.joints[0].visibility is Visibility.VISIBLE


def test_a_file_without_a_visible_joint_is_pointed_out(coco_file):
    path = coco_file(lambda d: first(d)["keypoints"].__setitem__(slice(2, 51, 3), [1] * 17))
    dataset = read_coco(path)
    assert odd(dataset) == {Odd.VISIBILITY_NEVER_SEEN: 1}
    assert person(dataset).skeleton.joints[0].visibility is Visibility.OCCLUDED
    mapped = read(path, (Odd.VISIBILITY_NEVER_SEEN, Answer.MAP))
    assert person(mapped).skeleton.joints[0].visibility is Visibility.VISIBLE


MAPPED: dict[str, tuple[Edit, Odd, tuple[float, float, int]]] = {
    "pairs": (change(keypoints=PAIRS), Odd.JOINTS_WITHOUT_VISIBILITY, (10, 10, 2)),
    "shares": (change(keypoints=[0.5, 0.25, 2] * 17), Odd.JOINTS_RELATIVE, (320, 120, 2)),
    "visibility 3": (kp(2, 3), Odd.VISIBILITY_UNKNOWN, (10, 10, 1)),
    "an unknown category": (change(category_id=3), Odd.CATEGORY_UNKNOWN, (10, 10, 2)),
}


@pytest.mark.parametrize(("edit", "kind", "nose"), MAPPED.values(), ids=MAPPED.keys())
def test_a_guess_is_taken_where_it_was_chosen(coco_file, edit, kind, nose):
    joint = person(read(coco_file(edit), (kind, Answer.MAP))).skeleton.joints[0]
    assert (joint.x, joint.y, joint.visibility) == nose


def test_names_in_another_order_put_joints_where_they_belong(coco_file):
    dataset = read_coco(coco_file(category(keypoints=list(JOINTS[::-1]))))
    assert [joint.x for joint in person(dataset).skeleton.joints] == list(range(26, 9, -1))
    assert odd(dataset) == {Odd.JOINTS_REORDERED: 1}


def test_another_skeleton_is_mapped_by_its_names(coco_file):
    def edit(data):
        category(keypoints=list(SKELETONS["mpii"].joints))(data)
        change(keypoints=[v for i in range(16) for v in (100.0 + i, 50.0, 2)])(data)

    dataset = read_coco(coco_file(edit))
    joints = person(dataset).skeleton.joints
    assert not any(joint.present for joint in joints[:5])
    assert [joint.x for joint in joints[5:]] == [113, 112, 114, 111, 115, 110, 103, 102, 104, 101,
                                                 105, 100]  # fmt: skip
    (found,) = dataset.findings
    assert found.kind is Odd.OTHER_SKELETON
    assert "MPII, 16 joints; dropped: pelvis, thorax" in found.places[0].detail


def test_a_skeleton_may_be_chosen_for_joints_without_names(coco_file):
    def edit(data):
        data["categories"][0].pop("keypoints")
        change(keypoints=[v for i in range(14) for v in (100.0 + i, 50.0, 2)])(data)

    assert 7 not in read_coco(coco_file(edit)).candidates
    dataset = read(coco_file(edit), skeletons={"*": "lsp"})
    assert person(dataset).skeleton.joints[16].x == 100
    assert odd(dataset) == {}


def test_a_skeleton_of_another_size_cannot_be_chosen(coco_file):
    path = coco_file(lambda d: d["categories"][0].pop("keypoints"))
    with pytest.raises(
        InvalidInput, match=r"skeleton mpii has 16 joints, category 'person' has 17"
    ):
        read(path, skeletons={"1": "mpii"})


def test_the_usual_number_of_joints_decides_where_there_are_no_names(coco_file):
    def edit(data):
        data["categories"][0].pop("keypoints")
        again(id=2, image_id=9)(data)
        data["annotations"][:0] = [{**first(data), "id": 50, "keypoints": [1, 1, 2] * 14}]

    dataset = read_coco(coco_file(edit))
    assert [p.id for people in dataset.candidates.values() for p in people] == [1, 2]
    assert odd(dataset) == {Odd.JOINTS_UNNAMED: 1, Odd.JOINTS_WRONG_LENGTH: 1}


def test_a_category_of_animals_beside_people_takes_nobody_away(coco_file):
    def edit(data):
        data["categories"].append({"id": 2, "name": "cat", "keypoints": ["nose", "tail"]})
        again(id=2, category_id=2, keypoints=[1, 1, 2, 5, 5, 2])(data)

    dataset = read_coco(coco_file(edit))
    assert person(dataset).id == 1
    assert odd(dataset) == {Odd.SKELETON_UNKNOWN: 1}


def two_categories(data):
    data["categories"] = [
        {**data["categories"][0], "id": 4, "name": "adult"},
        {**data["categories"][0], "id": 6, "name": "baby"},
    ]
    change(category_id=6)(data)
    again(id=2, category_id=4)(data)


def test_the_category_named_after_an_infant_is_the_infant(coco_file):
    people = read_coco(coco_file(two_categories)).candidates[7]
    assert [p.role for p in people] == [PersonRole.INFANT, PersonRole.OTHER]


@pytest.mark.parametrize(
    ("infant", "roles"),
    [("adult", [PersonRole.OTHER, PersonRole.INFANT]), ("4", [PersonRole.OTHER, PersonRole.INFANT]),
     ("", [PersonRole.UNCLEAR, PersonRole.UNCLEAR])],
)  # fmt: skip
def test_the_infants_category_may_be_chosen(coco_file, infant, roles):
    people = read(coco_file(two_categories), infant=infant).candidates[7]
    assert [p.role for p in people] == roles


def test_an_infants_category_that_is_not_there_is_refused(coco_file):
    with pytest.raises(InvalidInput, match=r"no category 'child'; the file has adult, baby"):
        read(coco_file(two_categories), infant="child")


def test_a_list_of_results_is_read_by_its_ids(tmp_path):
    path = tmp_path / "results.json"
    joints = [v for i in range(17) for v in (10.0 + i, 20.0, 0.1 * (i % 10))]
    result = {"image_id": 139, "category_id": 1, "score": 0.8, "keypoints": joints}
    path.write_text(json.dumps([result, {**result, "image_id": "b.jpg", "score": 0.2}]))
    dataset = read_coco(path)
    assert [(i.id, i.file_name) for i in dataset.images] == [(139, ""), ("b.jpg", "b.jpg")]
    (found,) = dataset.candidates[139]
    assert (found.id, found.score) == (None, 0.8)
    assert [int(j.visibility) for j in found.skeleton.joints[:5]] == [0, 1, 1, 2, 2]
    assert odd(dataset) == {Odd.RESULTS_LIST: 1}


def test_results_with_ones_for_scores_are_visible(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps([{"image_id": 1, "category_id": 1, "keypoints": [5, 5, 1] * 17}]))
    (found,) = read_coco(path).candidates[1]
    assert found.skeleton.joints[0].visibility is Visibility.VISIBLE


def test_annotations_without_images_are_read_as_results(coco_file):
    dataset = read_coco(coco_file(lambda d: d.pop("images")))
    assert [image.id for image in dataset.images] == [7]
    assert odd(dataset) == {Odd.RESULTS_LIST: 1}


def test_an_import_is_refused_for_a_kind_for_which_that_was_chosen(coco_file):
    path = coco_file(kp(4, math.nan))
    with pytest.raises(
        InvalidInput,
        match=r"^poses\.json: Joints whose place is not a number .* \(a\.jpg, annotation 1,"
        r" annotations\[0\]\.keypoints\[4\]: nan\); you chose to refuse such files\.$",
    ):
        read(path, (Odd.JOINT_NOT_A_NUMBER, Answer.CANCEL))


def test_places_are_told_for_the_first_few_and_all_are_counted(coco_file):
    dataset = read_coco(coco_file(lambda d: first(d)["keypoints"].__setitem__(
        slice(0, 51), [math.nan, 1, 2] * 17)))  # fmt: skip
    found = next(f for f in dataset.findings if f.kind is Odd.JOINT_NOT_A_NUMBER)
    assert (found.count, len(found.places)) == (17, 5)
    place = found.places[1]
    assert (place.image, place.annotation, place.where) == (
        "a.jpg", 1, "annotations[0].keypoints[3]",
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(Odd))
def test_every_answer_to_every_kind_is_understood(coco_file, kind):
    def edit(data):
        for change_of, *_ in (*LEFT_OUT.values(), *JOINTS_LOST.values(), *SHAPES.values()):
            broken = json.loads(json.dumps(SMALL))
            change_of(broken)
            data["annotations"] += broken["annotations"]

    for answer in ODD_RULES[kind].answers:
        if answer is not Answer.CANCEL:
            assert read(coco_file(edit), (kind, answer)).images


REFUSED: dict[str, tuple[Edit, str]] = {
    "no category with keypoints": (
        lambda d: (d["categories"][0].pop("keypoints"), first(d).pop("keypoints")),
        r"this is a COCO instances file .*, not a COCO keypoint file",
    ),
    "no images": (lambda d: d.update(images=[], annotations=[]), "images: the list is empty"),
    "annotations missing": (
        lambda d: d.pop("annotations"),
        "COCO keypoint file: annotations m",
    ),
    "images no array": (lambda d: d.update(images={}), "images: an array was expected"),
}


@pytest.mark.parametrize(("edit", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_coco_keypoint_file_is_refused(coco_file, edit, words):
    with pytest.raises(InvalidInput, match=r"^poses\.json: .*" + words) as info:
        read_coco(coco_file(edit))
    assert info.value.file == "poses.json"
    assert info.value.fault


TEXTS = {
    "empty file": ("", "the file is empty"),
    "no JSON": ("hello", "this is not a JSON file"),
    "an empty list": ("[]", "the list of results holds no joints"),
    "cut off": ('{"images": [{"id": 1, "file_', r"images\[0\]: Unterminated string"),
    "cut off between elements": ('{"images": [{"id": 1, "file_name": "a"}', r"ends too early"),
    "cut off after the array": ('{"info": [1]', "after info: the file ends too early"),
    "missing comma": ('{"info": {} "images": []}', "after info: , or } was expected"),
    "bad element": ('{"licenses": [{"a" 1}]}', r"licenses\[0\]: Expecting ':' delimiter"),
    "member twice": ('{"info": 1, "info": 2}', "info: the member occurs twice"),
    "text behind": ('{"info": 1} x', "more text behind"),
    "deep nesting": ('{"info": ' + "[" * 200_000, "nested too deeply"),
    "endless number": ('{"info": {"a": ' + "9" * 5000 + "}}", "info: Exceeds the limit"),
}


@pytest.mark.parametrize(("text", "message"), TEXTS.values(), ids=TEXTS.keys())
def test_broken_json_is_named_with_its_place(tmp_path, text, message):
    path = tmp_path / "poses.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=r"^poses\.json: .*" + message):
        read_coco(path)


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(TooLarge, match=r"huge\.json: the file has 3,072 MiB, the limit is 2,048"):
        read_coco(path)


def test_elements_across_the_borders_of_pieces_are_read_whole(coco_file):
    def edit(data):
        data["annotations"] = [first(data) | {"id": i} for i in range(1, 6001)]

    path = coco_file(edit)
    assert path.stat().st_size > 2 << 20
    assert [p.id for p in read_coco(path).candidates[7]] == list(range(1, 6001))


def test_people_of_images_that_are_not_used_are_passed_over(coco_file):
    file = CocoFile(coco_file(again(id=2, image_id=9)))
    used = {9: file.head.images[9]}
    assert [p.id for p in file.people(used)] == [2]


def test_real_coco_annotations_are_read_as_they_stand(shared_data):
    path = shared_data / "coco_people" / "test_coco.json"
    dataset = read_coco(path)
    raw = json.loads(path.read_text())
    people = {p.id: p for people in dataset.candidates.values() for p in people}
    assert len(dataset.images) == 4
    assert {a["id"]: a["keypoints"] for a in raw["annotations"]} == {
        i: p.skeleton.to_flat() for i, p in people.items()
    }
    assert {a["id"]: a["num_keypoints"] for a in raw["annotations"]} == {
        i: p.skeleton.num_keypoints for i, p in people.items()
    }
    assert all((p.apart is Apart.CROWD) == p.iscrowd for p in people.values())
