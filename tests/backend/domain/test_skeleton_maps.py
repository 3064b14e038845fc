"""Other skeletons become COCO's by the names of their joints, and never by invention."""

from __future__ import annotations

import pytest

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import JOINTS
from backend.domain.skeleton_maps import (
    SKELETONS,
    Told,
    joint_of,
    map_by_names,
    recognise,
    with_changes,
)

SPELLINGS = {
    "left_shoulder": ["left_shoulder", "Left Shoulder", "leftShoulder", "LShoulder", "L.Shoulder",
                      "lshoulder", "l_sho", "LSho", "shoulder_left", "ShoulderL",
                      "05_left_shoulder", "left shoulder joint", "LEFT-SHOULDER"],
    "right_ear": ["REar", "rear", "r ear", "right-ear", "EarR"],
    "left_eye": ["LEye", "left eye", "leye"],
    "right_ankle": ["RAnk", "r_ankle", "rank", "Ankle.R"],
    "nose": ["nose", "Nose", "0_nose", "NOSE"],
}  # fmt: skip

NOT_COCO = [
    "neck", "Neck", "pelvis", "mid_hip", "hip", "thorax", "head", "head_top", "left_eye_inner",
    "left_eye_outer", "left_hand", "left_foot", "left_heel", "left_big_toe", "left_index", "eye",
    "left", "mouth_left", "spine", "left_ear_tip", "", "17", "l_r_eye", "left_knee_2",
]  # fmt: skip


@pytest.mark.parametrize("joint", SPELLINGS)
def test_a_joint_is_known_in_many_spellings(joint: str) -> None:
    for name in SPELLINGS[joint]:
        assert joint_of(name) == JOINTS.index(joint), name


@pytest.mark.parametrize("name", NOT_COCO)
def test_what_is_not_a_coco_joint_is_made_into_none(name: str) -> None:
    assert joint_of(name) is None


SOURCES = {
    # For each COCO joint, nose first, its place in the other skeleton.
    "coco": list(range(17)),
    "crowdpose": [None] * 5 + list(range(12)),
    "lsp": [None] * 5 + [9, 8, 10, 7, 11, 6, 3, 2, 4, 1, 5, 0],
    "aic": [None] * 5 + [3, 0, 4, 1, 5, 2, 9, 6, 10, 7, 11, 8],
    "mpii": [None] * 5 + [13, 12, 14, 11, 15, 10, 3, 2, 4, 1, 5, 0],
    "openpose18": [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10],
    "body25": [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11],
    "halpe26": list(range(17)),
    "wholebody": list(range(17)),
    "halpe136": list(range(17)),
    "coco_feet": list(range(17)),
    "coco_neck": list(range(17)),
    "blazepose": [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28],
    "h36m": [None] * 5 + [11, 14, 12, 15, 13, 16, 4, 1, 5, 2, 6, 3],
    "posetrack": [0, None, None, 3, 4, *range(5, 17)],
}


def test_each_known_skeleton_goes_where_its_authors_order_says() -> None:
    assert {name: list(known.sources) for name, known in SKELETONS.items()} == SOURCES


def test_joints_that_coco_lacks_are_dropped_by_name() -> None:
    assert SKELETONS["mpii"].dropped == ("pelvis", "thorax", "upper_neck", "head_top")
    assert SKELETONS["body25"].dropped[:2] == ("neck", "mid_hip")
    assert SKELETONS["mpii"].absent == JOINTS[:5]


def test_cocos_own_names_in_order_are_coco() -> None:
    assert recognise(JOINTS, 17).told is Told.COCO


def test_names_decide_before_the_count() -> None:
    # Seventeen joints that are PoseTrack's, not COCO's.
    found = recognise(SKELETONS["posetrack"].joints, 17)
    assert found.told is Told.NAMES
    assert found.map is not None
    assert found.map.title == "PoseTrack, 17 joints"
    assert found.map.sources[1] is None


def test_names_in_another_order_are_followed() -> None:
    found = recognise(JOINTS[::-1], 17)
    assert found.map is not None
    assert found.map.sources == tuple(range(16, -1, -1))


def test_a_few_limbs_alone_are_a_skeleton() -> None:
    found = recognise(["LKnee", "RKnee", "LAnkle", "RAnkle"], 4)
    assert found.told is Told.NAMES
    assert found.map is not None
    assert found.map.absent == JOINTS[:13]


@pytest.mark.parametrize(
    "names",
    [
        ["nose", "tail"],
        ["left_eye", "right_eye", "nose", "neck", "root_of_tail", "left_shoulder", "left_elbow",
         "left_front_paw", "right_shoulder", "right_elbow"],
    ],
)  # fmt: skip
def test_animals_are_no_people(names: list[str]) -> None:
    assert recognise(names, len(names)).told is Told.UNKNOWN


def test_a_count_alone_is_only_a_proposal_with_its_alternatives() -> None:
    found = recognise(None, 14)
    assert found.told is Told.COUNT
    assert found.alternatives == ("crowdpose", "lsp", "aic")
    assert recognise(None, 15).told is Told.UNKNOWN


@pytest.mark.parametrize("names", [[str(i) for i in range(16)], [f"#{i}" for i in range(16)]])
def test_numbers_are_no_names(names: list[str]) -> None:
    assert recognise(names, 16).told is Told.COUNT


def test_of_two_joints_with_one_meaning_neither_is_taken() -> None:
    mapped = map_by_names(["nose", "left_eye", "LEye", "right_eye"])
    assert mapped.coco == (0, None, None, 2)


def test_a_joint_that_is_given_a_place_takes_it_from_the_one_that_had_it() -> None:
    names = ["nose", "snout", "left_eye"]
    changed = with_changes(names, 3, map_by_names(names), {"snout": "nose", "left_eye": ""})
    assert changed.coco == (None, 0, None)
    assert changed.joints == ("nose", "snout", "left_eye")


def test_joints_without_names_are_mapped_by_their_numbers() -> None:
    assert with_changes(None, 3, None, {"2": "left_hip"}).coco == (
        None,
        JOINTS.index("left_hip"),
        None,
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"beak": "nose"}, "no joint 'beak'"),
        ({"nose": "beak"}, "COCO has no joint"),
        ({"nose": "left_eye", "snout": "left_eye"}, "Both nose and snout"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused(changes: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        with_changes(["nose", "snout"], 2, None, changes)
