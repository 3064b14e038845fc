"""Boxes, masks and areas of COCO files, and people who are nothing else."""

from __future__ import annotations

import math
from typing import Any

import pytest

from backend.domain.boxes import Box
from backend.domain.infants import Apart
from backend.domain.oddities import Answer, Odd
from backend.publishing.formats.coco import Rle
from backend.publishing.formats.coco_reader import read_coco
from tests.backend.publishing.formats.coco_edits import (
    SHAPES,
    ZEROS,
    again,
    change,
    odd,
    person,
    read,
)


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
