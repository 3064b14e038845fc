from __future__ import annotations

from dataclasses import replace

import numpy as np

from backend.domain.privacy.check import check_frame
from backend.domain.privacy.faces import Ground, head_regions
from backend.domain.privacy.people import Person
from tests.backend.domain.privacy.making import FRONT, HEIGHT, WIDTH, face, skeleton


def covered_by(people):
    regions = head_regions(people, WIDTH, HEIGHT)
    covered = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for region in regions:
        window = region.region.window(WIDTH, HEIGHT)
        covered[window.slices] |= window.inside
    return regions, covered


def carer() -> Person:
    return replace(face(FRONT, 80, (100, 100)), name="other person 1")


def test_a_frame_where_everybody_is_masked_passes():
    people = [face(FRONT), carer()]
    check = check_frame(people, *covered_by(people))
    assert check.passed
    assert not check.uncertain
    assert check.weakest is Ground.FACE_JOINTS
    assert 0 < check.share < 0.2


def test_an_adult_who_was_forgotten_is_found():
    regions, covered = covered_by([face(FRONT)])
    check = check_frame([face(FRONT), carer()], regions, covered)
    assert not check.passed
    assert check.unmasked == ("other person 1",)
    assert {found.joint for found in check.open_faces} == {
        "nose", "left eye", "right eye", "left ear", "right ear",
    }  # fmt: skip


def test_one_joint_outside_of_the_masked_pixels_is_found():
    people = [face(FRONT)]
    regions, covered = covered_by(people)
    x, y = people[0].points[3]
    covered[int(y), int(x)] = False
    check = check_frame(people, regions, covered)
    assert [(found.person, found.joint) for found in check.open_faces] == [("infant", "left ear")]


def test_a_doubtful_joint_of_a_model_counts_too():
    points = np.zeros((17, 2))
    points[0] = 300, 200
    person = Person.scored(points, np.eye(17)[0] * 0.01, name="other person 1")
    check = check_frame([person], [], np.zeros((HEIGHT, WIDTH), dtype=bool))
    assert len(check.open_faces) == 1


def test_joints_beyond_the_image_show_nothing():
    people = [face(FRONT, at=(-300, 100))]
    check = check_frame(people, *covered_by(people))
    assert check.passed
    assert check.uncertain


def test_a_joint_on_the_far_border_is_looked_up_in_the_last_pixel():
    person = Person.labelled(skeleton(nose=(WIDTH, HEIGHT)))
    covered = np.zeros((HEIGHT, WIDTH), dtype=bool)
    assert check_frame([person], head_regions([person], WIDTH, HEIGHT), covered).open_faces
    covered[-1, -1] = True
    assert not check_frame([person], head_regions([person], WIDTH, HEIGHT), covered).open_faces


def test_two_people_of_one_name_need_two_regions():
    people = [face(FRONT), face(FRONT)]
    regions, covered = covered_by(people)
    assert check_frame(people, regions[:1], covered).unmasked == ("infant",)


def test_weak_grounds_make_a_frame_uncertain():
    people = [Person.labelled(skeleton(left_shoulder=(345, 280), right_shoulder=(295, 280)))]
    assert check_frame(people, *covered_by(people)).uncertain


def test_nobody_in_the_frame_is_no_failure():
    check = check_frame([], [], np.zeros((HEIGHT, WIDTH), dtype=bool))
    assert check.passed
    assert check.weakest is None
