"""Ids, scores, skeletons and categories of COCO files."""

from __future__ import annotations

import pytest

from backend.domain.errors import InvalidInput
from backend.domain.infants import PersonRole, RoleChoice
from backend.domain.keypoints import Visibility
from backend.domain.oddities import Answer, Odd
from backend.domain.skeleton import JOINTS
from backend.domain.skeleton_maps import SKELETONS
from backend.publishing.formats.coco_reader import read_coco
from tests.backend.publishing.formats.coco_edits import (
    PAIRS,
    Edit,
    again,
    category,
    change,
    first,
    image,
    kp,
    odd,
    person,
    read,
)


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


def test_a_skeleton_for_everybody_that_nobody_takes_is_refused(coco_file):
    def edit(data):
        category(keypoints=list(JOINTS))(data)

    with pytest.raises(InvalidInput, match=r"posetrack was chosen, but the names .*person="):
        read(coco_file(edit), skeletons={"*": "posetrack"})
    assert person(read(coco_file(edit), skeletons={"*": "coco"})).skeleton.joints[0].present


@pytest.mark.parametrize(
    "choices",
    [
        {"people": {"doll": RoleChoice.SKIP}},
        {"skeletons": {"doll": "coco"}},
        {"joints": {"doll": {"nose": ""}}},
        {"infant": "doll"},
    ],
)
def test_a_choice_for_a_category_that_the_file_has_not_names_those_that_it_has(coco_file, choices):
    with pytest.raises(InvalidInput, match=r"no (label|category) 'doll'.*the file has .*person"):
        read(coco_file(), **choices)


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
